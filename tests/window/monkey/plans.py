"""How something is done: drawn at random, said in words, and done when called."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QMainWindow, QScrollArea, QWidget

from tests.window.monkey import hands
from tests.window.monkey.hands import LEFT, NONE

Plan = tuple[str, Callable[[], object]]

_BUTTONS = (*[LEFT] * 12, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
_MODIFIERS = (
    *[NONE] * 5,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab),
    *(Qt.Key.Key_Space, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Delete),
    *(Qt.Key.Key_Backspace, Qt.Key.Key_F10, Qt.Key.Key_A, Qt.Key.Key_0, Qt.Key.Key_5),
)
_TEXTS = (
    *("0", "1", "-1.25", "0,75", "−3", "2.5e-1", "64", "4096", "100000", "1e-6", "0.001", "30"),
    *("", " ", "k", "nan", "-inf", "1e999", "1e-320", "0x10", "1..2", "--", "٣", "🐒", "7 7"),
)
_SIZES = ((640, 480), (1024, 700), (1280, 720), (1440, 900), (1920, 1080), (400, 2000), (3000, 500))


def click(widget: QWidget, rng: Random) -> Plan:
    """Anywhere on it; now and then twice, with another button, or with a key held."""
    _bring_into_view(widget)
    at, button, modifiers = _somewhere(widget, rng), rng.choice(_BUTTONS), rng.choice(_MODIFIERS)
    double = rng.random() < 0.15
    act = QTest.mouseDClick if double else QTest.mouseClick
    words = f"{'double ' if double else ''}{button.name} {modifiers.name} at {at.toTuple()}"
    return words, partial(hands.mouse, widget, at, act, button, modifiers)


def click_place(widget: QWidget, place: QRect, _rng: Random) -> Plan:
    """In the middle of one place."""
    return "", partial(hands.mouse, widget, place.center(), QTest.mouseClick, LEFT, NONE)


def drag(widget: QWidget, rng: Random) -> Plan:
    """From somewhere on it, some way about the window."""
    _bring_into_view(widget)
    points = [_somewhere(widget, rng)]
    reach = rng.choice([5, 60, 400])
    for _ in range(rng.randint(1, 8)):
        step = QPoint(rng.randint(-reach, reach), rng.randint(-reach, reach))
        points.append(points[-1] + step)
    button = rng.choice(_BUTTONS)
    words = f"{button.name} {points[0].toTuple()} to {points[-1].toTuple()} in {len(points) - 1}"
    return words, partial(hands.drag, widget, button, points)


def turn_wheel(widget: QWidget, rng: Random) -> Plan:
    """A little or a lot."""
    at = _somewhere(widget, rng)
    delta = QPoint(rng.choice([0, 0, 0, 40]), rng.choice([-1200, -120, -15, 15, 120, 1200]))
    modifiers = rng.choice(_MODIFIERS)

    def turn(handle: object, there: QPoint) -> None:
        QTest.wheelEvent(handle, QPointF(there), delta, QPoint(), modifiers)

    return f"{delta.toTuple()} {modifiers.name}", partial(hands.mouse, widget, at, turn)


def hover(widget: QWidget, rng: Random) -> Plan:
    """Move there."""
    at = _somewhere(widget, rng)
    return f"at {at.toTuple()}", partial(hands.mouse, widget, at, QTest.mouseMove)


def write(line: QLineEdit, rng: Random) -> Plan:
    """A number, or what is none."""
    text = rng.choice(_TEXTS)
    end = rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape])
    return f"{text!r} {end.name}", partial(hands.write, line, text, end)


def choose(box: QComboBox, rng: Random) -> Plan:
    """One of its entries."""
    index = rng.randrange(box.count())
    return repr(box.itemText(index)), partial(hands.choose, box, index)


def press(widget: QWidget, rng: Random) -> Plan:
    """A key, with or without another held, once or repeating."""
    key, modifiers = rng.choice(_KEYS), rng.choice(_MODIFIERS)
    if widget.isWindow() and not isinstance(widget, QMainWindow):
        # QTest sends the modifier's release to a dialog that the key itself has closed.
        modifiers = NONE
    presses = rng.choice([1, 1, 1, 2, 5])
    words = f"{modifiers.name} {key.name} × {presses}"
    return words, partial(hands.key, widget, key, modifiers, presses)


def escape(widget: QWidget, _rng: Random) -> Plan:
    """Away with it."""
    return "escape", partial(hands.key, widget, Qt.Key.Key_Escape, NONE)


def command(window: QWidget, action: QAction, rng: Random) -> Plan:
    """By one of its shortcuts, if it has any."""
    if not action.shortcuts():
        return "chosen", action.trigger
    keys: QKeySequence = rng.choice(action.shortcuts())
    how = partial(hands.key, window, keys[0].key(), keys[0].keyboardModifiers())
    return keys.toString(), how


def reshape(window: QWidget, rng: Random) -> Plan:
    """Another size."""
    how = rng.choice(["size", "size", "size", "maximise", "minimise", "normal"])
    if how == "size":
        width, height = rng.choice(_SIZES)
        return f"to {width} × {height}", partial(window.resize, width, height)
    if how == "minimise":
        return how, lambda: (window.showMinimized(), window.showNormal())
    return how, window.showMaximized if how == "maximise" else window.showNormal


def answer(dialog: QFileDialog, folder: Path, names: list[str], rng: Random) -> Plan:
    """With one of these files of `folder`, or with none."""
    name, accept = rng.choice(names), rng.random() < 0.7
    words = name if accept else f"not {name}"
    return words, partial(hands.answer, dialog, str(folder / name), accept)


def drop(window: QWidget, path: Path, _rng: Random) -> Plan:
    """A file from elsewhere."""
    return "", partial(hands.drop, window, path)


def wait(_window: QWidget, rng: Random) -> Plan:
    """Let it train for a moment."""
    milliseconds = rng.choice([20, 100, 400])
    return f"{milliseconds} ms", partial(QTest.qWait, milliseconds)


def _somewhere(widget: QWidget, rng: Random) -> QPoint:
    seen = widget.visibleRegion().boundingRect()
    room = widget.rect() if seen.isEmpty() else seen
    return QPoint(
        rng.randint(room.left(), max(room.left(), room.right())),
        rng.randint(room.top(), max(room.top(), room.bottom())),
    )


def _bring_into_view(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
