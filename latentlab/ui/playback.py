"""Time that runs along the path from z1 to z2 and back."""

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

TRAVERSE_SECONDS = 2.5
_INTERVAL_MS = 33


def there_and_back(phase: float) -> float:
    """t of a phase: 0 to 1 goes from z1 to z2, 1 to 2 back, and so on."""
    within = phase % 2.0
    return within if within <= 1.0 else 2.0 - within


class Playback(QObject):
    """Emits t thirty times a second while it runs, as much further as time went by."""

    moved = Signal(float)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._phase = 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def start(self, t: float) -> None:
        """Play from t towards z2."""
        self._phase = 0.0 if t >= 1.0 else t
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        """Stop where it is."""
        self._timer.stop()

    def _tick(self) -> None:
        self._phase += self._clock.restart() / 1000 / TRAVERSE_SECONDS
        self.moved.emit(there_and_back(self._phase))
