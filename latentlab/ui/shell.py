"""The assembled application: window, store, controller and all that connects them."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from latentlab.app.log_file import LogFile
from latentlab.app.profile import EngineKind, Profile
from latentlab.app.reopening import read_ahead
from latentlab.app.state import Workspace
from latentlab.app.store import Store
from latentlab.data.picture import is_picture
from latentlab.training.messages import DeviceName, Precision
from latentlab.ui.branches.keeper import BranchKeeper
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.choosing.many import ManyPoints
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.compare.opener import CompareOpener
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.download.downloads import Downloads
from latentlab.ui.error_dialog import install_error_hooks
from latentlab.ui.exports import Exports
from latentlab.ui.files import Files
from latentlab.ui.film.film import Film
from latentlab.ui.first_size import fit_to_screen
from latentlab.ui.force_looking import ForceLooking
from latentlab.ui.foreign import Foreign
from latentlab.ui.frozen import Frozen
from latentlab.ui.importer import Importer
from latentlab.ui.infer.opener import InferOpener
from latentlab.ui.intents import Intents
from latentlab.ui.layer_looking import LayerLooking
from latentlab.ui.learn.opener import LearnOpener
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.menus import Menus
from latentlab.ui.model_out import ModelOut
from latentlab.ui.news import News
from latentlab.ui.offers import Offers
from latentlab.ui.onnx_opening import OnnxOpening
from latentlab.ui.pad.keeper import PadKeeper
from latentlab.ui.pad.single import SingleImages
from latentlab.ui.past import Past
from latentlab.ui.presentation import Presentation
from latentlab.ui.settling import Settling
from latentlab.ui.slow_motion.player import SlowMotion
from latentlab.ui.status import Status
from latentlab.ui.style_sheet import apply_theme
from latentlab.ui.theme import theme_named
from latentlab.ui.tilting import Tilting
from latentlab.ui.traversing import Traversing
from latentlab.ui.turns import Turns
from latentlab.ui.vector_question import VectorQuestion
from latentlab.ui.workspaces import Workspaces

_UNPAINTED_MILLISECONDS = 3_000
_log = logging.getLogger("latentlab")


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the command line says about the window. `size` is in device-independent pixels.

    onnx: an encoder and a decoder, in place of `path`. page: the number of the lesson to begin
    with. presentation: whether to begin so.
    """

    path: str | None = None
    onnx: tuple[str, str] | None = None
    workspace: Workspace = "explore"
    theme: str | None = None
    engine: EngineKind | None = None
    profile: Path | None = None
    screenshot: Path | None = None
    size: tuple[int, int] | None = None
    page: int | None = None
    presentation: bool = False


class Shell(QObject):
    """Makes everything, starts it, and ends it."""

    settled = Signal()  # see Settling
    ended = True  # False where a thread did not end in time with the window

    def __init__(self, app: QApplication, profile: Profile, options: WindowOptions) -> None:
        super().__init__()
        self._profile = profile
        self._options = options
        self._closing = False
        self._log_handler = _logging_to(profile.log_file)
        # Before there are widgets, which would all have to be polished anew.
        apply_theme(app, theme_named(options.theme or profile.preferences.theme))
        ahead = read_ahead(profile.preferences) if options.path is None else None
        self.window = MainWindow()
        self.store = Store(parent=self)
        self.bridge = Bridge(self, self._engine_kind())
        self.choices = Choices(self.store, self.bridge, self)
        self.controller = Controller(self.store, self.bridge, self)
        self._turns = Turns(self)
        self.looking = Looking(self.store, self.bridge, self._turns, self)
        self.layers = LayerLooking(
            self.store, self.bridge, self.window.plane.viewport, self._turns, self
        )
        self.forces = ForceLooking(
            self.store, self.bridge, self.window.plane.force_sample, self._turns, self
        )
        self.files = Files(self.controller, self.store, self.bridge, profile, self, ahead=ahead)
        self.compare = CompareController(self.store, self.bridge, self.controller, self)
        self._workspaces = Workspaces(self.window, self.store, self.controller, self.compare)
        self.infer = InferOpener(
            self.window,
            store=self.store,
            bridge=self.bridge,
            choices=self.choices,
            controller=self.controller,
            looking=self.looking,
            turns=self._turns,
        )
        self._make_ways_in_and_out()
        self.presentation = Presentation(app, self.window)
        self.learn = LearnOpener(
            self.window,
            store=self.store,
            bridge=self.bridge,
            controller=self.controller,
            looking=self.looking,
            turns=self._turns,
            presentation=self.presentation,
            workspaces=self._workspaces,
            dialogs=self.dialogs,
            profile=profile,
            page=options.page,
        )
        self.menus = Menus(
            self.window,
            store=self.store,
            choices=self.choices,
            controller=self.controller,
            files=self.files,
            dialogs=self.dialogs,
            downloads=self.downloads,
            exports=self.exports,
            model_out=self.model_out,
            presentation=self.presentation,
            workspaces=self._workspaces,
            infer=self.infer,
            learn=self.learn,
        )
        self.intents = Intents(
            self.window,
            choices=self.choices,
            controller=self.controller,
            looking=self.looking,
            forces=self.forces,
            layers=self.layers,
            files=self.files,
            dialogs=self.dialogs,
            exports=self.exports,
            workspaces=self._workspaces,
        )
        self.compare_opener = CompareOpener(
            self.window,
            store=self.store,
            bridge=self.bridge,
            choices=self.choices,
            controller=self.controller,
            compare=self.compare,
            turns=self._turns,
            folder=profile.folder,
        )
        self.news = News(
            self.window,
            store=self.store,
            bridge=self.bridge,
            choices=self.choices,
            controller=self.controller,
            looking=self.looking,
            forces=self.forces,
            layers=self.layers,
            turns=self._turns,
        )
        self.traversing = Traversing(
            self.window,
            store=self.store,
            bridge=self.bridge,
            choices=self.choices,
            controller=self.controller,
            looking=self.looking,
            turns=self._turns,
        )
        self.news.axes.connect(self.traversing.take_figures)
        self.tilting = Tilting(
            self.window,
            store=self.store,
            choices=self.choices,
            controller=self.controller,
            news=self.news,
        )
        self.pad = PadKeeper(
            self.window,
            store=self.store,
            bridge=self.bridge,
            controller=self.controller,
            looking=self.looking,
            turns=self._turns,
            news=self.news,
            single=self.single,
        )
        self.infer.use_pad(self.pad)
        self.slow_motion = SlowMotion(
            self.window,
            store=self.store,
            bridge=self.bridge,
            controller=self.controller,
            looking=self.looking,
            news=self.news,
            workspaces=self._workspaces,
        )
        self.past = Past(
            self.window.history_bar,
            store=self.store,
            bridge=self.bridge,
            controller=self.controller,
            looking=self.looking,
            folder=profile.folder,
        )
        self.past.looked_back.connect(self.news.show_moment)
        self.past.returned.connect(self.news.show_now)
        self.many_points = ManyPoints(
            self.window,
            store=self.store,
            bridge=self.bridge,
            choices=self.choices,
            controller=self.controller,
            looking=self.looking,
            turns=self._turns,
            news=self.news,
            past=self.past,
            exports=self.exports,
            workspaces=self._workspaces,
        )
        self.branches = BranchKeeper(
            self.window,
            store=self.store,
            controller=self.controller,
            compare=self.compare,
            workspaces=self._workspaces,
            past=self.past,
        )
        self.film = Film(
            self.window,
            store=self.store,
            controller=self.controller,
            past=self.past,
            exports=self.exports,
            presentation=self.presentation,
        )
        self._status = Status(
            self.window,
            bridge=self.bridge,
            store=self.store,
            controller=self.controller,
            files=self.files,
            exports=self.exports,
            compare=self.compare,
        )
        self.frozen = Frozen(
            self.window, store=self.store, controller=self.controller, workspaces=self._workspaces
        )
        self._offers = Offers(self.window.message_bar, self.controller, self.compare, self.files)
        self._tell_when_settled()
        self._hooks = install_error_hooks(self._status.show_error, self.window.message_bar.error)
        self._first_paint = QTimer(self)
        self._first_paint.setSingleShot(True)
        self._first_paint.timeout.connect(self._start_laboratory)
        self.menus.show_engine(profile.preferences.engine)
        self._connect()

    def _make_ways_in_and_out(self) -> None:
        """What brings files in, beside opening them, and what writes others."""
        self.exports = Exports(self.window, self.store, self.bridge)
        self.model_out = ModelOut(
            self.window,
            store=self.store,
            bridge=self.bridge,
            controller=self.controller,
            exports=self.exports,
        )
        self.dialogs = Dialogs(
            self.window, self.controller, self.files, self.exports, self.model_out
        )
        self.foreign = Foreign(
            self.window,
            bridge=self.bridge,
            controller=self.controller,
            files=self.files,
            dialogs=self.dialogs,
        )
        self.onnx = OnnxOpening(
            self.window,
            bridge=self.bridge,
            controller=self.controller,
            files=self.files,
            dialogs=self.dialogs,
        )
        self.downloads = Downloads(self.window, self.files)
        self.importer = Importer(self.window, self.files, self.bridge)
        VectorQuestion(self.window, self.files)
        self.single = SingleImages(self.window, self.bridge, self.controller)
        path = self._options.path
        self._picture = path if is_picture(path or "") else None

    def _tell_when_settled(self) -> None:
        settling = Settling(
            self.store,
            self.controller,
            self.looking,
            compare=self.compare,
            infer=self.infer,
            learn=self.learn,
            parent=self,
            workspace=self._options.workspace,
            picture=self.single.ended if self._picture else None,
        )
        settling.settled.connect(self.settled)

    def _connect(self) -> None:
        self.window.setAcceptDrops(True)
        self.window.installEventFilter(self)
        self.files.failed.connect(self.news.show_names)
        self.downloads.came.connect(self.news.show_names)
        self.looking.failed.connect(self._status.show_failure)
        self.forces.failed.connect(self._status.show_failure)
        self.layers.failed.connect(self._status.show_failure)
        self.compare_opener.failed.connect(self._status.show_failure)
        self.infer.failed.connect(self._status.show_failure)
        self.foreign.failed.connect(self._status.show_failure)
        self.onnx.failed.connect(self._status.show_failure)
        self.learn.failed.connect(self._status.show_failure)
        self.past.failed.connect(self._status.show_failure)
        self.traversing.failed.connect(self._status.show_failure)
        self.many_points.failed.connect(self._status.show_failure)
        self.single.failed.connect(self._status.show_failure)
        self.window.pad.imageWanted.connect(self.single.ask)
        self.window.pad.pasteWanted.connect(self.single.paste)
        self.files.picture.connect(self.single.open)
        self.files.would_lose.connect(self.dialogs.ask_before_opening)
        self.dialogs.answered.connect(self.news.show_names)
        self.bridge.ready.connect(self._ready)
        self.presentation.theme_chosen.connect(self._remember_theme)
        self.controller.computing.connect(self._remember_computing)
        self.menus.engine_chosen.connect(self._remember_engine)

    # --- start and end ---------------------------------------------------------------------------

    def start(self) -> None:
        """Show the window with its points; torch is loaded after the first paint."""
        preferences = self._profile.preferences
        self.presentation.use_theme(self._options.theme or preferences.theme)
        if self._options.size is not None:
            self.window.resize(*self._options.size)
        elif preferences.geometry:
            self.window.restoreGeometry(QByteArray.fromHex(preferences.geometry.encode()))
        elif self._options.screenshot is None:
            fit_to_screen(self.window, self.window.screen().availableSize())
        self.menus.show_recent(preferences.recent)
        self.controller.compute(preferences.device, preferences.precision)
        self.window.shortcut_sheet.set_shortcuts(self.menus.shortcuts())
        self._workspaces.choose(self._options.workspace)
        path = self._options.path
        if self._picture is not None:
            self.single.open_later(Path(self._picture))
            path = None  # with the model and the data of the last time
        self.files.open_first(path, at_once=self._options.screenshot is not None)
        self.window.plane.installEventFilter(self)
        self.window.show()
        if self._options.presentation:
            self.presentation.switch(True, self._options.size)
        # A window that starts minimised is not painted.
        self._first_paint.start(_UNPAINTED_MILLISECONDS)
        self._status.show_now()

    def _start_laboratory(self) -> None:
        self.window.plane.removeEventFilter(self)
        self.bridge.start()
        self.window.curves.make_plot()

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
            paths = [url.toLocalFile() for url in event.mimeData().urls()]
            if models := self.onnx.among(paths):
                self.onnx.ask(models)
            else:
                self.files.open_path(paths[0])
            event.acceptProposedAction()
            return True
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        """What a clean end does: remember, stop the threads, drop the autosave."""
        if self._options.screenshot is None:
            geometry = bytes(self.window.saveGeometry().toHex().data()).decode()
            self._profile.remember(replace(self._profile.preferences, geometry=geometry))
        # Ending the threads can take a second, and longer while torch is being imported.
        self.window.hide()
        self._first_paint.stop()
        self._turns.forget_all()
        self.window.strip.set_playing(False)
        self.slow_motion.stop()
        self.film.stop()
        self.model_out.stop()
        self.many_points.stop()
        self.downloads.stop()
        self.past.close()
        self.compare.close()
        self.compare_opener.close()
        self.importer.stop()
        self.files.stop()
        self.ended = self.bridge.shutdown()
        if not self.ended:
            _log.warning("a background thread did not end in time")
        self.files.discard_autosave()
        self._hooks.remove()
        logging.getLogger().removeHandler(self._log_handler)
        self._log_handler.close()

    def _ready(self) -> None:
        if self._options.onnx is not None:
            self.onnx.ask(self._options.onnx)
        if self._options.screenshot is None:
            self._offers.offer_autosave()

    def _remember_theme(self, name: str) -> None:
        self._profile.remember(replace(self._profile.preferences, theme=name))

    def _remember_computing(self, device: DeviceName, precision: Precision) -> None:
        preferences = replace(self._profile.preferences, device=device, precision=precision)
        self._profile.remember(preferences)

    def _engine_kind(self) -> EngineKind:
        """Where training runs in this window. A picture needs no training, and is sooner so."""
        if self._options.engine is None and self._options.screenshot is not None:
            return "thread"
        return self._options.engine or self._profile.preferences.engine

    def _remember_engine(self, kind: EngineKind) -> None:
        self._profile.remember(replace(self._profile.preferences, engine=kind))
        where = "a process of its own" if kind == "process" else "a thread of the window's process"
        self.window.message_bar.info(f"From the next start on, training runs in {where}.")


def _logging_to(file: Path) -> logging.Handler:
    handler: logging.Handler
    try:
        handler = LogFile(file)
    except OSError as error:
        _log.warning("no log file: %s", error)
        handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    return handler
