"""Who is compared, and the commands to the engine that trains them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from latentlab.app.branches import Minimised
from latentlab.app.compared_past import Common
from latentlab.app.comparing import architecture_for, kept_checkpoint, shipped_model
from latentlab.app.state import CONTENDERS, AppState, Contender
from latentlab.app.store import Store
from latentlab.app.timeline import Timeline
from latentlab.core.checkpoint import Checkpoint
from latentlab.core.regime import PRESETS, Regime
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError
from latentlab.training.messages import (
    NETWORKS_KEPT,
    Compared,
    Crashed,
    Entrant,
    Failed,
    Member,
    Noted,
    Notice,
    OpenComparison,
    Pause,
    SetEntrants,
    Settings,
    Stopped,
    Train,
)
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.run_control import RunControl

_SETTINGS = Settings(batch_size=128)


@dataclass(frozen=True)
class Given:
    """A network to compare that comes from elsewhere, and what is kept of its past, if anything.

    minimised: what it did then, each from a step on.
    """

    name: str
    regime: Regime
    checkpoint: Checkpoint
    past: Timeline | None = None
    minimised: Minimised = ()


class CompareController(RunControl):
    """Holds the comparison, which begins when its workspace is first in front.

    As shipped, or as begun, it is *fresh*: then a contender with another preset is that preset's
    network from the start. Once it has been trained, a preset is what the next step minimises.
    """

    compared = Signal(object)  # Compared
    beginning = Signal()  # another comparison is about to: who shows it has to be there now
    begun = Signal(object, object)  # DataPair, {number: Checkpoint}: another comparison
    joined = Signal(object)  # {number: Checkpoint}: with these networks, others have come
    stopped = Signal(str)  # a sentence
    crashed = Signal(str, int)  # the engine's process ended, how, and the step last seen or −1
    restarted = Signal()  # another engine is in its place
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self, store: Store, bridge: Bridge, controller: Controller, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._pair: DataPair | None = None  # of the comparison under way
        self._newest: Compared | None = None
        self._runs = 0
        self._numbers = 1 + max(contender.number for contender in store.state.compared)
        self._known: list[int] = []  # numbers that the engine keeps, those of now last
        self._from_scratch = False
        self._given: dict[int, Given] = {}
        self._first_steps: dict[int, int] = {}  # of each network, where it began
        self._crash = ""  # how the engine's process ended, where that is gone
        store.changed.connect(self._state_changed)
        controller.opened.connect(self._other_data)
        bridge.ready.connect(self._begin_if_wanted)
        bridge.compared.connect(self._take)
        bridge.comparison_notice.connect(self._notice_came)

    @property
    def newest(self) -> Compared | None:
        """What was last seen of the comparison; None before it has begun."""
        return self._newest

    @property
    def run(self) -> int:
        """The number of the comparison under way."""
        return self._runs

    @property
    def settings(self) -> Settings:
        """How all of them are trained."""
        return _SETTINGS

    @property
    def running(self) -> bool:
        """Whether it trains, as last heard."""
        return self._newest is not None and self._newest.running

    @property
    def under_way(self) -> bool:
        """Whether it is of the images that are open; else it begins anew when it comes in front."""
        return self._pair is not None

    @property
    def engine_gone(self) -> bool:
        """Whether the engine's process has ended unasked, and there is no other yet."""
        return bool(self._crash)

    @property
    def fresh(self) -> bool:
        """Whether all are as shipped, or from scratch: nobody has taken a step here yet."""
        newest = self._newest
        return newest is None or (
            not newest.running
            and all(
                member.step == self._first_steps.get(member.number)
                and member.number not in self._given
                for member in newest.members
            )
        )

    # --- training --------------------------------------------------------------------------------

    def reset(self) -> None:
        """Back to the networks that are shipped; from scratch where there are none."""
        self._begin(from_scratch=False)

    def start_from_scratch(self) -> None:
        """New weights for all, the same for each."""
        self._begin(from_scratch=True)

    def restart(self) -> None:
        """Start another engine in place of one that is gone: all go on as they were last seen."""
        last, pair = self._newest, self._pair
        if not self._crash:
            return
        if last is None or pair is None:
            self._begin(from_scratch=self._from_scratch)
            return
        seen = {member.number: _checkpoint(member, last.epoch) for member in last.members}
        # Others may have come since.
        new = tuple(c for c in self._store.state.compared if c.number not in seen)
        self._open(pair, seen | self._checkpoints(new))

    # --- who takes part --------------------------------------------------------------------------

    def choose_preset(self, number: int, name: str) -> None:
        """Let one be trained by another preset; a fresh one is another network from now on."""
        regime = PRESETS[name]
        if self.fresh:
            self._change(f"compare {name}", number, Contender(self._new_number(), regime))
        else:
            self._change(f"compare {name}", number, Contender(number, regime))

    def set_regime(self, number: int, regime: Regime) -> None:
        """Let one be trained so from the next step on."""
        self._change("change what is compared", number, Contender(number, regime))

    def add(self, name: str) -> None:
        """One more, as it was shipped or from scratch."""
        contender = Contender(self._new_number(), PRESETS[name])
        compared = (*self._store.state.compared, contender)
        self._store.change(f"compare {name}, too", compared=compared)

    def compare(self, given: Sequence[Given]) -> None:
        """These from now on, each with its own weights; from 2 to 4, or it changes nothing."""
        if not CONTENDERS[0] <= len(given) <= CONTENDERS[1]:
            return
        contenders = tuple(Contender(self._new_number(), g.regime, g.name) for g in given)
        self._given = {
            contender.number: one for contender, one in zip(contenders, given, strict=True)
        }
        self._from_scratch = False
        self._store.change("compare branches", compared=contenders)

    def branch(self, common: Mapping[int, Common]) -> None:
        """Go on from weights of the past, by number; undo brings the present ones back."""
        pair = self._pair
        if pair is None:
            return
        compared = []
        for contender in self._store.state.compared:
            shared = common.get(contender.number)
            if shared is None:
                compared.append(contender)
                continue
            number = self._new_number()
            checkpoint = kept_checkpoint(
                shared.kept, contender.regime, pair.train.total, _SETTINGS.batch_size
            )
            self._given[number] = Given(
                contender.name, contender.regime, checkpoint, shared.past, shared.minimised
            )
            compared.append(replace(contender, number=number))
        self._given = dict(list(self._given.items())[-NETWORKS_KEPT:])
        self._from_scratch = False
        step = max((shared.kept.step for shared in common.values()), default=0)
        self._store.change(f"branch off at step {step:,}", compared=tuple(compared))

    def given(self, number: int) -> Given | None:
        """That network as it came, if it came from elsewhere."""
        return self._given.get(number)

    def close(self) -> None:
        """Let go of what came from elsewhere."""
        self._given = {}

    def remove(self, number: int) -> None:
        """One less."""
        compared = tuple(c for c in self._store.state.compared if c.number != number)
        self._store.change("compare one less", compared=compared)

    # --- inside ----------------------------------------------------------------------------------

    def _change(self, label: str, number: int, contender: Contender) -> None:
        compared = tuple(
            replace(contender, name=c.name if c.number == contender.number else "")
            if c.number == number
            else c
            for c in self._store.state.compared
        )
        self._store.change(label, compared=compared)

    def _new_number(self) -> int:
        self._numbers += 1
        return self._numbers - 1

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "workspace" in names:
            if state.workspace == "compare":
                self._begin_if_wanted()
            elif self.running:
                self.train(False)
        if "compared" in names and self._pair is not None:
            self._set(state.compared)

    def _other_data(self) -> None:
        """What is open is something else: a comparison of other images is over."""
        opened = self._controller.present
        if opened is not None and self._pair is not opened.pair:
            self._pair = self._newest = None
            if self._given:
                self._given = {}  # they saw other images
                names = tuple(replace(c, name="") for c in self._store.state.compared)
                self._store.set_quietly(compared=names)
            self._begin_if_wanted()

    def _begin_if_wanted(self) -> None:
        if self._store.state.workspace == "compare" and self._pair is None:
            self._begin(from_scratch=False)

    def _begin(self, *, from_scratch: bool) -> None:
        """Begin with the networks that are shipped or given, or with new weights."""
        opened = self._controller.present
        if opened is None:
            return
        self._pair, self._newest, self._from_scratch = opened.pair, None, from_scratch
        compared = self._store.state.compared
        self._numbers = max(self._numbers, *(1 + contender.number for contender in compared))
        checkpoints = self._checkpoints(compared)
        self._first_steps = _steps(compared, checkpoints)
        self.beginning.emit()
        self.begun.emit(opened.pair, checkpoints)
        self._open(opened.pair, checkpoints)

    def _open(self, pair: DataPair, checkpoints: dict[int, Checkpoint]) -> None:
        """Have an engine train these, and nobody else."""
        laboratory = self._bridge.laboratory
        if laboratory is None:
            self._pair = None  # it begins anew once there is one
            return
        if self._crash:
            laboratory.end_comparison()
            self._crash = ""
            self.restarted.emit()
        self._runs += 1
        compared = self._store.state.compared
        self._known = [contender.number for contender in compared]
        laboratory.start_comparison().send(
            OpenComparison(
                data=pair,
                architecture=architecture_for(pair.train),
                entrants=_entrants(compared, checkpoints),
                settings=_SETTINGS,
                run=self._runs,
            )
        )

    def _set(self, compared: tuple[Contender, ...]) -> None:
        new = tuple(c for c in compared if c.number not in self._known)
        checkpoints = self._checkpoints(new)
        present = [contender.number for contender in compared]
        others = [number for number in self._known if number not in present]
        self._known = [*others, *present][-NETWORKS_KEPT:]
        self._first_steps |= _steps(new, checkpoints)
        if new:
            self.joined.emit(checkpoints)
        self._send(SetEntrants(_entrants(compared, checkpoints)))

    def _checkpoints(self, contenders: tuple[Contender, ...]) -> dict[int, Checkpoint]:
        """What is shipped for them, if it is of these images."""
        if self._pair is None or self._from_scratch:
            return {}
        found = {}
        for contender in contenders:
            if contender.number in self._given:
                found[contender.number] = self._given[contender.number].checkpoint
                continue
            try:
                checkpoint = shipped_model(contender.regime, self._pair.train)
            except InputError as error:
                self.failed.emit(str(error), "")
                continue
            if checkpoint is not None:
                found[contender.number] = checkpoint
        return found

    def _tell(self, command: Train | Pause) -> None:
        self.restart()
        self._send(command)

    def _send(self, command: SetEntrants | Train | Pause) -> None:
        laboratory = self._bridge.laboratory
        # An engine that takes the place of one that is gone is told all at once.
        if laboratory is not None and laboratory.comparison is not None and not self._crash:
            laboratory.comparison.send(command)

    def _take(self, compared: Compared) -> None:
        if compared.run == self._runs and self._pair is not None:
            self._newest = compared
            self.compared.emit(compared)

    def _notice_came(self, notice: Notice) -> None:
        if isinstance(notice, Stopped):
            self.stopped.emit(notice.reason)
        elif isinstance(notice, Noted):
            self.stopped.emit(notice.message)
        elif isinstance(notice, Failed):
            self.failed.emit(notice.message, notice.report)
        elif isinstance(notice, Crashed):
            self._crash, last = notice.reason, self._newest
            if last is not None:
                self._take(replace(last, running=False, images_per_second=0.0))
            step = max(member.step for member in last.members) if last else -1
            self.crashed.emit(notice.reason, step)


def _entrants(
    contenders: tuple[Contender, ...], checkpoints: dict[int, Checkpoint]
) -> tuple[Entrant, ...]:
    return tuple(Entrant(c.number, c.regime, checkpoints.get(c.number)) for c in contenders)


def _checkpoint(member: Member, epochs: float) -> Checkpoint:
    """What was last seen of one: without the optimiser's moments, which begin anew."""
    return Checkpoint(
        architecture=member.architecture,
        likelihood=member.regime.likelihood,
        weights=member.regime.weights,
        parameters=member.parameters,
        training={"steps": member.step, "epochs": epochs},
    )


def _steps(contenders: tuple[Contender, ...], checkpoints: dict[int, Checkpoint]) -> dict[int, int]:
    return {
        c.number: int(checkpoints[c.number].training.get("steps", 0))
        if c.number in checkpoints
        else 0
        for c in contenders
    }
