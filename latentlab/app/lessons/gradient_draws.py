"""Two estimators of the reconstruction term's gradient in mu, for one image of the model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from latentlab.app.sight import Sight
from latentlab.core.estimators import Estimate, Estimates, Floats
from latentlab.core.objective import gauss_hermite, log_likelihood
from latentlab.errors import InputError

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

DRAWS = 4_000
_NODES = 20


@dataclass(frozen=True, eq=False)
class GradientDraws:
    """∂/∂mu of E_q[−log p(x|z)] for one image, in nats, from the same draws of eps.

    mu, sigma: q(z|x), (2,). pathwise, score: one gradient a draw, (N, 2). true: by Gauss–Hermite
    quadrature with 20 nodes an axis, (2,). expected: E_q[−log p(x|z)] itself, by the same.
    """

    index: int
    class_name: str
    mu: Floats
    sigma: Floats
    pathwise: Floats
    score: Floats
    true: Floats
    expected: float

    def estimates(self, axis: int, count: int) -> Estimates:
        """Of the derivative by mu[axis], from the first `count` draws (2 or more)."""
        return Estimates(
            Estimate(self.pathwise[:count, axis]),
            Estimate(self.score[:count, axis]),
            float(self.true[axis]),
        )


@dataclass(frozen=True)
class GradientDrawsQuestion:
    """Draws from a generator of their own, seeded with `seed`, for the selected image."""

    seed: int

    def answer(self, model: "LessonModel") -> GradientDraws:
        """Raises InputError unless the model has 2 latent dimensions."""
        latent_dim = model.vae.architecture.latent_dim
        if latent_dim != 2:
            raise InputError(
                "The lesson integrates over a plane of latent codes, and this model has "
                f"{latent_dim} latent dimensions: choose one with 2."
            )
        sight = Sight(model.vae, model.likelihood, model.train, model.step)
        q, x = sight.encoded(model.selected), sight.x(model.selected)
        nodes, weights = gauss_hermite(_NODES, 2, torch.float64)
        eps = np.random.default_rng(self.seed).standard_normal((DRAWS, 2))
        values, slopes = _loss(model, x, q.mean + q.sigma * eps)
        at_nodes, slopes_at_nodes = _loss(model, x, q.mean + q.sigma * nodes.numpy())
        return GradientDraws(
            model.selected,
            model.train.class_names[int(model.train.labels[model.selected])],
            q.mean,
            q.sigma,
            slopes,
            values[:, None] * eps / q.sigma,
            weights.numpy() @ slopes_at_nodes,
            float(weights.numpy() @ at_nodes),
        )


def _loss(model: "LessonModel", x: Tensor, z: Floats) -> tuple[Floats, Floats]:
    """−log p(x|z) at z (M, 2), (M,), and its gradient in z, (M, 2)."""
    with torch.enable_grad():
        at = torch.tensor(z, dtype=torch.float32, requires_grad=True)
        loss = -log_likelihood(model.likelihood, model.vae.decode(at), x)
        (slope,) = torch.autograd.grad(loss.sum(), at)
    return loss.detach().double().numpy(), slope.double().numpy()
