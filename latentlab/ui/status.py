"""What the window says of itself: the status line, the progress, and what went wrong."""

import logging

from PySide6.QtCore import QObject, QTimer

from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.training.messages import Compared, Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.controller import Controller
from latentlab.ui.error_dialog import ErrorDialog
from latentlab.ui.exports import Exports
from latentlab.ui.files import Files
from latentlab.ui.main_window import MainWindow
from latentlab.ui.plan_words import best_so_far, how_far

_SAYING_MILLISECONDS = 6_000
_GONE = "Nothing trains until it is restarted, or Train is pressed; all else goes on"
_TO_BEGIN = " · drag over the plane to decode z, press Train to see it learn"
_TO_SEE = " · press Train to see what the switch does"
_log = logging.getLogger(__name__)


class Status(QObject):
    """Says what is going on, and passes failures on to the message bar or the error dialog."""

    def __init__(
        self,
        window: MainWindow,
        *,
        bridge: Bridge,
        store: Store,
        controller: Controller,
        files: Files,
        exports: Exports,
        compare: CompareController,
    ) -> None:
        super().__init__(window)
        self._compare = compare
        self._window = window
        self._bridge = bridge
        self._store = store
        self._controller = controller
        self._busy = ""
        self._broken = False
        self._stopped = ""
        self._has_trained = False  # in this window
        self._last = (-1, 0)  # the run and its step, as last heard
        self._trained_for: object = None  # what the newest step minimised
        self._error_dialog = ErrorDialog(window)
        self._saying = QTimer(self, singleShot=True, interval=_SAYING_MILLISECONDS)
        self._saying.timeout.connect(self.show_now)
        controller.opened.connect(self.show_now)
        controller.snapshot.connect(self._snapshot_came)
        controller.decodable.connect(self.show_now)
        controller.crashed.connect(self.show_now)
        controller.restarted.connect(self.show_now)
        controller.stopped.connect(self._show_stopped)
        controller.noted.connect(self._show_note)
        controller.failed.connect(self.show_failure)
        compare.compared.connect(self._compared_more)
        compare.begun.connect(self.show_now)
        compare.crashed.connect(self.show_now)
        compare.restarted.connect(self.show_now)
        compare.stopped.connect(window.message_bar.warning)
        compare.failed.connect(self.show_failure)
        store.changed.connect(self._state_changed)
        controller.failed.connect(self.show_now)
        files.failed.connect(self.show_failure)
        files.noted.connect(window.message_bar.info)
        files.busy.connect(self._show_busy)
        files.saved.connect(self._show_saved)
        exports.done.connect(self._say)
        exports.busy.connect(self._show_busy)
        exports.failed.connect(self.show_failure)
        bridge.ready.connect(self.show_now)
        bridge.broken.connect(self._show_broken)

    def show_now(self) -> None:
        """Say what is going on, in place of what was said for a while."""
        self._saying.stop()
        self._window.status_text.setText(self._now())
        controller = self._controller
        stuck = controller.engine_gone or controller.refused or self._broken
        loading = not (controller.heard or stuck)
        if self._store.state.workspace == "compare":
            loading = self._compare.newest is None and not self._compare.engine_gone
        self._window.progress.setVisible(bool(self._busy) or loading)

    def show_error(self, report: str) -> None:
        """Show an unexpected error, with a report to copy."""
        self._error_dialog.show_report(report)

    def show_failure(self, message: str, report: str) -> None:
        """Show what could not be done: in the bar, or with its report if it was unexpected."""
        if report:
            _log.error("%s\n%s", message, report)
            self.show_error(f"{message}\n\n{report}")
        else:
            self._window.message_bar.error(message)

    def _now(self) -> str:
        opened = self._controller.present
        if self._broken:
            return "torch could not be loaded: nothing can be decoded or trained"
        if self._busy or opened is None:
            return self._busy
        if self._store.state.workspace == "compare":
            return self._comparison(opened.pair.name)
        return self._exploration(opened)

    def _exploration(self, opened: Opened) -> str:
        if self._controller.engine_gone or not self._controller.heard:
            return self._why_nothing_trains()
        past = self._store.state.past
        if past is not None:
            return f"Looking back at step {past:,}: the loss and its numbers are those of now"
        what, plan = f"{opened.title} on {opened.pair.name}", self._controller.plan
        if plan is not None:
            far = f"{how_far(plan)} · {best_so_far(plan)}"
            return f"Long run{'' if self._controller.running else ' (paused)'} of {what}: {far}"
        if self._controller.running:
            return f"Training {what}"
        unsaved = " · trained since it was saved" if self._controller.unsaved else ""
        return f"Ready: {what}{unsaved}{self._what_next(opened)}"

    def _what_next(self, opened: Opened) -> str:
        """What a newcomer would look for: how to begin, and why a switch changed nothing yet."""
        if opened.onnx is not None:
            return ""
        if self._last[1] > 0 and self._trained_for != self._objective():
            return _TO_SEE
        return "" if self._has_trained else _TO_BEGIN

    def _objective(self) -> object:
        state = self._store.state
        return state.weights, state.likelihood

    def _comparison(self, data: str) -> str:
        compared = self._compare.newest
        if self._compare.engine_gone:
            return _GONE
        if compared is None:
            return "Getting ready to compare: points from the files are shown already"
        past = self._store.state.compared_past
        if past is not None:
            return f"Looking back at step {past:,} of all of them: Train goes on from now"
        names = ", ".join(member.regime.name for member in compared.members)
        doing = "Training in lockstep" if compared.running else "Comparing"
        measured = "" if compared.exact or compared.running else " · figures are being computed"
        return f"{doing} on {data}: {names}{measured}"

    def _compared_more(self, _compared: Compared) -> None:
        if not self._saying.isActive():
            self.show_now()

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if names & {"workspace", "past", "compared_past", "weights", "likelihood"}:
            self.show_now()

    def _why_nothing_trains(self) -> str:
        if self._controller.engine_gone:
            return _GONE
        if self._controller.refused:
            return "Nothing trains, since it could not be opened for that; Train tries it again"
        if self._controller.decodes:
            return "Decoding works; training can begin in a moment"
        return "Loading torch: the points are from the file, decoding follows in a moment"

    def _say(self, text: str) -> None:
        """Say this for a while."""
        self._window.status_text.setText(text)
        self._saying.start()

    def _show_stopped(self, reason: str, planned: bool) -> None:
        self._stopped = reason
        bar = self._window.message_bar
        (bar.info if planned else bar.warning)(reason)

    def _show_note(self, message: str) -> None:
        """Say it in the bar, or, where that offers something, below."""
        bar = self._window.message_bar
        if bar.text and bar.kind == "offer":
            self._say(message)
        else:
            bar.info(message)

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        if snapshot.running and self._stopped and self._window.message_bar.text == self._stopped:
            self._window.message_bar.clear()
        self._has_trained |= snapshot.running
        if (snapshot.run, snapshot.step) != self._last:
            self._last = (snapshot.run, snapshot.step)
            self._trained_for = self._objective()
        if not self._saying.isActive():
            self.show_now()

    def _show_busy(self, what: str) -> None:
        self._busy = what
        self.show_now()

    def _show_saved(self, path: str) -> None:
        self._say(f"Saved {path}")

    def _show_broken(self, report: str) -> None:
        self._broken = True
        self.show_now()
        self.show_error(f"latentlab cannot train or decode: torch could not be loaded.\n\n{report}")
