"""Strips and animations as files that other programs open."""

import io

import numpy as np
from PIL import Image

from latentlab.app.point_view import Picture

_GIF_SIDE = 280


def _checked(frames: Picture) -> Picture:
    grey = frames.ndim == 3
    colour = frames.ndim == 4 and frames.shape[3] == 3
    if frames.dtype != np.uint8 or not (grey or colour) or frames.size == 0:
        raise ValueError(f"not uint8 frames (T, H, W) or (T, H, W, 3): {frames.shape}")
    return frames


def _enlarged(frames: Picture, scale: int) -> Picture:
    if scale < 1:
        raise ValueError(f"scale must be at least 1, not {scale}")
    return frames.repeat(scale, axis=1).repeat(scale, axis=2)


def strip_png(frames: Picture, scale: int = 4) -> bytes:
    """A PNG of the frames side by side, each pixel `scale` pixels wide.

    frames: uint8 (T, H, W) or (T, H, W, 3). Raises ValueError for anything else.
    """
    row = np.concatenate(list(_enlarged(_checked(frames), scale)), axis=1)
    buffer = io.BytesIO()
    Image.fromarray(row).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def gif(
    frames: Picture,
    frames_per_second: int = 25,
    scale: int | None = None,
    there_and_back: bool = True,
) -> bytes:
    """A GIF that plays the frames for ever; there and back, without showing an end twice.

    frames: uint8 (T, H, W) or (T, H, W, 3). frames_per_second: 1 to 50; a GIF counts in hundredths
    of a second, to which the time of a frame is rounded. scale: each pixel is that many pixels
    wide; None for about 280 pixels altogether, and never smaller than it is. All frames share one
    palette, so colours stand still. Raises ValueError for other arguments.
    """
    if not 1 <= frames_per_second <= 50:
        raise ValueError(f"frames_per_second must be from 1 to 50, not {frames_per_second}")
    _checked(frames)
    if there_and_back:
        frames = np.concatenate([frames, frames[-2:0:-1]])
    if scale is None:
        scale = max(1, _GIF_SIDE // max(frames.shape[1:3]))
    images = _palette_images(frames, scale)
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=10 * round(100 / frames_per_second),
        loop=0,
        # Optimising would give every frame a palette of its own.
        optimize=False,
    )
    return buffer.getvalue()


def _palette_images(frames: Picture, scale: int) -> list[Image.Image]:
    enlarged = _enlarged(frames, scale)
    if frames.ndim == 3:
        return [Image.fromarray(frame) for frame in enlarged]
    together = Image.fromarray(np.concatenate(list(frames), axis=1))
    palette = together.quantize(256, dither=Image.Dither.NONE)
    return [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in enlarged
    ]
