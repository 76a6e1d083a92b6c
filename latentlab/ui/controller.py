"""What is open, and the commands to the engine that trains it."""

from dataclasses import replace as _replaced

from PySide6.QtCore import QObject, Signal

from latentlab.app.opening import Opened
from latentlab.app.state import (
    BATCH_SIZE_RANGE,
    LEARNING_RATE_RANGE,
    AppState,
)
from latentlab.app.store import Store
from latentlab.training.messages import (
    RUNS_KEPT,
    Command,
    Failed,
    Notice,
    Open,
    Pause,
    Reset,
    SetObjective,
    SetSettings,
    Settings,
    Snapshot,
    Stopped,
    Switch,
    Train,
)
from latentlab.ui.bridge import Bridge


class Controller(QObject):
    """Holds what is open, and tells the engine what the state asks of it."""

    opened = Signal(object)  # Opened: another model or other data are shown now
    renamed = Signal(object)  # Opened: the same run by the name it was saved under
    snapshot = Signal(object)  # Snapshot of the run that is shown
    stopped = Signal(str)  # training stopped by itself, and why
    failed = Signal(str, str)  # a sentence; a report, or ""

    def __init__(self, store: Store, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._bridge = bridge
        self._opened: Opened | None = None
        self._snapshot: Snapshot | None = None
        self._seed = 0
        self._runs = 0  # numbers given to runs so far
        self._first_run = 0  # of what is open
        self._engine_run = 0  # the run the engine was last told
        self._engine_knows = False  # what is open
        self._view_is_free = True
        store.changed.connect(self._state_changed)
        bridge.ready.connect(self._give_images)
        bridge.snapshot.connect(self._snapshot_came)
        bridge.notice.connect(self._notice_came)

    @property
    def present(self) -> Opened | None:
        """What is open."""
        return self._opened

    @property
    def running(self) -> bool:
        """Whether the engine trains, as last heard."""
        return self._snapshot is not None and self._snapshot.running

    @property
    def unsaved(self) -> bool:
        """Whether there is training that no file holds."""
        return self._snapshot is not None and self._snapshot.unsaved

    @property
    def heard(self) -> bool:
        """Whether the engine has said how what is open stands."""
        return self._snapshot is not None and self.is_open(self._snapshot.run)

    @property
    def version(self) -> int:
        """Of the weights last heard of; it grows with every change of them."""
        return self._snapshot.version if self._snapshot is not None else 0

    @property
    def engine_knows(self) -> bool:
        """Whether the engine was told what is open."""
        return self._engine_knows

    @property
    def view_is_free(self) -> bool:
        """Whether nobody has chosen what part of the plane to see of what is open."""
        return self._view_is_free

    def is_open(self, run: int) -> bool:
        """Whether this run is of what is open now."""
        return run >= self._first_run

    # --- opening ---------------------------------------------------------------------------------

    def show(self, opened: Opened, state: AppState | None = None) -> None:
        """Open this in the engine and forget what was open; `state` if it comes from a session."""
        checkpoint = opened.checkpoint
        training = checkpoint.training if checkpoint else {}
        self._runs += 1
        self._first_run = self._engine_run = self._runs
        self._engine_knows = False
        self._opened = opened
        self._view_is_free = state is None
        # The old weights and images must answer no look at the new state.
        self._give_images()
        self._seed = int(training.get("seed", 0))
        present = self._store.state
        fresh = AppState(
            weights=checkpoint.weights if checkpoint else present.weights,
            likelihood=checkpoint.likelihood if checkpoint else present.likelihood,
            learning_rate=_bounded(
                training.get("learning_rate", present.learning_rate), *LEARNING_RATE_RANGE
            ),
            batch_size=int(
                _bounded(training.get("batch_size", present.batch_size), *BATCH_SIZE_RANGE)
            ),
            ellipse_scale=present.ellipse_scale,
            map_on=present.map_on,
            strip_count=present.strip_count,
            spherical=present.spherical,
            log_curves=present.log_curves,
            # So that every panel has something to show from the start.
            selected=0,
            run=self._runs,
        )
        self._store.start_over(self._within(state, opened) if state else fresh)
        self._bridge.forget_cloud()
        # First the images, then their points: a point has its colour from its image's label.
        self.opened.emit(opened)
        cloud = opened.stored_cloud
        if cloud is not None:
            self._bridge.show_cloud(cloud, at_once=True)
        self.tell_engine()

    def rename(self, model: str) -> None:
        """The run was saved there: it has that name now. Back to loaded is still what it was."""
        if self._opened is not None and self._opened.model != model:
            self._opened = _replaced(self._opened, model=model)
            self.renamed.emit(self._opened)

    def tell_engine(self) -> None:
        """Give the engine what is open, as soon as there is an engine."""
        opened, laboratory = self._opened, self._bridge.laboratory
        if opened is None or laboratory is None:
            return
        state = self._store.state
        self._send(
            Open(
                data=opened.pair,
                checkpoint=opened.checkpoint,
                architecture=opened.architecture,
                weights=state.weights,
                likelihood=state.likelihood,
                settings=self._settings(state),
                run=state.run,
            )
        )
        self._engine_knows = True

    # --- training --------------------------------------------------------------------------------

    def train(self, on: bool) -> None:
        """Train until paused, or pause."""
        self._send(Train() if on else Pause())

    def toggle_training(self) -> None:
        """Train or pause, whichever is not so."""
        self.train(not self.running)

    def step(self) -> None:
        """Take one step."""
        self._send(Train(1))

    def epoch(self) -> None:
        """Train to the end of this epoch."""
        self._send(Train("epoch"))

    def reset(self) -> None:
        """Back to the model as loaded; from scratch if none was."""
        loaded = self._opened is not None and self._opened.checkpoint is not None
        self._reset("loaded" if loaded else "scratch")

    def start_from_scratch(self) -> None:
        """New weights from the seed."""
        self._reset("scratch")

    def select(self, index: int) -> None:
        """Select a training image; −1 for none. An index beyond the images changes nothing."""
        if self._opened is not None and index < len(self._opened.pair.train):
            self._store.change("select", selected=index if index >= 0 else None)

    # --- inside ----------------------------------------------------------------------------------

    def _give_images(self) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is not None and self._opened is not None:
            laboratory.viewer.set_data(self._opened.pair.train)

    def _reset(self, to: str) -> None:
        if self._bridge.laboratory is None or self._opened is None:
            return
        self._runs += 1
        self._engine_run = self._runs
        self._send(Reset("loaded" if to == "loaded" else "scratch", self._runs))
        label = "back to loaded" if to == "loaded" else "start from scratch"
        self._store.change(label, run=self._runs)

    def _settings(self, state: AppState) -> Settings:
        return Settings(state.learning_rate, state.batch_size, self._seed)

    def _send(self, command: Command) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is not None:
            laboratory.engine.send(command)

    def _within(self, state: AppState, opened: Opened) -> AppState:
        """A session's state, as far as it fits the data."""
        selected = state.selected
        if selected is not None and selected >= len(opened.pair.train):
            selected = None
        isolated = state.isolated_class
        if isolated is not None and isolated >= len(opened.pair.train.class_names):
            isolated = None
        return _replaced(state, selected=selected, isolated_class=isolated, run=self._runs)

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if not self._engine_knows:
            return  # it will be told all at once
        if names & {"weights", "likelihood"}:
            self._send(SetObjective(state.weights, state.likelihood))
        if names & {"learning_rate", "batch_size"}:
            self._send(SetSettings(self._settings(state)))
        if "run" in names and state.run != self._engine_run:
            self._switch(state.run)

    def _switch(self, run: int) -> None:
        if run <= self._runs - RUNS_KEPT:
            self._store.set_quietly(run=self._engine_run)
            self.failed.emit("That run is no longer kept, so it cannot be brought back.", "")
        else:
            self._engine_run = run
            self._send(Switch(run))

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        if snapshot.run != self._store.state.run:
            return  # of a run that was left meanwhile
        first = self._snapshot is None or self._snapshot.run != snapshot.run
        exact = not snapshot.running and snapshot.cloud.step == snapshot.weights_step
        self._snapshot = snapshot
        self._bridge.show_cloud(snapshot.cloud, at_once=exact or first)
        self.snapshot.emit(snapshot)

    def _notice_came(self, notice: Notice) -> None:
        if isinstance(notice, Stopped):
            self.stopped.emit(notice.reason)
        elif isinstance(notice, Failed):
            self.failed.emit(notice.message, notice.report)


def _bounded(value: float, low: float, high: float) -> float:
    """What a model's file says of its training may be beyond what the window offers."""
    return min(max(value, low), high)
