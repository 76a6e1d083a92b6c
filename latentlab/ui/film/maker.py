"""Makes a film while the window goes on: Qt's thread paints frames, another encodes them."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from latentlab.app.looks import Worker
from latentlab.errors import InputError, not_written, told
from latentlab.system import write_atomic
from latentlab.ui.film.encoders import Frame, gif, mp4
from latentlab.ui.film.frames import Frames, Story

Format = Literal["GIF", "MP4"]

# Frames painted and not yet encoded, at most.
_AHEAD = 3
# How long the window has for itself between two frames.
_PAUSE_MILLISECONDS = 10
_REPLY = "film"


@dataclass(frozen=True)
class FilmSettings:
    """side: width and height in pixels. frames_per_second: 1 to 30."""

    format: Format
    side: int
    frames_per_second: int


class _CancelledError(Exception):
    """Nobody wants the film any more."""


class FilmMaker(QObject):
    """Makes one film at a time. `progress`: frames painted; then `done`, `failed` or neither."""

    progress = Signal(int)
    done = Signal(str)  # a sentence
    failed = Signal(str, str)  # a sentence; a report, or ""
    ended = Signal()  # however it went

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._frames: Frames | None = None
        self._waiting: queue.Queue[Frame | None] = queue.Queue(_AHEAD)
        self._count = self._painted = 0
        self._target = Path()
        self._timer = QTimer(self, interval=_PAUSE_MILLISECONDS)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether a film is being made."""
        return self._worker is not None

    def make(self, story: Story, settings: FilmSettings, target: Path) -> None:
        """Begin; returns at once. While another film is being made this does nothing."""
        if self.busy:
            return
        self._frames = frames = Frames(story, settings.side)
        waiting: queue.Queue[Frame | None] = queue.Queue(_AHEAD)
        self._waiting = waiting
        self._count, self._painted, self._target = len(story.moments), 0, target
        coming = _coming(waiting, self._count)
        colours = frames.colours() if settings.format == "GIF" else None
        self._worker = Worker("film")
        self._worker.submit(_REPLY, lambda: _write(coming, colours, settings, target))
        self._timer.start()

    def cancel(self) -> None:
        """Drop the film under way; its file is as it was before."""
        if not self.busy:
            return
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put(None)
        self._end()

    def _go_on(self) -> None:
        assert self._worker is not None
        assert self._frames is not None
        for reply in self._worker.replies():
            if isinstance(reply.value, Exception):
                self.failed.emit(*told(reply.value, "The film could not be made"))
            else:
                self.done.emit(f"Wrote {self._target} ({reply.value / 1e6:.1f} MB)")
            self._end()
            return
        if self._painted < self._count and not self._waiting.full():
            self._waiting.put(self._frames.frame(self._painted))
            self._painted += 1
            self.progress.emit(self._painted)

    def _end(self) -> None:
        assert self._worker is not None
        assert self._frames is not None
        self._timer.stop()
        self._worker.shutdown()
        self._frames.close()
        self._worker = self._frames = None
        self.ended.emit()


def _coming(waiting: "queue.Queue[Frame | None]", count: int) -> Iterator[Frame]:
    for _ in range(count):
        frame = waiting.get()
        if frame is None:
            raise _CancelledError
        yield frame


def _write(
    frames: Iterator[Frame], colours: Frame | None, settings: FilmSettings, target: Path
) -> int:
    """Encode and write; returns the file's size in bytes, 0 where the film was cancelled."""
    rate = settings.frames_per_second
    try:
        film = mp4(frames, rate) if colours is None else gif(frames, rate, colours)
        write_atomic(target, film)
    except _CancelledError:
        return 0
    except OSError as error:
        raise InputError(not_written(target, error)) from error
    return len(film)
