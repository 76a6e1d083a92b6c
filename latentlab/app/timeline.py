"""The past of a run, in bounded memory: where the posteriors were, and the weights now and then."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.history import History
from latentlab.core.spec import Architecture, Likelihood
from latentlab.data.dataset import Dataset, Split
from latentlab.training.messages import Cloud, Curves, Member, Series, Snapshot
from latentlab.training.rescue import checkpoint_of

MOMENTS, WEIGHTS = 200, 16
# Of all copies of the weights together; there are two at least.
_BYTES = 32 << 20
# Of a larger set some points are left out of what is kept: they are where no number is.
_POINTS = 10_000


@dataclass(frozen=True)
class Moment:
    """The posteriors at `cloud.step`: of the training images, or of the first test images."""

    cloud: Cloud
    split: Split

    @property
    def step(self) -> int:
        """Whose posteriors these are."""
        return self.cloud.step


@dataclass(frozen=True)
class Kept:
    """The network as it was at `step`; its parameters are in half precision."""

    step: int
    architecture: Architecture
    likelihood: Likelihood
    parameters: Mapping[str, npt.NDArray[np.float16]]

    def whole(self) -> dict[str, npt.NDArray[np.float32]]:
        """The parameters, as a network takes them."""
        return {name: array.astype(np.float32) for name, array in self.parameters.items()}


class Timeline:
    """What is kept of one run, from its beginning to now; older moments are thinned out."""

    def __init__(self, moments: int = MOMENTS, weight_bytes: int = _BYTES) -> None:
        """At most so many moments, and so many bytes of weights but of two copies at least."""
        self._most, self._bytes = moments, weight_bytes
        self._before: tuple[list[Moment], list[Kept]] = [], []  # what a file tells
        self._moments: list[Moment] = []
        self._kept: list[Kept] = []
        self._every = 0  # steps, at least, from one copy of the weights to the next

    @property
    def moments(self) -> list[Moment]:
        """In the order of their steps."""
        return [*self._before[0], *self._moments]

    @property
    def kept(self) -> list[Kept]:
        """In the order of their steps."""
        return [*self._before[1], *self._kept]

    def add(self, snapshot: Snapshot) -> bool:
        """Keep what is new in `snapshot`; False if nothing is."""
        return self._add(snapshot.weights_step, snapshot.cloud, snapshot, snapshot.likelihood)

    def add_member(self, member: Member) -> bool:
        """Likewise of one of a comparison."""
        return self._add(member.step, member.cloud, member, member.regime.likelihood)

    def _add(
        self, step: int, cloud: Cloud | None, of: Snapshot | Member, likelihood: Likelihood
    ) -> bool:
        if self._kept and step < self._kept[-1].step:
            self._forget_after(step)
        if not self._kept or step > self._kept[-1].step + self._every:
            self._keep(Kept(step, of.architecture, likelihood, _halved(of.parameters)))
        last = self._moments[-1].step if self._moments else -1
        if cloud is None or cloud.step <= last:
            return False
        self._moments.append(Moment(_some(cloud), "train"))
        if len(self._moments) > self._most:
            del self._moments[1:-1:2]
        return True

    def begin_with(self, history: History, last: int) -> None:
        """Put before what is kept how the run went that a file tells of, up to before `last`."""
        moments = [
            Moment(Cloud(int(step), mu, logvar), "test")
            for step, mu, logvar in zip(history.steps, history.mu, history.logvar, strict=True)
            if step < last
        ]
        kept = [
            Kept(
                int(step),
                history.architecture,
                history.likelihood,
                {name: array[i].astype(np.float16) for name, array in history.weights.items()},
            )
            for i, step in enumerate(history.weight_steps)
            if step < last
        ]
        self._before = moments, kept

    def nearest(self, step: int) -> Moment:
        """The last moment that is not after `step`; the first where all are."""
        moments = self.moments
        index = bisect_right(moments, step, key=lambda moment: moment.step)
        return moments[max(index - 1, 0)]

    def weights_before(self, step: int) -> Kept:
        """The last weights that are not after `step`; the first where all are."""
        kept = self.kept
        index = bisect_right(kept, step, key=lambda each: each.step)
        return kept[max(index - 1, 0)]

    def until(self, step: int) -> "Timeline":
        """What a run that branches off at `step` has in common with this one."""
        branch = Timeline(self._most, self._bytes)
        moments, kept = self._before
        branch._before = (
            [moment for moment in moments if moment.step <= step],
            [each for each in kept if each.step <= step],
        )
        branch._moments, branch._kept = self._moments[:], self._kept[:]
        branch._every = self._every
        branch._forget_after(step)
        return branch

    def _keep(self, kept: Kept) -> None:
        self._kept.append(kept)
        size = sum(array.nbytes for array in kept.parameters.values())
        if len(self._kept) > max(2, min(WEIGHTS, self._bytes // max(size, 1))):
            del self._kept[1:-1:2]
            self._every = max(1, 2 * self._every, (kept.step - self._kept[0].step) // WEIGHTS)

    def _forget_after(self, step: int) -> None:
        """The run went back: a divergence, or the end of a plan, brought earlier weights back."""
        self._kept = [kept for kept in self._kept if kept.step <= step]
        self._moments = [moment for moment in self._moments if moment.step <= step]


def _halved(
    parameters: Mapping[str, npt.NDArray[np.float32]],
) -> dict[str, npt.NDArray[np.float16]]:
    # Weights beyond half precision's range are far from anything that decodes to an image.
    with np.errstate(over="ignore"):
        return {name: array.astype(np.float16) for name, array in parameters.items()}


def _some(cloud: Cloud) -> Cloud:
    count = len(cloud.mu)
    if count <= _POINTS:
        return cloud
    mu, logvar = (np.full_like(array, np.nan) for array in (cloud.mu, cloud.logvar))
    chosen = np.linspace(0, count - 1, _POINTS).astype(np.intp)
    mu[chosen], logvar[chosen] = cloud.mu[chosen], cloud.logvar[chosen]
    return Cloud(cloud.step, mu, logvar)


def branched(snapshot: Snapshot, kept: Kept, train: Dataset) -> Checkpoint:
    """The run of `snapshot` as it was with the weights `kept`, for another to go on from there."""
    curves = Curves(
        _until(snapshot.curves.train, kept.step),
        _until(snapshot.curves.heldout, kept.step),
        tuple(mark for mark in snapshot.curves.marks if mark.step <= kept.step),
    )
    epochs = snapshot.epoch * kept.step / max(snapshot.step, 1)
    then = replace(
        snapshot,
        step=kept.step,
        weights_step=kept.step,
        epoch=epochs,
        parameters=kept.whole(),
        curves=curves,
    )
    return replace(checkpoint_of(then, train), cloud={})


def _until(series: Series, step: int) -> Series:
    there = series.step <= step
    return Series(
        series.step[there],
        series.reconstruction[there],
        series.kl[there],
        series.objective[there],
    )
