"""z dragged over the plane, every frame of it timed."""

import itertools
import math
import time
from dataclasses import dataclass

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QMouseEvent

from tests.bench.desk import Desk
from tests.bench.eyes import Eyes
from tests.bench.hand import place
from tests.bench.mouse import Mouse

SCREEN, MOUSE = 60, 125
"""Events a second: one for each frame of a usual screen; as many as a usual mouse gives."""
_REACH = 0.38  # how far from the middle z goes, of the plane's width and height
_WARM_UP = 0.5  # seconds of dragging before any that count
_LEFT = Qt.MouseButton.LeftButton
_NEAR = 1e-5  # latent units


@dataclass(frozen=True)
class Dragged:
    """What was seen from `start` to `end` (time.monotonic).

    intervals: milliseconds from the end of one painting of the plane to that of the next.
    latencies: milliseconds from each event's coming to the end of the painting that showed the
    image decoded at its place, or at that of a later one.
    """

    start: float
    end: float
    intervals: list[float]
    latencies: list[float]


def drag(desk: Desk, seconds: float, rate: float) -> Dragged:
    """Drag z for so long by `rate` events a second, after a moment to warm up.

    Raises BenchError when what is painted does not follow.
    """
    dragging = _Dragging(desk, rate)
    eyes = Eyes(desk.window, (desk.plane, desk.decoded))
    eyes.painted.connect(dragging.window_painted)
    desk.shell.looking.decoded.connect(dragging.decoded)
    loop = QEventLoop()
    with Mouse(rate) as mouse:
        start = time.monotonic() + _WARM_UP
        mouse.moved.connect(dragging.mouse_moved)
        # The same loop that the app itself runs in.
        QTimer.singleShot(round(1000 * (_WARM_UP + seconds)), loop, loop.quit)
        loop.exec()
        desk.wait(lambda: dragging.seen_since(start), "frames while z is dragged")
    dragging.let_go()
    desk.shell.looking.decoded.disconnect(dragging.decoded)
    eyes.close()
    desk.check()
    return dragging.since(start)


class _Dragging(QObject):
    """The events go in where a platform's do; what is decoded and painted follows from them."""

    def __init__(self, desk: Desk, rate: float) -> None:
        super().__init__()
        self._desk = desk
        self._rate = rate
        self._window = desk.window.windowHandle()
        self._pressed = False
        self._at = QPoint()
        # Events not yet seen to be painted: when they came, and where in latent units.
        self._waiting: list[tuple[float, tuple[float, float]]] = []
        self._decoded = 0  # of those waiting, how many are decoded
        self._frames: list[float] = []
        self._served: list[tuple[float, float]] = []  # when painted, and how long after it came

    def mouse_moved(self, number: int, came: float) -> None:
        across, down = place(number / self._rate)
        plane = self._desk.plane.scene.areas.plane
        inside = plane.center() + QPoint(
            round(_REACH * plane.width() * across), round(_REACH * plane.height() * down)
        )
        at = self._desk.plane.mapTo(self._desk.window, inside)
        if at == self._at:
            return
        self._at = at
        z = self._desk.plane.scene.camera.to_latent(inside.x(), inside.y())
        self._waiting.append((came, z))
        if self._pressed:
            self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, _LEFT)
        else:
            self._pressed = True
            self._send(QEvent.Type.MouseButtonPress, _LEFT, _LEFT)

    def let_go(self) -> None:
        self._send(QEvent.Type.MouseButtonRelease, _LEFT, Qt.MouseButton.NoButton)

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, down: Qt.MouseButton) -> None:
        """As the platform hands it to the window, which finds the widget it is for.

        QTest would let other events happen before it returns, which no mouse does.
        """
        at, everywhere = QPointF(self._at), QPointF(self._window.mapToGlobal(self._at))
        event = QMouseEvent(kind, at, everywhere, button, down, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(self._window, event)

    def decoded(self, _image: object) -> None:
        z = self._desk.state.z
        for index in range(len(self._waiting), 0, -1):
            if math.dist(self._waiting[index - 1][1], z) < _NEAR:
                self._decoded = index
                return

    def window_painted(self, now: float, parts: set[QObject]) -> None:
        if self._desk.plane in parts:
            self._frames.append(now)
        if self._desk.decoded in parts:
            self._served += [(now, now - came) for came, _ in self._waiting[: self._decoded]]
            del self._waiting[: self._decoded]
            self._decoded = 0

    def seen_since(self, start: float) -> bool:
        """Whether there is anything to tell."""
        seen = self.since(start)
        return bool(seen.intervals and seen.latencies)

    def since(self, start: float) -> Dragged:
        frames = [at for at in self._frames if at >= start]
        intervals = [1000 * (b - a) for a, b in itertools.pairwise(frames)]
        latencies = [1000 * waited for at, waited in self._served if at >= start]
        return Dragged(start, time.monotonic(), intervals, latencies)
