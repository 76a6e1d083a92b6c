"""Ellipses, also such as are tilted: those of a Gaussian whose two coordinates are correlated."""

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPainterPath, QTransform

_CIRCLE = QPainterPath()
_CIRCLE.addEllipse(QPointF(0, 0), 1, 1)


def correlated(at: QPointF, wide: float, high: float, correlation: float) -> QPainterPath:
    """The 1σ ellipse of σ = (wide, high) pixels around `at`, for a correlation within ±1.

    By the covariance's Cholesky factor, which takes the unit circle to it; y points up.
    """
    rest = math.sqrt(max(1 - correlation * correlation, 0.0))
    to = QTransform(wide, -correlation * high, 0.0, rest * high, at.x(), at.y())
    return to.map(_CIRCLE)


def turned(at: QPointF, long: float, short: float, angle: float) -> QPainterPath:
    """The ellipse with these half-axes in pixels, the first at `angle` radians from the x-axis,
    anticlockwise.
    """
    cos, sin = math.cos(angle), math.sin(angle)
    to = QTransform(long * cos, -long * sin, short * sin, short * cos, at.x(), at.y())
    return to.map(_CIRCLE)


def draw_ellipse(
    painter: QPainter, at: QPointF, wide: float, high: float, correlation: float = 0.0
) -> None:
    """Outline it with the painter's pen and fill it with its brush."""
    if correlation:
        painter.drawPath(correlated(at, wide, high, correlation))
    else:
        painter.drawEllipse(at, wide, high)
