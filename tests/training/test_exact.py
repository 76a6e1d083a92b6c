"""log p(x) of a set of images: the shipped models, each image alone, bounds by sampling."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate
from latentlab.core.exponential import Decoder
from latentlab.core.gap import check_identity, split_gap
from latentlab.core.normal import Gaussian
from latentlab.core.objective import log_likelihood
from latentlab.core.spec import Likelihood
from latentlab.core.vae import VAE, vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model
from latentlab.training import exact as module
from latentlab.training.bound import sampled_bounds
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.exact import Opened, exact_terms
from latentlab.training.images import Images


def shipped(name: str, count: int) -> Opened:
    checkpoint = load_checkpoint(find_model(name))
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    test = load_bundled("fashion-mnist" if "fashion" in name else "mnist").test
    return model, Images(test.at(np.arange(count))), checkpoint.likelihood


def encoded(model: VAE, images: Images, likelihood: Likelihood) -> list[Gaussian]:
    cloud = finish(encode_cloud(model, images, likelihood, 0))
    sigma = np.exp(0.5 * cloud.logvar)
    return [Gaussian.diagonal(*row) for row in zip(cloud.mu, sigma, strict=True)]


def test_a_set_has_of_each_image_what_it_has_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In lots of neighbours, and in processes."""
    model, images, likelihood = shipped("mnist-2d-live", 7)
    monkeypatch.setattr(module, "_TOGETHER", 3)
    counts = []
    look = exact_terms(partial(shipped, "mnist-2d-live", 7), processes=2)
    try:
        while True:
            counts.append(next(look))
    except StopIteration as end:
        exact = end.value
    assert counts == [2, 4, 7]
    decoder = Decoder(model.decode, likelihood, 2)
    grid, x = Grid(decoder), images.evaluation_batch(slice(None), likelihood)
    for row, q in enumerate(encoded(model, images, likelihood)):
        one = x[row : row + 1]
        (evidence,) = integrate(grid, one, q.mean[None], q.sigma[None])
        gap = split_gap(decoder, one, q, evidence)
        assert exact.log_evidence[row] == pytest.approx(evidence.log_evidence, abs=1e-4)
        assert exact.terms.kl[row] == pytest.approx(q.kl_to_prior(), rel=1e-5)
        assert exact.terms.reconstruction[row] == pytest.approx(-gap.elbo.log_likelihood, rel=1e-5)
        assert exact.amortisation_gap[row] == pytest.approx(gap.amortisation, abs=1e-4)
        assert exact.approximation_gap[row] == pytest.approx(gap.approximation, abs=1e-4)


def test_a_set_is_bounded_from_below_by_what_samples_say() -> None:
    model, images, likelihood = shipped("mnist-2d-live", 30)
    exact = finish(exact_terms(lambda: (model, images, likelihood)))
    bounds = finish(sampled_bounds(model, images, likelihood, 200))
    elbo = -(exact.terms.reconstruction + exact.terms.kl)
    assert exact.unconverged == 0
    assert elbo.mean() < bounds.iwae.mean() < exact.log_evidence.mean()
    assert (exact.amortisation_gap >= 0).all()
    assert (exact.approximation_gap > -1e-3).all()
    total = elbo + exact.amortisation_gap + exact.approximation_gap
    np.testing.assert_allclose(total, exact.log_evidence, atol=1e-3)


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-2d-live", "fashion-mnist-2d"])
def test_the_identity_holds_on_the_shipped_models(name: str) -> None:
    model, images, likelihood = shipped(name, 3)
    decoder = Decoder(model.decode, likelihood, 2)
    grid, x = Grid(decoder), images.evaluation_batch(slice(None), likelihood)
    for row, q in enumerate(encoded(model, images, likelihood)):
        (evidence,) = integrate(grid, x[row : row + 1], q.mean[None], q.sigma[None])
        assert evidence.converged
        identity = check_identity(decoder, x[row : row + 1], q, evidence)
        assert identity.holds, identity.residual


def test_a_sharp_likelihood_needs_finer_cells_than_a_plain_grid_has() -> None:
    """A shipped network as a Gaussian of σ = 0.05, against a fine sum around its peak."""
    model, images, _ = shipped("mnist-2d-live", 1)
    sharp = Likelihood("gaussian", 0.05**2)
    x = images.evaluation_batch(slice(None), sharp)
    grid = Grid(Decoder(model.decode, sharp, 2))
    (found,) = integrate(grid, x, np.zeros((1, 2)), np.ones((1, 2)))
    assert found.converged
    assert found.cells.width.min() < 0.01
    top, width = found.cells.centre[found.log_joint.argmax()], 5e-4
    axes = [torch.arange(-200, 200).double() * width + centre for centre in top]
    prior = torch.distributions.Normal(0, 1)
    with torch.inference_mode():
        logs = torch.cat(
            [
                log_likelihood(sharp, model.decode(z.float()), x) + prior.log_prob(z).sum(-1)
                for z in torch.cartesian_prod(*axes).split(4_000)
            ]
        )
    total = float(logs.double().logsumexp(0)) + 2 * math.log(width)
    assert found.log_evidence == pytest.approx(total, abs=2e-3)
