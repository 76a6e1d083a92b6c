"""Looking back at a run: what is kept of it, and what of that is shown."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from latentlab.app.archive import Archive, not_kept
from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.app.state import CONTENDERS, AppState
from latentlab.app.store import Store
from latentlab.app.timeline import Timeline
from latentlab.core.history import History, history_beside, load_history
from latentlab.errors import told
from latentlab.paths import pretrained_models
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.history_bar import HistoryBar
from latentlab.ui.looking import Looking

_REPLY = "history"
# How many runs' past is kept: it is larger than the runs themselves.
_RUNS = CONTENDERS[1]


class Past(QObject):
    """Keeps a Timeline of each run of what is open, and shows a moment of the present one."""

    looked_back = Signal(object)  # Moment
    returned = Signal()  # what is shown is of now again
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        bar: HistoryBar,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        looking: Looking,
        folder: Path,
    ) -> None:
        """folder: where there is disk for what is long past."""
        super().__init__(bar)
        self._bar = bar
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._looking = looking
        self._folder = folder
        self._archive = Archive()
        self._timelines: dict[int, Timeline] = {}
        self._run = 0  # the first of what is open
        self._running = False
        self._history: History | None = None  # of the model, where it was shipped with one
        self._asked: Path | None = None  # a history that is to be read
        controller.opened.connect(self._forget)
        controller.snapshot.connect(self._take)
        bridge.reply.connect(self._reply_came)
        store.changed.connect(self._state_changed)
        bar.momentChosen.connect(self._choose)
        bar.nowWanted.connect(self.return_to_now)
        bar.branchWanted.connect(self._branch)

    @property
    def timeline(self) -> Timeline:
        """Of the run that is shown; of runs before, those of the last few are kept."""
        run = self._store.state.run
        timeline = self._of(run)
        self._timelines[run] = self._timelines.pop(run)  # last, as the newest that was shown
        for old in list(self._timelines)[:-_RUNS]:
            del self._timelines[old]
        return timeline

    def of_run(self, run: int) -> Timeline | None:
        """What is kept of this run, if anything still is."""
        return self._timelines.get(run)

    def _of(self, run: int) -> Timeline:
        return self._timelines.setdefault(run, Timeline(archive=self._archive))

    def return_to_now(self) -> None:
        """Show what is now."""
        self._bar.stop()
        self._store.set_quietly(past=None)

    def close(self) -> None:
        """Let go of all that is kept."""
        self._timelines.clear()
        self._archive = Archive()

    def _forget(self, opened: Opened) -> None:
        """Another model or other data are open."""
        self._timelines.clear()
        self._archive = Archive(self._folder, self._say_disk_refused)
        self._history = None
        self._run = self._store.state.run
        self.return_to_now()
        self._bar.show_moments(0)
        self._asked = None
        model = pretrained_models().get(opened.model or "")
        if model is not None and history_beside(model).exists():
            self._asked = history_beside(model)

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.running and not self._running:
            self.return_to_now()
        self._running = snapshot.running
        if not snapshot.parameters:
            return  # it has no past
        timeline = self.timeline
        if snapshot.from_file and not timeline.moments:
            self._put_before(timeline)
        timeline.add(snapshot)
        self._show_extent()
        self._ask_for_history()

    def _say_disk_refused(self, error: OSError) -> None:
        self.failed.emit(not_kept(self._folder, error), "")

    def _show_extent(self) -> None:
        moments = self.timeline.moments
        self._bar.show_moments(len(moments))
        if moments and self._store.state.past is None:
            self._bar.show_now(moments[-1].step)

    # --- how a shipped model was trained ---------------------------------------------------------

    def _ask_for_history(self) -> None:
        """After the window has all else: it takes half a second to read."""
        path, laboratory = self._asked, self._bridge.laboratory
        if path is not None and laboratory is not None:
            self._asked = None
            laboratory.reader.submit(_REPLY, lambda: load_history(path))

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != _REPLY:
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The model's history could not be read"))
        else:
            self._begin_with(reply.value)

    def _begin_with(self, history: History) -> None:
        opened = self._controller.present
        if opened is None or opened.checkpoint is None:
            return
        if history.data.get("sha256") != opened.pair.test.sha256:
            return  # with this model other data are open
        parameters = opened.checkpoint.parameters
        if history.architecture != opened.architecture or not history.ends_with(parameters):
            self.failed.emit(
                f"The history beside {opened.title} is of another network, so it is not shown: put "
                "the file there that came with it.",
                "",
            )
            return
        self._history = history
        self._put_before(self._of(self._run))
        self._show_extent()

    def _put_before(self, timeline: Timeline) -> None:
        """A run of the model as loaded has the past that its file tells of."""
        opened = self._controller.present
        if self._history is not None and opened is not None and opened.checkpoint is not None:
            steps = int(opened.checkpoint.training.get("steps", 0))
            timeline.begin_with(self._history, steps)

    # --- back and forth --------------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        moments = self.timeline.moments
        if index < len(moments):
            self._store.set_quietly(past=moments[index].step)

    def _branch(self) -> None:
        past, timeline = self._store.state.past, self.timeline
        if past is None or not timeline.kept:
            return
        kept = timeline.weights_before(past)
        self.return_to_now()
        common = timeline.until(kept.step)
        self._controller.branch(kept)
        self._timelines[self._store.state.run] = common

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "run" in names:
            self.return_to_now()
            self._show_extent()
        elif "past" in names:
            self._show(state.past)

    def _show(self, past: int | None) -> None:
        timeline = self.timeline
        if past is None or not timeline.moments or not timeline.kept:
            self._looking.look_at_now()
            self.returned.emit()
            if timeline.moments:
                self._bar.show_now(timeline.moments[-1].step)
            return
        moment, kept = timeline.nearest(past), timeline.weights_before(past)
        self._looking.look_back(kept)
        self.looked_back.emit(moment)
        self._bar.show_moment(timeline.moments.index(moment), moment.step, kept.step)
