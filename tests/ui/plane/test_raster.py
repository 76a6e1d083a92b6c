import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.ui.plane.raster import OUTLINE, disc_table, rasterise

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)
COLOURS = np.array([RED, BLUE], np.uint8)


def draw(
    x: list[float],
    y: list[float],
    kind: list[int] | None = None,
    *,
    radius: float = 3.0,
    width: int = 40,
    height: int = 30,
) -> npt.NDArray[np.int64]:
    """(height, width, 4): alpha, red, green, blue."""
    table = disc_table(COLOURS, (255, 255, 255), radius)
    picture = rasterise(
        np.array(x, np.float64),
        np.array(y, np.float64),
        np.array(kind or [0] * len(x)),
        table,
        radius=radius,
        width=width,
        height=height,
    )
    assert picture.shape == (height, width)
    return np.stack([picture >> shift & 255 for shift in (24, 16, 8, 0)], axis=2).astype(np.int64)


@given(st.floats(8, 32), st.floats(8, 22), st.floats(1.2, 4.5))
def test_a_lone_disc_has_its_weight_where_the_point_is(x: float, y: float, radius: float) -> None:
    alpha = draw([x], [y], radius=radius)[..., 0]
    rows, columns = np.indices(alpha.shape)
    total = alpha.sum()
    assert np.sum(alpha * (columns + 0.5)) / total == pytest.approx(x, abs=0.2)
    assert np.sum(alpha * (rows + 0.5)) / total == pytest.approx(y, abs=0.2)


@given(st.floats(8, 32), st.floats(8, 22), st.floats(1.2, 4.5))
def test_a_lone_disc_is_as_large_and_as_round_as_it_says(x: float, y: float, radius: float) -> None:
    picture = draw([x], [y], radius=radius)
    rows, columns = np.indices(picture.shape[:2])
    distance = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
    inside, outside = distance < radius - 0.55, distance > radius + OUTLINE + 0.55
    assert (picture[inside] == [255, 255, 0, 0]).all()
    assert (picture[outside] == 0).all()
    assert (picture[..., 0] >= picture[..., 1:].max(axis=2)).all(), "not premultiplied"


@given(
    st.lists(st.tuples(st.floats(-5, 45), st.floats(-5, 35)), min_size=1, max_size=25),
    st.floats(1.2, 4.0),
)
def test_every_pixel_belongs_to_the_last_point_that_reaches_it(
    points: list[tuple[float, float]], radius: float
) -> None:
    x, y = (list(part) for part in zip(*points, strict=True))
    kinds = [index % 2 for index in range(len(points))]
    picture = draw(x, y, kinds, radius=radius)
    rows, columns = np.indices(picture.shape[:2])
    reach = radius + OUTLINE + 0.5
    expected = np.full(picture.shape[:2], -1)
    for index, (px, py) in enumerate(points):
        away = np.hypot(columns - np.floor(px), rows - np.floor(py))
        expected[away <= reach] = index
    for index, (px, py) in enumerate(points):
        core = np.hypot(columns + 0.5 - px, rows + 0.5 - py) < radius - 0.55
        own = picture[core & (expected == index)]
        assert (own == [255, 255, 0, 0] if kinds[index] == 0 else own == [255, 0, 0, 255]).all()
    assert (picture[expected < 0] == 0).all()


def test_a_disc_on_the_edge_is_the_part_of_a_whole_one() -> None:
    whole = draw([20.25], [15.625])
    cut = draw([0.25], [15.625])
    assert (cut[:, :20] == whole[:, 20:]).all()
    corner = draw([39.875], [29.875])
    shifted = draw([19.875], [14.875])
    assert (corner[15:, 20:] == shifted[:15, :20]).all()


def test_points_outside_and_points_that_are_not_finite_are_dropped() -> None:
    away = [np.nan, np.inf, -np.inf, 1e300, -1e300, 60.0, -20.0]
    assert not draw(away, [15.0] * len(away)).any()
    assert not draw([20.0] * len(away), away).any()
    assert not draw([], []).any()
    beside = draw([*away, 20.0], [15.0] * len(away) + [15.0])
    assert (beside == draw([20.0], [15.0])).all()


def test_under_one_pixel_a_point_is_one_pixel() -> None:
    picture = draw([3.9, 20.0, 39.99, 40.0], [2.1, 15.0, 29.99, 3.0], [0, 1, 0, 0], radius=0.5)
    assert sorted(zip(*np.nonzero(picture[..., 0]), strict=True)) == [(2, 3), (15, 20), (29, 39)]
    assert picture[2, 3].tolist() == [255, 255, 0, 0]
    assert picture[15, 20].tolist() == [255, 0, 0, 255]


def test_more_points_than_sixteen_bits_count_keep_their_order() -> None:
    x, y = [20.0] * 70_000 + [20.4], [15.0] * 70_001
    picture = draw(x, y, [0] * 70_000 + [1])
    assert picture[15, 20].tolist() == [255, 0, 0, 255]


def test_a_faded_colour_lets_the_ground_through() -> None:
    table = disc_table(np.array([(255, 0, 0, 51)], np.uint8), (255, 255, 255), 3.0)
    assert int(table[0, 0]) == 51 << 24 | 51 << 16
    assert int(table[0, -1]) == 0
