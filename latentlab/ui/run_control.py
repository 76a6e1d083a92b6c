"""What every workspace can tell the engine behind it."""

from PySide6.QtCore import QObject

from latentlab.training.messages import Pause, Train


class RunControl(QObject):
    """Trains, pauses and steps; whoever derives from it knows the engine."""

    @property
    def running(self) -> bool:
        """Whether the engine trains, as last heard."""
        raise NotImplementedError

    def train(self, on: bool) -> None:
        """Train until paused, or pause."""
        self._tell(Train() if on else Pause())

    def toggle_training(self) -> None:
        """Train or pause, whichever is not so."""
        self.train(not self.running)

    def step(self) -> None:
        """Take one step."""
        self._tell(Train(1))

    def epoch(self) -> None:
        """Train to the end of this epoch."""
        self._tell(Train("epoch"))

    def reset(self) -> None:
        """Back to what was loaded."""
        raise NotImplementedError

    def start_from_scratch(self) -> None:
        """New weights."""
        raise NotImplementedError

    def _tell(self, command: Train | Pause) -> None:
        """Send this to the engine."""
        raise NotImplementedError
