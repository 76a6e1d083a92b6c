"""The runs of what is open: the one it began with, and those that branched off from it."""

from dataclasses import dataclass, replace

from latentlab.core.regime import Regime
from latentlab.training.messages import Snapshot

Minimised = tuple[tuple[int, Regime], ...]


@dataclass(frozen=True)
class Branch:
    """A run by its number, and a name that is the user's to change.

    began: how, in a few words. newest: what was last seen of it; None before anything was.
    listed: False where the user has taken it off the list. minimised: what, each from a step on.
    """

    run: int
    name: str
    began: str
    newest: Snapshot | None = None
    listed: bool = True
    minimised: Minimised = ()

    @property
    def step(self) -> int | None:
        """How far it is."""
        return None if self.newest is None else self.newest.weights_step

    def minimised_until(self, step: int) -> Minimised:
        """What made its weights of that step: what is minimised from a step on makes the next."""
        return tuple(each for each in self.minimised if each[0] < step)

    @property
    def regime(self) -> Regime | None:
        """What it minimises."""
        newest = self.newest
        return None if newest is None else Regime(newest.weights, newest.likelihood)


class Branches:
    """All of them in the order in which they began. Of each the newest snapshot is kept."""

    def __init__(self) -> None:
        self._all: dict[int, Branch] = {}

    def __len__(self) -> int:
        return len(self.all())

    def all(self) -> list[Branch]:
        """Those that are listed, in the order of their beginnings."""
        return [branch for branch in self._all.values() if branch.listed]

    def get(self, run: int) -> Branch | None:
        """That of this number."""
        return self._all.get(run)

    def clear(self) -> None:
        """Something else is open."""
        self._all.clear()

    def begin(self, run: int, name: str, began: str, minimised: Minimised = ()) -> None:
        """Another begins; `minimised`: before. Where a name is taken, a number is put behind it."""
        self._all[run] = Branch(run, self._free(name), began, minimised=minimised)

    def see(self, snapshot: Snapshot) -> None:
        """Keep what is seen of a run. One that was off the list is on it again: it is shown."""
        known = self._all.get(snapshot.run)
        if known is None:
            return
        step, regime = snapshot.weights_step, Regime(snapshot.weights, snapshot.likelihood)
        minimised = tuple(each for each in known.minimised if each[0] <= step)
        if not minimised or minimised[-1][1] != regime:
            minimised += ((step, regime),)
        self._all[snapshot.run] = replace(known, newest=snapshot, listed=True, minimised=minimised)

    def remove(self, run: int) -> None:
        """Take it off the list; undo can come back to it as long as the engine keeps it."""
        known = self._all.get(run)
        if known is not None:
            self._all[run] = replace(known, listed=False)

    def rename(self, run: int, name: str) -> None:
        """Give it another name; one of blanks changes nothing."""
        known, name = self._all.get(run), name.strip()
        if known is not None and name and name != known.name:
            self._all[run] = replace(known, name=self._free(name))

    def keep_only(self, runs: set[int]) -> None:
        """Forget those that can no longer be gone back to."""
        self._all = {run: branch for run, branch in self._all.items() if run in runs}

    def _free(self, name: str) -> str:
        taken, number, free = {branch.name for branch in self._all.values()}, 2, name
        while free in taken:
            free, number = f"{name} ({number})", number + 1
        return free
