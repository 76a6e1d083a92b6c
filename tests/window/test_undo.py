"""Ctrl+Z and Ctrl+Shift+Z bring back what the user did, with real keys."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication

from tests.window.lab import CTRL, NONE, SHIFT, Lab


def undo(lab: Lab) -> None:
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Z, CTRL)


def redo(lab: Lab) -> None:
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Z, CTRL | SHIFT)


def there_and_back(lab: Lab, read: Callable[[], object], act: Callable[[], None]) -> None:
    """`act`, one undo, one redo: what `read` sees is the same as before each time."""
    before = read()
    act()
    after = read()
    assert after != before
    undo(lab)
    assert read() == before
    redo(lab)
    assert read() == after


def test_handles_are_brought_back(lab: Lab) -> None:
    start = lab.state
    handles = lab.plane.scene.handles

    def read(name: str) -> Callable[[], object]:
        return lambda: (getattr(lab.state, name), getattr(handles, name))

    there_and_back(lab, read("z"), lambda: lab.drag((0.5, 0.7), (1.0, -2.0)))
    there_and_back(lab, read("z1"), lambda: lab.drag(lab.state.z1, (-1.0, -2.0)))
    there_and_back(lab, read("z2"), lambda: lab.drag(lab.state.z2, (2.0, 2.0)))
    assert lab.state.z1 == pytest.approx((-1.0, -2.0), abs=0.05)
    assert lab.state.z2 == pytest.approx((2.0, 2.0), abs=0.05)
    there_and_back(lab, lambda: (lab.state.z1, lab.state.z2), lambda: lab.click("stripSwap"))
    assert np.array_equal(lab.decoded(), lab.expected())
    # What is undone is everything, one step after another.
    for _ in range(4):
        undo(lab)
    assert lab.state == start
    assert np.array_equal(lab.decoded(), lab.expected())


def test_weights_are_brought_back_everywhere(lab: Lab) -> None:
    switch = lab.child("klToggle", QAbstractButton)

    def read() -> object:
        return (lab.state.weights, switch.isChecked(), lab.text("objectiveText"))

    there_and_back(lab, read, lambda: lab.click("klToggle"))
    lab.wait(lambda: not lab.snapshot.weights.kl_on)
    undo(lab)
    lab.wait(lambda: lab.snapshot.weights.kl_on)
    there_and_back(lab, read, lambda: lab.type("betaValue", "2.5"))
    lab.wait(lambda: lab.snapshot.weights.beta == 2.5)
    undo(lab)
    lab.wait(lambda: lab.snapshot.weights.beta == 1.0)


def test_the_selection_is_brought_back(lab: Lab) -> None:
    def select() -> None:
        # The point nearest to z, which stays where it is.
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_Return)

    def read() -> object:
        return (lab.state.selected, lab.plane.scene.selected, lab.text("selectionTitle"))

    there_and_back(lab, read, select)
    there_and_back(lab, lambda: lab.state.selected, lambda: lab.key(Qt.Key.Key_Escape, SHIFT))


def test_the_view_is_brought_back(lab: Lab) -> None:
    def read() -> object:
        view = lab.plane.viewport()
        return tuple(round(v, 6) for v in (view.x_min, view.x_max, view.y_min, view.y_max))

    def zoom() -> None:
        lab.plane.setFocus()
        lab.key("+")

    def wheel() -> None:
        at = QPointF(lab.pixel(1.0, 1.0))
        place = QPointF(lab.plane.mapToGlobal(at.toPoint()))
        for _ in range(3):
            turn = QWheelEvent(
                at,
                place,
                QPoint(),
                QPoint(0, 120),
                Qt.MouseButton.NoButton,
                NONE,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(lab.plane, turn)

    overview = read()
    there_and_back(lab, read, zoom)
    there_and_back(lab, read, wheel)
    lab.key(Qt.Key.Key_Home)
    assert read() == pytest.approx(overview, abs=1e-3)
    undo(lab)
    assert read() != pytest.approx(overview, abs=1e-3)
