"""Page 3: one Gaussian for a mixture, by either direction of KL."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.core.ellipse import LEAST, MOST, REACH, Ellipse
from latentlab.core.mixture import Mixture, kl_from, kl_to
from latentlab.core.mixture_fit import Fit
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.gaussians.descent import DescentPlot
from latentlab.ui.learn.gaussians.plane import GaussianPlane
from latentlab.ui.learn.gaussians.shapes import Dots, Shade, Shape
from latentlab.ui.learn.gaussians.terms_table import number
from latentlab.ui.panel_style import ScaledLabel, named
from latentlab.ui.segment import SegmentButton
from latentlab.ui.theme import Theme

_WEIGHTS = (0.6, 0.4)
_PARTS = (Ellipse((-1.8, -0.4), (0.75, 0.5), 0.9), Ellipse((1.7, 0.6), (0.6, 0.5), -0.4))
_NAMES = ("p₁", "p₂")
_START = Ellipse((0.4, 1.6), (0.6, 0.4), 0.3)
_EVERY = 90  # ms between steps


class MixtureFit(Figure):
    """Choose the direction and the start, and watch q go."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("mixtureFit")
        self._parts, self._start = _PARTS, _START
        self._shown = 0  # of what a lecture shows: the start, one fit, the other
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._step_on)
        self._plane = GaussianPlane("mixturePlane", "A mixture p, and a Gaussian q fitted", self)
        self._plane.setToolTip(
            "p = 0.6 p₁ + 0.4 p₂ is shaded: drag the centres of its parts. Drag q (dashed) to "
            "where its fit shall start.<br>By keys: Tab to a handle, then the arrows; with Shift "
            "in small steps"
        )
        self._plane.dragged.connect(self._dragged)
        self._directions = (
            SegmentButton(
                "coverChoice",
                "KL(p‖q): cover",
                "Make KL(p‖q) small",
                "min KL(p‖q): the average is over p, so q must be wherever p is. The minimum has "
                "the mean and covariance of p",
                self,
            ),
            SegmentButton(
                "seekChoice",
                "KL(q‖p): seek",
                "Make KL(q‖p) small",
                "min KL(q‖p): the average is over q, so q must not be where p is not. It settles "
                "on one mode. This is the direction of variational inference",
                self,
            ),
        )
        for button in self._directions:
            button.setAutoExclusive(True)
        self._directions[0].setChecked(True)
        self._directions[0].toggled.connect(self._restart)
        self._run = self._button("fitRun", "Fit", "Step until KL falls no further")
        self._one = self._button("fitStep", "Step", "One step down")
        self._again = self._button("fitAgain", "To the start", "q as you last placed it")
        self._run.clicked.connect(self._toggle_run)
        self._one.clicked.connect(self._step_once)
        self._again.clicked.connect(self._restart)
        self._formulas = [FormulaLabel(name, "text", self) for name in ("kl_p_to_q", "kl_q_to_p")]
        self._numbers = [ScaledLabel("", self, bold=True) for _ in range(2)]
        self._notes = [ScaledLabel("", self, "muted") for _ in range(2)]
        for label, name in zip(self._numbers, ("fitForward", "fitBackward"), strict=True):
            label.setObjectName(name)
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._plot = DescentPlot("fitDescent", self)
        self._plot.setToolTip("The direction that is being made small, in nats, over the steps")
        self._said = ScaledLabel("", self, "muted")
        self._said.setObjectName("fitSentence")
        self._said.setWordWrap(True)
        self._lay_out()
        self._fit = self._begun()
        self._show()
        self.set_theme(self.theme)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        self._show_numbers()

    def reset(self) -> None:
        """The first mixture, start and direction."""
        self._shown = 0
        self._parts, self._start = _PARTS, _START
        self._directions[0].setChecked(True)
        self._restart()

    def extremes(self) -> Iterable[Callable[[], None]]:
        """q nearly a point, a line, wide, in a corner; the modes on each other and far apart."""
        corner = (REACH, -REACH)
        for sigmas in ((LEAST, LEAST), (MOST, LEAST), (MOST, MOST)):
            yield partial(self._dragged, "q", Ellipse(corner, sigmas, 0.5))
            yield self._step_once
        for name, at in (("p₁", corner), ("p₂", corner), ("p₁", (-REACH, REACH))):
            yield partial(self._centre, name, at)
            yield self._step_once

    def step_forward(self) -> bool:
        """From the start fit by KL(p‖q), then by KL(q‖p)."""
        return self._show_fit(self._shown + 1)

    def step_back(self) -> bool:
        """The fit before, or the start."""
        return self._show_fit(self._shown - 1)

    def hideEvent(self, event: QHideEvent) -> None:
        """Wait."""
        super().hideEvent(event)
        self._stop()

    def _begun(self) -> Fit:
        mixture = Mixture(_WEIGHTS, tuple(part.gaussian for part in self._parts))
        return Fit(mixture, self._start.gaussian, covering=self._directions[0].isChecked())

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, tip, tip)

    def _lay_out(self) -> None:
        segments, buttons = QHBoxLayout(), QHBoxLayout()
        segments.setSpacing(4)
        buttons.setSpacing(4)
        for segment in self._directions:
            segments.addWidget(segment, 1)
        for button in (self._run, self._one, self._again):
            buttons.addWidget(button, 1)
        figures = QGridLayout()
        figures.setHorizontalSpacing(10)
        figures.setVerticalSpacing(3)
        figures.setColumnStretch(1, 1)
        for row in range(2):
            figures.addWidget(self._formulas[row], row, 0)
            figures.addWidget(self._notes[row], row, 1)
            figures.addWidget(self._numbers[row], row, 2)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addLayout(segments)
        side.addLayout(buttons)
        side.addLayout(figures)
        side.addWidget(self._plot, 1)
        side.addWidget(self._said)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(self._plane, 3)
        layout.addLayout(side, 2)

    def _dragged(self, name: str, ellipse: Ellipse) -> None:
        if name == "q":
            self._start = ellipse
        else:
            parts = list(self._parts)
            parts[_NAMES.index(name)] = ellipse
            self._parts = (parts[0], parts[1])
        self._restart()

    def _centre(self, name: str, at: tuple[float, float]) -> None:
        self._dragged(name, replace(self._parts[_NAMES.index(name)], mean=at))

    def _restart(self) -> None:
        self._stop()
        self._fit = self._begun()
        self._show()

    def _show_fit(self, number: int) -> bool:
        if not 0 <= number <= len(self._directions):
            return False
        self._shown = number
        self._directions[max(number - 1, 0)].setChecked(True)
        self._restart()
        if number:
            self._toggle_run()
        return True

    def _toggle_run(self) -> None:
        if self._timer.isActive():
            self._stop()
            return
        if self._fit.ended:
            self._restart()
        self._timer.start()
        self._show_run_button()

    def _step_once(self) -> None:
        self._stop()
        self._fit.step()
        self._show()

    def _step_on(self) -> None:
        self._fit.step()
        if self._fit.ended:
            self._stop()
        self._show()

    def _stop(self) -> None:
        self._timer.stop()
        self._show_run_button()

    def _show_run_button(self) -> None:
        self._run.setText("Pause" if self._timer.isActive() else "Fit")

    def _show(self) -> None:
        fit = self._fit
        parts = [
            Shape(name, part, "more", axes=False)
            for name, part in zip(_NAMES, self._parts, strict=True)
        ]
        q = Ellipse.of(fit.q) if fit.steps else self._start
        fitted = Shape("q", q, "less", dashed=True)
        self._plane.show_shapes([*parts, fitted], [Shade(fit.p, "more")])
        self._plane.show_dots([Dots(np.array(fit.way), "less", joined=True)])
        self._plot.show_values(fit.values)
        self._one.setEnabled(not fit.ended)
        self._said.setText(_sentence(fit))
        self._show_numbers()

    def _show_numbers(self) -> None:
        fit = self._fit
        values = (kl_from(fit.p, fit.q), kl_to(fit.q, fit.p))
        for row, (value, wanted) in enumerate(
            zip(values, (fit.covering, not fit.covering), strict=True)
        ):
            self._numbers[row].setText(f"{number(value)} nats")
            self._numbers[row].setStyleSheet(
                f"color: {self.theme.kl if wanted else 'palette(text)'}"
            )
            self._notes[row].setText("is minimised" if wanted else "")


def _sentence(fit: Fit) -> str:
    if not fit.steps:
        return "Drag q to its start, then fit."
    if not fit.ended:
        return f"Step {fit.steps}"
    if fit.covering:
        return f"Step {fit.steps}: q has the mean and covariance of p. It covers both modes."
    return f"Step {fit.steps}: no step leads further down. Try another start."
