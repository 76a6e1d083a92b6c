"""What films are made of, without a window."""

import io
from collections.abc import Iterator

import av
import numpy as np
import pytest
from PIL import Image

from latentlab.ui.film.encoders import Frame, gif, mp4


def frames(count: int, height: int = 40, width: int = 61) -> list[Frame]:
    """A bar that moves to the right, red on grey."""
    result = np.full((count, height, width, 3), 90, np.uint8)
    for index, frame in enumerate(result):
        frame[10:30, 4 * index : 4 * index + 8] = (220, 30, 40)
    return list(result)


def bars(pictures: list[np.ndarray]) -> list[int]:
    """Where the bar begins in each."""
    return [int(np.argmax(p[20, :, 0].astype(int) - p[20, :, 1] > 60)) for p in pictures]


def test_a_gif_has_all_frames_in_their_colours() -> None:
    shown = frames(9)
    with Image.open(io.BytesIO(gif(iter(shown), 10, np.concatenate(shown)))) as film:
        assert (film.n_frames, film.size, film.info["loop"]) == (9, (61, 40), 0)
        assert film.info["duration"] == 100
        found = []
        for index in range(9):
            film.seek(index)
            found.append(np.asarray(film.convert("RGB")))
    np.testing.assert_array_equal(found, shown)


def test_an_mp4_has_all_frames_even_of_odd_sizes() -> None:
    film = mp4(iter(frames(9, 41, 61)), 15)
    with av.open(io.BytesIO(film)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (60, 40, 15)
        found = [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]
    assert len(found) == 9
    np.testing.assert_allclose(bars(found), bars(frames(9)), atol=1)


def test_a_film_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a frame"):
        mp4(iter(()), 15)
    with pytest.raises(ValueError, match="a frame"):
        gif(iter(()), 15, np.zeros((4, 4, 3), np.uint8))


def test_what_stops_the_frames_stops_the_film() -> None:
    def broken() -> Iterator[Frame]:
        yield frames(1)[0]
        raise InterruptedError

    for make in (lambda f: mp4(f, 15), lambda f: gif(f, 15, frames(1)[0])):
        with pytest.raises(InterruptedError):
            make(broken())
