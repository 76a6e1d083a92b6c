"""Makes the Learn workspace when it is first wanted, and keeps it told of the model."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from latentlab.app.looks import Reply
from latentlab.app.profile import Profile
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.errors import InputError
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.formula import formula_names
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.presentation import Presentation
from latentlab.ui.turns import Turns
from latentlab.ui.workspaces import Workspaces

_TURN = "learn"
_EVERY = 0.25  # seconds between two looks at new weights


class LearnOpener(QObject):
    """The window is there sooner without it."""

    settled = Signal()  # all that the figures have asked about the model is answered
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        looking: Looking,
        turns: Turns,
        presentation: Presentation,
        workspaces: Workspaces,
        dialogs: Dialogs,
        profile: Profile,
        page: int | None,
    ) -> None:
        """page: the number of the page to begin with; None for that of the last time."""
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._turns = turns
        self._presentation = presentation
        self._workspaces = workspaces
        self._dialogs = dialogs
        self._profile = profile
        self._page = page
        self._stale = True  # whether the figures look at what is no longer there
        self.classroom = Classroom(self)
        self.classroom.failed.connect(self.failed)
        self.classroom.idle.connect(self.settled)
        store.changed.connect(self._state_changed)
        controller.opened.connect(self._model_changed)
        looking.step_shown.connect(self._model_changed)
        bridge.reply.connect(self._reply_came)

    def go_on(self) -> None:
        """As its button does."""
        if self._window.learn is not None:
            self._window.learn.go_on()

    def go_back(self) -> None:
        """As its button does."""
        if self._window.learn is not None:
            self._window.learn.go_back()

    def switch_flow(self) -> None:
        """As its button does."""
        if self._window.learn is not None:
            self._window.learn.flow_button.toggle()

    def reset_figures(self) -> None:
        """As its button does."""
        if self._window.learn is not None:
            self._window.learn.reset_figures()

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "workspace" in names and state.workspace == "learn":
            if self._window.learn is None or self._window.learn.row < 0:
                self._make()
            self._store.set_quietly(past=None)  # it shows nothing of the past
            self._tell_soon()
        elif "selected" in names:
            self._model_changed()

    def _make(self) -> None:
        # Here, because the figures are many, and the window need not wait for them.
        from latentlab.app.lesson import pages_folder, read_pages  # noqa: PLC0415
        from latentlab.ui.learn.figures import FIGURES  # noqa: PLC0415

        try:
            pages = read_pages(pages_folder(), formula_names(), FIGURES)
        except InputError as error:  # an installation without its pages
            self.failed.emit(str(error), "")
            return
        workspace = self._window.make_learn_workspace(pages, self.classroom)
        workspace.tryWanted.connect(self._workspaces.choose)
        workspace.pngWanted.connect(self._dialogs.export_page_png)
        workspace.pdfWanted.connect(self._dialogs.export_page_pdf)
        workspace.show_solved(self._profile.preferences.lessons)
        self._presentation.switched.connect(workspace.set_lecture)
        workspace.set_lecture(self._presentation.larger)
        first = self._page is not None and workspace.open_number(self._page)
        if not first and not workspace.open_name(self._profile.preferences.lesson):
            workspace.open_row(0)
        workspace.pageShown.connect(self._remember_page)
        workspace.solved.connect(self._remember_solved)

    def _remember_page(self, name: str) -> None:
        self._profile.remember(replace(self._profile.preferences, lesson=name))

    def _remember_solved(self, name: str) -> None:
        preferences = self._profile.preferences
        if name not in preferences.lessons:
            lessons = (*preferences.lessons, name)
            self._profile.remember(replace(preferences, lessons=lessons))

    def _model_changed(self, *_what: object) -> None:
        self._stale = True
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self._stale and self._store.state.workspace == "learn":
            self._turns.ask(_TURN, self._tell, _EVERY)

    def _tell(self) -> None:
        laboratory, opened = self._bridge.laboratory, self._controller.present
        if laboratory is None or opened is None or not laboratory.viewer.ready:
            return
        if self._store.state.workspace != "learn":
            return  # the front has changed since this was asked for
        from latentlab.app.lesson_model import lesson_model  # noqa: PLC0415

        sight, selected = laboratory.viewer.sight(), self._store.state.selected
        self._stale = False
        self.classroom.show(laboratory.lessons, lesson_model(sight, opened.pair.test, selected))

    def _reply_came(self, reply: Reply) -> None:
        self.classroom.take(reply)
