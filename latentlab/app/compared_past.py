"""The past of all that are compared, bounded: one time, in steps, for all of them."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace

from latentlab.app.archive import Archive
from latentlab.app.branches import Minimised
from latentlab.app.timeline import Kept, Timeline
from latentlab.core.history import History
from latentlab.core.regime import Regime
from latentlab.data.dataset import Split
from latentlab.training.cloud import Cloud
from latentlab.training.figures import figures_of
from latentlab.training.messages import Figures, Member

# Of each network in memory, besides those of its file: 16 MB where there are 10,000 images.
_MOMENTS, _WEIGHT_BYTES = 100, 8 << 20
# Those that left a comparison may come back; of so many, the last, the past is kept.
_NETWORKS = 8


@dataclass(frozen=True)
class Glance:
    """One network at a moment: its posteriors, and the nearest earlier weights that are kept.

    split: the images of the posteriors. regime: what it minimised then.
    """

    cloud: Cloud
    split: Split
    kept: Kept
    regime: Regime

    def figures(self) -> Figures:
        """What the posteriors of then amount to; a worker's work, a twentieth of a second.

        Raises InputError where they are not finite.
        """
        return figures_of(self.cloud, self.regime, self.split)


@dataclass(frozen=True)
class Common:
    """What two networks share: weights, the past up to them, and what was minimised, from when."""

    kept: Kept
    past: Timeline
    minimised: Minimised


class ComparedPast:
    """A Timeline for each network, by its number; those in lockstep have the same steps."""

    def __init__(self, archive: Archive | None = None) -> None:
        """archive: where there is room for what is long past; by default in memory alone."""
        self._archive = archive or Archive()
        self._timelines: dict[int, Timeline] = {}
        self._regimes: dict[int, list[tuple[int, Regime]]] = {}  # what each minimised, from when on

    def add(self, *members: Member) -> None:
        """Keep what is new."""
        for member in members:
            # Last, as the newest that is in use.
            timeline = self._timelines.pop(member.number, None) or self._new()
            self._timelines[member.number] = timeline
            timeline.add_member(member)
            regimes = self._regimes.setdefault(member.number, [])
            regimes[:] = [each for each in regimes if each[0] <= member.step]
            if not regimes or regimes[-1][1] != member.regime:
                regimes.append((member.step, member.regime))
        for number in list(self._timelines)[:-_NETWORKS]:
            del self._timelines[number], self._regimes[number]

    def begin_with(self, number: int, history: History, regime: Regime, last: int) -> None:
        """Put before what is kept of `number` what a file tells, up to before step `last`."""
        seen = replace(history, logvar=regime.logvar_of_z(history.logvar))
        timeline = self._timelines.setdefault(number, self._new())
        timeline.begin_with(seen, last)
        self._regimes.setdefault(number, []).insert(0, (0, regime))

    def share(
        self, number: int, timeline: Timeline, minimised: Iterable[tuple[int, Regime]]
    ) -> None:
        """Let `number` begin with this past, in which it minimised these, each from a step on."""
        self._timelines[number] = timeline
        self._regimes[number] = list(minimised)

    def until(self, number: int, step: int) -> Common | None:
        """What a network that goes on from the weights of `number` at `step` has in common with
        it; None where nothing is kept.
        """
        glance = self._glance(number, step)
        if glance is None:
            return None
        past = self._timelines[number].until(glance.kept.step)
        # What it minimised later goes with the branch's first moment.
        return Common(glance.kept, past, tuple(self._regimes[number]))

    def steps(self, numbers: Iterable[int]) -> list[int]:
        """Of which any of these networks has a moment, rising."""
        timelines = (self._timelines[n] for n in numbers if n in self._timelines)
        return sorted({moment.step for timeline in timelines for moment in timeline.moments})

    def at(self, step: int, numbers: Iterable[int]) -> dict[int, Glance]:
        """Each of these at `step` or, where nothing is kept of that, at the nearest earlier one."""
        return {n: glance for n in numbers if (glance := self._glance(n, step)) is not None}

    def _new(self) -> Timeline:
        return Timeline(_MOMENTS, _WEIGHT_BYTES, self._archive)

    def _glance(self, number: int, step: int) -> Glance | None:
        timeline = self._timelines.get(number)
        if timeline is None or not timeline.moments or not timeline.kept:
            return None
        moment = timeline.nearest(step)
        regimes = self._regimes[number]
        # What it minimises from a step on has made the weights of the next.
        index = bisect_left(regimes, moment.step, key=lambda each: each[0])
        # Not before `step`: weights newer than the posteriors could be kept.
        kept = timeline.weights_before(moment.step)
        return Glance(moment.cloud, moment.split, kept, regimes[max(index - 1, 0)][1])
