"""Makes the Infer workspace when it is first wanted, and hands on what the menus want of it.

What only the workspace needs is imported with it.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.pad.keeper import PadKeeper
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.ui.infer.looking import InferLooking

_NOT_IMPROVED = (
    "q is improved where log p(x) is known to compare it with, for 1 or 2 latent dimensions alone."
)


class InferOpener(QObject):
    """The window is there sooner without it. Until then, it keeps in mind who chose the image."""

    settled = Signal()  # all of one image is shown, and exact
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        choices: Choices,
        controller: Controller,
        looking: Looking,
        turns: Turns,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._choices = choices
        self._controller = controller
        self._explored = looking
        self._turns = turns
        self._pad: PadKeeper | None = None
        self._chosen = False
        self.looking: InferLooking | None = None
        controller.opened.connect(self._opened)
        store.changed.connect(self._state_changed)

    def use_pad(self, pad: PadKeeper) -> None:
        """What is drawn on this is inferred, too, in the workspace when it is there."""
        self._pad = pad

    def draw(self) -> None:
        """As the pad's button does."""
        if self._window.infer is not None:
            self._window.infer.pad.click()

    def next_image(self) -> None:
        """As its button does."""
        if self._window.infer is not None:
            self._window.infer.image_panel.stepWanted.emit(1)

    def previous_image(self) -> None:
        """As its button does."""
        if self._window.infer is not None:
            self._window.infer.image_panel.stepWanted.emit(-1)

    def next_ambiguous(self) -> None:
        """As its button does."""
        from latentlab.ui.infer.image_panel import NOT_SEARCHED  # noqa: PLC0415

        section = self._store.state.section
        if self._window.infer is not None and self._can(section.whole, NOT_SEARCHED):
            self._window.infer.image_panel.ambiguousWanted.emit()

    def improve(self) -> None:
        """As its button does, if it can."""
        whole = not self._store.state.section.part
        if self._window.infer is not None and self._can(whole, _NOT_IMPROVED):
            self._window.infer.improve_panel.click_improve()

    def reset_q(self) -> None:
        """As its button does, if it can."""
        whole = not self._store.state.section.part
        if self._window.infer is not None and self._can(whole, _NOT_IMPROVED):
            self._window.infer.improve_panel.click_reset()

    def fit(self) -> None:
        """As its button does."""
        if self._window.infer is not None:
            self._window.infer.fit_button.click()

    def _can(self, possible: bool, why_not: str) -> bool:
        """Whether it is; if not, say why."""
        if not possible:
            self._window.message_bar.info(why_not)
        return possible

    def _opened(self, _opened: Opened) -> None:
        self._chosen = not self._controller.view_is_free  # a session has its own

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if self.looking is not None:
            return
        self._chosen = self._chosen or "selected" in names
        if state.workspace == "infer":
            self._make()

    def _make(self) -> None:
        from latentlab.ui.infer.looking import InferLooking  # noqa: PLC0415
        from latentlab.ui.infer.news import InferNews  # noqa: PLC0415
        from latentlab.ui.infer.view_keeper import ViewKeeper  # noqa: PLC0415

        workspace = self._window.make_infer_workspace()
        view = ViewKeeper(workspace.plane, self._store)
        self.looking = InferLooking(
            self._store,
            self._bridge,
            controller=self._controller,
            looking=self._explored,
            view=view,
            turns=self._turns,
            chosen=self._chosen,
        )
        news = InferNews(
            workspace,
            store=self._store,
            bridge=self._bridge,
            choices=self._choices,
            controller=self._controller,
            explored=self._explored,
            looking=self.looking,
            view=view,
            turns=self._turns,
        )
        self.looking.failed.connect(self.failed)
        self.looking.ladder.connect(self._settle)
        if self._pad is not None:
            self._pad.add_place("infer", workspace.pad, workspace.overview, tells=False)
            self._pad.looked.connect(news.show_drawn)
        news.catch_up(self._bridge.drawn)
        self.looking.begin()

    def _settle(self, _rungs: object) -> None:
        self.settled.emit()
