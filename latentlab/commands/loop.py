"""Training without a window: a bar that moves, Ctrl+C that saves, autosaves to go on from."""

import contextlib
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from latentlab.core.checkpoint import save_checkpoint
from latentlab.errors import InputError
from latentlab.training.autosave import EVERY_SECONDS, LEAST_SECONDS
from latentlab.training.course import Best
from latentlab.training.evaluation import finish
from latentlab.training.judging import judge
from latentlab.training.recorder import Recorder
from latentlab.training.trainer import DivergedError, Trainer

_BAR_STEPS = 50


class Interrupted:
    """True once Ctrl+C was pressed; a second press ends the program as usual."""

    def __init__(self) -> None:
        self._pressed = False
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._pressed = True
        signal.signal(signal.SIGINT, self._before)

    def __bool__(self) -> bool:
        return self._pressed

    def restore(self) -> None:
        """Let Ctrl+C end the program again."""
        signal.signal(signal.SIGINT, self._before)


class Loop:
    """Takes a run to step `steps`, or through its plan, with autosaves at `autosave`."""

    def __init__(
        self, trainer: Trainer, steps: int, autosave: Path, recorder: Recorder | None = None
    ) -> None:
        self._trainer = trainer
        self._recorder = recorder
        self._steps = steps
        self._autosave = autosave
        self._saved_at = time.perf_counter()
        self.interrupted = False
        self.best: Best | None = None  # of a plan that has ended

    def run(self) -> bool:
        """Train to the end, or to Ctrl+C; False if training diverged, or its images are gone.

        A plan's best weights are the run's afterwards, also where it was interrupted or diverged.
        What was interrupted can go on from its autosave.
        """
        trainer, interrupted = self._trainer, Interrupted()
        before, started = trainer.seconds, time.perf_counter()
        good = True
        try:
            with tqdm(
                total=self._steps, initial=trainer.step_count, unit="step", file=sys.stderr,
                mininterval=0.5,
            ) as bar:  # fmt: skip
                while not self._ended:
                    if interrupted:
                        self._stop(bar)
                        break
                    terms = trainer.step()
                    trainer.seconds = before + time.perf_counter() - started
                    bar.update()
                    if self._recorder is not None:
                        self._recorder.look()
                    if trainer.step_count % _BAR_STEPS == 0:
                        bar.set_postfix_str(f"−ELBO {terms.negative_elbo:.2f} nats")
                    self._look(bar)
        except (DivergedError, InputError) as error:
            print(f"latentlab: {error}", file=sys.stderr)
            good = False
        finally:
            interrupted.restore()
        self._end_course()
        return good

    @property
    def _ended(self) -> bool:
        course, step = self._trainer.course, self._trainer.step_count
        return course.ended(step) if course else step >= self._steps

    def _stop(self, bar: "tqdm[None]") -> None:
        self.interrupted = True
        later = "; --resume goes on from here" if self._save(bar) else ""
        bar.write(f"latentlab: interrupted; saving what there is{later}.", file=sys.stderr)

    def _end_course(self) -> None:
        trainer, course = self._trainer, self._trainer.course
        if course is None:
            return
        if course.best is None:
            # Images that can no longer be read have been told of: then the last weights stay.
            with contextlib.suppress(InputError):
                finish(judge(trainer, course))
        self.best = course.best
        trainer.end_course()

    def _look(self, bar: "tqdm[None]") -> None:
        trainer = self._trainer
        at_end = trainer.at_epoch_end()
        if at_end and trainer.course is not None:
            held_back = finish(judge(trainer, trainer.course))
            bar.write(
                f"epoch {trainer.epochs:.0f}: ELBO {-held_back.negative_elbo:.2f} nats on "
                f"{len(trainer.course.held_back):,} images held back",
                file=sys.stderr,
            )
        waited = time.perf_counter() - self._saved_at
        if waited >= (LEAST_SECONDS if at_end else EVERY_SECONDS):
            self._save(bar)

    def _save(self, bar: "tqdm[None]") -> bool:
        """Training goes on where the disk refuses: the model may yet find its place at the end."""
        self._saved_at = time.perf_counter()
        try:
            save_checkpoint(self._trainer.checkpoint(), self._autosave)
        except (OSError, InputError) as error:
            bar.write(f"latentlab: no autosave at {self._autosave}: {error}", file=sys.stderr)
            return False
        return True

    def discard_autosave(self) -> None:
        """Once the model is saved; not where the run can go on."""
        if self.interrupted:
            return
        with contextlib.suppress(OSError):
            self._autosave.unlink()


def autosave_of(out: Path) -> Path:
    """Where the autosaves of a run that will be saved as `out` go."""
    return out.with_name(f"{out.name.removesuffix('.safetensors')}.autosave.safetensors")
