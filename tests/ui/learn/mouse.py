"""What a mouse does on figures and planes."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    """With the left button, in a few steps."""
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(widget, left, pos=start)
    for part in (0.3, 0.7, 1.0):
        at = QPointF(start) + (QPointF(end) - QPointF(start)) * part
        QTest.mouseMove(widget, at.toPoint())
    QTest.mouseRelease(widget, left, pos=end)


def at_latent(plane, x: float, y: float) -> QPoint:
    """The pixel of a plane that is at (x, y)."""
    camera = plane.scene.camera
    return QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y)).toPoint()
