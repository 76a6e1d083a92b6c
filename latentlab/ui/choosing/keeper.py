"""Keeps what is chosen: by lasso, by class, all, none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from latentlab.app.chosen import Chosen, Gather
from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.ui.arithmetic.keeper import Arithmetic
from latentlab.ui.choosing.exporter import PointExporter
from latentlab.ui.choosing.menu import add_points_menu
from latentlab.ui.choosing.sheet_keeper import SheetKeeper
from latentlab.ui.commands import SEPARATOR, MenuCommand
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News
from latentlab.ui.past import Past
from latentlab.ui.workspaces import Workspaces

if TYPE_CHECKING:
    from latentlab.ui.choosing.bar import ChosenBar

_HINT = "Drag around points, or click a class above. Shift adds, Alt removes."
_KINDS = {"train": "training", "test": "test"}


class Choosing(QObject):
    """Changes what is chosen, and says how many on the plane."""

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        controller: Controller,
        news: News,
        past: Past,
        sheet: SheetKeeper,
        exporter: PointExporter,
        arithmetic: Arithmetic,
        workspaces: Workspaces,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._news = news
        self._sheet = sheet
        self._exporter = exporter
        self._arithmetic = arithmetic
        self._bar: ChosenBar | None = None
        plane = window.plane
        plane.pointsChosen.connect(self._gather)
        plane.classChosen.connect(self._gather_class)
        plane.lassoSwitched.connect(self._show)
        self._actions, class_menu = add_points_menu(window, self._commands(), self._classes)
        class_menu.switched.connect(self._switch_class)
        store.changed.connect(self._state_changed)
        controller.opened.connect(self._opened)
        sheet.exportWanted.connect(exporter.ask)
        arithmetic.switched.connect(self._actions["arithmetic"].setChecked)
        past.looked_back.connect(self._looked_at)
        past.returned.connect(self._looked_at)
        workspaces.changed.connect(self._workspace_changed)
        self._workspace_changed(store.state.workspace)

    def choose_all(self) -> None:
        """Choose every point on the plane."""
        self._choose(np.arange(self._count), "replace", "choose all points")

    def choose_none(self) -> None:
        """Let all points look alike again."""
        if len(self._store.state.chosen):
            self._store.change("choose no points", chosen=Chosen())

    def switch_lasso(self, on: bool) -> None:
        """Take the lasso up, or put it down."""
        self._window.plane.set_lasso(on)
        self._window.plane.setFocus()
        self._show()

    # --- inside ----------------------------------------------------------------------------------

    def _commands(self) -> Sequence[MenuCommand | None]:
        return (
            MenuCommand(
                "lasso", "&Lasso", self.switch_lasso, ["C"],
                "Drag around points to choose them; Shift adds, Alt removes", checked=False,
            ),
            MenuCommand("chooseAll", "Choose &all", self.choose_all, ["Ctrl+A"]),
            MenuCommand("chooseNone", "Choose n&one", self.choose_none, ["Ctrl+Shift+A"]),
            SEPARATOR,
            MenuCommand(
                "sheet", "&Sheet of images…", self._sheet.open, ["Ctrl+G"],
                "The images of the chosen points, with their reconstructions if wanted",
            ),
            MenuCommand(
                "exportPoints", "&Export points…", self._exporter.ask, ["Ctrl+Shift+E"],
                "A table of μ, log σ² and losses, or the images; of all where none are chosen",
            ),
            SEPARATOR,
            MenuCommand(
                "arithmetic", "Label a&rithmetic", self._arithmetic.switch, ["Ctrl+L"],
                "The mean of a class less that of another, added to z", checked=False,
            ),
        )  # fmt: skip

    @property
    def _count(self) -> int:
        return len(self._window.plane.scene.cloud)

    def _labels(self) -> npt.NDArray[np.int64]:
        """Of the points on the plane."""
        return self._window.plane.scene.cloud.labels

    def _classes(self) -> Sequence[tuple[str, int, bool]]:
        names, labels = self._window.plane.scene.names, self._labels()
        chosen = self._store.state.chosen
        counts = np.bincount(labels[labels >= 0], minlength=len(names))
        among = np.zeros(len(names), np.int64)
        if chosen.split == self._news.split:
            mine = labels[chosen.array[chosen.array < len(labels)]]
            among = np.bincount(mine[mine >= 0], minlength=len(names))
        return [
            (name, int(count), bool(count) and bool(count == part))
            for name, count, part in zip(names, counts, among, strict=True)
        ]

    def _switch_class(self, label: int, on: bool) -> None:
        self._gather_class(label, "add" if on else "remove")

    def _gather_class(self, label: int, how: Gather) -> None:
        self._choose(np.flatnonzero(self._labels() == label), how, "choose a class")

    def _gather(self, indices: npt.NDArray[np.int64], how: Gather) -> None:
        self._choose(indices, how, "choose points")

    def _choose(self, indices: npt.NDArray[np.int64], how: Gather, label: str) -> None:
        chosen = self._store.state.chosen.gathered(self._news.split, indices, how)
        self._store.change(label, chosen=chosen if len(chosen) else Chosen())

    def _opened(self, _opened: Opened) -> None:
        self._show()

    def _looked_at(self, *_: object) -> None:
        """Posteriors of other images may be on the plane."""
        self._show()

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if "chosen" in names:
            self._show()

    def _workspace_changed(self, workspace: str) -> None:
        for action in self._actions.values():
            action.setEnabled(workspace == "explore")
        self._show()

    def _show(self) -> None:
        lasso, chosen = self._window.plane.scene.lasso.on, self._store.state.chosen
        explores = self._store.state.workspace == "explore"
        self._actions["lasso"].setChecked(lasso)
        self._actions["chooseNone"].setEnabled(explores and len(chosen) > 0)
        if self._bar is None and (lasso or len(chosen)):
            self._bar = self._made_bar()
        if self._bar is not None:
            text = self._words(chosen) if len(chosen) else _HINT if lasso else ""
            self._bar.show_text(text, chosen=len(chosen) > 0)

    def _words(self, chosen: Chosen) -> str:
        if chosen.split != self._news.split:
            return f"{len(chosen):,} {_KINDS[chosen.split]} images chosen. None is on the plane."
        return f"{len(chosen):,} of {self._count:,} chosen"

    def _made_bar(self) -> "ChosenBar":
        from latentlab.ui.choosing.bar import ChosenBar  # noqa: PLC0415

        bar = ChosenBar(self._window.plane)
        self._window.keep_themed(bar)
        bar.noneWanted.connect(self.choose_none)
        bar.sheetWanted.connect(self._sheet.open)
        bar.exportWanted.connect(self._exporter.ask)
        return bar
