"""Page 11: the three regimes of the lecture beside each other, from their first step on."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from latentlab.app.lessons.regimes import REGIMES, AskCourse, AskMoment, Course, Moment
from latentlab.app.state import Point, Viewport
from latentlab.ui.icons import icon
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figures.image_choice import ImageChoice
from latentlab.ui.learn.figures.regime_column import RegimeColumn
from latentlab.ui.learn.figures.shipped import ShippedFigure
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme
from latentlab.ui.wheel_guard import WheelGuard

_SAMPLES = 8
_FAR = 1e3  # latent units: farther than any code
_SEED = 11
_FRAME_MS = 60
_REST_MS = 200  # after the last of many moments, all is drawn exactly
# Steps of training that a lecture stops at: it goes fast at first.
_STOPS = (0, 10, 100, 1000)
_TITLES = (
    ("regimesReconstruction", "Reconstruction only", "Minimised: −E_q[log p(x|z)]"),
    ("regimesKl", "KL only", "Minimised: KL(q(z|x) ‖ p(z))"),
    ("regimesBoth", "Both", "Minimised: −E_q[log p(x|z)] + KL(q(z|x) ‖ p(z))"),
)


class RegimesFigure(ShippedFigure):
    """Three shipped networks; one moment of their training, one image, one set of samples."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._random = np.random.default_rng(_SEED)
        self._samples = self._drawn()
        self._steps: list[int] = []
        self._z: Point = (0.0, 0.0)
        self._image = ImageChoice("regimesImage", "x", self)
        self._image.chosen.connect(self._choose)
        self.columns = {
            network: RegimeColumn(network, *words, self)
            for network, words in zip(REGIMES, _TITLES, strict=True)
        }
        for column in self.columns.values():
            column.imageChosen.connect(self._choose)
            column.zMoved.connect(self._move)
        self._said = ScaledLabel("loading how they were trained…", self, "muted")
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._tick)
        # Three planes at once would take too long for one event: each has its turn.
        self._waiting: list[tuple[RegimeColumn, bool]] = []
        self._turn = QTimer(self, singleShot=True)
        self._turn.timeout.connect(self._place_next)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._settle)
        self._buttons: dict[str, QPushButton] = {}
        self._lay_out()
        for network in REGIMES:
            self.ask(f"course {network}", AskCourse(network))

    def hear(self, answer: object) -> None:
        """Show what came."""
        if isinstance(answer, Course):
            self.columns[answer.asked.network].show_course(answer)
            if all(column.course is not None for column in self.columns.values()):
                self._begin(answer)
        elif isinstance(answer, Moment):
            self.columns[answer.asked.network].show_pictures(answer)

    def reset(self) -> None:
        """The end of training, the first image, the first samples."""
        self._play(False)
        self._random = np.random.default_rng(_SEED)
        self._samples = self._drawn()
        self._image.forget_class()
        self._choose(0)
        self._use_one_scale(False)
        self._slider.setValue(self._slider.maximum())
        self._move(0.0, 0.0)

    def extremes(self) -> Iterable[Callable[[], None]]:
        """z far from any code."""
        return [partial(self._move, z, z) for z in (-_FAR, _FAR, 0.0)]

    def step_forward(self) -> bool:
        """To the next moment that a lecture stops at."""
        return self._step(1)

    def step_back(self) -> bool:
        """To the one before."""
        return self._step(-1)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        self._show_icon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody watches: stop."""
        self._play(False)
        self._turn.stop()
        self._rest.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the moment that was chosen meanwhile."""
        super().showEvent(event)
        self._settle()

    # --- inside ----------------------------------------------------------------------------------

    def _begin(self, course: Course) -> None:
        self._steps = course.steps.tolist()
        self._image.set_images(course.labels, course.class_names)
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, len(self._steps) - 1)
            self._slider.setValue(len(self._steps) - 1)
        for control in (self._slider, *self._buttons.values()):
            control.setEnabled(True)
        self._choose(0)
        self._settle()

    def _choose(self, index: int) -> None:
        self._image.show_image(index)
        for column in self.columns.values():
            column.set_selected(index)
        self._look()

    def _move(self, x: float, y: float, _finished: bool = True) -> None:
        self._z = x, y
        for column in self.columns.values():
            column.set_z(self._z)
        self._look()

    def _look(self) -> None:
        """Have pictures made for the moment that is shown."""
        if not self._steps:
            return
        step = self._steps[self._slider.value()]
        for network in self.columns:
            self.ask(
                f"moment {network}",
                AskMoment(network, step, self._image.index, self._z, self._samples),
            )
        self._said.setText(f"step {step:,} of {self._steps[-1]:,}")

    @property
    def at_rest(self) -> bool:
        """Whether the moment is shown exactly on all planes."""
        return not (self._waiting or self._rest.isActive())

    def _show_moment(self, _index: int) -> None:
        if self.isVisible():
            self._rest.start()
        self._place(exact=False)
        self._look()

    def _settle(self) -> None:
        self._place(exact=True)

    def _place(self, *, exact: bool) -> None:
        self._waiting = [(column, exact) for column in self.columns.values()]
        if self.isVisible():
            self._turn.start()

    def _place_next(self) -> None:
        if self._waiting:
            column, exact = self._waiting.pop(0)
            index = self._slider.value()
            column.show_moment(index, self._view_of(column, index), exact=exact)
            self._turn.start()

    def _tick(self) -> None:
        if self._slider.value() >= self._slider.maximum():
            self._play(False)
        else:
            self._slider.setValue(self._slider.value() + 1)

    def _play(self, on: bool) -> None:
        if on == self._timer.isActive():
            return
        if on:
            if self._slider.value() == self._slider.maximum():
                self._slider.setValue(0)
            self._timer.start()
        else:
            self._timer.stop()
        with QSignalBlocker(self._buttons["play"]):
            self._buttons["play"].setChecked(on)
        self._show_icon()

    def _show_icon(self) -> None:
        self._buttons["play"].setIcon(
            icon("pause" if self._timer.isActive() else "play", self.theme)
        )

    def _sample_again(self) -> None:
        self._samples = self._drawn()
        self._look()

    def _drawn(self) -> tuple[Point, ...]:
        return tuple((float(x), float(y)) for x, y in self._random.standard_normal((_SAMPLES, 2)))

    def _use_one_scale(self, on: bool) -> None:
        self._buttons["scale"].setChecked(on)
        self._settle()

    def _view_of(self, column: RegimeColumn, index: int) -> Viewport:
        if not self._buttons["scale"].isChecked():
            return column.overview(index)
        views = [each.overview(index) for each in self.columns.values()]
        return Viewport(
            min(view.x_min for view in views),
            max(view.x_max for view in views),
            min(view.y_min for view in views),
            max(view.y_max for view in views),
        )

    def _step(self, way: int) -> bool:
        if not self._steps:
            return False
        stops = [int(np.searchsorted(self._steps, stop)) for stop in _STOPS]
        stops.append(len(self._steps) - 1)
        here = self._slider.value()
        beyond = [stop for stop in stops if (stop - here) * way > 0]
        if not beyond:
            return False
        self._slider.setValue(min(beyond) if way > 0 else max(beyond))
        return True

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._image)
        top.addStretch(1)
        planes = QHBoxLayout()
        planes.setSpacing(8)
        for column in self.columns.values():
            planes.addWidget(column, 1)
        below = QHBoxLayout()
        below.setSpacing(8)
        for key, text, tip, checkable, slot, row in (
            (
                "samples",
                "New samples",
                "Draw other z ~ N(0, I), the same for each",
                False,
                self._sample_again,
                top,
            ),
            (
                "scale",
                "One scale",
                "Show the same part of all three planes",
                True,
                self._use_one_scale,
                top,
            ),
            (
                "play",
                "Train",
                "Play how they were trained, from the first step on",
                True,
                self._play,
                below,
            ),
        ):
            button = QPushButton(text, self)
            button.setObjectName(f"regimes{key.title()}")
            button.setAccessibleName(tip)
            button.setToolTip(tip)
            button.setCheckable(checkable)
            button.setEnabled(False)
            button.clicked.connect(slot)
            self._buttons[key] = button
            row.addWidget(button)
        self._slider.setObjectName("regimesMoment")
        self._slider.setAccessibleName("Moment of training")
        self._slider.setToolTip("How far they are trained: 100 moments, close together at first")
        self._slider.setPageStep(10)
        self._slider.setEnabled(False)
        self._slider.valueChanged.connect(self._show_moment)
        WheelGuard(self._slider)
        self._said.setMinimumWidth(
            self._said.fontMetrics().horizontalAdvance("step 0,000 of 0,000 ")
        )
        below.addWidget(self._slider, 1)
        below.addWidget(self._said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(planes, 1)
        layout.addLayout(below)
        self._show_icon()
