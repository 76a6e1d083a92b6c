"""Heat maps behind the points: which colour stands where, and what the key says of it."""

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor

from latentlab.app.layer_view import (
    CLEAR,
    HOLE,
    AggregateMap,
    LikelihoodMap,
    NoLayer,
    UncertaintyMap,
)
from latentlab.app.state import Viewport
from latentlab.core.aggregate import aggregate_figures
from latentlab.ui.number_text import fixed
from latentlab.ui.plane import LatentPlane
from latentlab.ui.theme import DARK, LIGHT, Theme, mix
from tests.ui.plane.conftest import pixel

WHOLE = Viewport(-4, 4, -4, 4)
FIGURES = aggregate_figures(np.array([[1, 0], [-1, 0.5]], np.float32), np.full((2, 2), -2.0))


def quarters(a: float, b: float, c: float, d: float) -> np.ndarray:
    """Upper left, upper right, lower left, lower right, each a quarter of WHOLE."""
    return np.kron(np.array([[a, b], [c, d]]), np.ones((20, 20)))


def aggregate(levels: np.ndarray, *, coarse: bool = False) -> AggregateMap:
    zero, end = np.zeros(levels.shape, np.float32), math.log(10)
    shown = levels.astype(np.uint8)
    return AggregateMap(WHOLE, zero, 40, -end, end, shown, levels == HOLE, FIGURES, "train", coarse)


def likelihood(levels: np.ndarray, least: float = -900.0) -> LikelihoodMap:
    values = np.full(levels.shape, least, np.float32)
    return LikelihoodMap(WHOLE, values, 40, -200.0, -100.0, levels.astype(np.uint8), 12)


def tone(plane: LatentPlane, x: float, y: float) -> QColor:
    corner = plane.scene.areas.plane.topLeft()
    return plane.plane_image().pixelColor(pixel(plane, x, y) - corner)


def away(colour: QColor, name: str) -> int:
    other = QColor(name)
    return max(
        abs(colour.red() - other.red()),
        abs(colour.green() - other.green()),
        abs(colour.blue() - other.blue()),
    )


@pytest.fixture
def lonely(plane: LatentPlane) -> LatentPlane:
    """Nothing on it but rings and grid."""
    plane.set_classes([])
    plane.set_points(np.full((1, 2), 500, np.float32), np.zeros((1, 2), np.float32), np.zeros(1))
    for move in (plane.set_z, plane.set_z1, plane.set_z2):
        move(900, 900)
    plane.set_viewport(WHOLE)
    return plane


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_more_less_holes_and_what_is_as_it_should_be(lonely: LatentPlane, theme: Theme) -> None:
    lonely.set_theme(theme)
    places, even = ((-1.7, 0.6), (1.7, 0.6), (-1.7, -0.6)), (0.6, -0.6)
    lonely.set_layer(aggregate(quarters(HOLE - 1, HOLE, 1, 128)))
    more, hole, less = (tone(lonely, *place) for place in places)
    assert away(more, mix(theme.plane, theme.more, 0.85)) < 8
    assert away(hole, mix(theme.plane, theme.warning, 0.8)) < 8
    assert away(less, mix(theme.plane, theme.less, 0.85)) < 8
    assert away(tone(lonely, *even), theme.plane) < 8
    lonely.set_layer(aggregate(np.full((40, 40), CLEAR)))
    assert away(tone(lonely, *even), theme.plane) < 8


def test_a_likelihood_is_darkest_where_it_is_highest(lonely: LatentPlane) -> None:
    lonely.set_layer(likelihood(quarters(HOLE - 1, 80, 1, 170)))
    high, low, lowest, middle = (
        tone(lonely, *at).lightness() for at in ((-1.7, 0.6), (1.7, 0.6), (-1.7, -0.6), (0.6, -0.6))
    )
    assert high < middle < low < lowest
    assert lowest > 240


def words(plane: LatentPlane) -> str:
    key = plane.scene.layer_key()
    assert key is not None
    said = key.words
    return " | ".join((said.title, *said.ticks, said.hole, *said.notes, said.about))


def test_the_key_says_the_figures(lonely: LatentPlane) -> None:
    lonely.set_layer(aggregate(np.full((40, 40), 128)))
    said = words(lonely)
    assert f"KL(q(z)‖p(z)) = {fixed(FIGURES.kl_aggregate)} nats | N = 2 training images" in said
    assert f"holes, q < p/10: {100 * FIGURES.holes:.1f} % of p" in said
    assert f"{fixed(FIGURES.kl_per_dimension[0])} in z₁" in said
    assert "zoom in" not in said
    lonely.set_layer(aggregate(np.full((40, 40), 128), coarse=True))
    assert "zoom in" in words(lonely)
    lonely.set_layer(likelihood(np.ones((40, 40))))
    assert words(lonely).startswith("log p(x|z) of image 12, nats | ≤ −200.0 |  | −100.0 |")
    lonely.set_layer(likelihood(np.ones((40, 40)), least=-200.0))
    assert "| −200.0 |  | −100.0 |" in words(lonely)
    values, levels = np.zeros((2, 2), np.float32), np.ones((2, 2), np.uint8)
    lonely.set_layer(UncertaintyMap(WHOLE, values, 1_234, 0.1, 0.3, levels))
    assert "| 0.100 |  | 0.300 |  | weights of step 1,234 |" in words(lonely)


def test_the_key_is_in_the_corner_in_the_tooltip_and_in_the_file(
    lonely: LatentPlane, tmp_path: Path
) -> None:
    lonely.set_layer(NoLayer("Nothing to see: a reason that is long enough to need a second line."))
    key = lonely.scene.layer_key()
    assert key is not None
    inside = lonely.scene.areas.plane
    lonely.set_note("10,000 training images · step 27,240 · mean σ 0.090")
    for width, lifted in ((800, False), (460, True)):
        lonely.resize(width, 640)
        key, inside = lonely.scene.layer_key(), lonely.scene.areas.plane
        assert key is not None
        assert inside.contains(key.rect.toAlignedRect())
        assert (key.lift > 0) == lifted, "it stands above the note where there is no room beside"
    lonely.resize(800, 640)
    lonely.set_layer(aggregate(np.full((40, 40), 128)))
    lonely.save_svg(tmp_path / "plane.svg")
    written = (tmp_path / "plane.svg").read_text()
    assert "log q(z)/p(z), nats" in written
    assert "<image" in written
    lonely.set_layer(None)
    assert lonely.scene.layer_key() is None


def test_points_are_faint_over_a_heat_map_alone(plane: LatentPlane) -> None:
    plane.set_z(900, 900)
    plain = plane.plane_image()
    plane.set_layer(NoLayer("None."))
    assert not plane.scene.has_heat
    plane.set_layer(aggregate(np.full((40, 40), 128)))
    x, y = map(float, plane.scene.cloud.mu[0])
    corner = plane.scene.areas.plane.topLeft()
    at = pixel(plane, x, y) - corner
    assert plane.plane_image().pixelColor(at).saturation() < plain.pixelColor(at).saturation()
    plane.set_layer(None)
    assert plane.plane_image() == plain
