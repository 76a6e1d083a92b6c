"""Page 5: a plain autoencoder's codes and a VAE's, side by side. Imports no torch until asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Point

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

AUTOENCODER, VAE = "compare-autoencoder", "compare-both"
NETWORKS = (AUTOENCODER, VAE)
"""Shipped; of the same shape, trained in lockstep: only what they minimised differs."""

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class NetworkCodes:
    """Of N held-out images: mu, logvar (N, 2); kl (N,) to the prior, nats, ∞ where a point."""

    mu: Floats
    logvar: Floats
    kl: npt.NDArray[np.float64]

    def sigma(self, index: int) -> tuple[float, float]:
        """Of one image, latent units; 0 where the code is a point."""
        if np.isinf(self.kl[index]):
            return (0.0, 0.0)
        first, second = np.exp(0.5 * self.logvar[index]).tolist()
        return (first, second)

    def mean(self, index: int) -> Point:
        """Of one image."""
        first, second = self.mu[index].tolist()
        return (first, second)


@dataclass(frozen=True, eq=False)
class AllCodes:
    """networks: by name. x: (N, H, W) 0 or 255, as both networks are given them; labels: (N,)."""

    asked: "AskCodes"
    networks: dict[str, NetworkCodes]
    x: Picture
    labels: npt.NDArray[np.int64]
    class_names: tuple[str, ...]


@dataclass(frozen=True)
class AskCodes:
    """Where these networks put the held-out images they were not trained on."""

    networks: tuple[str, ...] = NETWORKS

    def answer(self, model: "LessonModel") -> AllCodes:
        """Takes 0.1 s the first time."""
        from latentlab.app.lessons import networks as look  # noqa: PLC0415
        from latentlab.app.pictures import pictures  # noqa: PLC0415
        from latentlab.data.binarise import binarise_fixed  # noqa: PLC0415

        found = {}
        for name in self.networks:
            codes = look.codes(model, name, "test")
            kl = look.kl_to_prior(codes, look.regime_of(name))
            found[name] = NetworkCodes(codes.mu, codes.logvar, kl)
        held_out = model.shipped(self.networks[0]).held_out
        x = binarise_fixed(held_out.images) * np.uint8(255)
        return AllCodes(self, found, pictures(x), held_out.labels, held_out.class_names)


@dataclass(frozen=True, eq=False)
class Decoded:
    """picture: (H, W), E[x|z]. reconstruction: −log p(x|z) of the image asked about, nats."""

    asked: "DecodeAt"
    picture: Picture
    reconstruction: float


@dataclass(frozen=True)
class DecodeAt:
    """What `network` decodes z to, and how likely the held-out image `image` is there."""

    network: str
    z: Point
    image: int

    def answer(self, model: "LessonModel") -> Decoded:
        """Takes a millisecond."""
        from latentlab.app.lessons import networks as look  # noqa: PLC0415

        (picture,) = look.decodes(model, self.network, [self.z])
        return Decoded(self, picture, look.reconstruction(model, self.network, self.image, self.z))


@dataclass(frozen=True, eq=False)
class DecodedWay:
    """pictures: (count, H, W), from z1 to z2."""

    asked: "DecodeWay"
    pictures: Picture


@dataclass(frozen=True)
class DecodeWay:
    """What `network` decodes at `count` equal steps of z(t) = (1−t)·z1 + t·z2."""

    network: str
    z1: Point
    z2: Point
    count: int = 9

    def answer(self, model: "LessonModel") -> DecodedWay:
        """Takes a millisecond."""
        from latentlab.app.lessons import networks as look  # noqa: PLC0415
        from latentlab.core.interpolate import linear  # noqa: PLC0415

        z = linear(self.z1, self.z2, np.linspace(0, 1, self.count))
        return DecodedWay(self, look.decodes(model, self.network, z))
