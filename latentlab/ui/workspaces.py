"""Which workspace is in front, and what the run bar means there."""

from PySide6.QtCore import QObject, Signal

from latentlab.app.state import AppState, Workspace
from latentlab.app.store import Store
from latentlab.training.messages import Compared, Snapshot
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.run_control import RunControl

TITLES: dict[str, Workspace] = {
    "Explore": "explore",
    "Compare": "compare",
    "Infer": "infer",
    "Learn": "learn",
}


class Workspaces(QObject):
    """Hands Train, Step, Epoch and Reset to the workspace in front, and shows how far that is.

    Only one trains: the run of Explore, which Infer and Learn look at, too, pauses while networks
    are compared, and they while it is in front.
    """

    changed = Signal(str)  # the workspace in front now
    stepWanted = Signal()  # of the run of Explore, where that is in front

    def __init__(
        self, window: MainWindow, store: Store, explore: Controller, compare: CompareController
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._explore = explore
        self._compare = compare
        self._explored: Snapshot | None = None
        window.run_bar.set_workspaces(list(TITLES))
        window.run_bar.workspaceChosen.connect(self.choose_title)
        explore.snapshot.connect(self._explored_more)
        compare.compared.connect(self._compared_more)
        compare.begun.connect(self._show_run)
        store.changed.connect(self._state_changed)

    @property
    def front(self) -> Workspace:
        """The workspace in front."""
        return self._store.state.workspace

    def choose_title(self, title: str) -> None:
        """Bring the workspace of this tab to the front; the tabs keep the focus."""
        self._store.set_quietly(workspace=TITLES[title])

    def choose(self, workspace: Workspace) -> None:
        """Bring it to the front, with the focus on a plane."""
        self._store.set_quietly(workspace=workspace)
        self._window.focus_plane(workspace)

    def train(self, on: bool) -> None:
        """Train until paused, or pause."""
        self._front.train(on)

    def toggle_training(self) -> None:
        """Train or pause, whichever is not so."""
        self._front.toggle_training()

    def step(self) -> None:
        """Take one step."""
        if self.front == "explore":
            self.stepWanted.emit()
        else:
            self._front.step()

    def epoch(self) -> None:
        """Train to the end of this epoch."""
        self._front.epoch()

    def reset(self) -> None:
        """Back to what was loaded."""
        self._front.reset()

    def start_from_scratch(self) -> None:
        """New weights."""
        self._front.start_from_scratch()

    @property
    def _front(self) -> RunControl:
        return self._compare if self.front == "compare" else self._explore

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "workspace" not in names:
            return
        if state.workspace == "compare" and self._explore.running:
            self._explore.train(False)
        self._window.show_workspace(state.workspace)
        self._show_run()
        self.changed.emit(state.workspace)

    def _explored_more(self, snapshot: Snapshot) -> None:
        self._explored = snapshot
        self._show_run()

    def _compared_more(self, _compared: Compared) -> None:
        self._show_run()

    def _show_run(self) -> None:
        bar, explored, compared = self._window.run_bar, self._explored, self._compare.newest
        if self.front == "compare":
            bar.set_reset_means(True)
            if compared is None:
                bar.show_run(False, 0.0, 0, 0.0)
            else:
                step = max(member.step for member in compared.members)
                speed = compared.images_per_second
                bar.show_run(compared.running, compared.epoch, step, speed)
        elif explored is not None:
            opened = self._explore.present
            bar.set_reset_means(bool(opened and (opened.checkpoint or opened.onnx)))
            speed = explored.images_per_second
            bar.show_run(explored.running, explored.epoch, explored.step, speed)
