"""Mouse and keyboard as the platform sends them, so that grabs, popups and dialogs count."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit, QWidget
from shiboken6 import getCppPointer

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def top() -> QWidget | None:
    """What has mouse and keyboard for itself: a popup or a modal dialog."""
    return QApplication.activePopupWidget() or QApplication.activeModalWidget()


class _Aim:
    """Sends events to the platform's window that `widget` is in, as long as it is there."""

    def __init__(self, widget: QWidget) -> None:
        self._origin = widget.mapTo(widget.window(), QPoint())
        handle = widget.window().windowHandle()
        self._address = getCppPointer(handle)[0] if handle is not None else 0

    def send(self, act: Callable[..., None], *arguments: object, at: QPoint | None = None) -> None:
        """`at`: where on the widget; moved to the edge where that is beyond the window."""
        # What was sent before may have closed it. Python would not always know that it is gone.
        for handle in QApplication.topLevelWindows():
            if getCppPointer(handle)[0] == self._address:
                place = () if at is None else (_within(handle.size(), self._origin + at),)
                act(handle, *arguments, *place)
                return


def _within(size: QSize, at: QPoint) -> QPoint:
    return QPoint(min(max(at.x(), 0), size.width() - 1), min(max(at.y(), 0), size.height() - 1))


def mouse(widget: QWidget, at: QPoint, act: Callable[..., None], *arguments: object) -> None:
    """Move to a point of `widget`, then do one of QTest's acts there."""
    aim = _Aim(widget)
    aim.send(QTest.mouseMove, at=at)
    aim.send(act, *arguments, at=at)


def drag(widget: QWidget, button: Qt.MouseButton, points: list[QPoint]) -> None:
    """Press at the first of `points`, move over all, release at the last."""
    aim = _Aim(widget)
    aim.send(QTest.mousePress, button, NONE, at=points[0])
    for point in points[1:]:
        aim.send(QTest.mouseMove, at=point)
    aim.send(QTest.mouseRelease, button, NONE, at=points[-1])


def key(widget: QWidget, which: Qt.Key, modifiers: Qt.KeyboardModifier, presses: int = 1) -> None:
    """Press a key, as often as a held key repeats itself, and let it go."""
    if top() is None:
        # Offscreen, nothing gives a window the keyboard back when a dialog over it is closed.
        widget.activateWindow()
    aim = _Aim(widget)
    for _ in range(presses):
        aim.send(QTest.keyPress, which, modifiers)
    aim.send(QTest.keyRelease, which, modifiers)


def write(line: QLineEdit, text: str, end: Qt.Key) -> None:
    """Write `text` in place of what is in `line`, and press a key."""
    line.activateWindow()
    line.setFocus()
    line.selectAll()
    if text.isascii():
        QTest.keyClicks(line, text)
    else:
        composed = QInputMethodEvent()
        composed.setCommitString(text)
        QApplication.sendEvent(line, composed)
    QTest.keyClick(line, end)


def answer(dialog: QFileDialog, text: str, accept: bool) -> None:
    """Give a file's name, or none."""
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    if line is not None:
        # Its list of completions would take the keyboard, which offscreen cannot be taken.
        line.setCompleter(None)
        line.setText(text)
    key(dialog, Qt.Key.Key_Return if accept else Qt.Key.Key_Escape, NONE)


def drop(window: QWidget, path: Path) -> None:
    """Drag a file over the window and let it go there."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, at = Qt.DropAction.CopyAction, window.rect().center()
    QApplication.sendEvent(window, QDragEnterEvent(at, copy, mime, LEFT, NONE))
    QApplication.sendEvent(
        window, QDropEvent(QPointF(at), copy, mime, LEFT, NONE, QEvent.Type.Drop)
    )


def choose(box: QComboBox, index: int) -> None:
    """Go to an entry of a list with the keyboard."""
    box.setFocus()
    for _ in range(abs(index - box.currentIndex())):
        down = index > box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)
