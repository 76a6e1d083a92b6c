"""Previews of log p(x) against closed forms, and against the exact values of a shipped model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from latentlab.core.cells import FINEST_WIDTH, box
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.coarse import Grid, steepness
from latentlab.core.evidence import Evidence, integrate, log_sum
from latentlab.core.exponential import Decoder
from latentlab.core.gaussian import FEW_POINTS, elbo
from latentlab.core.glimpse import glimpse
from latentlab.core.normal import Gaussian
from latentlab.core.true_posterior import TruePosterior
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.images import Images
from tests.core.ppca import LinearModel

COUNT = 40


def glimpsed(grid: Grid, x: Tensor) -> tuple[Evidence, float]:
    """And log p(x) by equal cells alone."""
    cells, table = grid.boxes(1)[0]
    values = (table.product(x) + grid.decoder.base(x)[:, None])[0].numpy()
    side = round(len(cells) ** 0.5)
    steep = steepness(values.reshape(side, side)).reshape(-1)
    even = log_sum(values + cells.log_prior + cells.log_volume)
    return glimpse(grid.decoder, x, cells, values, steep), even


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.sampled_from([0.02, 0.1, 0.5]))
def test_one_hill_is_one_mode_and_summed_as_it_should_be(
    seed: int, image: int, sigma: float
) -> None:
    """Cells of three widths meet on it, and none of those beside a finer one is a peak for that."""
    model = LinearModel.drawn(seed, sigma)
    x = model.image(image)
    found, _ = glimpsed(model.grid, x)
    assert found.log_evidence == pytest.approx(model.log_evidence(x), abs=0.1)
    assert len(set(found.cells.width.tolist())) > 1
    (mode,) = TruePosterior(found).modes
    mean, covariance = model.posterior(x)
    np.testing.assert_allclose(mode.z, mean, atol=np.sqrt(covariance.max()))


def test_it_is_as_near_to_the_exact_value_as_it_says() -> None:
    """For 95 of 100 images of a model whose posteriors fall between the cells of the even grid."""
    checkpoint = load_checkpoint(find_model("mnist-2d"))
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    images = Images(load_bundled("mnist").test.at(np.arange(COUNT)))
    cloud = finish(encode_cloud(model, images, checkpoint.likelihood, 0))
    mu, sigma = cloud.mu.astype(np.float64), np.exp(0.5 * cloud.logvar.astype(np.float64))
    x = images.evaluation_batch(slice(None), checkpoint.likelihood)
    decoder = Decoder(model.decode, checkpoint.likelihood, 2)
    grid = Grid(decoder)
    exact = [one.log_evidence for one in integrate(grid, x, mu, sigma, whole=False)]
    found = [glimpsed(grid, x[row : row + 1]) for row in range(COUNT)]
    finer = np.abs([one.log_evidence - true for (one, _), true in zip(found, exact, strict=True)])
    even = np.abs([value - true for (_, value), true in zip(found, exact, strict=True)])
    said = np.maximum([one.moved for one, _ in found], 0.1)
    assert (finer <= said).mean() >= 0.95
    assert np.median(finer) < 0.1 < np.median(even)
    # Its ELBO, by fewer nodes.
    for row in range(COUNT):
        q = Gaussian.diagonal(mu[row], sigma[row])
        one = x[row : row + 1]
        few, many = (elbo(decoder, one, q, points) for points in (FEW_POINTS, 20))
        assert few.value == pytest.approx(many.value, abs=0.01)


def test_the_finest_cells_are_not_halved() -> None:
    model = LinearModel.drawn(0, 0.5)
    x, cells = model.image(0), box(8 * FINEST_WIDTH, FINEST_WIDTH, 2)
    values = model.decoder.log_likelihood(x, cells.centre)[0]
    found = glimpse(model.decoder, x, cells, values, np.zeros_like(values))
    assert found.moved == np.inf
    assert set(found.cells.width.tolist()) == {FINEST_WIDTH}


def test_the_steepness_is_the_larger_step_to_a_neighbour_along_each_axis() -> None:
    values = np.array([[0.0, 1.0, 4.0], [2.0, 2.0, -5.0]])
    expected = [[1 + 2, 3 + 1, 3 + 9], [0 + 2, 7 + 1, 7 + 9]]
    np.testing.assert_array_equal(steepness(values), expected)
    np.testing.assert_array_equal(steepness(values[0]), [1, 3, 3])
