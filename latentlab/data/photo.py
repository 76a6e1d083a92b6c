"""A photo of something drawn on paper, brought to light ink on black, with its steps to see."""

from dataclasses import dataclass

import numpy as np

from latentlab.data.drawing import Grey, cropped
from latentlab.errors import InputError

WORKED_SIDE = 560
"""Pixels of a photo's larger side, at most: twice the pad's canvas."""
_BORDER = 0.04  # of the sides: what lies there is taken for paper
_MARGIN = 0.15  # around the ink, of its larger side


@dataclass(frozen=True, eq=False)
class PhotoStep:
    """What was done, in a word or two, and what came out: (H, W) or (H, W, 3) uint8."""

    name: str
    picture: Grey


def photo_steps(grey: Grey, name: str = "this photo") -> tuple[PhotoStep, ...]:
    """From a photo (H, W) to light ink on black, cut out with a margin, in a square.

    Grey; inverted if the paper is light; the background made black by Otsu's threshold (1979, "A
    threshold selection method from gray-level histograms") and what is above it stretched, so that
    edges stay soft; cut out. The last step's picture is what the pad takes. Raises InputError that
    names it where there is nothing on the paper.
    """
    steps = [PhotoStep("grey", grey)]
    band = max(1, round(_BORDER * min(grey.shape)))
    border = np.concatenate(
        [part.ravel() for part in (grey[:band], grey[-band:], grey[:, :band], grey[:, -band:])]
    )
    if np.median(border) > 127:
        grey = 255 - grey
        steps.append(PhotoStep("inverted", grey))
    threshold = otsu(grey)
    ink = grey.astype(np.float64)[grey > threshold]
    if not ink.size:
        raise InputError(f"Nothing stands out in {name}; take a photo of dark ink on light paper.")
    # The paper's own grey is the other class's mean; between the two lie the edges.
    paper, full = float(grey[grey <= threshold].mean()), float(np.median(ink))
    low = (paper + threshold) / 2
    stretched = np.clip((grey - low) / max(full - low, 1.0), 0.0, 1.0)
    clean = np.round(255 * stretched).astype(np.uint8)
    steps.append(PhotoStep("background off", clean))
    steps.append(PhotoStep("cut out", _squared(cropped(clean))))
    return tuple(steps)


def otsu(grey: Grey) -> int:
    """The grey level that parts `grey` into two classes with the most variance between them.

    Those up to it are the darker class. 255 where there is only one level.
    """
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    levels = np.arange(256)
    below, total = np.cumsum(counts), counts.sum()
    above = total - below
    sums = np.cumsum(counts * levels)
    usable = (below > 0) & (above > 0)
    if not usable.any():
        return 255
    between = np.zeros(256)
    b, a, s = below[usable], above[usable], sums[usable]
    between[usable] = b * a * (s / b - (sums[-1] - s) / a) ** 2
    return int(between.argmax())


def _squared(ink: Grey) -> Grey:
    """`ink` (H, W) in the middle of a black square with a margin."""
    tall, wide = ink.shape
    side = round(max(tall, wide) * (1 + 2 * _MARGIN))
    square = np.zeros((side, side), np.uint8)
    top, left = (side - tall) // 2, (side - wide) // 2
    square[top : top + tall, left : left + wide] = ink
    return square
