"""Plain values: they come back from JSON, and refuse nonsense by the field's name."""

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.spec import LIVE_ARCHITECTURE, Architecture, Likelihood, LossWeights
from latentlab.errors import InputError
from tests.core.examples import architectures, likelihoods, loss_weights


@given(architectures, likelihoods, loss_weights)
def test_values_come_back_from_json(
    architecture: Architecture, likelihood: Likelihood, weights: LossWeights
) -> None:
    for value in (architecture, likelihood, weights):
        text = json.dumps(value.to_json())
        assert type(value).from_json(json.loads(text)) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image_shape", [28, 28]),
        ("image_shape", [1, 0, 28]),
        ("image_shape", [1, 28.0, 28]),
        ("image_shape", [1, True, 28]),
        ("image_shape", [3, 1 << 20, 1 << 20]),
        ("image_shape", "1x28x28"),
        ("image_shape", None),
        ("latent_dim", 0),
        ("latent_dim", 10**9),
        ("latent_dim", 2.0),
        ("latent_dim", True),
        ("latent_dim", "2"),
        ("kind", "transformer"),
        ("kind", ["mlp"]),
        ("hidden", []),
        ("hidden", [10**9]),
        ("hidden", [4] * 17),
        ("hidden", [0]),
        ("hidden", [[4]]),
        ("hidden", {"0": 4}),
        ("hidden", 400),
        ("activation", "__import__"),
        ("activation", 1),
        ("residual_blocks", -1),
        ("residual_blocks", 10**9),
        ("residual_blocks", None),
        ("decoder_blocks", -1),
        ("decoder_blocks", 17),
        ("decoder_blocks", 1.0),
        ("normalised", 1),
    ],
    ids=repr,
)
def test_nonsense_in_an_architecture_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        Architecture.from_json({field: value})


@pytest.mark.parametrize(
    ("field", "key", "value"),
    [
        ("likelihood", "name", "poisson"),
        ("likelihood", "name", None),
        ("variance", "variance", 0),
        ("variance", "variance", -1),
        ("variance", "variance", math.nan),
        ("variance", "variance", math.inf),
        ("variance", "variance", 10**400),
        ("variance", "variance", "0.1"),
        ("variance", "variance", True),
    ],
    ids=repr,
)
def test_nonsense_in_a_likelihood_is_refused(field: str, key: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        Likelihood.from_json({key: value})


@pytest.mark.parametrize("field", ["reconstruction_factor", "beta"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, 1e7, 10**400, "1", None, True, [1]])
def test_nonsense_in_a_factor_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        LossWeights.from_json({field: value})


@pytest.mark.parametrize("field", ["reconstruction_on", "kl_on"])
@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_nonsense_in_a_switch_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        LossWeights.from_json({field: value})


@pytest.mark.parametrize("kind", [Architecture, Likelihood, LossWeights])
@pytest.mark.parametrize("value", [None, [], "mlp", 1, {"__class__": 1}, {"hidden2": [4]}])
def test_what_is_no_object_of_known_fields_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(InputError, match="must be an object with fields among"):
        kind.from_json(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.sampled_from([Architecture, Likelihood, LossWeights]),
    st.data(),
)
def test_any_json_is_taken_or_refused_in_words(kind: Any, data: st.DataObject) -> None:
    fields = st.sampled_from(sorted(kind().to_json()))
    value = data.draw(st.dictionaries(fields, json_values) | json_values)
    # Any other exception fails the test.
    with contextlib.suppress(InputError):
        made = kind.from_json(value)
        assert kind.from_json(made.to_json()) == made


def test_the_formula_says_the_weights_of_now() -> None:
    assert LossWeights().formula == "rec + KL"
    assert LossWeights(beta=4).formula == "rec + 4·KL"
    assert LossWeights(kl_on=False, beta=4).formula == "rec"
    assert LossWeights(reconstruction_on=False, beta=0.25).formula == "0.25·KL"
    nothing = LossWeights(reconstruction_on=False, kl_on=False)
    assert nothing.nothing
    assert nothing.formula == "nothing"
    assert (nothing.reconstruction, nothing.kl) == (0, 0)
    assert LossWeights(beta=0, reconstruction_factor=0).nothing


def test_the_summary_mirrors_the_sizes() -> None:
    assert LIVE_ARCHITECTURE.summary == "784-400-2-400-784"
    conv = Architecture((3, 4, 4), 3, "conv", (8, 16), residual_blocks=2)
    assert conv.summary == "conv 48-8-16-3-16-8-48, 2 residual"
    strong = Architecture(hidden=(512,), residual_blocks=2, decoder_blocks=3, normalised=True)
    assert strong.summary == "784-512-2-512-784, 2 + 3 residual, normalised"
