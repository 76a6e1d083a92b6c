"""Keeps the list of branches, and does what is wanted of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from latentlab.app.branches import Branches
from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.core.regime import Regime
from latentlab.training.messages import Snapshot
from latentlab.training.rescue import checkpoint_of
from latentlab.ui.compare.controller import CompareController, Given
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.past import Past
from latentlab.ui.workspaces import Workspaces

if TYPE_CHECKING:
    from latentlab.ui.branches.dialog import BranchesDialog


class BranchKeeper(QObject):
    """Knows all runs of what is open by name, and shows them."""

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        controller: Controller,
        compare: CompareController,
        workspaces: Workspaces,
        past: Past,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._controller = controller
        self._compare = compare
        self._workspaces = workspaces
        self._past = past
        self._dialog: BranchesDialog | None = None
        self.branches = Branches()
        controller.opened.connect(self._open)
        controller.begun.connect(self._begin)
        controller.snapshot.connect(self._see)
        store.changed.connect(self._state_changed)
        window.history_bar.branchesWanted.connect(self.show)

    def show(self) -> None:
        """Show the list, in a window of its own beside the work."""
        if self._dialog is None:
            from latentlab.ui.branches.dialog import BranchesDialog  # noqa: PLC0415

            self._dialog = dialog = BranchesDialog(self._window)
            dialog.renamed.connect(self._rename)
            dialog.goneTo.connect(self._go_to)
            dialog.compareWanted.connect(self._compare_runs)
            dialog.removeWanted.connect(self._remove)
        self._show_list()
        self._dialog.show()
        self._dialog.raise_()

    def _open(self, opened: Opened) -> None:
        self.branches.clear()
        run, checkpoint = self._store.state.run, opened.checkpoint
        if checkpoint is None:
            self.branches.begin(run, opened.title, "from scratch")
        else:
            minimised = ((0, Regime(checkpoint.weights, checkpoint.likelihood)),)
            self.branches.begin(run, opened.title, "as it was opened", minimised)
        self._show_list()

    def _begin(self, run: int, label: str, step: int) -> None:
        name = f"branch at step {step:,}" if step >= 0 else label
        before = self.branches.get(self._store.state.run)
        if step >= 0 and before is not None:
            began = f"of {before.name}, step {step:,}"
            self.branches.begin(run, name, began, before.minimised_until(step))
        else:
            self.branches.begin(run, name, label)
        self.branches.keep_only(self._controller.kept_runs)
        self._show_list()

    def _see(self, snapshot: Snapshot) -> None:
        self.branches.see(snapshot)
        self._show_list()

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if "run" in names:
            self._show_list()

    def _rename(self, run: int, name: str) -> None:
        self.branches.rename(run, name)
        self._show_list()

    def _remove(self, runs: list[int]) -> None:
        for run in runs:
            self.branches.remove(run)
        self._show_list()

    def _go_to(self, run: int) -> None:
        """Go on with a run, and with what it minimised."""
        known = self.branches.get(run)
        if known is None or known.newest is None:
            return
        newest = known.newest
        self._store.change(
            f"go to {known.name}", run=run, weights=newest.weights, likelihood=newest.likelihood
        )

    def _compare_runs(self, runs: list[int]) -> None:
        opened = self._controller.present
        latent_dim = opened.latent_dim if opened else 2
        if latent_dim != 2:
            self._window.message_bar.info(
                f"Compare lays planes side by side that are whole latent spaces of 2 dimensions, "
                f"and these networks have {latent_dim}: go to one of them at a time instead."
            )
            return
        given = []
        for run in runs:
            branch = self.branches.get(run)
            if opened is None or branch is None or branch.newest is None or branch.regime is None:
                continue
            checkpoint = checkpoint_of(branch.newest, opened.pair.train)
            past = self._past.of_run(run)
            given.append(Given(branch.name, branch.regime, checkpoint, past, branch.minimised))
        self._compare.compare(given)
        self._workspaces.choose("compare")

    def _show_list(self) -> None:
        self._window.history_bar.show_branches(len(self.branches))
        if self._dialog is not None:
            self._dialog.show_branches(self.branches.all(), self._store.state.run)
