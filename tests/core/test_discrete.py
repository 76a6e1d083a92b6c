"""Discrete distributions against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from latentlab.core.discrete import NATS_IN_BITS, kl, kl_terms, with_value

UNIFORM = [1 / 3] * 3
masses = st.one_of(st.just(0.0), st.floats(1e-300, 1.0))


@st.composite
def distributions(draw: st.DrawFn, n: int) -> np.ndarray:
    weights = np.array(draw(st.lists(masses, min_size=n, max_size=n)))
    if weights.sum() == 0:
        weights[draw(st.integers(0, n - 1))] = 1.0
    return weights / weights.sum()


pairs = st.integers(2, 6).flatmap(lambda n: st.tuples(distributions(n), distributions(n)))


@given(pairs)
def test_the_divergence_is_scipy_s(pair: tuple[np.ndarray, np.ndarray]) -> None:
    p, q = pair
    assert float(kl(p, q)) == pytest.approx(float(entropy(p, q)), rel=1e-9, abs=1e-12)
    assert float(kl(p, q)) * NATS_IN_BITS == pytest.approx(
        float(entropy(p, q, base=2)), rel=1e-9, abs=1e-12
    )
    assert not np.isnan(kl_terms(p, q)).any()


@given(pairs)
def test_it_is_never_negative_and_zero_only_between_equals(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    p, q = pair
    value = float(kl(p, q))
    # Pinsker: KL ≥ ½ (Σ|p − q|)².
    assert value >= 0.5 * np.abs(p - q).sum() ** 2 - 1e-12
    assert float(kl(p, p)) == 0


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [
        ([0.0, 1.0], [0.5, 0.5], [0.0, np.log(2)]),
        ([0.5, 0.5], [0.0, 1.0], [np.inf, -0.5 * np.log(2)]),
        ([0.0, 1.0], [0.0, 1.0], [0.0, 0.0]),
        ([1e-300, 1.0], [1.0, 1e-300], [1e-300 * np.log(1e-300), -np.log(1e-300)]),
    ],
)
def test_zeros_are_as_the_conventions_say(
    p: list[float], q: list[float], expected: list[float]
) -> None:
    assert kl_terms(p, q) == pytest.approx(np.array(expected), rel=1e-12)


@pytest.mark.parametrize(
    ("p", "of_q", "of_p"),
    [((0.7, 0.2, 0.1), 0.3243, 0.2968), ((0.36, 0.48, 0.16), 0.0975, 0.0853)],
)
def test_the_examples_of_the_lecture_notes(p: tuple[float, ...], of_q: float, of_p: float) -> None:
    assert float(kl(UNIFORM, p)) == pytest.approx(of_q, abs=5e-5)
    assert float(kl(p, UNIFORM)) == pytest.approx(of_p, abs=5e-5)


@given(st.integers(2, 6).flatmap(distributions), st.integers(0, 5), st.floats(-0.5, 1.5))
def test_one_value_is_set_and_the_others_keep_their_proportions(
    p: np.ndarray, index: int, value: float
) -> None:
    index %= len(p)
    moved = with_value(p, index, value)
    assert moved.sum() == pytest.approx(1, abs=1e-12)
    assert moved.min() >= 0
    assert moved[index] == np.clip(value, 0, 1)
    before, after = np.delete(p, index), np.delete(moved, index)
    if before.sum() > 0:
        assert after * before.sum() == pytest.approx(before * after.sum(), abs=1e-12)
    else:
        assert len(set(after)) == 1
