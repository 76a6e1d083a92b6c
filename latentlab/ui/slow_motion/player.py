"""Slow motion: takes a step, holds the plane back, and lets it happen stage by stage."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.training.dissected import Dissected
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.flow_stages import BATCH, ENCODE, GRADIENTS, SAMPLE, STEP
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News
from latentlab.ui.plane.step_layer import StepLayer
from latentlab.ui.workspaces import Workspaces

if TYPE_CHECKING:
    from latentlab.ui.slow_motion.panel import SlowMotionPanel

_TRAINING = "It trains at full speed. Pause, and press Step (.) to see one step happen."
_TAKING = "The step is being taken."


class SlowMotion(QObject):
    """While it is on, Step in Explore takes one step and shows it in stages; without a step, the
    way of the selected image is shown as it is now.

    The step is taken at once. Its points are held back from the plane until the last stage.
    """

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        looking: Looking,
        news: News,
        workspaces: Workspaces,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._news = news
        self._panel: SlowMotionPanel | None = None
        self._waiting = False
        self._training = False
        self._step: Dissected | None = None
        self._image = self._stage = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        workspaces.stepWanted.connect(self.step)
        window.run_bar.slowMotionSwitched.connect(self.switch)
        controller.dissected.connect(self._take)
        controller.snapshot.connect(self._snapshot_came)
        controller.opened.connect(self._forget)
        for trouble in (controller.stopped, controller.failed, controller.crashed):
            trouble.connect(self._end_waiting)
        store.changed.connect(self._state_changed)
        looking.step_shown.connect(self._show_way)

    @property
    def on(self) -> bool:
        """Whether Step is slow."""
        return self._panel is not None and self._panel.isVisibleTo(self._window)

    def switch(self, on: bool) -> None:
        """Make Step slow, or quick again."""
        if on == self.on:
            return
        if on and self._panel is None:
            self._panel = self._made_panel()
        self._forget()
        self._window.show_slow_motion(on)
        self._window.run_bar.set_slow_motion(on)
        self._show_way()

    def step(self) -> None:
        """Take a step, slowly where that is on; nothing while one is awaited."""
        if not self.on:
            self._controller.step()
        if not self.on or self._waiting:
            return
        self._store.set_quietly(past=None)  # it is a step of now
        self._forget(why=_TAKING)
        self._waiting = True
        self._news.hold_cloud(self._news.cloud)
        self._controller.dissect()

    def stop(self) -> None:
        """Play no more: the window closes."""
        self._timer.stop()

    def _made_panel(self) -> "SlowMotionPanel":
        panel = self._window.make_slow_motion_panel()
        panel.stageWanted.connect(self._go_by_hand)
        panel.playSwitched.connect(self._play)
        panel.imageChosen.connect(self._follow)
        panel.stepWanted.connect(self.step)
        panel.closed.connect(lambda: self.switch(False))
        return panel

    def _take(self, step: Dissected) -> None:
        if not self._waiting:
            return
        self._waiting = False
        self._step, self._stage = step, 0
        self._image = min(self._image, len(step.shown.x) - 1)
        self._show()
        self._play(True)

    def _go_by_hand(self, stage: int) -> None:
        self._play(False)
        self._go_to(stage)

    def _go_to(self, stage: int) -> None:
        if self._step is not None and BATCH <= stage <= STEP:
            self._stage = stage
            self._show()

    def _go_on(self) -> None:
        self._go_to(self._stage + 1)
        if self._stage == STEP:
            self._play(False)

    def _play(self, on: bool) -> None:
        on = on and self._step is not None and self._stage < STEP
        if on and self._panel is not None:
            self._timer.start(self._panel.pace)
        else:
            self._timer.stop()
        if self._panel is not None:
            self._panel.show_playing(on)

    def _follow(self, image: int) -> None:
        self._image = image
        self._show()
        self._show_way()

    def _show_way(self, *_: object) -> None:
        """Where no step is shown or taken: that of the selected image, by the newest weights."""
        laboratory, opened = self._bridge.laboratory, self._controller.present
        busy = self._step is not None or self._waiting or self._training
        if busy or not self.on or self._panel is None or opened is None or laboratory is None:
            return
        if not laboratory.viewer.ready or laboratory.viewer.looks_back:
            return
        from latentlab.app.lesson_model import lesson_model  # noqa: PLC0415
        from latentlab.app.lessons.data_flow import AskFlow  # noqa: PLC0415
        from latentlab.ui.flow_strip import one_by_one  # noqa: PLC0415

        state = self._store.state
        model = lesson_model(laboratory.viewer.sight(), opened.pair.test, state.selected)
        passed = AskFlow().answer(model).passed
        self._image = min(self._image, len(passed.x) - 1)
        self._panel.show_way(one_by_one(passed, self._image), self._image)

    def _show(self) -> None:
        if self._step is None or self._panel is None:
            return
        self._panel.show_stage(self._step, self._image, self._stage)
        self._window.plane.set_step(self._layer(self._step))
        self._news.hold_cloud(self._step.before if self._stage < STEP else None)

    def _layer(self, step: Dissected) -> StepLayer | None:
        shown, theme = step.shown, self._window.plane.scene.style.theme
        section, stage = self._store.state.section, self._stage
        on_plane, logvar = section.project, section.posteriors(shown.mu, shown.logvar)[1]
        mu = shown.mu if stage != BATCH else shown.mu_before
        pulls = (
            (on_plane(shown.pull_reconstruction), theme.reconstruction),
            (on_plane(shown.pull_kl), theme.kl),
        )
        return StepLayer(
            # Whose x was binarised otherwise than that of the step.
            mu=on_plane(mu),
            followed=self._image,
            sigma=np.exp(0.5 * logvar) if stage >= ENCODE else None,
            z=on_plane(shown.z) if SAMPLE <= stage < GRADIENTS else None,
            pulls=tuple(each for each in pulls if each[0].any()) if stage == GRADIENTS else (),
            after=on_plane(shown.mu_after) if stage == STEP else None,
            correlation=section.correlation(shown.logvar),
        )

    def _finish(self) -> None:
        """Show the step as it is done, and nothing more of how."""
        self._play(False)
        self._step = None
        self._window.plane.set_step(None)
        self._news.hold_cloud(None)

    def _forget(self, *_: object, why: str | None = None) -> None:
        self._waiting = False
        self._finish()
        if self._panel is not None:
            self._panel.show_nothing(*([why] if why else []))
            self._show_way()

    def _end_waiting(self, *_: object) -> None:
        if self._waiting:
            self._forget()

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        ended = self._training and not snapshot.running
        self._training = snapshot.running
        if snapshot.running and not self._waiting and self.on:
            self._forget(why=_TRAINING)
        elif ended and self._step is None and not self._waiting:
            self._forget()

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if names & {"run", "past", "workspace"}:
            self._forget()
        elif "selected" in names:
            self._image = 0 if self._step is None else self._image
            self._show_way()
        elif "section" in names:
            self._show()
