"""The comparison's own engine: the one place that owns the weights of those that are compared."""

from latentlab.training.driver import Driver
from latentlab.training.images import Images
from latentlab.training.lockstep import Lockstep
from latentlab.training.messages import Command, Compared, OpenComparison, SetEntrants


class ComparisonEngine(Driver[Lockstep, Compared]):
    """Trains several networks in lockstep."""

    # There are several networks to look at, and their copies to be sent.
    publish_seconds = 0.25
    looking_share = 0.4

    def __init__(self) -> None:
        super().__init__()
        self._lockstep: Lockstep | None = None
        self._number = 0

    @property
    def _driven(self) -> Lockstep | None:
        return self._lockstep

    @property
    def _run_number(self) -> int:
        return self._number

    def _snapshot(self, driven: Lockstep, running: bool, rate: float) -> Compared:
        return driven.snapshot(self._number, running, rate)

    def _do(self, command: Command) -> None:
        if isinstance(command, OpenComparison):
            # Made before anything is forgotten: if it fails, all stays as it was.
            lockstep = Lockstep(
                Images(command.data.train),
                command.architecture,
                command.entrants,
                command.settings,
            )
            self._pause()
            self._lockstep, self._number = lockstep, command.run
            self._published = None
        elif isinstance(command, SetEntrants):
            if self._lockstep is not None:
                self._lockstep.set_entrants(command.entrants)
        else:
            raise TypeError(f"{command!r} is no command for a comparison")
