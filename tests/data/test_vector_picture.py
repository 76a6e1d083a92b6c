"""Curves and bars are where their values are."""

import numpy as np
import pytest

from latentlab.data.vector_picture import SIDE, drawn, drawn_over

EDGE = 0.06 * SIDE


def middles(picture: np.ndarray) -> np.ndarray:
    """The mean row of the ink of each column, as a height from 0 to 1; NaN without ink."""
    ink = picture.astype(float)
    with np.errstate(invalid="ignore"):
        rows = (np.arange(SIDE)[:, None] + 0.5) * ink
        return 1 - (rows.sum(axis=0) / ink.sum(axis=0) - EDGE) / (SIDE - 2 * EDGE)


@pytest.mark.parametrize("values", [33, 200, 4096])
def test_a_curve_goes_through_its_values(values: int) -> None:
    t = np.linspace(0, 1, values)
    levels = np.rint(127.5 + 120 * np.sin(5 * t)).astype(np.uint8)
    (picture,) = drawn(levels[None])
    found = middles(picture)
    columns = np.flatnonzero(~np.isnan(found))
    assert len(columns) == pytest.approx(SIDE - 2 * EDGE, abs=2)
    at = (columns - columns[0] + 0.5) / len(columns)
    assert np.abs(found[columns] - np.interp(at, t, levels / 255)).max() < 0.02


def test_a_spike_of_one_value_among_thousands_is_seen() -> None:
    levels = np.full((1, 4096), 10, np.uint8)
    levels[0, 2001] = 255
    (picture,) = drawn(levels)
    assert picture[round(EDGE) + 2].max() == 255


def test_bars_are_as_high_as_their_values() -> None:
    levels = np.array([[0, 51, 128, 255]], np.uint8)
    (picture,) = drawn(levels)
    floor = round(SIDE - EDGE) - 1
    for bar, level in enumerate(levels[0]):
        column = round(EDGE + (SIDE - 2 * EDGE) * (bar + 0.5) / 4)
        height = (picture[:floor, column] / 255.0).sum()
        assert height == pytest.approx((SIDE - 2 * EDGE) * level / 255, abs=1.6)
    # Between them is black, and they stand on a line.
    assert picture[floor - 20, round(EDGE + (SIDE - 2 * EDGE) / 2)] == 0
    assert picture[floor + 1, round(SIDE / 2)] > 0


@pytest.mark.parametrize("values", [6, 100])
def test_one_over_the_other_shows_both(values: int) -> None:
    rng = np.random.default_rng(0)
    x, x_hat = rng.integers(60, 255, (2, values)).astype(np.uint8)
    picture = drawn_over(x, x_hat).astype(int)
    assert picture.shape == (SIDE, SIDE, 3)
    blue = picture[..., 2] - picture[..., 0] > 100
    grey = (picture[..., 0] == picture[..., 2]) & (picture[..., 0] > 100)
    assert blue.sum() > 300
    assert grey.sum() > 300
    assert (drawn(x[None])[0][grey] > 200).all()


def test_of_any_size() -> None:
    levels = np.array([[0, 255, 0], [255, 0, 255]], np.uint8)
    assert drawn(levels, 24).shape == (2, 24, 24)
    assert drawn(np.tile(levels, (1, 20)), 24).shape == (2, 24, 24)
