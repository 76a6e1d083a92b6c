"""The terms of the derivation, each against another way to it."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from latentlab.app.lessons.elbo import Terms, terms_of
from latentlab.app.lessons.exact import Exact
from latentlab.app.sight import Sight
from latentlab.core.spec import Architecture
from latentlab.core.vae import new_vae
from latentlab.errors import InputError

DRAWS = 20_000


@pytest.fixture(scope="module")
def terms(one: Exact) -> Terms:
    return terms_of(one)


@pytest.fixture(scope="module")
def q(one: Exact) -> Normal:
    return Normal(torch.tensor(one.q.mean), torch.tensor(one.q.sigma))


def log_likelihood(one: Exact, z: torch.Tensor) -> torch.Tensor:
    """log p(x|z) with torch's own Bernoulli, (M,)."""
    with torch.inference_mode():
        logits = one.sight.model.decode(z.float()).double()
        return Independent(Bernoulli(logits=logits), 1).log_prob(one.x.double())


def test_the_closed_forms_are_torch_s(terms: Terms, q: Normal) -> None:
    standard = Normal(torch.zeros(2).double(), 1.0)
    assert terms.to_prior == pytest.approx(float(kl_divergence(q, standard).sum()), rel=1e-9)
    assert terms.log_q == pytest.approx(-float(q.entropy().sum()), rel=1e-9)
    # E_q[log p(z)] is what is left of KL(q‖p) = E_q[log q] − E_q[log p].
    assert terms.log_prior == pytest.approx(terms.log_q - terms.to_prior, rel=1e-9)


def test_the_expectations_are_those_of_draws(one: Exact, terms: Terms, q: Normal) -> None:
    torch.manual_seed(0)
    z = q.sample((DRAWS,))
    likelihood = log_likelihood(one, z)
    error = float(likelihood.std()) / math.sqrt(DRAWS)
    assert terms.log_likelihood == pytest.approx(float(likelihood.mean()), abs=5 * error)
    prior = Normal(0.0, 1.0).log_prob(z).sum(-1)
    whole = q.log_prob(z).sum(-1) - likelihood - prior
    error = float(whole.std()) / math.sqrt(DRAWS)
    assert terms.in_one == pytest.approx(float(whole.mean()), abs=5 * error)
    assert terms.to_posterior == pytest.approx(
        float(whole.mean()) + terms.log_evidence, abs=5 * error + 2e-3
    )


def test_log_p_is_a_plain_sum_over_a_fine_grid(one: Exact, terms: Terms) -> None:
    """The picture's square holds all of the posterior but for a thousandth."""
    area = terms.log_density.area
    axes = [
        torch.linspace(low, high, 151, dtype=torch.float64)
        for low, high in ((area.x_min, area.x_max), (area.y_min, area.y_max))
    ]
    z = torch.cartesian_prod(*axes)
    joint = log_likelihood(one, z) + Normal(0.0, 1.0).log_prob(z).sum(-1)
    cell = float((axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0]))
    assert terms.log_evidence == pytest.approx(float(joint.logsumexp(0)) + math.log(cell), abs=3e-3)


def test_the_identity_is_a_check_that_holds_and_could_fail(one: Exact, terms: Terms) -> None:
    assert not terms.problem
    assert abs(terms.residual) < 2e-3
    assert terms.in_one + terms.log_evidence == pytest.approx(terms.to_posterior, abs=2e-3)
    assert terms.loss == -terms.elbo
    wrong = replace(terms, log_likelihood=terms.log_likelihood + 0.1)
    assert abs(wrong.residual) > 0.05


def test_the_picture_is_of_log_p_of_z_given_x(one: Exact, terms: Terms) -> None:
    field = terms.log_density
    columns, rows = field.values.shape
    width = (field.area.x_max - field.area.x_min) / columns
    assert float(np.exp(field.values).sum()) * width**2 == pytest.approx(1, abs=0.01)
    z = torch.tensor([[field.area.x_min + 20.5 * width, field.area.y_min + 30.5 * width]])
    joint = log_likelihood(one, z) + Normal(0.0, 1.0).log_prob(z).sum(-1)
    assert field.values[20, 30] == pytest.approx(float(joint) - terms.log_evidence, abs=2e-3)
    assert rows > 30
    assert terms.image.shape == terms.decoded.shape == (28, 28)
    assert set(np.unique(terms.image)) == {0, 255}
    assert terms.class_name == str(int(one.sight.dataset.labels[5]))


def test_other_latent_spaces_are_refused_in_words(sight: Sight) -> None:
    model = new_vae(Architecture(latent_dim=3, hidden=(4,)), torch.Generator().manual_seed(0))
    with pytest.raises(InputError, match="3 latent dimensions"):
        Exact(replace(sight, model=model), 0)
    broken = new_vae(Architecture(hidden=(4,)), torch.Generator().manual_seed(0))
    with torch.no_grad():
        next(broken.encoder.parameters()).fill_(torch.nan)
    with pytest.raises(InputError, match="not finite"):
        Exact(replace(sight, model=broken), 0)
