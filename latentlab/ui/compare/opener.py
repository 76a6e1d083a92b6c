"""Makes the Compare workspace when it is first wanted, with all that serves it.

What only the workspace needs is imported with it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.ui.compare.past import ComparePast


class CompareOpener(QObject):
    """The window is there sooner without it."""

    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        choices: Choices,
        controller: Controller,
        compare: CompareController,
        turns: Turns,
        folder: Path,
    ) -> None:
        """folder: where there is disk for what is long past."""
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._choices = choices
        self._controller = controller
        self._compare = compare
        self._turns = turns
        self._folder = folder
        self.past: ComparePast | None = None
        compare.beginning.connect(self._make)
        store.changed.connect(self._state_changed)

    def close(self) -> None:
        """Let go of all that is kept."""
        if self.past is not None:
            self.past.close()

    def _state_changed(self, state: AppState, _names: frozenset[str]) -> None:
        if state.workspace == "compare":
            self._make()

    def _make(self) -> None:
        if self.past is not None:
            return
        from latentlab.ui.compare.intents import CompareIntents  # noqa: PLC0415
        from latentlab.ui.compare.news import CompareNews  # noqa: PLC0415
        from latentlab.ui.compare.past import ComparePast  # noqa: PLC0415

        workspace = self._window.make_compare_workspace()
        news = CompareNews(
            workspace,
            store=self._store,
            bridge=self._bridge,
            controller=self._compare,
            turns=self._turns,
        )
        CompareIntents(
            workspace,
            choices=self._choices,
            controller=self._controller,
            compare=self._compare,
            news=news,
        )
        self.past = past = ComparePast(
            workspace.history_bar,
            store=self._store,
            bridge=self._bridge,
            controller=self._compare,
            turns=self._turns,
            folder=self._folder,
        )
        past.looked_back.connect(news.show_past)
        past.figures.connect(news.show_past_figures)
        past.returned.connect(news.show_now)
        past.failed.connect(self.failed)
        news.catch_up()
