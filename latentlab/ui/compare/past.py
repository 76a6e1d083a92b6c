"""Looking back at a comparison: what is kept of it, and what of that is shown."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from latentlab.app.archive import Archive, not_kept
from latentlab.app.compared_past import ComparedPast, Glance
from latentlab.app.comparing import shipped_history
from latentlab.app.looks import Reply
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.core.checkpoint import Checkpoint
from latentlab.core.history import History
from latentlab.core.regime import Regime
from latentlab.data.dataset import DataPair
from latentlab.errors import told
from latentlab.training.messages import Compared, Figures, Member
from latentlab.ui.bridge import Bridge
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.history_bar import HistoryBar
from latentlab.ui.turns import Turns

_FIGURES = "figures of then"
_HISTORY = "history of network "
# Beside a worker that computes figures a frame takes twice as long: while the slider moves on, they
# are asked for again after so many times what the last ones took; once it rests, soon.
_SHARE = 4
_REST_MILLISECONDS = 150


class ComparePast(QObject):
    """Keeps the past of all that are compared, and shows a moment of it for all at once."""

    looked_back = Signal(object)  # {number: Glance}
    figures = Signal(object)  # {number: Figures}, of the moment that is looked at, or of one before
    returned = Signal()  # what is shown is of now again
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        bar: HistoryBar,
        *,
        store: Store,
        bridge: Bridge,
        controller: CompareController,
        turns: Turns,
        folder: Path,
    ) -> None:
        """folder: where there is disk for what is long past."""
        super().__init__(bar)
        self._bar = bar
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._turns = turns
        self._folder = folder
        self._past = ComparedPast()
        self._pair: DataPair | None = None
        self._running = False
        self._seconds = 0.0  # that the last figures took
        self._awaited: dict[int, tuple[Regime, int]] = {}  # whose histories are being read
        self._resting = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._resting.timeout.connect(partial(turns.do_now, _FIGURES, self._ask_figures))
        controller.begun.connect(self._begin)
        controller.joined.connect(self._join)
        controller.compared.connect(self._take)
        bridge.reply.connect(self._reply_came)
        store.changed.connect(self._state_changed)
        bar.momentChosen.connect(self._choose)
        bar.nowWanted.connect(self.return_to_now)
        bar.branchWanted.connect(self._branch)

    @property
    def steps(self) -> list[int]:
        """Those that can be looked back at, rising; the last is now."""
        return self._past.steps(self._numbers)

    def glances(self, step: int) -> dict[int, Glance]:
        """What is kept of each at `step`, or of the nearest earlier one, by number."""
        return self._past.at(step, self._numbers)

    def return_to_now(self) -> None:
        """Show what is now."""
        self._bar.stop()
        self._store.set_quietly(compared_past=None)

    def close(self) -> None:
        """Let go of all that is kept."""
        self._past = ComparedPast()

    # --- what is kept ----------------------------------------------------------------------------

    def _begin(self, pair: DataPair, checkpoints: Mapping[int, Checkpoint]) -> None:
        self.return_to_now()
        archive = Archive(self._folder, self._say_disk_refused)
        self._past, self._pair = ComparedPast(archive), pair
        self._awaited.clear()
        self._join(checkpoints)
        self._show_extent()

    def _join(self, checkpoints: Mapping[int, Checkpoint]) -> None:
        """Begin with what is kept of those that come with a past of their own, and read how the
        others were trained; after all else, as it takes a second.
        """
        laboratory, pair = self._bridge.laboratory, self._pair
        if laboratory is None or pair is None:
            return
        for contender in self._store.state.compared:
            number, regime = contender.number, contender.regime
            if number not in checkpoints:
                continue
            given = self._controller.given(number)
            if given is not None:
                if given.past is not None:
                    past = given.past.until(given.checkpoint.weights_step)
                    self._past.share(number, past, given.minimised)
            else:
                self._awaited[number] = regime, int(checkpoints[number].training.get("steps", 0))
                read = partial(shipped_history, regime, pair.test)
                laboratory.reader.submit(f"{_HISTORY}{number}", read)

    def _say_disk_refused(self, error: OSError) -> None:
        self.failed.emit(not_kept(self._folder, error), "")

    def _take(self, compared: Compared) -> None:
        if compared.running and not self._running:
            self.return_to_now()
        self._running = compared.running
        for member in compared.members:
            keep = partial(self._keep, member, compared.run)
            self._turns.ask_if(compared.running, f"past{member.number}", keep)
        self._show_extent()

    def _keep(self, member: Member, run: int) -> None:
        if run == self._controller.run:
            self._past.add(member)

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind == _FIGURES:
            self._seconds = reply.seconds
            if isinstance(reply.value, Exception):
                self.failed.emit(*told(reply.value, "The figures of then could not be computed"))
            elif self._store.state.compared_past is not None:
                self.figures.emit(reply.value)
        elif reply.kind.startswith(_HISTORY):
            number = int(reply.kind.removeprefix(_HISTORY))
            if isinstance(reply.value, Exception):
                self.failed.emit(*told(reply.value, "A network's history could not be read"))
            elif reply.value is not None and number in self._awaited:
                self._begin_with(number, reply.value)

    def _begin_with(self, number: int, history: History) -> None:
        regime, last = self._awaited.pop(number)
        self._past.begin_with(number, history, regime, last)
        self._show_extent()

    @property
    def _numbers(self) -> list[int]:
        return [contender.number for contender in self._store.state.compared]

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

    def _branch(self) -> None:
        past = self._store.state.compared_past
        if past is None:
            return
        self.return_to_now()
        self._controller.branch(
            {n: common for n in self._numbers if (common := self._past.until(n, past)) is not None}
        )

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if names & {"compared", "workspace"} and state.compared_past is not None:
            self.return_to_now()
        elif "compared_past" in names:
            self._show(state.compared_past)
        if "compared" in names:
            self._show_extent()

    def _show(self, past: int | None) -> None:
        if past is None:
            laboratory = self._bridge.laboratory
            if laboratory is not None:
                laboratory.worker.forget(_FIGURES)
            self.returned.emit()
            self._show_extent()
            return
        glances = self.glances(past)
        self.looked_back.emit(glances)
        steps = self.steps
        weights = max((glance.kept.step for glance in glances.values()), default=past)
        self._bar.show_moment(max(bisect_right(steps, past) - 1, 0), past, weights)
        self._turns.ask(_FIGURES, self._ask_figures, _SHARE * self._seconds)
        self._resting.start()

    def _ask_figures(self) -> None:
        """Of the moment that is looked at now."""
        self._resting.stop()
        past, laboratory = self._store.state.compared_past, self._bridge.laboratory
        if past is not None and laboratory is not None:
            laboratory.worker.submit(_FIGURES, partial(_figures, self.glances(past)))


def _figures(glances: Mapping[int, Glance]) -> dict[int, Figures]:
    return {number: glance.figures() for number, glance in glances.items()}
