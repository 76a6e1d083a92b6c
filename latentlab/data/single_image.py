"""One image from outside, a file or the clipboard, brought to the form of a data set's images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from latentlab.data.drawing import is_centred
from latentlab.data.photo import WORKED_SIDE, PhotoStep, photo_steps
from latentlab.data.picture import border_median, check_size, fitted_in, load_picture

Pixels = npt.NDArray[np.uint8]

_LOOKED_AT = 500  # images
_BLACK = 16  # at most, the grey level of a black ground
_MOST = 0.9  # of the images have it


@dataclass(frozen=True, slots=True)
class Target:
    """The form of a data set's images. shape: (channels, height, width), of 1 or 3 channels.

    as_mnist: grey, scaled and centred as MNIST's are. on_black: grey, on a black ground.
    """

    shape: tuple[int, int, int]
    as_mnist: bool = False
    on_black: bool = False


@dataclass(frozen=True, eq=False)
class SingleImage:
    """An image on its way. The last step's picture is what the pad takes, (H, W) or (H, W, 3).

    in_form: that is what a network is given, as it is; else ink on black, of any size.
    """

    steps: tuple[PhotoStep, ...]
    in_form: bool

    @property
    def picture(self) -> Pixels:
        """What came out."""
        return self.steps[-1].picture


def target_of(images: Pixels) -> Target:
    """The form of images (N, C, H, W), found on the first 500."""
    _, channels, height, width = images.shape
    grey = channels == 1
    some = images[:_LOOKED_AT, 0]
    edges = np.concatenate([some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]], axis=1)
    black = float((np.median(edges, axis=1) <= _BLACK).mean()) >= _MOST
    return Target((channels, height, width), grey and is_centred(images), grey and black)


def single_image(image: Image.Image, target: Target, name: str = "this photo") -> SingleImage:
    """`image`, of mode "RGB", with the steps to the form of `target`.

    An image that has this form, or was enlarged from it to whole pixels (as images copied here
    are), is taken as it is. Else, for digits as MNIST's, it is a photo of ink on paper; for any
    other data the whole picture is fitted in on its border's colour, and inverted where it lies on
    a light ground and the data on black. Raises InputError where a photo shows nothing.
    """
    channels, height, width = target.shape
    picture = image if channels == 3 else image.convert("L")
    own = unenlarged(np.asarray(picture), height, width)
    # A digit on white paper can have just this size, too.
    if own is not None and not (target.as_mnist and _is_light(own)):
        return SingleImage((PhotoStep("as it is", own),), True)
    shown = picture.copy()
    shown.thumbnail((WORKED_SIDE, WORKED_SIDE), Image.Resampling.LANCZOS)
    first = np.asarray(shown)
    if target.as_mnist:
        return SingleImage(photo_steps(first, name), False)
    steps = [PhotoStep("RGB" if channels == 3 else "grey", first)]
    fit = fitted_in(picture, height, width)
    steps.append(PhotoStep(f"{height} × {width}", fit))
    if target.on_black and _is_light(fit):
        steps.append(PhotoStep("inverted", 255 - fit))
    return SingleImage(tuple(steps), True)


def read_single_image(path: Path, target: Target) -> SingleImage:
    """The same of what is in a file. Raises InputError."""
    least = max(WORKED_SIDE, 2 * max(target.shape[1:]))
    return single_image(load_picture(path, True, least), target, str(path))


def pasted_image(pixels: Pixels, target: Target) -> SingleImage:
    """The same of what was on the clipboard, (H, W, 3). Raises InputError."""
    check_size("The image on the clipboard", (pixels.shape[1], pixels.shape[0]))
    return single_image(Image.fromarray(pixels), target, "the image on the clipboard")


def unenlarged(pixels: Pixels, height: int, width: int) -> Pixels | None:
    """The (height, width[, 3]) image of which every pixel was made a square of them, if any."""
    tall, wide = pixels.shape[:2]
    factor = tall // height
    if factor < 1 or (tall, wide) != (factor * height, factor * width):
        return None
    own = pixels[::factor, ::factor]
    same = np.array_equal(own.repeat(factor, axis=0).repeat(factor, axis=1), pixels)
    return own.copy() if same else None


def _is_light(picture: Pixels) -> bool:
    return bool(np.median(border_median(picture)) > 127)
