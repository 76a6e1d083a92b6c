"""The grid's sum, and the means over draws."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal

from latentlab.app.lessons.exact import Exact
from latentlab.app.lessons.integral import Cost, GridSum, draws, grid_sum
from latentlab.app.sight import Sight


def joint(one: Exact, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """log p(x|z) and log p(z) by torch's own distributions, (M,) each."""
    with torch.inference_mode():
        logits = one.sight.model.decode(z.float()).double()
    likelihood = Independent(Bernoulli(logits=logits), 1).log_prob(one.x.double())
    return likelihood, Normal(0.0, 1.0).log_prob(z).sum(-1)


@pytest.fixture(scope="module")
def fine(one: Exact) -> GridSum:
    return grid_sum(one, 128)


@pytest.mark.parametrize("side", [2, 16])
def test_each_cell_and_each_running_total_is_a_direct_sum(one: Exact, side: int) -> None:
    found = grid_sum(one, side)
    width = 12 / side
    axis = torch.arange(side, dtype=torch.float64) * width - 6 + width / 2
    likelihood, prior = joint(one, torch.cartesian_prod(axis, axis))
    whole = likelihood + prior
    np.testing.assert_allclose(found.log_joint.reshape(-1), whole.numpy(), atol=2e-3)
    for count in (1, side, side**2 // 2 + 1, side**2):
        expected = float(whole[:count].logsumexp(0)) + 2 * math.log(width)
        assert found.running[count - 1] == pytest.approx(expected, abs=2e-3)
    assert found.total == found.running[-1]


def test_finer_grids_approach_log_p(one: Exact, fine: GridSum) -> None:
    assert fine.total == pytest.approx(one.evidence.log_evidence, abs=0.05)
    assert fine.log_evidence == one.evidence.log_evidence
    assert abs(grid_sum(one, 8).total - fine.log_evidence) > 1


def test_the_notes_second_equality_is_off_by_the_prior_where_the_mass_is(
    one: Exact, fine: GridSum
) -> None:
    axis = torch.arange(256, dtype=torch.float64) * 12 / 256 - 6 + 6 / 256
    likelihood, prior = joint(one, torch.cartesian_prod(axis, axis))
    expected = float(likelihood.logsumexp(0)) + 2 * math.log(12 / 256)
    assert fine.without_prior == pytest.approx(expected, abs=0.02)
    held = torch.softmax(likelihood + prior, 0)
    # log E_{p(z|x)}[1/p(z)] is what they differ by.
    factor = math.log(float(held @ torch.exp(-prior)))
    assert fine.without_prior - fine.log_evidence == pytest.approx(factor, abs=0.02)
    assert fine.without_prior > fine.log_evidence + 1.8  # p(z) is never above 1/2π


def test_few_cells_hold_the_sum(fine: GridSum) -> None:
    masses = np.sort(np.exp(fine.log_joint.reshape(-1) - fine.log_joint.max()))[::-1]
    share = masses[: fine.needed].sum() / masses.sum()
    assert share >= 0.99 > masses[: fine.needed - 1].sum() / masses.sum()
    assert fine.needed < 300


def test_draws_from_q_come_near_with_few_and_those_from_the_prior_do_not(sight: Sight) -> None:
    one = Exact(sight, 0)
    found = draws(one)
    assert [rung.k for rung in found.from_q] == [1, 10, 100, 1000]
    last = found.from_q[-1]
    assert last.mean == pytest.approx(found.log_evidence, abs=6 * last.standard_error + 0.05)
    assert found.from_prior[1].mean < found.log_evidence - 5
    # One draw from the prior: E_{p(z)}[log p(x|z)].
    torch.manual_seed(1)
    likelihood, _ = joint(one, torch.randn(8_000, 2, dtype=torch.float64))
    error = float(likelihood.std()) / math.sqrt(8_000)
    assert found.from_prior[0].mean == pytest.approx(float(likelihood.mean()), abs=7 * error)
    assert draws(one) is not found
    assert draws(one).from_q == found.from_q


def test_a_grid_s_cost_is_a_power(one: Exact) -> None:
    found = draws(one)
    assert found.seconds > 0
    assert found.cost(2) == Cost(128**2, 128**2 * found.seconds)
    far = replace(found, seconds=1e-5).cost(20)
    assert far.points == 2**140
    assert far.seconds == pytest.approx(2**140 / 100_000)
