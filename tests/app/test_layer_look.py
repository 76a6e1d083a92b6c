"""What lies behind the points, against other ways to compute it."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import distributions as dist

from latentlab.app.layer_look import aggregate_map, centres, likelihood_map, uncertainty_map
from latentlab.app.layer_view import (
    CLEAR,
    HOLE,
    AggregateMap,
    LikelihoodMap,
    NoLayer,
    UncertaintyMap,
)
from latentlab.app.opening import Opened
from latentlab.app.state import Viewport
from latentlab.core.aggregate import aggregate_figures
from latentlab.core.exponential import Decoder
from latentlab.core.objective import log_likelihood
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood
from latentlab.core.vae import vae_from_parameters
from latentlab.training.cloud import Cloud

VIEW = Viewport(-3.0, 3.0, -1.0, 2.0)
COLUMNS, ROWS = 4, 3


def decoder(live: Opened, likelihood: Likelihood) -> Decoder:
    assert live.checkpoint is not None
    model = vae_from_parameters(live.checkpoint.architecture, live.checkpoint.parameters)
    return Decoder(model.decode, likelihood, 2)


def cloud(mu: np.ndarray, sigma: float) -> Cloud:
    logvar = np.full(mu.shape, 2 * math.log(sigma), np.float32)
    return Cloud(7, mu.astype(np.float32), logvar)


def aggregate(of: Cloud, view: Viewport = VIEW) -> AggregateMap:
    found = aggregate_map(of, "train", view, Section())
    assert isinstance(found, AggregateMap)
    return found


def at(found: AggregateMap, x: float, y: float) -> tuple[int, int]:
    """Row and column of the cell around (x, y)."""
    rows, columns = found.values.shape
    view = found.viewport
    column = int(columns * (x - view.x_min) / (view.x_max - view.x_min))
    return int(rows * (view.y_max - y) / (view.y_max - view.y_min)), column


def test_cells_are_listed_row_by_row_from_the_top() -> None:
    z = centres(VIEW, COLUMNS, ROWS)
    assert z[:5].tolist() == [[-2.25, 1.5], [-0.75, 1.5], [0.75, 1.5], [2.25, 1.5], [-2.25, 0.5]]


def test_the_ratio_is_that_of_the_densities_where_cells_are_narrow() -> None:
    mu = np.random.default_rng(0).normal(size=(50, 2))
    found = aggregate(cloud(mu, 0.5))
    rows, columns = found.values.shape
    z = torch.tensor(centres(VIEW, columns, rows))
    q = dist.MixtureSameFamily(
        dist.Categorical(torch.ones(50)),
        dist.Independent(dist.Normal(torch.tensor(mu), torch.full((50, 2), 0.5).double()), 1),
    )
    prior = dist.Independent(dist.Normal(torch.zeros(2).double(), torch.ones(2).double()), 1)
    expected = (q.log_prob(z) - prior.log_prob(z)).reshape(rows, columns).numpy()
    np.testing.assert_allclose(found.values, expected, atol=4e-3)
    near = np.hypot(*z.T.numpy()).reshape(rows, columns) < 2.99
    clear = np.abs(expected - math.log(0.1)) > 0.01
    assert (found.holes == (expected < math.log(0.1)))[near & clear].all()


def test_a_hole_and_a_crowd_lie_where_they_are() -> None:
    """All images at two places: between them, nobody."""
    found = aggregate(cloud(np.array([[1.5, 1.0], [-1.5, 1.0]]), 0.2))
    assert found.values[at(found, 1.5, 1.0)] > math.log(10)
    assert not found.holes[at(found, 1.5, 1.0)]
    assert found.holes[at(found, 0.0, 0.0)]
    outside = at(found, -2.95, 1.0)
    assert not found.holes[outside], "beyond 3σ there is no hole"
    assert found.values[outside] < math.log(0.1)
    places = ((1.5, 1.0), (0.0, 0.0), (-2.95, 1.0))
    assert [found.levels[at(found, *place)] for place in places] == [HOLE - 1, HOLE, CLEAR]
    assert (found.step, found.split) == (7, "train")


def test_cells_are_no_wider_than_the_median_sigma_or_it_says_so() -> None:
    mu = np.random.default_rng(0).normal(size=(99, 2))
    fine = aggregate(cloud(mu, 0.0201))
    assert not fine.coarse
    assert 6 / fine.values.shape[1] <= 0.0201
    coarse = aggregate(cloud(mu, 0.01))
    assert coarse.coarse
    zoomed = aggregate(cloud(mu, 0.01), Viewport(-0.5, 0.5, -0.5, 0.5))
    assert not zoomed.coarse
    assert zoomed.figures == coarse.figures == aggregate_figures(mu.astype(np.float32), np.full(
        (99, 2), 2 * math.log(0.01), np.float32
    ))  # fmt: skip


def test_posteriors_that_are_nowhere_do_not_count() -> None:
    mu = np.array([[0.0, 0.0], [math.nan, math.nan]])
    assert aggregate(cloud(mu, 1.0)).figures.n == 1
    none = aggregate_map(cloud(mu[1:], 1.0), "train", VIEW, Section())
    assert isinstance(none, NoLayer)
    vast = replace(cloud(mu[:1], 1.0), logvar=np.full((1, 2), 1e4, np.float32))
    assert aggregate_map(vast, "train", VIEW, Section()) == NoLayer(
        "The posteriors have means or variances that are not finite."
    )


@pytest.mark.parametrize(
    "likelihood",
    [Likelihood("bernoulli"), Likelihood("gaussian", 0.01), Likelihood("continuous_bernoulli")],
)
def test_log_likelihoods_are_those_of_the_decoded_images(
    live: Opened, likelihood: Likelihood
) -> None:
    x = torch.tensor(live.pair.train.images[3].reshape(1, -1) / 255).float()
    x = (x >= 0.5).float() if likelihood.binarises else x
    look = decoder(live, likelihood)
    found = likelihood_map(look, x, VIEW, COLUMNS, ROWS, section=Section(), number=3, step=5)
    assert isinstance(found, LikelihoodMap)
    with torch.no_grad():
        logits = look.decode(torch.tensor(centres(VIEW, COLUMNS, ROWS)).float()).double()
    expected = log_likelihood(likelihood, logits, x.double()).reshape(ROWS, COLUMNS)
    np.testing.assert_allclose(found.values, expected, rtol=1e-4)
    assert (found.viewport, found.number, found.step) == (VIEW, 3, 5)
    assert found.high == pytest.approx(float(expected.max()), rel=1e-4)
    assert found.low == pytest.approx(max(found.high - 100, float(expected.min())), rel=1e-4)
    assert found.levels[found.values == found.high] == HOLE - 1
    assert (found.levels[found.values <= found.low] == CLEAR + 1).all()


def test_the_uncertainty_is_the_entropy_of_a_pixel(live: Opened) -> None:
    look = decoder(live, Likelihood("bernoulli"))
    found = uncertainty_map(look, VIEW, COLUMNS, ROWS, section=Section(), step=5)
    assert isinstance(found, UncertaintyMap)
    with torch.no_grad():
        logits = look.decode(torch.tensor(centres(VIEW, COLUMNS, ROWS)).float()).double()
    expected = dist.Bernoulli(logits=logits).entropy().mean(-1).reshape(ROWS, COLUMNS)
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    assert (found.values > 0.01).all()


@pytest.mark.parametrize("name", ["gaussian", "continuous_bernoulli"])
def test_other_likelihoods_have_no_such_uncertainty(live: Opened, name: str) -> None:
    found = uncertainty_map(
        decoder(live, Likelihood(name)), VIEW, COLUMNS, ROWS, section=Section(), step=5
    )  # type: ignore[arg-type]
    assert isinstance(found, NoLayer)
    assert found.why.endswith(".")


def test_weights_that_have_gone_astray_have_no_picture() -> None:
    look = Decoder(lambda z: torch.full((len(z), 9), math.nan), Likelihood(), 2)
    for found in (
        likelihood_map(
            look, torch.ones(1, 9), VIEW, COLUMNS, ROWS, section=Section(), number=3, step=5
        ),
        uncertainty_map(look, VIEW, COLUMNS, ROWS, section=Section(), step=5),
    ):
        assert isinstance(found, NoLayer)
        assert "not finite" in found.why
