"""Whether a model and images fit each other, and the sentence where they do not."""

import math

from latentlab.errors import InputError

Shape = tuple[int, int, int]


def of_images(shape: Shape) -> str:
    """For example "28×28 grey", of (channels, height, width)."""
    channels, height, width = shape
    colour = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
    return f"{height}×{width} {colour}"


def misfit(model: str, takes: Shape, data: str, has: Shape) -> str:
    """The two shapes, for what is to be done to follow after a colon."""
    return f"{model} takes images of {of_images(takes)}, but {data} has {of_images(has)}"


def values_misfit(model: str, takes: int, data: str, has: Shape) -> InputError:
    """The same of a model that takes so many values, in no shape."""
    return InputError(
        f"{model} takes images of {takes:,} values, but {data} has {of_images(has)}, which are "
        f"{math.prod(has):,}: choose data of that many."
    )
