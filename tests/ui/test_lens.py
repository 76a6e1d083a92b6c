import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from latentlab.ui.lens import LensPanel
from latentlab.ui.lens_geometry import near, ring_arc, round_length
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

ALONE = {
    "neighbours_mu": np.zeros((0, 2)),
    "neighbours_sigma": np.zeros((0, 2)),
    "neighbour_colours": np.zeros(0, int),
}


@pytest.fixture
def lens(qtbot):
    widget = LensPanel()
    qtbot.addWidget(widget)
    widget.resize(280, 160)
    widget.show()
    return widget


def pixels(lens, colour):
    """Where (P, 2) as x, y the widget shows nearly this colour."""
    image = lens.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    array = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
    wanted = np.array(QColor(colour).getRgb()[:3])
    y, x = np.nonzero(np.abs(array - wanted).max(axis=2) < 12)
    return np.stack([x, y], axis=1)


@given(st.floats(1e-9, 1e9))
def test_a_round_length_is_the_largest_that_fits(longest):
    length = round_length(longest)
    assert 0.39 * longest < length <= longest * 1.000001
    mantissa = length / 10 ** math.floor(math.log10(length * 1.000001))
    assert min(abs(mantissa - n) for n in (1, 2, 5)) < 1e-6


@given(
    st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.floats(1e-6, 1e3),
)
def test_an_arc_lies_on_its_circle_and_covers_what_is_in_reach(centre, radius, reach):
    arc = ring_arc(centre, radius, reach)
    distance = math.hypot(*centre)
    assert (arc is None) == (abs(distance - radius) > reach)
    if arc is None:
        return
    away = np.hypot(*(arc + np.array(centre)).T)
    np.testing.assert_allclose(away, radius, rtol=1e-9)
    ends = np.hypot(*arc[[0, -1]].T)
    whole = np.allclose(arc[0], arc[-1], atol=1e-6)
    assert whole or np.all(ends >= reach * (1 - 1e-6))


def test_only_ellipses_that_touch_the_view_are_drawn():
    offsets = np.array([[0.0, 0.0], [3.0, 0.0], [1.4, 0.0], [0.0, 0.0], [np.inf, 0.0]])
    sigma = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [1e5, 1.0], [1.0, 1.0]])
    assert near(offsets, sigma, 1.0, 1.0).tolist() == [True, False, True, False, False]


@pytest.mark.parametrize("size", [1e-6, 0.02, 1.0, 1e3])
def test_any_posterior_fills_the_lens_and_a_circle_is_a_circle(lens, size):
    lens.show_posterior((0.3, -0.4), (size, size), 2, **ALONE)
    seen = pixels(lens, LIGHT.class_colour(2))
    ellipse = seen[(seen[:, 0] < 200) & (seen[:, 0] > 80)]
    width = np.ptp(ellipse[:, 0])
    height = np.ptp(ellipse[:, 1])
    assert width == pytest.approx(height, abs=4)
    assert 50 < width < 110


def test_an_ellipse_has_the_ratio_of_its_sigmas(lens):
    lens.show_posterior((0.0, 0.0), (0.02, 0.01), 2, **ALONE)
    seen = pixels(lens, LIGHT.class_colour(2))
    ellipse = seen[(seen[:, 0] < 200) & (seen[:, 0] > 80)]
    assert np.ptp(ellipse[:, 0]) / np.ptp(ellipse[:, 1]) == pytest.approx(2.0, abs=0.2)


def test_numbers_are_said(lens):
    lens.show_posterior((0.41, -1.2), (0.031, 1e-6), 2, **ALONE)
    assert lens.accessibleDescription() == "μ = (0.410, −1.200), σ = (0.031, 1·10⁻⁶)"
    lens.clear()
    assert "under the mouse" in lens.accessibleDescription()


def test_a_posterior_that_is_not_finite_clears_the_lens(lens):
    empty = lens.grab().toImage()
    lens.show_posterior((0.0, 0.0), (1.0, 1.0), 2, **ALONE)
    assert lens.grab().toImage() != empty
    lens.show_posterior((0.0, math.nan), (1.0, 1.0), 2, **ALONE)
    assert lens.grab().toImage() == empty


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_neighbours_and_rings_appear_where_they_are(lens, theme):
    dress(lens, theme)
    lens.show_posterior((0.5, 0.0), (0.02, 0.02), 2, **ALONE)
    alone = lens.grab().toImage()
    lens.show_posterior(
        (0.5, 0.0),
        (0.02, 0.02),
        2,
        neighbours_mu=[[0.55, 0.0], [5.0, 5.0]],
        neighbours_sigma=[[0.02, 0.02], [0.02, 0.02]],
        neighbour_colours=[1, 3],
    )
    assert lens.grab().toImage() != alone
    # Edges of letters have any grey: a dozen of its pixels are no ring.
    without = len(pixels(lens, theme.prior))
    lens.show_posterior((1.0, 0.0), (0.02, 0.02), 2, **ALONE)
    assert len(pixels(lens, theme.prior)) > without + 30


@pytest.mark.parametrize(
    ("mu", "sigma"),
    [((0.1, 0.05), (1.1, 0.95)), ((1.9, 1.2), (1.5, 0.8)), ((0.0, 0.0), (3.0, 3.0))],
)
def test_names_of_rings_keep_apart(lens, monkeypatch, mu, sigma):
    written = {}
    write = QPainter.drawText

    def noted(painter, *what):
        if isinstance(what[0], QRectF) and what[-1].startswith("prior"):
            written[what[-1]] = QRectF(what[0])
        write(painter, *what)

    monkeypatch.setattr(QPainter, "drawText", noted)
    lens.show_posterior(mu, sigma, 2, **ALONE)
    lens.grab()
    assert "prior 3σ" in written
    boxes = list(written.values())
    for index, box in enumerate(boxes):
        assert lens.rect().contains(box.toAlignedRect())
        assert not any(box.intersects(other) for other in boxes[:index])
