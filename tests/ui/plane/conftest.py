"""A plane with a small cloud, shown, and a record of all it says."""

from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from pytestqt.qtbot import QtBot

from latentlab.app.state import Viewport
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.areas import Style, style
from latentlab.ui.plane.camera import Camera, fitted
from latentlab.ui.theme import LIGHT

INTENTS = (
    "zMoved",
    "z1Moved",
    "z2Moved",
    "pointHovered",
    "pointSelected",
    "viewportChanged",
    "classIsolated",
    "pointsChosen",
    "classChosen",
    "lassoSwitched",
)


@dataclass
class Heard:
    """What the plane emitted: (name, arguments)."""

    said: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)

    def listen(self, plane: LatentPlane) -> None:
        for name in INTENTS:
            getattr(plane, name).connect(
                lambda *values, name=name: self.said.append((name, values))
            )

    def of(self, name: str) -> list[tuple[object, ...]]:
        return [values for said, values in self.said if said == name]


@pytest.fixture
def plane(qtbot: QtBot) -> Generator[LatentPlane]:
    """800 × 640; three classes around (−2, 2), (2, 2) and (0, −2); z1 and z2 as they come."""
    widget = LatentPlane()
    qtbot.addWidget(widget)
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    centres = np.array([(-2.0, 2.0), (2.0, 2.0), (0.0, -2.0)])
    mu = centres[labels] + 0.2 * rng.standard_normal((300, 2))
    widget.set_classes(["cat", "dog", "owl"])
    widget.set_points(mu.astype(np.float32), np.full((300, 2), -6.0, np.float32), labels)
    widget.resize(800, 640)
    widget.show()
    qtbot.waitExposed(widget)
    widget.setFocus()
    yield widget
    # A wheel's rest timer would outlive the test.
    widget._interaction._rest.stop()


@pytest.fixture
def heard(plane: LatentPlane) -> Heard:
    result = Heard()
    result.listen(plane)
    return result


def pixel(plane: LatentPlane, x: float, y: float) -> QPoint:
    """The widget's pixel at latent (x, y)."""
    camera = plane.scene.camera
    return QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y)).toPoint()


def latent(plane: LatentPlane, at: QPoint) -> tuple[float, float]:
    return plane.scene.camera.to_latent(at.x(), at.y())


@pytest.fixture
def look(plane: LatentPlane) -> tuple[Camera, Style]:
    """What a plane of 700 × 500 pixels is seen by, and how it is drawn."""
    camera = Camera(fitted(Viewport(), 700, 500), 40, 30, 700, 500)
    return camera, style(LIGHT, 1.0, plane.font())
