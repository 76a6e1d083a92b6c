"""What runs in lockstep differ by."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.regime import LEAST_LOGVAR, MAX_NOISE, PRESETS, Regime
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.errors import InputError
from tests.core.examples import likelihoods, loss_weights

regimes = st.builds(Regime, loss_weights, likelihoods, st.floats(0, MAX_NOISE))


@given(regimes)
def test_it_comes_back_from_json(regime: Regime) -> None:
    assert Regime.from_json(json.loads(json.dumps(regime.to_json()))) == regime


@pytest.mark.parametrize("noise", [-0.1, MAX_NOISE + 1, math.nan, True, "1"])
def test_noise_out_of_range_is_refused(noise: object) -> None:
    with pytest.raises(InputError, match="noise must be a number from 0 to 10"):
        Regime(noise=noise)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, [], {"weights": {}}, {"noise": 1, "weights": {}}])
def test_other_json_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="must be an object"):
        Regime.from_json(value)


def test_presets_know_their_names_under_any_likelihood() -> None:
    assert [regime.name for regime in PRESETS.values()] == list(PRESETS)
    for name, regime in PRESETS.items():
        gaussian = Regime(regime.weights, Likelihood("gaussian", 0.2), regime.noise)
        assert gaussian.name == name


def test_others_are_called_by_their_objective() -> None:
    assert Regime(LossWeights(beta=4.0)).name == "rec + 4·KL"
    assert Regime(noise=0.5).name == "rec + KL, 0.5·ε"


def test_noise_is_part_of_the_posterior_of_z() -> None:
    logvar = np.array([[-3.0, 0.5]], np.float32)
    np.testing.assert_array_equal(Regime().logvar_of_z(logvar), logvar)
    # z = μ + n·σ·ε has the standard deviation n·σ.
    tripled = Regime(noise=3.0).logvar_of_z(logvar)
    np.testing.assert_allclose(np.exp(0.5 * tripled), 3 * np.exp(0.5 * logvar), rtol=1e-6)
    points = Regime(noise=0.0).logvar_of_z(logvar)
    assert points.dtype == np.float32
    assert (points == LEAST_LOGVAR).all()
