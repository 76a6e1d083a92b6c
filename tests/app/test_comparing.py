"""The networks that are shipped for comparisons, and what the lecture says of them."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch

from latentlab.app.comparing import MODELS, architecture_for, shipped_model
from latentlab.core.aggregate import AggregateFigures, aggregate_figures
from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.core.history import history_beside, load_history
from latentlab.core.objective import mean_image
from latentlab.core.regime import PRESETS, Regime
from latentlab.core.spec import LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model


@pytest.fixture(scope="module")
def shipped() -> dict[str, Checkpoint]:
    train = load_bundled("mnist").train
    found = {name: shipped_model(regime, train) for name, regime in PRESETS.items()}
    return {name: checkpoint for name, checkpoint in found.items() if checkpoint is not None}


def figures(checkpoint: Checkpoint) -> AggregateFigures:
    return aggregate_figures(checkpoint.cloud["mu"], checkpoint.cloud["logvar"])


def decoded(checkpoint: Checkpoint, z: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    with torch.inference_mode():
        return mean_image(checkpoint.likelihood, model.decode(torch.from_numpy(z))).numpy()


def test_every_preset_has_one_for_these_images_alone(shipped: dict[str, Checkpoint]) -> None:
    assert set(shipped) == set(PRESETS) == set(MODELS)
    assert all(shipped_model(r, load_bundled("mnist").test) is None for r in PRESETS.values())
    other = Regime(LossWeights(beta=7.0))
    assert shipped_model(other, load_bundled("mnist").train) is None


def test_they_were_trained_in_lockstep_from_the_same_weights() -> None:
    train, test = load_bundled("mnist").train, load_bundled("mnist").test
    starts = []
    for model in MODELS.values():
        path = find_model(model)
        history, checkpoint = load_history(history_beside(path)), load_checkpoint(path)
        assert path.stat().st_size + history_beside(path).stat().st_size <= 5e6
        assert history.architecture == checkpoint.architecture == architecture_for(train)
        assert history.data["sha256"] == test.sha256
        assert len(history.weight_steps) == 12
        assert history.steps[-1] == checkpoint.training["steps"]
        starts.append(history.parameters_before(0)[1])
    for start in starts[1:]:
        for name, array in start.items():
            # Each history rounds to a share of what its rows are over the whole run.
            size = np.sqrt(np.mean(np.square(starts[0][name])))
            assert np.sqrt(np.mean(np.square(array - starts[0][name]))) < 0.5 * size, name


def test_without_kl_the_posteriors_narrow_and_leave_the_prior(
    shipped: dict[str, Checkpoint],
) -> None:
    alone, both = figures(shipped["reconstruction only"]), figures(shipped["both"])
    assert alone.mean_sigma < both.mean_sigma / 5
    assert alone.kl_aggregate > 10
    assert alone.holes > 0.5


@pytest.mark.parametrize("name", ["KL only", "β = 100"])
def test_these_match_the_prior_and_know_nothing(shipped: dict[str, Checkpoint], name: str) -> None:
    found = figures(shipped[name])
    assert found.mean_kl < 0.1
    assert found.kl_aggregate < 0.01
    assert found.mutual_information < 0.01
    assert found.holes == 0


def test_both_is_near_the_prior_and_informative(shipped: dict[str, Checkpoint]) -> None:
    found = figures(shipped["both"])
    assert found.kl_aggregate < 1
    assert found.mutual_information > 4
    assert found.holes < 0.05


def test_a_very_large_beta_decodes_every_z_to_the_same_image(
    shipped: dict[str, Checkpoint],
) -> None:
    z = np.random.default_rng(0).standard_normal((200, 2)).astype(np.float32)
    images = decoded(shipped["β = 100"], z)
    assert images.std(axis=0).max() < 0.05
    mean = load_bundled("mnist").train.images.reshape(-1, 784).mean(axis=0) / 255
    assert np.abs(images.mean(axis=0) - mean).mean() < 0.02
    assert decoded(shipped["both"], z).std(axis=0).max() > 0.3


def test_the_plain_autoencoder_tells_all_images_apart(shipped: dict[str, Checkpoint]) -> None:
    checkpoint = shipped["autoencoder"]
    found = figures(checkpoint)
    assert found.mutual_information == pytest.approx(math.log(10_000), abs=0.01)
    assert (checkpoint.cloud["logvar"] == checkpoint.cloud["logvar"][0, 0]).all()
