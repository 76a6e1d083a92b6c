"""Improves one image's q(z|x) by gradient steps on its mu and logvar: no amortisation any more."""

import torch
from torch import Tensor

from latentlab.app.sight import Sight
from latentlab.app.subject import Subject
from latentlab.core.gaussian import FEW_POINTS
from latentlab.core.normal import Gaussian
from latentlab.core.objective import gauss_hermite, kl_to_prior, log_likelihood, reparameterise

_AT_ONCE = 4  # steps
_RATE, _SLOWEST = 0.03, 0.0005
_MOST_STEPS = 600


class Climber:
    """Adam on mu and logvar of one image, which begin as those of `start`.

    The ELBO is integrated by Gauss-Hermite quadrature in eps, so its gradient has no noise; the
    steps get shorter whenever one has led down.
    """

    def __init__(self, sight: Sight, subject: Subject, start: Gaussian) -> None:
        self._sight = sight
        self._subject = subject
        self._x = sight.x(subject)
        self._eps, self._weights = gauss_hermite(FEW_POINTS, len(start.mean))
        sigma = torch.from_numpy(start.sigma)
        self._mu = torch.from_numpy(start.mean).float()[None].requires_grad_()
        self._logvar = (2 * torch.log(sigma)).float()[None].requires_grad_()
        self._adam = torch.optim.Adam([self._mu, self._logvar], lr=_RATE, betas=(0.8, 0.99))
        self._last = -torch.inf
        self._reached = start
        self.steps = 0

    @property
    def done(self) -> bool:
        """Whether more steps lead no further up."""
        return self._adam.param_groups[0]["lr"] < _SLOWEST or self.steps >= _MOST_STEPS

    def goes_on(self, sight: Sight, subject: Subject, start: Gaussian) -> bool:
        """Whether `start` is where it is now, for the same image and weights."""
        same = self._sight.same_weights(sight) and self._subject == subject
        return same and bool(abs(start.mean - self._reached.mean).max() < 1e-9)

    def climb(self) -> Gaussian:
        """Take a few steps."""
        for _ in range(_AT_ONCE):
            if not self.done:
                self._step()
        mu, logvar = self._mu.detach()[0].double(), self._logvar.detach()[0].double()
        self._reached = Gaussian.diagonal(mu, torch.exp(0.5 * logvar))
        return self._reached

    def _step(self) -> None:
        elbo = self._elbo()
        if elbo.item() <= self._last:
            for group in self._adam.param_groups:
                group["lr"] *= 0.7
        self._last = elbo.item()
        self._mu.grad, self._logvar.grad = torch.autograd.grad(-elbo, (self._mu, self._logvar))
        self._adam.step()
        self.steps += 1

    def _elbo(self) -> Tensor:
        z = reparameterise(self._mu, self._logvar, self._eps)
        logs = log_likelihood(self._sight.likelihood, self._sight.model.decode(z), self._x)
        return (self._weights * logs).sum() - kl_to_prior(self._mu, self._logvar).sum()
