"""The assembled application: window, store, controller and all that connects them."""

import logging
from dataclasses import dataclass, replace
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from latentlab.app.opening import Opened
from latentlab.app.profile import Profile
from latentlab.app.store import Store
from latentlab.paths import pretrained_models
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.error_dialog import ErrorDialog, install_error_hooks
from latentlab.ui.exports import Exports
from latentlab.ui.files import Files
from latentlab.ui.intents import Intents
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.menus import Menus
from latentlab.ui.news import News
from latentlab.ui.presentation import Presentation

_LOG_BYTES = 1 << 20
_STATUS_MILLISECONDS = 6_000
_LAYOUT_MILLISECONDS = 50
_UNPAINTED_MILLISECONDS = 3_000
_OPEN_KEY = "open "
_SCRATCH_KEY = "scratch"
_log = logging.getLogger("latentlab")


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the command line says about the window. `size` is in device-independent pixels."""

    path: str | None = None
    workspace: str = "explore"
    theme: str | None = None
    profile: Path | None = None
    screenshot: Path | None = None
    size: tuple[int, int] | None = None


class Shell(QObject):
    """Makes everything, starts it, and ends it."""

    settled = Signal()  # model, decode, strip, selected point and held-out terms are all drawn

    def __init__(self, app: QApplication, profile: Profile, options: WindowOptions) -> None:
        super().__init__()
        self._profile = profile
        self._options = options
        self._closing = False
        self._waiting_for = {"decode", "strip", "point", "heldout"}
        self._log_handler = _logging_to(profile.log_file)
        self.window = MainWindow()
        self.store = Store(parent=self)
        self.bridge = Bridge(self)
        self.controller = Controller(self.store, self.bridge, self)
        self.looking = Looking(self.store, self.bridge, self.window.plane.viewport, self)
        self.files = Files(self.controller, self.store, self.bridge, profile, self)
        self.exports = Exports(self.window, self.store, self.bridge)
        self.dialogs = Dialogs(self.window, self.controller, self.files, self.exports)
        self.presentation = Presentation(app, self.window)
        self.menus = Menus(
            self.window,
            store=self.store,
            controller=self.controller,
            files=self.files,
            dialogs=self.dialogs,
            exports=self.exports,
            presentation=self.presentation,
        )
        self.intents = Intents(
            self.window,
            controller=self.controller,
            looking=self.looking,
            files=self.files,
            dialogs=self.dialogs,
            exports=self.exports,
        )
        self.news = News(
            self.window,
            store=self.store,
            bridge=self.bridge,
            controller=self.controller,
            looking=self.looking,
        )
        self._error_dialog = ErrorDialog(self.window)
        self._hooks = install_error_hooks(self.show_error)
        self._status_timer = QTimer(self)
        self._status_timer.setSingleShot(True)
        self._status_timer.timeout.connect(self._show_status)
        self._first_paint = QTimer(self)
        self._first_paint.setSingleShot(True)
        self._first_paint.timeout.connect(self._start_laboratory)
        self.window.setAcceptDrops(True)
        self.window.installEventFilter(self)
        self._connect()

    # --- start and end ---------------------------------------------------------------------------

    def start(self) -> None:
        """Show the window with its points; torch is loaded after the first paint."""
        preferences = self._profile.preferences
        self.presentation.use_theme(self._options.theme or preferences.theme)
        if self._options.size is not None:
            self.window.resize(*self._options.size)
        elif preferences.geometry:
            self.window.restoreGeometry(QByteArray.fromHex(preferences.geometry.encode()))
        self.menus.show_recent(preferences.recent)
        self.window.shortcut_sheet.set_shortcuts(self.menus.shortcuts())
        self.files.open_first(self._options.path)
        self.window.plane.installEventFilter(self)
        self.window.show()
        # A window that starts minimised is not painted.
        self._first_paint.start(_UNPAINTED_MILLISECONDS)
        self._show_status()

    def _start_laboratory(self) -> None:
        self.window.plane.removeEventFilter(self)
        self.bridge.start()

    def close_at_once(self) -> None:
        """Close without a question."""
        self._closing = True
        self.window.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first paint, closing, and files dropped on the window."""
        if event.type() == QEvent.Type.Paint and watched is self.window.plane:
            # Once the points are on the screen; importing torch takes the processor for seconds.
            self._first_paint.start(0)
        elif event.type() == QEvent.Type.Close and watched is self.window:
            if self.controller.unsaved and not self._closing:
                event.ignore()
                self.dialogs.ask_before_closing(self.close_at_once)
                return True
            self._end()
        elif isinstance(event, QDragEnterEvent) and event.mimeData().hasUrls():
            event.acceptProposedAction()
            return True
        elif isinstance(event, QDropEvent) and event.mimeData().hasUrls():
            self.files.open_path(event.mimeData().urls()[0].toLocalFile())
            event.acceptProposedAction()
            return True
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        """What a clean end does: remember, stop the threads, drop the autosave."""
        if self._options.screenshot is None:
            geometry = bytes(self.window.saveGeometry().toHex().data()).decode()
            self._profile.remember(replace(self._profile.preferences, geometry=geometry))
        self._first_paint.stop()
        self.window.strip.set_playing(False)
        self.files.stop()
        if not self.bridge.shutdown():
            _log.warning("a background thread did not end in time")
        self.files.discard_autosave()
        self._hooks.remove()
        logging.getLogger().removeHandler(self._log_handler)
        self._log_handler.close()

    # --- news ------------------------------------------------------------------------------------

    def _connect(self) -> None:
        bar = self.window.message_bar
        self.controller.stopped.connect(bar.warning)
        self.controller.failed.connect(self._show_failure)
        self.files.failed.connect(self._show_failure)
        self.files.busy.connect(self._show_busy)
        self.files.saved.connect(self._show_saved)
        self.files.may_close.connect(self.close_at_once)
        self.exports.done.connect(self._say)
        self.exports.failed.connect(self._show_failure)
        self.bridge.broken.connect(self._show_broken)
        self.bridge.ready.connect(self._offer_autosave)
        self.bridge.ready.connect(self._started)
        bar.actionChosen.connect(self._choose)
        self.controller.snapshot.connect(self._snapshot_came)
        self.controller.opened.connect(self._opened)
        self.presentation.theme_chosen.connect(self._remember_theme)
        self.looking.decoded.connect(self._decoded)
        self.looking.strip.connect(self._strip_came)
        self.looking.point_shown.connect(self._point_came)

    def _say(self, text: str) -> None:
        """Show a text in the status line for a while."""
        self.window.status_text.setText(text)
        self._status_timer.start(_STATUS_MILLISECONDS)

    def _show_status(self) -> None:
        opened = self.controller.present
        if self.bridge.laboratory is None:
            text = "Loading torch: the points are from the file, decoding follows in a moment"
        elif self.controller.running:
            text = f"Training on {opened.data if opened else 'nothing'}"
        elif opened is None:
            text = "Nothing is open"
        else:
            text = f"Ready: {opened.title} on {opened.data}"
            if self.controller.unsaved:
                text += " · trained since it was saved"
        self.window.status_text.setText(text)

    def _started(self) -> None:
        self.window.progress.hide()
        self._show_status()

    def _opened(self, opened: Opened) -> None:
        """Say what is open, and that a model of other images is among strangers."""
        self._show_status()
        trained_on = opened.checkpoint.data.get("name") if opened.checkpoint else None
        if trained_on is None or trained_on == opened.pair.name:
            self.window.message_bar.clear()
            return
        actions = [
            (f"Open {name}", f"{_OPEN_KEY}{name}")
            for name in pretrained_models()
            if name.startswith(opened.pair.name)
        ]
        self.window.message_bar.offer(
            f"{opened.title} was trained on {trained_on}: to it, {opened.pair.name} is foreign.",
            [*actions, ("Start from scratch", _SCRATCH_KEY)],
        )

    def _show_busy(self, what: str) -> None:
        self.window.progress.setVisible(bool(what))
        self.window.status_text.setText(what)
        if not what:
            self._show_status()

    def _show_saved(self, path: str) -> None:
        self._say(f"Saved {path}")

    def _show_failure(self, message: str, report: str) -> None:
        if report:
            _log.error("%s\n%s", message, report)
            self.show_error(f"{message}\n\n{report}")
        else:
            self.window.message_bar.error(message)

    def show_error(self, report: str) -> None:
        """Show an unexpected error, with a report to copy."""
        self._error_dialog.show_report(report)

    def _show_broken(self, report: str) -> None:
        self.show_error(f"latentlab cannot train or decode: torch could not be loaded.\n\n{report}")

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        if not (self._status_timer.isActive() or self.window.progress.isVisible()):
            self._show_status()
        if snapshot.heldout is not None:
            self._came("heldout")

    def _decoded(self, _image: object) -> None:
        self._came("decode")

    def _strip_came(self, _images: object) -> None:
        self._came("strip")

    def _point_came(self, view: object, _hovered: bool) -> None:
        if view is not None or self.store.state.selected is None:
            self._came("point")

    def _came(self, what: str) -> None:
        if what in self._waiting_for:
            self._waiting_for.discard(what)
            if not self._waiting_for:
                # After the layouts have made room for what has just come.
                QTimer.singleShot(_LAYOUT_MILLISECONDS, self, self.settled.emit)

    def _remember_theme(self, name: str) -> None:
        self._profile.remember(replace(self._profile.preferences, theme=name))

    # --- after a crash ---------------------------------------------------------------------------

    def _offer_autosave(self) -> None:
        if self._options.screenshot is None and self.files.autosave_offered() is not None:
            self.window.message_bar.offer(
                "latentlab did not end properly last time. Its training was kept.",
                [("Open it", "restore"), ("Discard it", "discard")],
            )

    def _choose(self, key: str) -> None:
        if key.startswith(_OPEN_KEY):
            self.files.open_model(key.removeprefix(_OPEN_KEY))
        elif key == _SCRATCH_KEY:
            self.controller.start_from_scratch()
        else:
            self._choose_autosave(key)

    def _choose_autosave(self, key: str) -> None:
        session = self.files.autosave_offered()
        if session is None:
            return
        if key == "restore":
            self.files.restore_autosave(session)
        elif key == "discard":
            self.files.discard_autosave(session)


def _logging_to(file: Path) -> RotatingFileHandler:
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        file, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    return handler
