"""The look at what pulls on posteriors."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from latentlab.app.force_view import ForceAnswer, ForceView, Ints, Pulls, Rest
from latentlab.app.pictures import pixels
from latentlab.core.forces import Forces, Reconstruction, forces, place_of_rest, still_noise
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import Coder
from latentlab.data.dataset import Dataset

SAMPLES = 8
"""Of the noise, for each posterior of a sample: the pull on mu is then right to about a percent."""
SELECTED_SAMPLES = 64
# Of all decoded images and samples together, at a time: pixels over all channels.
_VALUES = 1 << 22


@dataclass(frozen=True)
class ForceLook:
    """A look with the weights of `model` at the images of `dataset`."""

    model: Coder
    likelihood: Likelihood
    dataset: Dataset

    def at(
        self, indices: Ints, selected: int | None, rest_under: LossWeights | None
    ) -> ForceAnswer:
        """What pulls on the posteriors of `indices`, and on that of `selected` with more samples.

        rest_under: find where the forces on that one cancel under these weights.
        """
        sample = self._view(indices, SAMPLES)
        if selected is None:
            return ForceAnswer(sample, None, None)
        alone = np.array([selected])
        view = self._view(alone, SELECTED_SAMPLES)
        rest = None if rest_under is None else self._rest(alone, view, rest_under)
        return ForceAnswer(sample, view, rest, self.dataset.number(selected))

    def _view(self, indices: Ints, samples: int) -> ForceView:
        eps = self._noise(samples)
        size = max(1, _VALUES // (len(eps) * self.model.architecture.pixels))
        parts: list[tuple[Tensor, ...]] = []
        # At least one slice, be it of no image.
        for start in range(0, max(len(indices), 1), size):
            term = self._term(indices[start : start + size], eps)
            with torch.no_grad():
                mu, logvar = self.model.encode(term.x)
            parts.append((mu, logvar, *_flat(forces(term, mu, logvar))))
        return _shown(indices, parts, len(eps))

    def _rest(self, alone: Ints, view: ForceView, weights: LossWeights) -> Rest:
        term = self._term(alone, self._noise(SELECTED_SAMPLES))
        mu, logvar = torch.from_numpy(view.mu), torch.from_numpy(view.logvar)
        found = place_of_rest(term, weights, mu, logvar)
        if found is None:
            return Rest(weights, None)
        return Rest(weights, _shown(alone, [(*found, *_flat(forces(term, *found)))], view.samples))

    def _term(self, indices: Ints, eps: Tensor) -> Reconstruction:
        """Of the x of every number: the images binarised once, or as they are."""
        x = pixels(self.likelihood, self.dataset.images[indices])
        return Reconstruction(self.model.decode, self.likelihood, x, eps)

    def _noise(self, samples: int) -> Tensor:
        """Fewer samples where images are large, and more where there are many dimensions."""
        architecture = self.model.architecture
        fewest = 2 * architecture.latent_dim
        most = max(fewest, _VALUES // architecture.pixels // 2 * 2)
        return still_noise(max(fewest, min(samples, most)), architecture.latent_dim)


def _flat(found: Forces) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    rec, kl = found.reconstruction, found.kl
    return rec.mu, rec.logvar, kl.mu, kl.logvar


def _shown(indices: Ints, parts: list[tuple[Tensor, ...]], samples: int) -> ForceView:
    columns = [torch.cat(column).numpy() for column in zip(*parts, strict=True)]
    mu, logvar, rec_mu, rec_logvar, kl_mu, kl_logvar = columns
    rec, kl = Pulls(rec_mu, rec_logvar), Pulls(kl_mu, kl_logvar)
    return ForceView(indices, mu, logvar, rec, kl, samples)
