"""Looking back at a comparison: one slider for all of its networks."""

from bisect import bisect_right
from functools import partial

from PySide6.QtCore import QObject, Signal

from latentlab.app.comparing import shipped_history
from latentlab.app.looks import Reply
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.app.timeline import Kept, Moment, Timeline
from latentlab.core.checkpoint import Checkpoint
from latentlab.core.history import History, load_history
from latentlab.data.dataset import DataPair
from latentlab.errors import told
from latentlab.training.messages import Compared
from latentlab.ui.bridge import Bridge
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.history_bar import HistoryBar

_REPLY = "history of compared "
# There are up to four of them.
_MOMENTS, _WEIGHT_BYTES = 100, 8 << 20


class ComparePast(QObject):
    """Keeps a Timeline of each network, and shows all of them at one step of the past.

    Of a network that is shipped it begins with how that was trained.
    """

    looked_back = Signal(int, object, object)  # number, Moment, Kept: it was so at that step
    returned = Signal()  # what is shown is of now again
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self, bar: HistoryBar, *, store: Store, bridge: Bridge, controller: CompareController
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._pair: DataPair | None = None
        self._checkpoints: dict[int, Checkpoint] = {}
        self._timelines: dict[int, Timeline] = {}
        self._running = False
        controller.begun.connect(self._begin)
        controller.joined.connect(self._join)
        controller.compared.connect(self._take)
        bridge.reply.connect(self._reply_came)
        store.changed.connect(self._state_changed)
        bar.momentChosen.connect(self._choose)
        bar.nowWanted.connect(self.return_to_now)

    def return_to_now(self) -> None:
        """Show what is now."""
        self._bar.stop()
        self._store.set_quietly(compared_past=None)

    @property
    def steps(self) -> list[int]:
        """Of the moments that are kept of any network that takes part, rising."""
        return sorted({m.step for _, line in self._shown() for m in line.moments})

    def _shown(self) -> list[tuple[int, Timeline]]:
        numbers = [contender.number for contender in self._store.state.compared]
        return [(n, self._timelines[n]) for n in numbers if n in self._timelines]

    # --- what is kept ----------------------------------------------------------------------------

    def _begin(self, pair: DataPair, checkpoints: dict[int, Checkpoint]) -> None:
        self.return_to_now()
        self._pair = pair
        self._timelines.clear()
        self._checkpoints.clear()
        self._show_extent()
        self._join(checkpoints)

    def _join(self, checkpoints: dict[int, Checkpoint]) -> None:
        self._checkpoints |= checkpoints
        laboratory = self._bridge.laboratory
        if laboratory is None:
            return
        compared = self._store.state.compared
        shipped = [c for c in compared if not self._controller.is_given(c.number)]
        regimes = {contender.number: contender.regime for contender in shipped}
        for number in checkpoints:
            path = shipped_history(regimes[number]) if number in regimes else None
            if path is not None:
                laboratory.reader.submit(f"{_REPLY}{number}", partial(load_history, path))

    def _reply_came(self, reply: Reply) -> None:
        if not reply.kind.startswith(_REPLY):
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "A compared network's history could not be read"))
            return
        number = int(reply.kind.removeprefix(_REPLY))
        checkpoint, history = self._checkpoints.get(number), reply.value
        if checkpoint is not None and self._is_of(history, checkpoint):
            steps = int(checkpoint.training.get("steps", 0))
            self._timeline(number).begin_with(history, steps)
            self._show_extent()

    def _is_of(self, history: History, checkpoint: Checkpoint) -> bool:
        """Whether it tells of this network, and of the images that are open."""
        pair = self._pair
        return (
            pair is not None
            and history.data.get("sha256") == pair.test.sha256
            and history.architecture == checkpoint.architecture
        )

    def _timeline(self, number: int) -> Timeline:
        return self._timelines.setdefault(number, Timeline(_MOMENTS, _WEIGHT_BYTES))

    def _take(self, compared: Compared) -> None:
        if compared.running and not self._running:
            self.return_to_now()
        self._running = compared.running
        for member in compared.members:
            self._timeline(member.number).add_member(member)
        self._show_extent()

    def _show_extent(self) -> None:
        steps = self.steps
        self._bar.show_moments(len(steps))
        if steps and self._store.state.compared_past is None:
            self._bar.show_now(steps[-1])

    # --- back and forth --------------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        steps = self.steps
        if index < len(steps):
            self._store.set_quietly(compared_past=steps[index])

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "compared" in names:
            self.return_to_now()
            self._show_extent()
        elif "workspace" in names:
            self._bar.stop()
        if "compared_past" in names:
            self._show(state.compared_past)

    def _show(self, past: int | None) -> None:
        steps = self.steps
        if past is None or not steps:
            self.returned.emit()
            if steps:
                self._bar.show_now(steps[-1])
            return
        kept_steps = []
        for number, timeline in self._shown():
            if timeline.moments and timeline.kept:
                moment, kept = timeline.nearest(past), timeline.weights_before(past)
                kept_steps.append(kept.step)
                self.looked_back.emit(number, moment, kept)
        index = max(bisect_right(steps, past) - 1, 0)
        self._bar.show_moment(index, past, min(kept_steps, default=past))


def moment_note(moment: Moment, kept: Kept) -> str:
    """What is said of a moment on the plane."""
    which = "training" if moment.split == "train" else "test"
    return (
        f"{len(moment.cloud.mu):,} {which} images · step {moment.step:,} · pictures of step "
        f"{kept.step:,}"
    )
