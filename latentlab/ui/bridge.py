"""Between the window and what works behind it: polls, and turns messages into signals."""

import gc
import logging
import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from latentlab.app.glide import Glide
from latentlab.app.profile import EngineKind
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Compared, Crashed, Failed, Notice, Saved, Snapshot

if TYPE_CHECKING:
    from latentlab.app.laboratory import Laboratory

_POLL_MILLISECONDS = 33

_log = logging.getLogger(__name__)


class Bridge(QObject):
    """Starts the laboratory in the background, since importing torch takes seconds.

    Signals carry whole messages; none is sent more often than the poll.
    """

    ready = Signal()
    broken = Signal(str)  # the laboratory could not start: a report
    snapshot = Signal(object)  # Snapshot
    cloud = Signal(object, bool)  # Cloud as drawn now; whether it is exact
    reply = Signal(object)  # latentlab.app.looks.Reply
    notice = Signal(object)  # Notice
    compared = Signal(object)  # Compared
    comparison_notice = Signal(object)  # Notice of the engine that compares

    def __init__(self, parent: QObject | None = None, engine: EngineKind = "thread") -> None:
        super().__init__(parent)
        self._engine = engine
        self._laboratory: Laboratory | None = None
        self._started: list[Laboratory | Exception] = []
        self._thread = threading.Thread(target=self._start, name="latentlab-start", daemon=True)
        self._glide = Glide()
        self._drawn: Cloud | None = None
        self._drawn_exact = False
        self._running = False
        self._timer = QTimer(self, interval=_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    def start(self) -> None:
        """Begin to load torch; `ready` follows."""
        self._thread.start()
        self._timer.start()

    @property
    def laboratory(self) -> "Laboratory | None":
        """The laboratory, once ready."""
        return self._laboratory

    @property
    def drawn(self) -> Cloud | None:
        """The cloud as it was last said to be."""
        return self._drawn

    def show_cloud(self, cloud: Cloud, *, at_once: bool) -> None:
        """Let the points glide to `cloud`, or jump."""
        self._glide.aim(cloud, time.monotonic(), at_once=at_once)
        if at_once:
            self._draw_cloud()

    def forget_cloud(self) -> None:
        """Draw no cloud until the next one is shown: what is open is another model."""
        self._glide = Glide()
        self._drawn = None

    def shutdown(self) -> bool:
        """Stop polling and end the laboratory; False if a thread did not end in time."""
        self._timer.stop()
        if self._thread.is_alive():
            self._thread.join()
        self._take_outcome()  # if it could not start, nobody is there to be told
        return self._laboratory is None or self._laboratory.shutdown()

    def _start(self) -> None:
        try:
            from latentlab.app.laboratory import Laboratory  # noqa: PLC0415

            laboratory = Laboratory(self._engine)
            if gc.get_freeze_count() == 0:
                # What torch has brought stays: to look through all of it for what could be freed
                # takes 0.3 s, in the midst of a frame.
                gc.freeze()
            self._started.append(laboratory)
        except Exception as error:
            _log.exception("the laboratory could not start")
            self._started.append(error)
        finally:
            gc.enable()

    def _take_outcome(self) -> "Laboratory | Exception | None":
        """What has come of the start, once; None before. If it is the laboratory, it is ours."""
        outcome = self._started.pop() if self._started else None
        if outcome is not None and not isinstance(outcome, Exception):
            self._laboratory = outcome
        return outcome

    def _poll(self) -> None:
        if self._laboratory is None:
            outcome = self._take_outcome()
            if isinstance(outcome, Exception):
                self.broken.emit(f"{type(outcome).__name__}: {outcome}")
            elif outcome is not None:
                self.ready.emit()
            return
        engine = self._laboratory.engine
        notices: list[Notice] = []
        while not engine.notices.empty():
            notices.append(engine.notices.get_nowait())
        # Taken after the notices but told before them: nothing seen before a crash comes after it.
        snapshot: Snapshot | None = engine.mailbox.take()
        if snapshot is not None:
            self._running = snapshot.running
            self.snapshot.emit(snapshot)
        for notice in notices:
            self._running = self._running and not isinstance(notice, Crashed)
            self.notice.emit(notice)
        self._poll_comparison(self._laboratory)
        for reply in self._laboratory.replies():
            if isinstance(reply.value, Saved | Failed):
                self.notice.emit(reply.value)  # what an engine that is gone would have said
            else:
                self.reply.emit(reply)
        self._draw_cloud()

    def _poll_comparison(self, laboratory: "Laboratory") -> None:
        engine = laboratory.comparison
        if engine is None:
            return
        notices: list[Notice] = []
        while not engine.notices.empty():
            notices.append(engine.notices.get_nowait())
        compared: Compared | None = engine.mailbox.take()
        if compared is not None:
            self.compared.emit(compared)
        for notice in notices:
            self.comparison_notice.emit(notice)

    def _draw_cloud(self) -> None:
        now = time.monotonic()
        cloud = self._glide.at(now)
        # While it trains, the end of a glide is but the beginning of the next.
        exact = not (self._glide.moving(now) or self._running)
        if cloud is not None and (cloud is not self._drawn or exact != self._drawn_exact):
            self._drawn, self._drawn_exact = cloud, exact
            self.cloud.emit(cloud, exact)
