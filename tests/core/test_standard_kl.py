"""Against torch.distributions and autograd; the float32 facts against NumPy's and torch's own."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from latentlab.core.objective import kl_to_prior
from latentlab.core.spec import LOGVAR_BOUND
from latentlab.core.standard_kl import (
    StandardKl,
    descend_logvar_32,
    descend_variance_32,
    kl_of_logvar_32,
    kl_of_variance_32,
    overflow_32,
    read_32,
)
from latentlab.core.vae import VAE, new_vae
from tests.core.examples import TINY

means = st.lists(st.floats(-4, 4), min_size=2, max_size=2)
logvars = st.lists(st.floats(-8, 4), min_size=2, max_size=2)


@given(means, logvars)
def test_terms_sum_to_what_torch_and_the_general_form_say(mu: list[float], s: list[float]) -> None:
    kl = StandardKl(np.array(mu), np.array(s))
    mean, logvar = (torch.tensor(values, dtype=torch.float64) for values in (mu, s))
    q = MultivariateNormal(mean, torch.diag(logvar.exp()))
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    expected = float(kl_divergence(q, prior))
    assert kl.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert 0.5 * sum(kl.general) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert kl.value == pytest.approx(float(kl_to_prior(mean, logvar)), rel=1e-12, abs=1e-12)
    # Term by term too: −s is log(|Σ2|/|Σ1|), e^s the trace, mu² the distance.
    exp_s, mu_squared, ones, minus_s = kl.terms.sum(axis=1)
    assert kl.general == pytest.approx((minus_s, ones, exp_s, mu_squared), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("mu", "variance", "kl"),
    [(0.0, 1.0, 0.0), (1.0, 1.0, 0.5), (0.0, 4.0, 0.5 * (4 - 1 - math.log(4)))],
)
def test_the_notes_facts(mu: float, variance: float, kl: float) -> None:
    found = StandardKl(np.array([mu]), np.array([math.log(variance)])).value
    assert found == pytest.approx(kl, abs=1e-15)


@given(st.floats(1e-3, 100))
def test_both_slopes_are_autograds(variance: float) -> None:
    v = torch.tensor(variance, dtype=torch.float64, requires_grad=True)
    kl = kl_divergence(Normal(0.0, v.sqrt()), Normal(0.0, 1.0))
    kl.backward()
    point = kl_of_variance_32(variance)
    assert v.grad is not None
    assert point.slope == pytest.approx(float(v.grad), rel=1e-4, abs=1e-5)
    assert point.kl == pytest.approx(float(kl.detach()), rel=1e-4, abs=1e-5)
    s = torch.tensor(math.log(variance), dtype=torch.float64, requires_grad=True)
    kl = kl_divergence(Normal(0.0, (0.5 * s).exp()), Normal(0.0, 1.0))
    kl.backward()
    point = kl_of_logvar_32(math.log(variance))
    assert s.grad is not None
    assert point.slope == pytest.approx(float(s.grad), rel=1e-4, abs=1e-5)
    assert point.kl == pytest.approx(float(kl.detach()), rel=1e-4, abs=1e-5)


def test_the_log_of_no_variance_is_infinite_or_no_number_as_torch_has_it() -> None:
    assert math.isinf(kl_of_variance_32(0.0).kl)
    assert math.isnan(kl_of_variance_32(-0.5).kl)
    assert torch.isneginf(torch.log(torch.tensor(0.0)))
    assert torch.isnan(torch.log(torch.tensor(-0.5)))


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("start", [0.3, 4.0])
def test_descents_take_the_steps_that_torch_takes_in_float32(rate: float, start: float) -> None:
    v = torch.tensor(start, requires_grad=True)
    for point in descend_variance_32(start, rate, 8):
        kl = 0.5 * (v - 1 - torch.log(v))
        assert point.at == pytest.approx(float(v.detach()), rel=1e-4, abs=1e-5)
        assert point.kl == pytest.approx(float(kl.detach()), rel=1e-3, abs=1e-5, nan_ok=True)
        (slope,) = torch.autograd.grad(kl, v)
        v = (v - rate * slope).detach().requires_grad_()
    s = torch.tensor(math.log(start), requires_grad=True)
    for point in descend_logvar_32(math.log(start), rate, 8):
        assert point.at == pytest.approx(float(s.detach()), rel=1e-4, abs=1e-4)
        kl = 0.5 * (s.exp() - 1 - s)
        (slope,) = torch.autograd.grad(kl, s)
        s = (s - rate * slope).detach().requires_grad_()


def test_a_large_step_leaves_the_variances_but_no_logvar() -> None:
    variances = descend_variance_32(4.0, 10.0, 30)
    assert variances[-1].at <= 0
    assert not variances[-1].valid
    assert all(point.valid for point in variances[:-1])
    logvars = descend_logvar_32(math.log(4.0), 10.0, 30)
    assert len(logvars) == 31
    assert all(point.valid for point in logvars)


@given(st.floats(0.01, 20), st.floats(0.01, 3.9))
def test_small_steps_of_either_arrive(start: float, rate: float) -> None:
    variances = descend_variance_32(start, rate, 2000)
    assert all(point.valid and point.at > 0 for point in variances)
    logvars = descend_logvar_32(math.log(start), rate, 2000)
    assert all(point.valid for point in logvars)


def test_where_e_to_the_s_overflows() -> None:
    s = overflow_32()
    assert s == pytest.approx(88.72, abs=0.01)
    assert torch.isfinite(torch.tensor(s, dtype=torch.float32).exp())
    above = np.nextafter(np.float32(s), np.float32(1000))
    assert torch.isinf(torch.tensor(float(above), dtype=torch.float32).exp())


@pytest.mark.parametrize("raw", [-120.0, -3.0, 0.0, 0.5, 13.0, 89.0, 120.0])
def test_the_bound_is_the_encoders(raw: float) -> None:
    reading = read_32(raw, bounded=True)
    assert abs(reading.s) <= LOGVAR_BOUND
    assert math.isfinite(reading.kl)
    assert math.isfinite(reading.slope)
    # The encoder itself, its last layer made to say `raw`.
    model: VAE = new_vae(TINY, torch.Generator().manual_seed(0))
    last = model.encoder[-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.fill_(raw)
    _, logvar = model.encode(torch.zeros(1, TINY.pixels))
    assert reading.s == pytest.approx(float(logvar[0, 0].detach()), rel=1e-5, abs=1e-6)
    if abs(raw) > 100:
        return  # 1 − tanh² is all rounding there
    value = torch.tensor(raw, requires_grad=True)
    s = LOGVAR_BOUND * torch.tanh(value / LOGVAR_BOUND)
    (0.5 * (s.exp() - 1 - s)).backward()
    assert value.grad is not None
    assert reading.slope == pytest.approx(float(value.grad), rel=2e-2, abs=1e-6)


def test_without_the_bound_it_overflows() -> None:
    below, above = read_32(88.0, bounded=False), read_32(89.0, bounded=False)
    assert math.isfinite(below.variance)
    assert math.isfinite(below.kl)
    assert above.variance == above.kl == above.slope == math.inf
    assert read_32(-120.0, bounded=False).variance == 0.0
