"""Two estimators of the reconstruction term's gradient in mu, for one image of the model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from latentlab.app.lessons.exact import Exact, exact
from latentlab.core.estimators import Estimate, Estimates, Floats
from latentlab.core.objective import gauss_hermite, log_likelihood

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

    title: str
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
    """For the image `step` after the selected one, with a generator of their own of this seed."""

    step: int
    seed: int

    def answer(self, model: "LessonModel") -> GradientDraws:
        """Of a shipped model where this one has no plane of codes."""
        one = exact(model, self.step)
        q = one.q
        nodes, weights = gauss_hermite(_NODES, 2, torch.float64)
        eps = np.random.default_rng(self.seed).standard_normal((DRAWS, 2))
        values, slopes = _loss(one, q.mean + q.sigma * eps)
        at_nodes, slopes_at_nodes = _loss(one, q.mean + q.sigma * nodes.numpy())
        return GradientDraws(
            one.title,
            q.mean,
            q.sigma,
            slopes,
            values[:, None] * eps / q.sigma,
            weights.numpy() @ slopes_at_nodes,
            float(weights.numpy() @ at_nodes),
        )


def _loss(one: Exact, z: Floats) -> tuple[Floats, Floats]:
    """−log p(x|z) at z (M, 2), (M,), and its gradient in z, (M, 2)."""
    with torch.enable_grad():
        at = torch.tensor(z, dtype=torch.float32, requires_grad=True)
        loss = -log_likelihood(one.sight.likelihood, one.sight.model.decode(at), one.x)
        (slope,) = torch.autograd.grad(loss.sum(), at)
    return loss.detach().double().numpy(), slope.double().numpy()
