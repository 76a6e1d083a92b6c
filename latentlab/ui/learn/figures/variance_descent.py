"""Page 10: gradient descent on KL where a network says σ², and where it says s = log σ²."""

import math
from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.core.standard_kl import Step32, descend_logvar_32, descend_variance_32
from latentlab.ui.learn.canvas import SMALL
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.descent_chart import LEAST, MOST, DescentChart
from latentlab.ui.learn.named_slider import NamedSlider
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel, named

STEPS = 20
_START, _RATE, _SHOWN = 4.0, 10.0, 6


class VarianceDescent(Figure):
    """Two charts with the same start, the same step size and the same number of steps."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._start, self._count = _START, _SHOWN
        self._charts = (DescentChart("variance", self), DescentChart("logvar", self))
        self._words = []
        for name in ("varianceWords", "logvarWords"):
            label = ScaledLabel("", self, "", SMALL)
            label.setObjectName(name)
            label.setWordWrap(True)
            self._words.append(label)
        self._rate = NamedSlider(
            "stepSize",
            "step size",
            "Step size",
            "What the slope is multiplied by. A layer σ² = w·h + b steps |h|² + 1 times as far as "
            "its learning rate says: 400 inputs of size 1 and a rate of 0.025 make 10",
            self,
            ends=(0.01, 100.0),
            logarithmic=True,
        )
        self._again = self._button("descentAgain", "To the start", "Back to step 0")
        self._step = self._button("descentStep", "Step", "One step of gradient descent on each")
        self._all = self._button("descentAll", f"{STEPS} steps", f"All {STEPS} steps")
        self._lay_out()
        for chart in self._charts:
            chart.moved.connect(self._start_at)
        self._rate.changed.connect(self._show)
        self._again.clicked.connect(self._go_back)
        self._step.clicked.connect(self.step_forward)
        self._all.clicked.connect(self._go_on)
        self.reset()

    def reset(self) -> None:
        """From σ² = 4, with a step size of 10."""
        self._start, self._count = _START, _SHOWN
        self._rate.set_number(_RATE)
        self._show()

    def step_forward(self) -> bool:
        """One step more."""
        if self._count == STEPS:
            return False
        self._count += 1
        self._show()
        return True

    def step_back(self) -> bool:
        """One step less."""
        if self._count == 0:
            return False
        self._count -= 1
        self._show()
        return True

    def extremes(self) -> Iterable[Callable[[], None]]:
        """The smallest and the largest variance to start from."""
        yield partial(self._start_at, LEAST)
        yield partial(self._start_at, MOST)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, tip, tip)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        for column, (chart, words) in enumerate(zip(self._charts, self._words, strict=True)):
            grid.addWidget(chart, 0, column)
            grid.addWidget(words, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(0, 1)
        row = QHBoxLayout()
        row.addWidget(self._rate, 1)
        for button in (self._again, self._step, self._all):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(6)
        layout.addLayout(grid, 1)
        layout.addLayout(row)

    def _start_at(self, variance: float) -> None:
        self._start = variance
        self._show()

    def _go_back(self) -> None:
        self._count = 0
        self._show()

    def _go_on(self) -> None:
        self._count = STEPS
        self._show()

    def _show(self) -> None:
        rate = self._rate.number
        paths = (
            descend_variance_32(self._start, rate, STEPS),
            descend_logvar_32(math.log(self._start), rate, STEPS),
        )
        said = (_of_variance, _of_logvar)
        for chart, words, path, say in zip(self._charts, self._words, paths, said, strict=True):
            shown = path[: self._count + 1]
            chart.show_path(shown, path)
            words.setText(f"Step {len(shown) - 1}: {say(shown[-1])}")
        self._again.setEnabled(self._count > 0)
        for button in (self._step, self._all):
            button.setEnabled(self._count < STEPS)


def _of_variance(point: Step32) -> str:
    if point.valid:
        return f"σ² = {significant(point.at)}, KL = {fixed(point.kl, 3)}"
    if point.at == 0:
        return "σ² = 0, log 0 = −∞, KL = ∞. No step leads on from here"
    return (
        f"σ² = {significant(point.at)} is no variance: its log is undefined, and with it the loss. "
        "No step leads on from here"
    )


def _of_logvar(point: Step32) -> str:
    if not math.isfinite(point.at):
        return "s has overflowed: the step was too large"
    variance = math.exp(point.at) if point.at < 700 else math.inf
    if point.valid:
        return (
            f"s = {significant(point.at)}, so σ² = e<sup>s</sup> = {significant(variance)}, "
            f"a variance; KL = {fixed(point.kl, 3)}"
        )
    return f"s = {significant(point.at)}, and e<sup>s</sup> overflows: KL = ∞"
