"""Every line of the proof is the same number, and each side calculation is what it stands for."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.distributions import MultivariateNormal, kl_divergence

from latentlab.core.gaussian_proof import prove
from latentlab.core.kl_terms import kl_terms
from latentlab.core.normal import Gaussian
from latentlab.errors import InputError
from tests.core.gaussians import random_gaussian

seeds = st.integers(0, 2**32 - 1)
conditions = st.floats(0, 4).map(lambda exponent: 10**exponent)


@settings(max_examples=300)
@given(seeds, st.integers(1, 4), conditions, conditions)
def test_the_lines_agree(seed, k, condition1, condition2):
    p, q = random_gaussian(seed, k, condition1), random_gaussian(seed + 1, k, condition2)
    proof = prove(p, q)
    oracle = float(
        kl_divergence(
            MultivariateNormal(torch.tensor(p.mean), torch.tensor(p.covariance)),
            MultivariateNormal(torch.tensor(q.mean), torch.tensor(q.covariance)),
        )
    )
    # Nearer to 0 the terms cancel, and with them their digits.
    assume(oracle > 1e-3)
    for name, value in proof.chain.items():
        assert value == pytest.approx(oracle, rel=1e-9), name
    assert proof.apart < 1e-9 * oracle


@settings(max_examples=200)
@given(seeds, st.integers(1, 4), conditions, conditions)
def test_the_side_calculations(seed, k, condition1, condition2):
    p, q = random_gaussian(seed, k, condition1), random_gaussian(seed + 1, k, condition2)
    sides, terms = prove(p, q).sides, kl_terms(p, q)
    for name in ("own_expectation", "own_trace", "own_inside", "own_identity"):
        assert sides[name] == pytest.approx(k, rel=1e-9), name
    for name in ("split_spread", "spread_expectation", "spread_inside", "spread_trace"):
        assert sides[name] == pytest.approx(terms.trace, rel=1e-9), name
    assert sides["split_shift"] == pytest.approx(terms.mahalanobis, rel=1e-9, abs=1e-12)
    parts = sides["split_spread"] + sides["split_cross"] + sides["split_shift"]
    assert sides["split_whole"] == pytest.approx(parts, rel=1e-9)
    assert abs(sides["split_cross"]) < 1e-9 * parts
    assert abs(sides["cross_mean"]) < 1e-9


def test_its_expectations_are_those_of_many_samples():
    p, q = random_gaussian(4, 2, 20), random_gaussian(5, 2, 5)
    x = np.random.default_rng(0).multivariate_normal(p.mean, p.covariance, 400_000)
    whole = np.einsum("mi,ij,mj->m", x - q.mean, np.linalg.inv(q.covariance), x - q.mean)
    error = whole.std() / math.sqrt(len(whole))
    assert abs(prove(p, q).sides["split_whole"] - whole.mean()) < 4 * error


def test_between_equals_every_line_is_zero():
    p = random_gaussian(1, 2, 10)
    assert max(map(abs, prove(p, p).chain.values())) < 1e-12


def test_a_singular_covariance_is_told_in_a_sentence():
    flat = Gaussian(np.zeros(2), np.diag([1.0, 0.0]))
    with pytest.raises(InputError, match="singular"):
        prove(flat, random_gaussian(0, 2, 1))
