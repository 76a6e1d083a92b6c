"""The aggregate posterior and the prior as masses of cells, against the normal CDF and sampling."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from latentlab.core.aggregate import Floats, aggregate_figures
from latentlab.core.aggregate_cells import AggregateCells, aggregate_cells
from latentlab.core.checkpoint import load_checkpoint
from latentlab.errors import InputError
from latentlab.paths import find_model

INFINITE = (-np.inf, np.inf)


def mixture(seed: int, n: int, sigma: float) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.2, 0.9, (n, 2)), 2 * math.log(sigma) + rng.normal(size=(n, 2))


def over_all(mu: Floats, logvar: Floats, count: int = 150) -> AggregateCells:
    """In cells over ±6, the outermost of which reach to infinity."""
    edges = np.linspace(-6, 6, count + 1)
    edges[[0, -1]] = INFINITE
    return aggregate_cells(mu, logvar, edges, edges)


def kl(cells: AggregateCells) -> float:
    held = cells.mass > 0
    return float((cells.mass[held] * cells.log_ratio[held]).sum())


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(1e-4, 3), st.floats(0.01, 12),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
)  # fmt: skip
def test_masses_are_those_of_the_gaussians(
    seed: int, n: int, sigma: float, width: float, cells: tuple[int, int]
) -> None:
    """Whatever is in view, however wide the posteriors, and however the cells are divided."""
    mu, logvar = mixture(seed, n, sigma)
    first = np.linspace(-1, width - 1, cells[0] + 1)
    second = np.linspace(-0.4, width, cells[1] + 1)
    found = aggregate_cells(mu, logvar, first, second)
    of_q = [
        np.diff(norm.cdf(edges, mu[:, [k]], np.exp(0.5 * logvar[:, [k]])))
        for k, edges in enumerate((first, second))
    ]
    np.testing.assert_allclose(found.mass, of_q[0].T @ of_q[1] / n, rtol=1e-9, atol=1e-8)
    of_p = [np.diff(norm.cdf(edges)) for edges in (first, second)]
    np.testing.assert_allclose(found.prior_mass, np.outer(*of_p), rtol=1e-9, atol=1e-15)


def test_no_mass_is_lost_and_zeros_survive() -> None:
    """A posterior a thousandth of a cell wide has all its mass in one; the rest have none."""
    cells = over_all(np.array([[0.01, -0.03]]), np.full((1, 2), -18.0))
    assert cells.mass.sum() == pytest.approx(1, abs=1e-8)
    assert cells.prior_mass.sum() == pytest.approx(1, abs=1e-12)
    assert (cells.mass > 0).sum() == 1
    assert cells.log_ratio.min() == -np.inf
    assert kl(cells) == pytest.approx(-math.log(cells.prior_mass[cells.mass > 0][0]))
    # The prior's far right is not lost to rounding.
    np.testing.assert_allclose(cells.prior_mass, cells.prior_mass[::-1, ::-1], rtol=1e-9)


@pytest.mark.parametrize("sigma", [0.1, 0.4])
def test_their_divergence_is_that_of_the_points_from_below(sigma: float) -> None:
    """Cells can but hide a part of it (Cover & Thomas 2006, section 2.8)."""
    mu, logvar = mixture(0, 400, sigma)
    found = aggregate_figures(mu, logvar).kl_aggregate
    assert found - 0.05 < kl(over_all(mu, logvar)) < found + 0.01


def test_holes_of_a_model_have_the_mass_that_its_figures_say() -> None:
    cloud = load_checkpoint(find_model("mnist-2d-live")).cloud
    cells = over_all(cloud["mu"], cloud["logvar"], 240)
    share = cells.prior_mass[cells.holes].sum() / -math.expm1(-4.5)
    assert share == pytest.approx(aggregate_figures(cloud["mu"], cloud["logvar"]).holes, abs=0.005)


def test_what_is_no_set_of_posteriors_is_refused() -> None:
    edges = np.linspace(-1, 1, 3)
    with pytest.raises(InputError, match="shape"):
        aggregate_cells(np.zeros((3, 1)), np.zeros((3, 1)), edges, edges)
    with pytest.raises(InputError, match="finite"):
        aggregate_cells(np.full((1, 2), np.nan), np.zeros((1, 2)), edges, edges)
