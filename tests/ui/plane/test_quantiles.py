"""Quantiles against numpy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from latentlab.ui.plane.quantiles import quantiles


@given(
    npst.arrays(np.float64, st.integers(1, 50), elements=st.floats(-1e6, 1e6)),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_they_are_numpys(values: np.ndarray, shares: list[float]) -> None:
    expected = np.quantile(values, shares)
    np.testing.assert_allclose(quantiles(values, *shares), expected, rtol=1e-9, atol=1e-6)


def test_a_half_is_the_median() -> None:
    assert quantiles(np.array([3.0, 1.0, 2.0]), 0.5)[0] == 2.0
    assert quantiles(np.array([4.0, 1.0, 2.0, 3.0]), 0.5)[0] == 2.5
