"""Points in a polygon, against Qt's painter paths and a ray in plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF

from latentlab.core.polygon import inside

_place = st.floats(-10, 10, allow_subnormal=False)


def crossed(x: float, y: float, corners: list[tuple[float, float]]) -> bool:
    """The textbook's crossing number."""
    odd = False
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y0 <= y) != (y1 <= y) and x < x0 + (y - y0) * ((x1 - x0) / (y1 - y0)):
            odd = not odd
    return odd


@given(
    points=arrays.arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=_place),
    corners=st.lists(st.tuples(_place, _place), min_size=3, max_size=12),
)
def test_it_is_the_crossing_number(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    corners: list[tuple[float, float]],
) -> None:
    found = inside(points, np.array(corners))
    assert found.tolist() == [crossed(x, y, corners) for x, y in points.tolist()]


def test_whole_numbers_where_corners_and_points_share_heights() -> None:
    grid = np.array([(x, y) for x in range(-4, 5) for y in range(-4, 5)], np.float64)
    corners = [(-3, -3), (3, -3), (3, 0), (0, 0), (0, 3), (-3, 3)]
    found = inside(grid, np.array(corners, np.float64))
    assert found.tolist() == [crossed(x, y, corners) for x, y in grid.tolist()]
    # Each cell's lower left corner is in it, and in no other.
    assert found.sum() == 27


def test_a_drawn_outline_that_crosses_itself_is_as_qt_fills_it() -> None:
    rng = np.random.default_rng(4)
    turn = np.linspace(0, 4 * np.pi, 400, endpoint=False)
    outline = (0.7 + 0.4 * np.cos(1.5 * turn)) * np.stack([np.cos(turn), np.sin(turn)])
    outline = outline.T + 0.02 * rng.standard_normal((400, 2))
    points = rng.uniform(-1.2, 1.2, (2_000, 2)).astype(np.float32)
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline.tolist()]))
    path.closeSubpath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    expected = [path.contains(QPointF(x, y)) for x, y in points.tolist()]
    assert 200 < sum(expected) < 1_800
    assert inside(points, outline).tolist() == expected


@pytest.mark.parametrize("corners", [0, 1, 2])
def test_what_has_no_area_holds_nothing(corners: int) -> None:
    assert not inside(np.zeros((3, 2)), np.zeros((corners, 2))).any()


def test_points_that_are_nowhere_are_outside() -> None:
    points = np.array([(np.nan, np.nan), (np.inf, 0.0), (0.0, 0.0)])
    square = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    assert inside(points, square).tolist() == [False, False, True]
