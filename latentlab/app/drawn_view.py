"""What is told of an image that the user drew."""

from dataclasses import dataclass

from latentlab.app.subject import Drawn, Picture
from latentlab.data.vectors import are_vectors

NEIGHBOURS = 5
"""Of the nearest training images, how many are shown."""
_LEAST_SIDE = 8  # pixels of an image that one can draw


def cannot_draw(image_shape: tuple[int, int, int]) -> str:
    """Why no image of one's own can be shown to a network of images (channels, height, width).

    A sentence; "" if it can be.
    """
    channels, height, width = image_shape
    if are_vectors(image_shape):
        return (
            f"These data are vectors of {width:,} values, no images: open images to draw or to "
            "open one."
        )
    if min(height, width) < _LEAST_SIDE:
        return (
            f"This model takes {height} × {width} values, which are no picture to draw: choose one "
            f"of images of at least {_LEAST_SIDE} × {_LEAST_SIDE} pixels."
        )
    if channels not in (1, 3):
        return f"This model takes images of {channels} channels: choose one of grey or RGB images."
    return ""


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A training image whose mean is near. distance: between the means, in latent units.

    index: among those on the plane; number: what it is called.
    """

    index: int
    number: int
    class_name: str
    picture: Picture
    distance: float


@dataclass(frozen=True, eq=False)
class DrawnView:
    """A drawn image under some weights.

    drawn: as brought to the data's form; grey: the same to look at, (H, W) or (H, W, 3). x:
    binarised, where the likelihood is of binary images. mu, sigma: of q(z|x), K numbers.
    reconstruction, kl: in nats, and the first None for K > 2. nearest: by the Euclidean distance of
    the means, nearest first. vote: the class most frequent among the 15 nearest, and how many of
    them are of it; None without any.
    """

    drawn: Drawn
    grey: Picture
    x: Picture | None
    reconstruction_image: Picture
    mu: tuple[float, ...]
    sigma: tuple[float, ...]
    reconstruction: float | None
    kl: float
    nearest: tuple[Neighbour, ...]
    vote: tuple[str, int, int] | None
    step: int
