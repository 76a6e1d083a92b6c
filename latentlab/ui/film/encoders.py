"""Films from frames: GIF with Pillow, MP4 with PyAV where that is installed."""

import importlib.util
import io
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
"""Red, green and blue, (H, W, 3); all frames of a film have one size."""

_COLOURS = 256
# Of H.264: 0 loses nothing, 51 almost everything; 18 is said to look like the original.
_LOSS = "18"


def has_mp4() -> bool:
    """Whether films can be written as MP4: PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def gif(frames: Iterable[Frame], frames_per_second: int, colours: Frame) -> bytes:
    """A GIF that plays for ever.

    frames_per_second: 1 to 50; a GIF counts in hundredths of a second. colours: an image, of any
    size, whose colours the palette is made of; all frames share it, so that colours stand still.
    Raises ValueError where there are no frames.
    """
    from PIL import Image  # noqa: PLC0415

    first, rest = _parted(frames)
    # Every second pixel has the same colours, and takes a sixth of the time.
    some = np.ascontiguousarray(colours[::2, ::2])
    palette = Image.fromarray(some).quantize(_COLOURS, dither=Image.Dither.NONE)

    def reduced(frame: Frame) -> Image.Image:
        return Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)

    buffer = io.BytesIO()
    reduced(first).save(
        buffer,
        "GIF",
        save_all=True,
        append_images=map(reduced, rest),
        duration=10 * round(100 / frames_per_second),
        loop=0,
        # Optimising would give every frame a palette of its own.
        optimize=False,
    )
    return buffer.getvalue()


def mp4(frames: Iterable[Frame], frames_per_second: int) -> bytes:
    """An MP4 of H.264 that every player knows; an odd width or height loses its last pixel.

    Raises ImportError where PyAV is not installed, and ValueError where there are no frames.
    """
    import av  # noqa: PLC0415

    first, rest = _parted(frames)
    height, width = (side - side % 2 for side in first.shape[:2])
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=frames_per_second, options={"crf": _LOSS})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in chain([first], rest):
            picture = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(frame[:height, :width]), format="rgb24"
            )
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return buffer.getvalue()


def _parted(frames: Iterable[Frame]) -> tuple[Frame, Iterator[Frame]]:
    rest = iter(frames)
    first = next(rest, None)
    if first is None:
        raise ValueError("a film needs a frame")
    return first, rest
