"""What there is to do, found by looking: a new control is played with as soon as it is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)

from latentlab.ui.main_window import MainWindow
from tests.window.monkey import plans
from tests.window.monkey.ground import Ground
from tests.window.monkey.plans import Plan
from tests.window.reach import controls, name_of


@dataclass(frozen=True)
class Act:
    """Something to do, under a name that lasts as long as its place does."""

    where: str
    plan: Callable[[Random], Plan]
    weight: float = 1.0


Acts = Iterator[Act]

# How often each kind of act is chosen, where there is anything to do it to.
WEIGHTS = {
    "click": 8.0,
    "command": 5.0,
    "drag": 4.0,
    "write": 3.0,
    "press": 3.0,
    "wheel": 2.0,
    "choose": 1.0,
    "hover": 1.0,
    "wait": 1.0,
    "reshape": 0.7,
    "drop": 0.5,
}
_TOUCHES = {
    "click": plans.click,
    "drag": plans.drag,
    "wheel": plans.turn_wheel,
    "hover": plans.hover,
}
_WITHOUT_PLACE = {"press": plans.press, "reshape": plans.reshape, "wait": plans.wait}


def acts_on(window: MainWindow, kind: str, ground: Ground) -> Acts:
    """All acts of a kind on the window as it is now."""
    if kind in _TOUCHES:
        yield from _touches(window, kind)
    elif kind == "command":
        yield from _commands(window)
    elif kind == "drop":
        for name in ground.files:
            yield Act(name, partial(plans.drop, window, ground.folder / name))
    elif kind in _WITHOUT_PLACE:
        yield Act("window", partial(_WITHOUT_PLACE[kind], window))
    for name, widget in _parts(window):
        if kind == "write" and isinstance(widget, QLineEdit):
            yield Act(name, partial(plans.write, widget))
        elif kind == "choose" and isinstance(widget, QComboBox) and widget.count():
            yield Act(name, partial(plans.choose, widget))


def answers_to(over: QWidget, ground: Ground) -> Acts:
    """All that can be done with a dialog or a popup."""
    name = name_of(over)
    if isinstance(over, QFileDialog):
        saves = over.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        names = ground.targets if saves else ground.files
        yield Act(name, partial(plans.answer, over, ground.folder, names))
        return
    if isinstance(over, QMessageBox):
        for button in over.buttons():
            yield Act(f"{name} {button.text()}", partial(plans.click, button))
    if isinstance(over, QMenu):
        for action in over.actions():
            if action.isEnabled() and action.isVisible() and not action.isSeparator():
                place = over.actionGeometry(action)
                what = action.objectName() or action.text()
                yield Act(f"{name} {what}", partial(plans.click_place, over, place))
    for view in over.findChildren(QAbstractItemView):
        yield Act(f"{name} list", partial(plans.click, view.viewport()), 4.0)
    yield Act(f"{name} key", partial(plans.press, over), 0.5)
    yield Act(name, partial(plans.escape, over), 0.5)


def _touches(window: MainWindow, kind: str) -> Acts:
    ours = set(controls(window))
    for name, widget in _parts(window):
        # What only shows something is touched less often than what is there to be touched.
        weight = 25.0 if widget is window.plane else 1.0 if widget in ours else 0.1
        yield Act(name, partial(_TOUCHES[kind], widget), weight)


def _commands(window: MainWindow) -> Acts:
    for action in window.findChildren(QAction):
        if action.isEnabled() and action.objectName() and action.menu() is None:
            # Too many ends would leave too little in between.
            weight = 0.3 if action.objectName() == "quitAction" else 1.0
            yield Act(action.objectName(), partial(plans.command, window, action), weight)


def _parts(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """What is shown and enabled, each with its name and, where several share it, a number."""
    seen: dict[str, int] = {}
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.isEnabled() and widget.window() is window:
            name = name_of(widget)
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name} {seen[name]}"), widget
