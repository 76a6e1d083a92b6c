"""What a run looks at, and what it may leave out."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair, Dataset
from latentlab.training.evaluation import encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.run import HELDOUT_EVERY, Run, begin_run
from latentlab.training.trainer import DivergedError
from tests.training.desk import opening


class Counted(Images):
    """Images that count how many were looked at."""

    looked_at = 0

    def evaluation_batch(self, rows: slice, likelihood: Likelihood) -> torch.Tensor:
        batch = super().evaluation_batch(rows, likelihood)
        self.looked_at += len(batch)
        return batch


def gaussian(variance: float) -> Likelihood:
    return Likelihood("gaussian", variance)


@pytest.fixture
def heldout() -> Counted:
    """So many that one look at them takes several slices."""
    return Counted(load_bundled("mnist").test)


@pytest.fixture
def run(mnist: DataPair, heldout: Counted) -> Run:
    opened = opening(mnist, likelihood=gaussian(0.1))
    return begin_run(opened, Images(mnist.train), heldout, from_file=False)


def look_until_done(run: Run) -> None:
    while run.looking:
        run.look_slice()


def drag(run: Run, between: Callable[[], object]) -> Likelihood:
    """σ² dragged by twenty values; the last."""
    for tenth in range(1, 21):
        run.set(LossWeights(), gaussian(tenth / 10), Settings())
        between()
    return gaussian(2.0)


def test_a_drag_of_the_variance_looks_at_no_more_than_its_slices(
    run: Run, heldout: Counted
) -> None:
    """Or the steps between wait for whole evaluations that nobody sees."""
    look_until_done(run)
    run.step()
    before = heldout.looked_at
    drag(run, run.look_slice)
    assert heldout.looked_at - before <= 20 * 500
    look_until_done(run)
    shown = run.snapshot(0, 0, False, 0.0)
    assert shown.curves.heldout.step.tolist() == [0], "only what is scheduled marks the curve"
    model = vae_from_parameters(shown.architecture, shown.parameters)
    true = finish(evaluate_terms(model, run.heldout_images, shown.likelihood)).mean()
    assert shown.heldout == true


def test_no_point_of_the_schedule_is_lost_to_a_drag(run: Run) -> None:
    while run.trainer.step_count < HELDOUT_EVERY:
        run.step()
    drag(run, run.step)
    look_until_done(run)
    steps = run.snapshot(0, 0, False, 0.0).curves.heldout.step
    np.testing.assert_array_equal(steps, [0, HELDOUT_EVERY])


def test_after_a_divergence_all_says_of_which_step_the_weights_are(run: Run) -> None:
    for _ in range(130):
        run.step()
    run.set(LossWeights(), gaussian(0.1), Settings(learning_rate=1e30))
    run.step()
    with pytest.raises(DivergedError, match="The weights of step 100 are back"):
        run.step()
    run.look_at_cloud()
    look_until_done(run)
    shown = run.snapshot(0, 0, False, 0.0)
    assert shown.step > 130
    assert shown.weights_step == shown.cloud.step == 100

    run.set(LossWeights(), gaussian(0.1), Settings())
    run.step()
    run.look_at_cloud()
    look_until_done(run)
    going_on = run.snapshot(0, 0, False, 0.0)
    assert going_on.weights_step == going_on.cloud.step == going_on.step == shown.step + 1


def test_weights_brought_back_keep_their_step_where_they_are_put_aside_again(run: Run) -> None:
    careful, absurd = Settings(), Settings(learning_rate=1e30)
    while run.trainer.step_count < 199:
        run.step()
    run.set(LossWeights(), gaussian(0.1), absurd)
    run.step()
    with pytest.raises(DivergedError, match=r"stopped at step 200: .* of step 100 are back"):
        run.step()
    # Before step 200 is taken, what is put aside are the weights of step 100.
    run.set(LossWeights(), gaussian(0.1), careful)
    run.step()
    run.set(LossWeights(), gaussian(0.1), absurd)
    run.step()
    with pytest.raises(DivergedError, match="of step 100 are back"):
        run.step()
    assert run.trainer.weights_step == 100


def test_large_images_are_looked_at_few_at_a_time() -> None:
    pixels = np.zeros((40, 1, 1024, 1024), np.uint8)
    labels = np.zeros(40, np.int64)
    large = Counted(Dataset("large", "train", pixels, labels, ("all",), "made here", "none"))
    architecture = Architecture(image_shape=(1, 1024, 1024), hidden=(1,))
    opened = opening(
        DataPair(large.dataset, large.dataset),
        architecture=architecture,
        likelihood=gaussian(0.1),
    )
    run = begin_run(opened, large, large, from_file=False)
    look = encode_cloud(run.trainer.model, large, gaussian(0.1), 0)
    before = large.looked_at
    next(look)
    # 64 MB of pixels as float32.
    assert large.looked_at - before == 16
    assert len(finish(look).mu) == 40
