"""log p(x|z) of many images at many z: a matrix product, since each likelihood is exponential.

Bernoulli, continuous Bernoulli and Gaussian of a stated σ² all are exponential families of the
pixels: log p(x|z) = x·η(z) − A(z) + h(x) (Wainwright & Jordan 2008, section 3.1). η and A come from
one decoding at z, whatever the image.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from latentlab.core.objective import log_continuous_bernoulli_normaliser, log_likelihood
from latentlab.core.spec import Likelihood

Floats = npt.NDArray[np.float64]

# Decoded at once: what a layer makes of them stays in the cache.
CHUNK = 256


@dataclass(frozen=True)
class Decoder:
    """What a quadrature asks of a model: logits at z, and what they mean.

    decode: (M, K) → logits (M, D), in `dtype`. version: of the weights, for what is kept of them.
    """

    decode: Callable[[Tensor], Tensor]
    likelihood: Likelihood
    latent_dim: int
    dtype: torch.dtype = torch.float32
    version: int = 0

    def table(self, z: Floats) -> "Table":
        """η and A at z, (M, K)."""
        parts = [self._table(z[start : start + CHUNK]) for start in range(0, len(z), CHUNK)]
        # A pixel's values lie side by side: one image needs few of them, but at all places.
        by_pixel = torch.cat([part.natural.T for part in parts], dim=1)
        return Table(by_pixel.T, torch.cat([part.log_partition for part in parts]))

    def chunks(self, z: Floats) -> Iterator[tuple[slice, "Table"]]:
        """The same a chunk at a time."""
        for start in range(0, len(z), CHUNK):
            rows = slice(start, min(len(z), start + CHUNK))
            yield rows, self._table(z[rows])

    def log_likelihood(self, x: Tensor, z: Floats) -> Floats:
        """log p(x_n|z_m) in nats, (N, M); x (N, D) and z (M, K)."""
        tall = x.double()
        parts = [table.product(tall) for _, table in self.chunks(z)]
        result: Floats = (torch.cat(parts, dim=1) + self.base(x)[:, None]).numpy()
        return result

    def base(self, x: Tensor) -> Tensor:
        """h(x) in nats, (N,): what all z have in common."""
        if self.likelihood.name != "gaussian":
            return torch.zeros(len(x), dtype=torch.float64)
        # With logits of −∞ the mean is 0, and so are η and A.
        return log_likelihood(
            self.likelihood, torch.full((1, x.shape[1]), -torch.inf).double(), x.double()
        )

    def _table(self, z: Floats) -> "Table":
        with torch.inference_mode():
            logits = self.decode(torch.as_tensor(z).to(self.dtype)).cpu()
            if self.likelihood.name == "gaussian":
                mean = torch.sigmoid(logits).double()
                variance = self.likelihood.variance
                return Table(mean / variance, mean.square().sum(-1) / (2 * variance))
            partition = F.softplus(logits)
            if self.likelihood.name == "continuous_bernoulli":
                partition = partition - log_continuous_bernoulli_normaliser(logits)
            return Table(logits, partition.sum(-1, dtype=torch.float64))


@dataclass(frozen=True)
class Table:
    """At M places: natural (M, D) is η, and log_partition (M,) is A, float64."""

    natural: Tensor
    log_partition: Tensor

    def product(self, x: Tensor) -> Tensor:
        """x·η − A, (N, M) in float64, computed in the precision of x (N, D)."""
        with torch.inference_mode():
            by_pixel = self.natural.T.to(x.dtype)
            if len(x) == 1:
                on = x[0].nonzero()[:, 0]  # of a digit, about a hundred of 784
                # Their rows times x, summed: a product of matrices would need a copy of them.
                product = F.embedding_bag(
                    on, by_pixel, on.new_zeros(1), mode="sum", per_sample_weights=x[0, on]
                )
            else:
                product = x @ by_pixel
            return product.double() - self.log_partition

    def entropy(self) -> Tensor:
        """Of a Bernoulli p(x|z), −λ log λ − (1 − λ) log(1 − λ), mean over pixels: (M,), 0 to log 2.

        Nats. It is A − η·λ, λ being the sigmoid of η (Wainwright & Jordan 2008, section 3.6).
        """
        with torch.inference_mode():
            expected = (self.natural * torch.sigmoid(self.natural)).sum(-1, dtype=torch.float64)
            return (self.log_partition - expected) / self.natural.shape[1]
