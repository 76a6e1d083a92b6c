"""Sums for expectations under N(0, I), against its moments."""

import numpy as np
import pytest

from latentlab.core.quadrature import normal_lattice, normal_nodes


@pytest.mark.parametrize("points", [2, 3, 8])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_nodes_are_exact_for_what_they_can_hold(points, k):
    nodes, weights = normal_nodes(points, k)
    assert nodes.shape == (points**k, k)
    assert weights.sum() == pytest.approx(1)
    moments = {1: 0, 2: 1, 3: 0, 4: 3, 6: 15}
    for power, moment in moments.items():
        if power <= 2 * points - 1:
            np.testing.assert_allclose(weights @ nodes**power, moment, atol=1e-12)
    if k > 1:
        assert weights @ np.prod(nodes[:, :2] ** 2, axis=1) == pytest.approx(1)


def test_a_lattice_has_the_moments_and_sees_a_kink():
    points, weights = normal_lattice(0.12, 6.0)
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights @ points, 0, atol=1e-12)
    np.testing.assert_allclose(weights @ points**2, 1, atol=1e-6)
    np.testing.assert_allclose(weights @ points**4, 3, atol=1e-4)
    slope = points @ np.array([0.6, 0.8])
    assert weights @ np.abs(slope - 0.3) == pytest.approx(0.3 * 0.2358228 + 2 * 0.3813878, abs=2e-3)
