"""The past of a run, bounded: where the posteriors were, and the weights now and then.

The newest is in memory. What is older goes to disk while there is any, and is thinned out where
that is full, too: every second moment is given up, of the whole run but for its ends.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from latentlab.app.archive import Archive, Copy
from latentlab.core.checkpoint import Checkpoint
from latentlab.core.history import History
from latentlab.core.spec import Architecture, Likelihood
from latentlab.data.dataset import Dataset, Split
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Curves, Float32Array, Member, Series, Snapshot
from latentlab.training.rescue import checkpoint_of

MOMENTS, WEIGHTS = 200, 16
"""Of a run, at most, in memory."""
_WEIGHT_BYTES = 32 << 20
"""Likewise, of all copies of its weights together; there are two at least."""
MOMENTS_ON_DISK, WEIGHTS_ON_DISK = 800, 84
"""And on disk, at most,"""
_DISK_BYTES = 128 << 20
"""in so many bytes, for either."""
# Of a larger set some points are left out of what is kept: they are where no number is.
_POINTS = 10_000


@dataclass(frozen=True, eq=False)
class Moment:
    """The posteriors at `step`: of the `points` training images, or of the first test images."""

    step: int
    split: Split
    points: int
    copy: Copy

    @property
    def cloud(self) -> Cloud:
        """Where they were, read anew each time; of very many, those not kept are NaN."""
        mu, logvar = self.copy.read()
        if len(mu) == self.points:
            return Cloud(self.step, mu, logvar)
        chosen = _chosen(self.points)
        whole = np.full((2, self.points, mu.shape[1]), np.nan, np.float32)
        whole[:, chosen] = mu, logvar
        return Cloud(self.step, *whole)


@dataclass(frozen=True, eq=False)
class Kept:
    """The network as it was at `step`; of its parameters (of `shapes`) all numbers in a row."""

    step: int
    architecture: Architecture
    likelihood: Likelihood
    shapes: Mapping[str, tuple[int, ...]]
    copy: Copy

    def whole(self) -> dict[str, Float32Array]:
        """The parameters, as a network takes them: read anew, and exact to half precision."""
        # Not at the start, which waits for it; NumPy takes twenty times as long to widen them.
        import torch  # noqa: PLC0415

        numbers = torch.from_numpy(self.copy.read()).float().numpy()
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes.values()])
        parts = np.split(numbers, ends[:-1])
        return {
            name: part.reshape(shape)
            for (name, shape), part in zip(self.shapes.items(), parts, strict=True)
        }


class Timeline:
    """What is kept of one run, from its beginning to now; older moments are thinned out."""

    def __init__(
        self,
        moments: int = MOMENTS,
        weight_bytes: int = _WEIGHT_BYTES,
        archive: Archive | None = None,
    ) -> None:
        """In memory at most so many moments, and so many bytes of weights but of two copies at
        least. archive: what else there is room in; by default none.
        """
        self._most, self._bytes = moments, weight_bytes
        self._archive = archive or Archive()
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
            self._keep(self._weights(step, of.architecture, likelihood, of.parameters))
        last = self._moments[-1].step if self._moments else -1
        if cloud is None or cloud.step <= last:
            return False
        self._moments.append(self._moment(cloud, "train"))
        self._make_room(self._moments, self._most, MOMENTS_ON_DISK)
        return True

    def begin_with(self, history: History, last: int) -> None:
        """Put before what is kept how the run went that a file tells of, up to before `last`."""
        moments = [
            self._moment(Cloud(int(step), mu, logvar), "test")
            for step, mu, logvar in zip(history.steps, history.mu, history.logvar, strict=True)
            if step < last
        ]
        kept = [
            self._weights(
                int(step),
                history.architecture,
                history.likelihood,
                {name: array[i] for name, array in history.weights.items()},
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
        branch = Timeline(self._most, self._bytes, self._archive)
        moments, kept = self._before
        branch._before = (
            [moment for moment in moments if moment.step <= step],
            [each for each in kept if each.step <= step],
        )
        branch._moments, branch._kept = self._moments[:], self._kept[:]
        branch._every = self._every
        branch._forget_after(step)
        return branch

    def _moment(self, cloud: Cloud, split: Split) -> Moment:
        points = len(cloud.mu)
        both = np.stack([cloud.mu, cloud.logvar])
        record = both if points <= _POINTS else both[:, _chosen(points)]
        return Moment(cloud.step, split, points, self._archive.keep(record))

    def _weights(
        self,
        step: int,
        architecture: Architecture,
        likelihood: Likelihood,
        parameters: Mapping[str, Float32Array],
    ) -> Kept:
        # As above: thirty times as long to halve them.
        import torch  # noqa: PLC0415

        # Weights beyond half precision's range are far from anything that decodes to an image.
        halved = [torch.from_numpy(array).half().numpy().ravel() for array in parameters.values()]
        shapes = {name: array.shape for name, array in parameters.items()}
        copy = self._archive.keep(np.concatenate(halved))
        return Kept(step, architecture, likelihood, shapes, copy)

    def _keep(self, kept: Kept) -> None:
        self._kept.append(kept)
        in_memory = max(2, min(WEIGHTS, self._bytes // max(kept.copy.size, 1)))
        if self._make_room(self._kept, in_memory, WEIGHTS_ON_DISK):
            spaced = (kept.step - self._kept[0].step) // (2 * len(self._kept))
            self._every = max(1, 2 * self._every, spaced)

    def _make_room(self, entries: list[Moment] | list[Kept], in_memory: int, on_disk: int) -> bool:
        """Put away what is too old to be in memory; True if entries had to be given up."""
        here = [entry.copy for entry in entries if not entry.copy.on_disk]
        for copy in here[:-in_memory]:
            self._archive.put_away(copy)
        if self._archive.has_disk:
            most = in_memory + min(on_disk, _DISK_BYTES // max(here[-1].size, 1))
        else:
            most = in_memory + sum(entry.copy.on_disk for entry in entries)
        if len(entries) <= most:
            return False
        del entries[1:-1:2]
        return True

    def _forget_after(self, step: int) -> None:
        """The run went back: a divergence, or the end of a plan, brought earlier weights back."""
        self._kept = [kept for kept in self._kept if kept.step <= step]
        self._moments = [moment for moment in self._moments if moment.step <= step]


def _chosen(count: int) -> npt.NDArray[np.intp]:
    """Indices of the points that are kept of so many."""
    return np.linspace(0, count - 1, _POINTS).astype(np.intp)


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
