"""Keeps the traversals up to date while they are in view."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.app.traversal import Traversal
from latentlab.core.axes import AxisFigures
from latentlab.errors import told
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.ui.traversal_panel import TraversalPanel

_SECONDS = 0.5  # at least, between two looks while training


class Traversing(QObject):
    """Asks for them when z, the weights or the axes' figures change."""

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
        self._turns = turns
        self._panel: TraversalPanel | None = None
        self._figures: AxisFigures | None = None
        self._asked: AxisFigures | None = None  # whose axes were asked for last
        self._on = False
        window.section_panel.traverseSwitched.connect(self.switch)
        store.changed.connect(self._state_changed)
        looking.step_shown.connect(self._look_again)
        controller.opened.connect(self._opened)
        bridge.reply.connect(self._reply_came)

    @property
    def panel(self) -> "TraversalPanel | None":
        """What shows them; None before it was first wanted."""
        return self._panel

    def switch(self, on: bool) -> None:
        """Show the traversals in place of the path from z1 to z2, or that again."""
        if on and self._panel is None:
            self._panel = panel = self._window.make_traversal_panel()
            panel.chosen.connect(self._choices.move_along)
            panel.closed.connect(self._close)
        self._on = on
        if self._panel is not None:
            self._window.show_traversal(on)
        self._window.section_panel.set_traversing(on)
        self._look_again()

    def take_figures(self, figures: AxisFigures | None) -> None:
        """Those of the posteriors as they are now."""
        self._figures = figures
        self._look_again()

    def _close(self) -> None:
        self.switch(False)

    def _opened(self, _opened: Opened) -> None:
        self._figures = None
        if self._panel is not None:
            self._panel.show_traversal(None, None)
        if self._on and self._store.state.section.latent_dim <= 2:
            self.switch(False)

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if names & {"z", "section"} and self._panel is not None and self._on:
            self._panel.show_z(state.section.lift(state.z).tolist())
            self._look_again()

    def _look_again(self, *_: object) -> None:
        if self._on:
            self._turns.ask("traversal", self._ask, _SECONDS if self._controller.running else 0.0)

    def _ask(self) -> None:
        laboratory, state, figures = self._bridge.laboratory, self._store.state, self._figures
        known = figures is not None and len(figures.kl) == state.section.latent_dim
        if not (self._on and known and laboratory is not None and laboratory.viewer.ready):
            return
        assert figures is not None
        self._asked = figures
        z = state.section.lift(state.z)
        laboratory.viewer.request_traversal(z, figures)
        if self._panel is not None:
            self._panel.show_z(z.tolist())

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != "traversal" or self._panel is None:
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The traversals could not be drawn"))
        elif isinstance(reply.value, Traversal):
            self._panel.show_traversal(reply.value, self._asked)
