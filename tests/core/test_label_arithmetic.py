"""Differences of classes' means, against NumPy one class at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.label_arithmetic import label_difference


@given(latent_dim=st.integers(1, 20), seed=st.integers(0, 1_000))
def test_it_is_the_difference_of_the_means(latent_dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(60) % 4 - 1)  # −1: of no class
    mu = rng.normal(size=(60, latent_dim)).astype(np.float32)
    found = label_difference(mu, labels, 2, 0)
    assert found is not None
    one = [row.astype(np.float64) for row, label in zip(mu, labels, strict=True) if label == 2]
    other = [row.astype(np.float64) for row, label in zip(mu, labels, strict=True) if label == 0]
    np.testing.assert_allclose(found.step, sum(one) / 15 - sum(other) / 15, rtol=1e-9, atol=1e-12)
    assert found.counts == (15, 15)
    assert found.length == pytest.approx(float((found.step**2).sum()) ** 0.5)


def test_a_class_less_itself_is_nothing() -> None:
    mu = np.arange(8.0).reshape(4, 2)
    found = label_difference(mu, np.array([0, 1, 1, 0]), 1, 1)
    assert found is not None
    assert found.step.tolist() == [0.0, 0.0]


def test_means_that_are_nowhere_do_not_count() -> None:
    mu = np.array([(1.0, 2.0), (np.nan, 0.0), (3.0, np.inf), (5.0, 1.0)])
    labels = np.array([0, 0, 1, 1])
    found = label_difference(mu, labels, 1, 0)
    assert found is not None
    assert found.step.tolist() == [4.0, -1.0]
    assert found.counts == (1, 1)
    assert label_difference(mu[:3], labels[:3], 1, 0) is None
    assert label_difference(mu, labels, 7, 0) is None
