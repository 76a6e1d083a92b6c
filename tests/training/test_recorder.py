"""What is recorded of a run, and when."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.history import history_beside, load_history
from latentlab.core.spec import LIVE_ARCHITECTURE, Architecture, Likelihood, LossWeights
from latentlab.core.vae import parameters_of, vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair
from latentlab.paths import find_model
from latentlab.training.evaluation import encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Settings, Terms
from latentlab.training.plan import Plan
from latentlab.training.recorder import Recorder, moments
from latentlab.training.trainer import Trainer

SMALL = Architecture(hidden=(16,))


@given(st.integers(1, 10**6), st.integers(2, 150))
def test_moments_reach_from_the_start_to_the_end_and_are_closer_at_the_start(
    steps: int, count: int
) -> None:
    found = moments(steps, count)
    assert (found[0], found[-1]) == (0, steps)
    assert len(found) == min(count, steps + 1)
    gaps = np.diff(found)
    assert (gaps > 0).all()
    assert (np.diff(gaps) >= -1).all()  # but for rounding


@pytest.fixture
def trainer(mnist: DataPair) -> Trainer:
    trainer = Trainer.from_scratch(
        SMALL, Images(mnist.train), LossWeights(), Likelihood(), Settings(batch_size=128)
    )
    trainer.begin(Plan(1, "constant", averaging=False))
    return trainer


def test_clouds_and_weights_are_those_of_their_steps(mnist: DataPair, trainer: Trainer) -> None:
    test = Images(mnist.test)
    recorder = Recorder(trainer, test, 20, clouds=6, weights=3)
    seen = {0: parameters_of(trainer.model)}
    for step in range(1, 21):
        trainer.step()
        recorder.look()
        seen[step] = parameters_of(trainer.model)
    history = recorder.end()
    assert history.steps.tolist() == sorted({*moments(20, 6).tolist(), *moments(20, 3).tolist()})
    assert history.weight_steps.tolist() == moments(20, 3).tolist()
    for name, arrays in history.weights.items():
        for step, array in zip(history.weight_steps, arrays, strict=True):
            np.testing.assert_array_equal(array, seen[step][name])
    for step, mu, logvar in zip(history.steps, history.mu, history.logvar, strict=True):
        model = vae_from_parameters(SMALL, seen[step])
        cloud = finish(encode_cloud(model, test, Likelihood(), 0))
        np.testing.assert_allclose(mu, cloud.mu, rtol=1e-6)
        np.testing.assert_allclose(logvar, cloud.logvar, rtol=1e-6)
    assert history.data == {"name": "mnist", "sha256": mnist.test.sha256}


def test_it_ends_with_the_weights_that_were_kept(mnist: DataPair, trainer: Trainer) -> None:
    """A plan may keep those of an earlier step than its last."""
    recorder = Recorder(trainer, Images(mnist.test), 30, clouds=10, weights=4)
    course = trainer.course
    assert course is not None
    for _ in range(12):
        trainer.step()
        recorder.look()
    kept = parameters_of(trainer.model)
    course.judge(course.candidate(trainer.model), Terms(1.0, 1.0), LossWeights(), 12)
    for _ in range(18):
        trainer.step()
        recorder.look()
    trainer.end_course()
    history = recorder.end()
    assert history.steps[-1] == history.weight_steps[-1] == 12
    for name, array in history.weights.items():
        np.testing.assert_array_equal(array[-1], kept[name])


def test_the_shipped_history_is_that_of_the_shipped_model() -> None:
    model = find_model("mnist-2d-live")
    history = load_history(history_beside(model))
    pair = load_bundled("mnist")
    assert history_beside(model).stat().st_size <= 5e6
    assert history.architecture == LIVE_ARCHITECTURE
    assert history.data == {"name": "mnist", "sha256": pair.test.sha256}
    assert 95 <= len(history.steps) <= 115
    assert len(history.weight_steps) == 12
    assert history.mu.shape == (len(history.steps), 2_000, 2)
    # The weights are rounded, the posteriors are those of the weights before that.
    test = Images(pair.test)
    elbos = []
    for step in history.weight_steps:
        found, parameters = history.parameters_before(int(step))
        assert found == step
        network = vae_from_parameters(LIVE_ARCHITECTURE, parameters)
        cloud = finish(encode_cloud(network, test, history.likelihood, found))
        exact = history.mu[history.steps == step][0]
        assert np.median(np.abs(cloud.mu - exact)) < 0.03 * (1 + exact.std())
        terms = finish(evaluate_terms(network, test, history.likelihood)).mean()
        elbos.append(-terms.negative_elbo)
    assert elbos == sorted(elbos)
    assert elbos[0] < -500
    assert elbos[-1] > -153.5
