"""What is open, and the commands to the engine that trains it."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace as _replaced
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from latentlab.app.first_state import fitted_state, fresh_state
from latentlab.app.opening import Opened
from latentlab.app.state import Z_LIMIT, AppState
from latentlab.app.store import Store
from latentlab.app.timeline import Kept, branched
from latentlab.core.checkpoint import Checkpoint
from latentlab.system import give_back_memory
from latentlab.training.dissected import Dissected
from latentlab.training.messages import (
    RUNS_KEPT,
    Begin,
    Branch,
    Command,
    Crashed,
    Curves,
    DeviceName,
    Dissect,
    EndPlan,
    Failed,
    Noted,
    Notice,
    Open,
    Pause,
    PlanProgress,
    Precision,
    Reset,
    Save,
    Saved,
    SetObjective,
    SetSettings,
    Settings,
    Snapshot,
    Stopped,
    Switch,
    Train,
)
from latentlab.training.plan import Plan
from latentlab.ui.bridge import Bridge
from latentlab.ui.run_control import RunControl


class Controller(RunControl):
    """Holds what is open, and tells the engine what the state asks of it."""

    opened = Signal(object)  # Opened: another model or other data are shown now
    renamed = Signal(object)  # Opened: the same run by the name it was saved under
    snapshot = Signal(object)  # Snapshot of the run that is shown
    dissected = Signal(object)  # Dissected: the step that `dissect` asked for
    computing = Signal(str, str)  # device and precision of the steps from now on
    stopped = Signal(str, bool)  # training stopped, and why; whether it was a plan's end
    noted = Signal(str)  # a sentence the user should know
    decodable = Signal()  # the viewer has the weights of what is open
    crashed = Signal(str, int)  # the engine's process ended, how, and the step last seen
    begun = Signal(int, str, int)  # a run's number, how it begins, where it branches off or −1
    restarted = Signal()  # another engine is in its place
    failed = Signal(str, str)  # a sentence; a report, or ""

    def __init__(self, store: Store, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._bridge = bridge
        self._opened: Opened | None = None
        self._snapshot: Snapshot | None = None
        self._seed = 0
        self._weight_decay = 0.0
        self._device: DeviceName = "cpu"
        self._precision: Precision = "auto"
        self._runs = 0  # numbers given to runs so far
        self._first_run = 0  # of what is open
        self._engine_run = 0  # the run the engine was last told
        self._kept: deque[int] = deque(maxlen=RUNS_KEPT)  # the runs that the engine keeps
        self._awaited = False  # whether the engine has yet to say how what it was told stands
        self._crash = ""  # how the engine's process ended, where that is gone
        self._refused = False  # whether the engine could not open what is open
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
    def plan(self) -> PlanProgress | None:
        """How far the long run under way is, as last heard."""
        return self._snapshot.plan if self._snapshot is not None else None

    @property
    def kept_runs(self) -> set[int]:
        """Those that can be gone back to."""
        return set(self._kept)

    @property
    def curves(self) -> Curves | None:
        """The run's curves as last heard of."""
        return self._snapshot.curves if self._snapshot is not None else None

    @property
    def unsaved(self) -> bool:
        """Whether there is training that no file holds."""
        return self._snapshot is not None and self._snapshot.unsaved

    @property
    def heard(self) -> bool:
        """Whether the engine has said how what is open stands."""
        return self._last is not None and not self._awaited

    @property
    def decodes(self) -> bool:
        """Whether there are weights to look with."""
        laboratory = self._bridge.laboratory
        return laboratory is not None and laboratory.viewer.ready

    @property
    def version(self) -> tuple[int, int]:
        """Of the weights last heard of: their run, and what grows with every change of them."""
        seen = self._snapshot
        return (seen.run, seen.version) if seen is not None else (0, 0)

    @property
    def engine_knows(self) -> bool:
        """Whether the engine was told what is open."""
        return self._engine_knows

    @property
    def engine_gone(self) -> bool:
        """Whether the engine's process has ended unasked, and there is no other yet."""
        return bool(self._crash)

    @property
    def refused(self) -> bool:
        """Whether what is open could not be opened in the engine, which has no other either."""
        return self._refused

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
        self._kept.clear()
        self._kept.append(self._runs)
        self._engine_knows = self._refused = False
        self._snapshot = None
        self._opened = opened
        self._view_is_free = state is None
        # The old weights and images must answer no look at the new state.
        self._give_images()
        self._seed = int(training.get("seed", 0))
        self._weight_decay = float(training.get("weight_decay", 0.0))
        run, present = self._runs, self._store.state
        self._store.start_over(
            fitted_state(state, opened, run) if state else fresh_state(opened, present, run)
        )
        self._bridge.forget_cloud()
        # First the images, then their points: a point has its colour from its image's label.
        self.opened.emit(opened)
        cloud = opened.stored_cloud
        if cloud is not None:
            self._bridge.show_cloud(cloud, at_once=True)
        self.tell_engine()
        if self._first_run > 1:
            give_back_memory()  # of what was open before

    def rename(self, model: str) -> None:
        """The run was saved there: it has that name now. Back to loaded is still what it was."""
        if self._opened is not None and self._opened.model != model:
            self._opened = _replaced(self._opened, model=model)
            self.renamed.emit(self._opened)

    def tell_engine(self) -> None:
        """Give viewer and engine what is open, as soon as there are any; it has been checked."""
        opened, laboratory = self._opened, self._bridge.laboratory
        if opened is None or laboratory is None:
            return
        if laboratory.look_with(opened, self._store.state.likelihood):
            self.decodable.emit()
        # Not before: a process that loads torch would slow down the first picture.
        if self._crash:
            self._replace_engine()
        else:
            laboratory.start_engine()
        self._open_in_engine(opened)

    # --- training --------------------------------------------------------------------------------

    def restart(self, autosave: Checkpoint | None = None) -> None:
        """Start another engine in place of one that is gone, paused where that was last seen.

        Or from its autosave, which also holds the optimiser and a plan under way.
        """
        opened = self._opened
        if opened is None or not self._crash:
            return
        self._runs += 1
        self._engine_run = self._runs
        self._kept.append(self._runs)
        self._store.set_quietly(run=self._runs)
        self._replace_engine()
        self._open_in_engine(opened, autosave or self._last)

    def save(self, path: Path, *, autosave: bool = False) -> None:
        """Write the run to `path`, also where the engine is gone; Saved or Failed follows."""
        opened, last, laboratory = self._opened, self._last, self._bridge.laboratory
        if not self._crash:
            self._send(Save(path, autosave))
        elif laboratory is not None and opened is not None and last is not None:
            laboratory.rescue(last, opened.pair.train, path, autosave=autosave)

    def dissect(self) -> None:
        """Take one step, and hear in `dissected` what happened in it."""
        self._send(Dissect())

    def begin(self, plan: Plan) -> None:
        """Begin a long run."""
        self._send(Begin(plan))

    def end_plan(self) -> None:
        """End the long run under way; its best weights are kept."""
        self._send(EndPlan())

    def choose_device(self, device: DeviceName) -> None:
        """Take the steps there from now on."""
        self.compute(device, self._precision)

    def choose_precision(self, precision: Precision) -> None:
        """Take the steps in this precision from now on."""
        self.compute(self._device, precision)

    def compute(self, device: DeviceName, precision: Precision) -> None:
        """Take the steps there and so from now on."""
        if (device, precision) == (self._device, self._precision):
            return
        self._device, self._precision = device, precision
        if self._engine_knows:
            self._send(SetSettings(self._settings(self._store.state)))
        self.computing.emit(device, precision)

    def reset(self) -> None:
        """Back to the model as loaded; from scratch if none was."""
        loaded = self._opened is not None and self._opened.checkpoint is not None
        self._reset("loaded" if loaded else "scratch")

    def start_from_scratch(self) -> None:
        """New weights from the seed."""
        self._reset("scratch")

    def branch(self, kept: Kept) -> None:
        """Go on from these weights of the past; undo brings the present run back."""
        opened, last = self._opened, self._last
        if opened is None or last is None or self._bridge.laboratory is None:
            return
        self._begin_run(
            f"branch off at step {kept.step:,}",
            lambda run: Branch(branched(last, kept, opened.pair.train), run),
            kept.step,
        )

    def select(self, index: int) -> None:
        """Select a training image; −1 for none. An index beyond the images changes nothing.

        Where K > 2, the plane moves to where the image's mean is, so that z on it can be there.
        """
        if self._opened is not None and index < len(self._opened.pair.train):
            chosen = index if index >= 0 else None
            section, drawn = self._store.state.section, self._bridge.drawn
            if chosen is not None and drawn is not None and drawn.mu.shape[1] == section.latent_dim:
                mu = np.clip(drawn.mu[chosen], -Z_LIMIT, Z_LIMIT)
                section = section.through(mu) if np.isfinite(mu).all() else section
            self._store.change("select", selected=chosen, section=section)

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _last(self) -> Snapshot | None:
        """What was last seen of what is open."""
        seen = self._snapshot
        return seen if seen is not None and self.is_open(seen.run) else None

    def _give_images(self) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is not None and self._opened is not None:
            laboratory.viewer.set_data(self._opened.pair.train)

    def _reset(self, to: str) -> None:
        if self._bridge.laboratory is None or self._opened is None:
            return
        label = "back to loaded" if to == "loaded" else "start from scratch"
        self._begin_run(label, lambda run: Reset("loaded" if to == "loaded" else "scratch", run))

    def _begin_run(
        self, label: str, command: Callable[[int], Command], branched_at: int = -1
    ) -> None:
        """Another run of what is open, by `command` of its number; undo brings this one back."""
        self.restart()
        self._runs += 1
        self._engine_run = self._runs
        self._kept.append(self._runs)
        self._send(command(self._runs))
        self.begun.emit(self._runs, label, branched_at)
        self._store.change(label, run=self._runs)

    def _settings(self, state: AppState) -> Settings:
        return Settings(
            learning_rate=state.learning_rate,
            batch_size=state.batch_size,
            seed=self._seed,
            weight_decay=self._weight_decay,
            precision=self._precision,
            device=self._device,
        )

    def _tell(self, command: Train | Pause) -> None:
        self._send(command)

    def _send(self, command: Command) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is None:
            return
        if self._crash and isinstance(command, Train | EndPlan) and self.plan is not None:
            self._tell_crash()  # whether the plan goes on is not for this to decide
            return
        if isinstance(command, Train | Begin):
            self.restart()
        if self._refused and self._opened is not None and isinstance(command, Train | Begin | Save):
            self._open_in_engine(self._opened, self._last)  # there may be memory by now
        laboratory.engine.send(command)

    def _open_in_engine(self, opened: Opened, last: Snapshot | Checkpoint | None = None) -> None:
        state = self._store.state
        self._refused = False
        self._send(
            Open(
                data=opened.pair,
                checkpoint=opened.checkpoint,
                architecture=opened.architecture,
                weights=last.weights if last else state.weights,
                likelihood=last.likelihood if last else state.likelihood,
                settings=self._settings(state),
                run=state.run,
                last=last,
            )
        )
        self._engine_knows = self._awaited = True
        if last is not None:
            # What was switched since then is marked on the curves.
            self._send(SetObjective(state.weights, state.likelihood))

    def _replace_engine(self) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is not None:
            laboratory.replace_engine()
            self._crash = ""
            self.restarted.emit()

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if not self._engine_knows:
            return  # it will be told all at once
        if "run" in names and state.run != self._engine_run:
            self._switch(state.run)  # first: the rest is of this run
        if names & {"weights", "likelihood"}:
            self._send(SetObjective(state.weights, state.likelihood))
        if names & {"learning_rate", "batch_size"}:
            self._send(SetSettings(self._settings(state)))

    def _switch(self, run: int) -> None:
        if run not in self._kept:
            self._store.set_quietly(run=self._engine_run)
            self.failed.emit("That run is no longer kept, so it cannot be brought back.", "")
        else:
            self._engine_run = run
            self._send(Switch(run))

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        if snapshot.run != self._store.state.run:
            return  # of a run that was left meanwhile
        self._awaited = False
        self._show_snapshot(snapshot)

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        first = self._snapshot is None or self._snapshot.run != snapshot.run
        exact = not snapshot.running and snapshot.cloud.step == snapshot.weights_step
        self._snapshot = snapshot
        self._bridge.show_cloud(snapshot.cloud, at_once=exact or first)
        self.snapshot.emit(snapshot)

    def _notice_came(self, notice: Notice) -> None:
        if isinstance(notice, Dissected):
            self.dissected.emit(notice)
        elif isinstance(notice, Stopped):
            self.stopped.emit(notice.reason, notice.planned)
        elif isinstance(notice, Noted):
            if notice.settings is not None:
                self.compute(notice.settings.device, notice.settings.precision)
            self.noted.emit(notice.message)
        elif isinstance(notice, Failed):
            if notice.run is not None and notice.run == self._engine_run:
                self._engine_knows, self._refused = False, True
            self.failed.emit(notice.message, notice.report)
        elif isinstance(notice, Crashed):
            self._lose_engine(notice.reason)
        elif isinstance(notice, Saved) and self._crash and not notice.autosave:
            self._see_again(unsaved=False)

    def _lose_engine(self, how: str) -> None:
        self._crash = how
        self._kept.clear()
        self._see_again(running=False, images_per_second=0.0)
        self._tell_crash()

    def _tell_crash(self) -> None:
        self.crashed.emit(self._crash, self._last.step if self._last else -1)

    def _see_again(self, **changed: Any) -> None:
        """What was last seen is so no more, and there is no engine that says so."""
        if self._last is not None:
            self._show_snapshot(_replaced(self._last, **changed))
