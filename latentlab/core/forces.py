"""What pulls on a posterior: minus the gradient of each term of the objective, image by image."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from latentlab.core.objective import kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Likelihood, LossWeights

Slope = Callable[[Tensor], tuple[float, Tensor]]  # a function's value and gradient

# On the way to rest: at most so many steps, the first no longer than this, in σ of the mean and
# units of logvar; twice as long each time that this was too short.
_MOST_STEPS = 100
_FIRST_STEP = 2.0
# What may be left at rest, in nats per σ on mu and per unit of logvar; and when more is tried for.
_AT_REST, _EXACT = 0.01, 1e-4
# Of a loss, so that rounding in float32 does not end the descent.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Reconstruction:
    """E_q[−log p(x|z)] of the images x, (N, D), as the mean over always the same noise.

    decode: (M, K) → logits (M, D). eps: (S, N, K) or (S, 1, K).
    """

    decode: Callable[[Tensor], Tensor]
    likelihood: Likelihood
    x: Tensor
    eps: Tensor

    def at(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """In nats, (N,), for the posteriors N(mu, e^logvar), (N, K)."""
        z = reparameterise(mu, logvar, self.eps)
        output = self.decode(z.flatten(0, 1))
        output = output.reshape(*z.shape[:2], output.shape[-1])
        return -log_likelihood(self.likelihood, output, self.x).mean(0)


@dataclass(frozen=True)
class Pull:
    """Minus a term's gradient, of the posteriors of N images.

    mu: (N, K), nats per latent unit; where descent would move the mean. logvar: (N, K), nats per
    unit of logvar = log σ²; above 0 the posterior would widen, below 0 it would narrow.
    """

    mu: Tensor
    logvar: Tensor


@dataclass(frozen=True)
class Forces:
    """The pull of each term of −ELBO."""

    reconstruction: Pull
    kl: Pull


def pull_of_kl(mu: Tensor, logvar: Tensor) -> Pull:
    """−∂KL/∂mu = −mu and −∂KL/∂logvar = ½(1 − e^logvar), with KL as in `kl_to_prior`."""
    return Pull(-mu, -0.5 * torch.expm1(logvar))


def forces(reconstruction: Reconstruction, mu: Tensor, logvar: Tensor) -> Forces:
    """The pulls of both terms, weights 1, on the posteriors N(mu, e^logvar), (N, K)."""
    mu, logvar = mu.detach().requires_grad_(), logvar.detach().requires_grad_()
    with torch.enable_grad():
        loss = reconstruction.at(mu, logvar).sum()
        on_mu, on_logvar = torch.autograd.grad(loss, (mu, logvar))
    return Forces(Pull(-on_mu, -on_logvar), pull_of_kl(mu.detach(), logvar.detach()))


def still_noise(samples: int, latent_dim: int, seed: int = 0) -> Tensor:
    """eps (S, 1, K): always the same, in pairs ±eps, with the mean 0 and the covariance I exactly.

    So the gradient of anything quadratic in z is exact. Raises ValueError unless `samples` is even
    and at least 2K.
    """
    if samples % 2 or samples < 2 * latent_dim:
        raise ValueError(f"{samples} samples are not even or fewer than {2 * latent_dim}")
    generator = torch.Generator().manual_seed(seed)
    half = torch.randn(samples // 2, latent_dim, generator=generator, dtype=torch.float64)
    factor = torch.linalg.cholesky(half.T @ half / len(half))
    half = torch.linalg.solve_triangular(factor, half.T, upper=False).T
    return torch.cat([half, -half])[:, None].float()


def place_of_rest(
    reconstruction: Reconstruction, weights: LossWeights, mu: Tensor, logvar: Tensor
) -> tuple[Tensor, Tensor] | None:
    """mu and logvar where the forces on one posterior (1, K) cancel under `weights`; None: nowhere.

    It is let go downhill from those given, in units of its σ. Without KL σ shrinks for ever, so
    there is no such place; without reconstruction it is the prior.
    """
    if weights.kl == 0:
        return None
    if weights.reconstruction == 0:
        return torch.zeros_like(mu), torch.zeros_like(logvar)
    unit = torch.exp(0.5 * logvar)

    def place(moved: Tensor) -> tuple[Tensor, Tensor]:
        on_mu, on_logvar = moved.to(mu.dtype).chunk(2)
        return mu + unit * on_mu, logvar + on_logvar

    def slope(moved: Tensor) -> tuple[float, Tensor]:
        moved = moved.detach().requires_grad_()
        with torch.enable_grad():
            here = place(moved)
            loss = weights.reconstruction * reconstruction.at(*here)
            loss = loss + weights.kl * kl_to_prior(*here)
            (gradient,) = torch.autograd.grad(loss.sum(), moved)
        return loss.item(), gradient

    moved = _downhill(slope, torch.zeros(2 * mu.shape[-1], dtype=torch.float64))
    return None if moved is None else place(moved)


def _downhill(slope: Slope, start: Tensor) -> Tensor | None:
    """Where the gradient vanishes, by BFGS (Nocedal & Wright 2006, algorithm 6.1); else None."""
    at, (value, gradient) = start, slope(start)
    identity = torch.eye(len(start), dtype=start.dtype)
    inverse, longest = identity, _FIRST_STEP
    for _ in range(_MOST_STEPS):
        if not gradient.abs().max() > _EXACT:
            break
        step = -inverse @ gradient
        if not step @ gradient < 0:
            inverse, step = identity, -gradient
        length = float(step.norm())
        step = step * min(1.0, longest / length)
        found = _shortened(slope, at, step, value, float(step @ gradient))
        if found is None:
            break
        step, value, after = found
        if length > longest <= float(step.norm()) * (1 + 1e-9):
            longest *= 2
        at, change, gradient = at + step, after - gradient, after
        bend = float(step @ change)
        if bend > 0:
            project = identity - torch.outer(step, change) / bend
            inverse = project @ inverse @ project.T + torch.outer(step, step) / bend
        else:
            inverse = identity
    return at if gradient.abs().max() < _AT_REST else None


def _shortened(
    slope: Slope, at: Tensor, step: Tensor, value: float, fall: float
) -> tuple[Tensor, float, Tensor] | None:
    """`step` halved until it leads down far enough, and value and gradient there; None if never.

    fall: of the value by the whole step, were it a straight line.
    """
    most = value + _ROUNDING * abs(value)
    length = 1.0
    while length > _ROUNDING:
        there, gradient = slope(at + length * step)
        if there <= most + 1e-4 * length * fall:
            return length * step, there, gradient
        length *= 0.5
    return None
