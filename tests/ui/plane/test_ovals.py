"""Tilted ellipses: their shape, and that they are drawn where the plane is tilted."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QPainterPath
from pytestqt.qtbot import QtBot

from latentlab.app.state import Viewport
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.ovals import correlated, draw_ellipse, turned

AT = QPointF(30, -20)
_sizes = st.floats(0.5, 200)


def outline(path: QPainterPath, count: int = 200) -> npt.NDArray[np.float64]:
    """Points on it, from its middle, y upwards."""
    points = [path.pointAtPercent(n / count) - AT for n in range(count)]
    return np.array([(point.x(), -point.y()) for point in points])


@given(wide=_sizes, high=_sizes, rho=st.floats(-0.99, 0.99))
def test_a_correlated_ellipse_is_where_the_distance_is_1(
    wide: float, high: float, rho: float
) -> None:
    mixed = rho * wide * high
    inverse = np.linalg.inv([[wide**2, mixed], [mixed, high**2]])
    points = outline(correlated(AT, wide, high, rho))
    distance = np.einsum("ni,ij,nj->n", points, inverse, points)
    # Qt's ellipses are of Bézier curves, right to 3 in 10,000.
    np.testing.assert_allclose(distance, 1, atol=2e-3)


@given(long=_sizes, short=_sizes, angle=st.floats(-math.pi, math.pi))
def test_a_turned_ellipse_has_its_first_axis_at_the_angle(
    long: float, short: float, angle: float
) -> None:
    back = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    points = outline(turned(AT, long, short, angle)) @ back.T / (long, short)
    np.testing.assert_allclose(np.hypot(*points.T), 1, atol=1e-3)


def test_without_a_correlation_it_is_qt_s_own() -> None:
    pictures = []
    for own in (False, True):
        image = QImage(80, 60, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        with QPainter(image) as painter:
            if own:
                painter.drawEllipse(QPointF(40, 30), 20, 9)
            else:
                draw_ellipse(painter, QPointF(40, 30), 20, 9)
        pictures.append(image)
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_plane_draws_ellipses_along_their_correlation(qtbot: QtBot, sign: int) -> None:
    plane = LatentPlane(bare=True)
    qtbot.addWidget(plane)
    plane.resize(300, 300)
    zeros = np.zeros((1, 2), np.float32)
    label = np.array([3])
    plane.set_points(zeros, zeros, label, correlation=np.array([0.95 * sign], np.float32))
    plane.set_viewport(Viewport(-1.5, 1.5, -1.5, 1.5))
    with_ellipse = pixels(plane)
    plane.set_points(zeros, zeros - 30, label)
    drawn = (with_ellipse != pixels(plane)).any(axis=2)
    rows, columns = np.nonzero(drawn)
    camera = plane.scene.camera
    up, across = camera.y_to_pixel(0.0) - rows, columns - camera.x_to_pixel(0.0)
    assert sign * np.corrcoef(across, up)[0, 1] > 0.8
    # As far along each axis as its σ, which is 1.
    assert np.abs(across).max() / camera.scale == pytest.approx(1, abs=0.03)
    assert np.abs(up).max() / camera.scale == pytest.approx(1, abs=0.03)


def test_correlations_must_fit_the_points(qtbot: QtBot) -> None:
    plane = LatentPlane(bare=True)
    qtbot.addWidget(plane)
    zeros, one = np.zeros((2, 2), np.float32), np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="correlations"):
        plane.set_points(zeros, zeros, np.zeros(2, np.int64), correlation=one)


def pixels(plane: LatentPlane) -> npt.NDArray[np.uint8]:
    image = plane.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    lines = np.frombuffer(image.constBits(), np.uint8)
    return lines.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()].copy()
