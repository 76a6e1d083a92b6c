"""The running app, and the hands and eyes that a test has on it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from latentlab.app.pictures import decoded
from latentlab.app.profile import Profile
from latentlab.app.state import AppState
from latentlab.app.viewer import Viewer
from latentlab.core.checkpoint import load_checkpoint
from latentlab.paths import find_model
from latentlab.training.messages import Snapshot
from latentlab.ui.error_dialog import ErrorDialog
from latentlab.ui.images import ImageView
from latentlab.ui.shell import Shell, WindowOptions

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LONG = 30_000

# Of the model that the app opens on.
LIVE_STEPS = int(load_checkpoint(find_model("mnist-2d-live")).training["steps"])

W = TypeVar("W", bound=QWidget)


class Lab:
    """A started Shell. `snapshot` is the newest of the run that is shown."""

    def __init__(self, qtbot: QtBot, folder: Path, options: WindowOptions) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.app = app
        self.qtbot = qtbot
        self.profile = Profile(folder)
        self.shell = Shell(app, self.profile, options)
        self.window = self.shell.window
        self.plane = self.window.plane
        self.expects_errors = False
        self._snapshot: Snapshot | None = None
        self.shell.controller.snapshot.connect(self._keep)

    # --- start and end ---------------------------------------------------------------------------

    def start(self, *, settle: bool = True) -> None:
        if settle:
            with self.qtbot.waitSignal(self.shell.settled, timeout=LONG):
                self.shell.start()
        else:
            self.shell.start()
        self.qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)
        self.plane.setFocus()
        self.park_pointer()

    def park_pointer(self) -> None:
        """Put the pointer where it shows nothing: another test may have left it over a class."""
        QTest.mouseMove(self.window, self.window.rect().bottomLeft() + QPoint(3, -3))
        for widget in (self.plane, *self.plane.findChildren(QAbstractButton)):
            # A pointer that was there before the window was leaves without a word.
            QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))

    def end(self) -> None:
        """Close it if it is open, and leave nothing of it."""
        if self.window.isVisible():
            self.shell.close_at_once()
        shiboken6.delete(self.window)
        shiboken6.delete(self.shell)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        # A test's arguments live longer than its fixtures: pyqtgraph's menus must not.
        self.__dict__.clear()

    # --- eyes ------------------------------------------------------------------------------------

    @property
    def state(self) -> AppState:
        return self.shell.store.state

    @property
    def viewer(self) -> Viewer:
        laboratory = self.shell.bridge.laboratory
        assert laboratory is not None
        return laboratory.viewer

    @property
    def snapshot(self) -> Snapshot:
        assert self._snapshot is not None
        return self._snapshot

    @property
    def error_dialog(self) -> ErrorDialog:
        return self.child("errorDialog", ErrorDialog)

    @property
    def said(self) -> str:
        """What the message bar says; "" when it is closed."""
        return self.window.message_bar.text

    @property
    def status(self) -> str:
        return self.window.status_text.text()

    def child(self, name: str, kind: type[W]) -> W:
        found = self.window.findChild(kind, name)
        assert found is not None, f"the window has no {kind.__name__} named {name}"
        return found

    def text(self, name: str) -> str:
        """The text of a label."""
        return self.child(name, QLabel).text()

    def decoded(self) -> npt.NDArray[np.uint8]:
        """The picture of the decoded panel, as it is there now."""
        image = self.child("decodedImage", ImageView).image
        assert image is not None, "nothing is decoded"
        return pixels(image)

    def expected(self) -> npt.NDArray[np.uint8]:
        """What the decoded panel should show."""
        sight = self.viewer.sight()  # which waits for the answer of an ONNX model
        return decoded(sight.model, sight.likelihood, np.array([self.state.z], np.float32))[0]

    def parameters(self) -> dict[str, npt.NDArray[np.float32]]:
        return {name: array.copy() for name, array in self.snapshot.parameters.items()}

    def mean_sigma(self) -> float:
        """Over all training images, of the newest snapshot, which must be exact."""
        cloud = self.snapshot.cloud
        assert cloud.step == self.snapshot.step, "the cloud is not that of the last step"
        return float(np.exp(0.5 * cloud.logvar).mean())

    def pixel(self, x: float, y: float) -> QPoint:
        """The plane's pixel at latent (x, y)."""
        camera = self.plane.scene.camera
        return QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y)).toPoint()

    # --- waiting ---------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], bool], timeout: int = LONG) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout)

    def wait_for_words(self, about: str) -> None:
        """Until the message bar says something."""

        def says() -> None:
            assert self.said, f"the bar says nothing {about}; the status is {self.status!r}"

        self.qtbot.waitUntil(says, timeout=LONG)

    def wait_until_exact(self) -> None:
        """Until the engine rests and the cloud shows its last weights."""
        self.wait(
            lambda: not self.snapshot.running and self.snapshot.cloud.step == self.snapshot.step
        )

    def wait_for_steps(self, count: int) -> None:
        """Until that many more steps were taken."""
        goal = self.snapshot.step + count
        self.wait(lambda: self.snapshot.step >= goal)

    # --- hands -----------------------------------------------------------------------------------

    def key(self, key: Qt.Key | str, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press a key where the focus is, as a keyboard does: shortcuts come first."""
        handle = self.window.windowHandle()
        if isinstance(key, str):
            QTest.keyClick(handle, key, modifiers)
        else:
            QTest.keyClick(handle, key, modifiers)

    def click(self, name: str) -> None:
        """Click a button, in view, in its middle."""
        button = self.child(name, QAbstractButton)
        self.bring_into_view(button)
        QTest.mouseClick(button, LEFT, NONE, button.rect().center())

    def choose(self, name: str, text: str) -> None:
        """Choose an entry of a drop-down list with the keyboard."""
        box = self.child(name, QComboBox)
        box.setFocus()
        current, wanted = box.currentIndex(), box.findText(text)
        assert wanted >= 0, f"{name} does not offer {text}"
        for _ in range(abs(wanted - current)):
            QTest.keyClick(box, Qt.Key.Key_Down if wanted > current else Qt.Key.Key_Up)

    def trigger(self, name: str) -> None:
        """Choose a menu's entry."""
        action = self.window.findChild(QAction, name)
        assert action is not None, f"there is no action {name}"
        assert action.isEnabled()
        action.trigger()

    def answer_file_dialog(
        self, path: Path | str, *, accept: bool = True, closes: bool = False
    ) -> None:
        """Type a path, or several in quotes, into the open file dialog, and press Enter or Escape.

        `closes`: the window closes by that, so nothing can be focused after it.
        """
        dialogs = [d for d in self.window.findChildren(QFileDialog) if d.isVisible()]
        assert len(dialogs) == 1, "no file dialog is open"
        self.wait(dialogs[0].isActiveWindow)
        line = dialogs[0].findChild(QLineEdit, "fileNameEdit")
        assert line is not None
        # Its list of completions would take the keyboard, which offscreen cannot be taken.
        line.setCompleter(None)
        line.selectAll()
        QTest.keyClicks(line, str(path))
        QTest.keyClick(line, Qt.Key.Key_Return if accept else Qt.Key.Key_Escape)
        if dialogs[0].isVisible() and not accept:
            QTest.keyClick(dialogs[0], Qt.Key.Key_Escape)
        if closes:
            return
        self.wait(lambda: not dialogs[0].isVisible(), timeout=5_000)
        self.window.activateWindow()
        self.plane.setFocus()

    def bring_into_view(self, widget: QWidget) -> None:
        parent = widget.parentWidget()
        while parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(widget)
            parent = parent.parentWidget()

    def type(self, name: str, text: str) -> None:
        """Type into a line and press Enter."""
        line = self.child(name, QLineEdit)
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def send_mouse(self, kind: QEvent.Type, at: QPoint, *, button: bool, down: bool) -> None:
        """One mouse event to the plane, handled before this returns: no event loop turns."""
        none = Qt.MouseButton.NoButton
        position = QPointF(at)
        event = QMouseEvent(
            kind,
            position,
            QPointF(self.plane.mapToGlobal(at)),
            LEFT if button else none,
            LEFT if down else none,
            NONE,
        )
        QApplication.sendEvent(self.plane, event)

    def press(self, x: float, y: float) -> None:
        self.send_mouse(QEvent.Type.MouseButtonPress, self.pixel(x, y), button=True, down=True)

    def drag_to(self, x: float, y: float) -> None:
        self.send_mouse(QEvent.Type.MouseMove, self.pixel(x, y), button=False, down=True)

    def release(self, x: float, y: float) -> None:
        self.send_mouse(QEvent.Type.MouseButtonRelease, self.pixel(x, y), button=True, down=False)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A drag with the left button, in ten moves."""
        self.press(*start)
        for part in np.linspace(0.1, 1.0, 10):
            self.drag_to(
                start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])
            )
        self.release(*end)

    def hover(self, x: float, y: float) -> None:
        self.send_mouse(QEvent.Type.MouseMove, self.pixel(x, y), button=False, down=False)

    def _keep(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot


def pixels(image: QImage) -> npt.NDArray[np.uint8]:
    """A grey image as (H, W)."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].copy()


def rgb(image: QImage) -> npt.NDArray[np.int16]:
    """An image as (H, W, 3), signed so that two can be subtracted."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).astype(np.int16)


def changed_part(before: QImage, after: QImage) -> float:
    """The part of the pixels that differ visibly."""
    difference = np.abs(rgb(after) - rgb(before)).max(axis=2)
    return float((difference > 24).mean())
