"""Takes an optimiser step apart, by a copy of the network beside it."""

import torch
from torch import Tensor

from latentlab.core.objective import kl_to_prior, log_likelihood, mean_image, reparameterise
from latentlab.core.vae import VAE, copy_of
from latentlab.data.binarise import binarise_fixed
from latentlab.data.vector_picture import drawn
from latentlab.data.vectors import are_vectors
from latentlab.training.cloud import Cloud
from latentlab.training.dissected import Dissected, Floats, Picture, Shown, TermGradient
from latentlab.training.images import Batch
from latentlab.training.messages import Terms
from latentlab.training.trainer import Trainer

SHOWN = 8
"""How many images of the batch are followed through the step."""


class Dissection:
    """Looks at a step of `trainer` on `batch`: made before it is taken, finished after it.

    The step itself is not touched: all is computed by a copy of the network as it was before. A
    batch of N(0, I) noise has the same ε in both.
    """

    def __init__(self, trainer: Trainer, batch: Batch) -> None:
        self._trainer = trainer
        self._batch = batch
        self._before = copy_of(trainer.model)
        self._weights = trainer.minimised
        self._rate = trainer.settings.learning_rate * (
            trainer.course.rate(trainer.step_count) if trainer.course is not None else 1.0
        )

    def finish(self, terms: Terms, before: Cloud) -> Dissected:
        """What the step was made of, now that it is taken; `terms` are those it has returned.

        before: where all training images were.
        """
        trainer, model, weights = self._trainer, self._before, self._weights
        x = self._batch.x(trainer.likelihood).to(trainer.device)
        eps = trainer.noise * self._batch.eps.to(trainer.device)
        with trainer.mixed():
            mu, logvar = model.encode(x)
        mu, logvar = mu.float(), logvar.float()
        mu.retain_grad()
        z = reparameterise(mu, logvar, eps)
        with trainer.mixed():
            output = model.decode(z).float()
        reconstruction = -log_likelihood(trainer.likelihood, output, x)
        kl = kl_to_prior(mu, logvar)
        by_reconstruction, pull_reconstruction = _gradient(
            model, mu, weights.reconstruction * reconstruction.mean()
        )
        by_kl, pull_kl = _gradient(model, mu, weights.kl * kl.mean())
        few = slice(0, SHOWN)
        with torch.no_grad(), trainer.mixed():
            mu_after, logvar_after = trainer.model.encode(x[few])
        with torch.no_grad():
            mu_before, _ = model.encode(self._resting(few))
        moved, norm = _distance(trainer.model, model)
        shape = trainer.model.architecture.image_shape
        count = len(x)
        return Dissected(
            step=trainer.step_count,
            batch_size=count,
            epoch_images=trainer.epoch_images,
            weights=weights,
            learning_rate=self._rate,
            noise=trainer.noise,
            reconstruction=terms.reconstruction,
            kl=terms.kl,
            by_reconstruction=by_reconstruction,
            by_kl=by_kl,
            moved=moved,
            norm=norm,
            before=before,
            shown=Shown(
                indices=self._batch.indices[few].numpy().copy(),
                x=_pictures(x[few], shape),
                mu=_floats(mu[few]),
                logvar=_floats(logvar[few]),
                eps=_floats(eps[few]),
                z=_floats(z[few]),
                decoded=_pictures(mean_image(trainer.likelihood, output[few]), shape),
                reconstruction=_floats(reconstruction[few]),
                kl=_floats(kl[few]),
                # Of the image's own terms, where the objective has their means.
                pull_reconstruction=_floats(count * pull_reconstruction[few]),
                pull_kl=_floats(count * pull_kl[few]),
                mu_before=_floats(mu_before),
                mu_after=_floats(mu_after),
                logvar_after=_floats(logvar_after),
            ),
        )

    def _resting(self, few: slice) -> Tensor:
        """x of these images of the batch as their points on the plane have it, not as the step."""
        grey = self._batch.grey[few]
        if not self._trainer.likelihood.binarises:
            return (grey.float() / 255).to(self._trainer.device)
        return torch.from_numpy(binarise_fixed(grey.numpy())).float().to(self._trainer.device)


def _gradient(model: VAE, mu: Tensor, term: Tensor) -> tuple[TermGradient, Tensor]:
    """The norms of the gradient of `term` on both halves' weights, and its pull on mu (N, K)."""
    model.zero_grad()
    mu.grad = None
    term.backward(retain_graph=True)  # type: ignore[no-untyped-call]
    halves = (model.encoder, model.decoder)
    norms = [
        torch.nn.utils.get_total_norm([p.grad for p in half.parameters() if p.grad is not None])
        for half in halves
    ]
    pull = torch.zeros_like(mu) if mu.grad is None else -mu.grad
    return TermGradient(*(float(norm) for norm in norms)), pull


def _distance(model: VAE, before: VAE) -> tuple[float, float]:
    """The norm of the difference of all weights, and that of those before."""
    with torch.no_grad():
        was = list(before.parameters())
        changes = [new - old for new, old in zip(model.parameters(), was, strict=True)]
        return (
            float(torch.nn.utils.get_total_norm(changes)),
            float(torch.nn.utils.get_total_norm(was)),
        )


def _floats(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().float().cpu().numpy().copy()
    return array


def _pictures(x: Tensor, shape: tuple[int, int, int]) -> Picture:
    """(S, D), 0 to 1, as (S, H, W) or (S, H, W, 3) uint8."""
    channels, height, width = shape
    if are_vectors(shape):
        return drawn((255 * x.detach().float().clamp(0, 1)).round().to(torch.uint8).cpu().numpy())
    scaled = (255 * x.detach().float().clamp(0, 1)).round().to(torch.uint8).cpu()
    pictures: Picture = scaled.reshape(len(x), channels, height, width).movedim(1, -1).numpy()
    return pictures[..., 0].copy() if channels == 1 else pictures.copy()
