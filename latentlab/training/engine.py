"""The engine: the one place that owns the training weights of the run that is explored."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatchmethod
from typing import Any

from latentlab.core.checkpoint import Checkpoint, save_checkpoint
from latentlab.errors import InputError, memory_ran_out, not_written
from latentlab.system import give_back_memory
from latentlab.training.device import reason, usable
from latentlab.training.driver import Driver
from latentlab.training.images import Images
from latentlab.training.messages import (
    RUNS_KEPT,
    Begin,
    Branch,
    Command,
    Dissect,
    EndPlan,
    Failed,
    Noted,
    Open,
    Reset,
    Save,
    Saved,
    SetObjective,
    SetSettings,
    Settings,
    Snapshot,
    Switch,
    Train,
)
from latentlab.training.run import PlanEndedError, Run, begin_run

_LOST_PLAN = (
    "The long run that was under way in this file cannot go on with these images: training goes on "
    "without it."
)

_log = logging.getLogger(__name__)


class Engine(Driver[Run, Snapshot]):
    """Trains one run, and keeps those that a reset has left."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: Open | None = None
        self._images: tuple[Images, Images] | None = None
        self._runs: dict[int, Run] = {}
        self._current = 0

    @property
    def _driven(self) -> Run | None:
        return self._runs.get(self._current)

    @property
    def _run_number(self) -> int:
        return self._current

    def _snapshot(self, driven: Run, running: bool, rate: float) -> Snapshot:
        return driven.snapshot(self._current, self._version, running, rate)

    def _step(self, driven: Run) -> None:
        super()._step(driven)
        dissected, driven.dissected = driven.dissected, None
        if dissected is not None:
            self.notices.put(dissected)

    def _device_failed(self, driven: Run, error: RuntimeError) -> None:
        device = driven.trainer.device
        if device.type == "cpu" or self._opened is None:
            raise error
        _log.warning("the device failed", exc_info=error)
        for run in self._runs.values():
            if run.trainer.device == device:
                run.leave_device()
        settings = replace(self._opened.settings, device="cpu")
        self._opened = replace(self._opened, settings=settings)
        step = f"{driven.trainer.weights_step:,}"
        self.notices.put(
            Noted(
                f"{device.type} has failed ({reason(error)}): training goes on from the weights of "
                f"step {step}, on the processor (cpu).",
                settings,
            )
        )
        self._publish_at = 0.0

    def _usable(self, settings: Settings) -> Settings:
        """`settings`, on the CPU where their device cannot be used."""
        try:
            usable(settings.device)
        except (RuntimeError, AssertionError) as error:
            return self._on_the_processor(settings, error)
        return settings

    def _on_the_processor(self, settings: Settings, error: Exception) -> Settings:
        why = f"{settings.device} cannot be used here ({reason(error)})"
        settings = replace(settings, device="cpu")
        self.notices.put(Noted(f"{why}: the processor (cpu) trains instead.", settings))
        return settings

    # --- commands --------------------------------------------------------------------------------

    @singledispatchmethod
    def _do(self, command: Command) -> None:
        raise TypeError(f"{command!r} is no command")

    @_do.register
    def _(self, command: Open) -> None:
        # What is shown is this one by now: whatever becomes of it, no other is trained or saved.
        self._pause()
        self._let_go(list(self._runs))
        self._opened, self._current = None, command.run
        command = replace(command, settings=self._usable(command.settings))
        images = Images(command.data.train), Images(command.data.test)
        try:
            run = begin_run(command, *images, from_file=True)
        except RuntimeError as error:
            if command.settings.device == "cpu":
                raise
            settings = self._on_the_processor(command.settings, error)
            command = replace(command, settings=settings)
            run = begin_run(command, *images, from_file=True)
        given = command.last or command.checkpoint
        lost = isinstance(given, Checkpoint) and "course" in given.training
        if lost and run.trainer.course is None:
            self.notices.put(Noted(_LOST_PLAN))
        self._opened, self._images = replace(command, last=None), images
        self._runs = {command.run: run}
        self._published = None
        give_back_memory()

    @_do.register
    def _(self, command: Begin) -> None:
        run = self._runs.get(self._current)
        if run is not None:
            run.trainer.begin(command.plan)
            self._train(Train())

    @_do.register
    def _(self, _command: Dissect) -> None:
        run = self._runs.get(self._current)
        if run is not None:
            run.dissect_next()
            self._train(Train(1))

    @_do.register
    def _(self, _command: EndPlan) -> None:
        run = self._runs.get(self._current)
        if run is None:
            return
        try:
            run.end_plan()
        except PlanEndedError as ended:
            self._stop_training(str(ended), planned=True)

    @_do.register
    def _(self, command: SetObjective) -> None:
        self._set(weights=command.weights, likelihood=command.likelihood)

    @_do.register
    def _(self, command: SetSettings) -> None:
        self._set(settings=self._usable(command.settings))

    def _set(self, **changed: Any) -> None:
        """Change how the present run, and any that is begun or brought back, is trained."""
        if self._opened is not None:
            self._opened = replace(self._opened, **changed)
            self._apply(self._opened)

    def _apply(self, opened: Open) -> None:
        self._runs[self._current].set(opened.weights, opened.likelihood, opened.settings)

    @_do.register
    def _(self, command: Reset) -> None:
        if self._opened is None or self._images is None:
            return
        loaded = command.to == "loaded"
        self._add(begin_run(self._opened, *self._images, from_file=loaded), command.run)

    @_do.register
    def _(self, command: Branch) -> None:
        if self._opened is None or self._images is None:
            return
        opened = replace(self._opened, last=command.checkpoint)
        self._add(begin_run(opened, *self._images, from_file=True), command.run)

    def _add(self, run: Run, number: int) -> None:
        self._pause()
        self._runs[number] = run
        self._current = number
        self._let_go(sorted(self._runs)[:-RUNS_KEPT])
        give_back_memory()

    def _let_go(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._runs.pop(number).end_looks()

    @_do.register
    def _(self, command: Switch) -> None:
        if self._opened is None or command.run not in self._runs:
            raise InputError("That run is no longer kept, so it cannot be brought back.")
        self._pause()
        self._current = command.run
        self._apply(self._opened)

    @_do.register
    def _(self, command: Save) -> None:
        try:
            self._save(self._runs.get(self._current), command)
        except Exception as error:
            expected = isinstance(error, OSError | InputError) or memory_ran_out(error)
            if command.autosave and expected:
                _log.warning("no autosave at %s: %s", command.path, error)
            elif isinstance(error, OSError):
                self.notices.put(Failed(not_written(command.path, error)))
            else:
                raise

    def _save(self, run: Run | None, command: Save) -> None:
        if run is None:
            raise InputError("There is no model to save: none is open.")
        # An autosave does not hold up training for the posteriors, which can be had again.
        if not command.autosave:
            run.finish_cloud()
        run.finish_due_looks()
        cloud = run.cloud if run.cloud_is_current else None
        save_checkpoint(run.trainer.checkpoint(cloud), command.path)
        if not command.autosave:
            run.saved()
        course = run.trainer.course
        plan = course.plan if course else None
        self.notices.put(Saved(command.path, command.autosave, self._current, plan))
