"""The latent plane."""

from latentlab.ui.plane.plane import LatentPlane

__all__ = ["LatentPlane"]
