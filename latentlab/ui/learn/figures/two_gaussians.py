"""Page 3: two Gaussians, KL between them term by term, and what samples say of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from latentlab.core.ellipse import LEAST, MOST, REACH, Ellipse
from latentlab.core.kl_terms import Estimate, RunningKl, kl_terms, log_ratio_sigma
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.gaussians.convergence import ConvergencePlot
from latentlab.ui.learn.gaussians.pair import EXAMPLES, FIRST, GaussianPair
from latentlab.ui.learn.gaussians.plane import GaussianPlane
from latentlab.ui.learn.gaussians.shapes import Dots, shapes_of
from latentlab.ui.learn.gaussians.terms_table import TermsTable
from latentlab.ui.number_text import significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.segment import SegmentButton

SAMPLES = 100_000
"""After so many the estimate stops."""
_FIRST, _GROWTH = 20, 0.15  # draws to begin with, and the part that each batch adds
_EVERY = 80  # ms
_SHOWN = 400  # draws on the plane
_SEED = 0
_OWN = "your own"


@dataclass
class _Run:
    """The estimate of one direction: from the samples of one Gaussian."""

    running: RunningKl
    exact: float
    sigma: float
    estimates: list[Estimate] = field(default_factory=list)
    draws: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))

    def add(self, count: int) -> None:
        x = self.running.add(count)
        if len(self.draws) < _SHOWN:
            self.draws = np.concatenate([self.draws, x])[:_SHOWN]
        if (estimate := self.running.estimate) is not None:
            self.estimates.append(estimate)


class TwoGaussians(Figure):
    """Drag p and q; read the terms; watch the estimate close in on them."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("twoGaussians")
        self._pair = GaussianPair.shared(classroom)
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._sample)
        self._plane = GaussianPlane(
            "gaussianPlane", "Two Gaussians p and q, their 1σ ellipses to scale", self
        )
        self._plane.setToolTip(
            "1σ ellipses: drag a mean (●), or the end of an axis (○). Each density is shaded "
            "relative to its own highest.<br>"
            "By keys: Tab to a handle, then the arrows; with Shift in small steps"
        )
        self._plane.dragged.connect(self._pair.drag)
        self._example = ChoiceBox(
            "gaussianExample", "Example", "Pairs of Gaussians that show something", self
        )
        self._example.addItems([*EXAMPLES, _OWN])
        self._example.activated.connect(self._take_example)
        self._table = TermsTable(self)
        self._directions = [
            SegmentButton(
                "samplesFromP",
                "samples of p",
                "Show the samples of p",
                "KL(p‖q): the average of log p(x)/q(x) over samples x of p",
                self,
            ),
            SegmentButton(
                "samplesFromQ",
                "samples of q",
                "Show the samples of q",
                "KL(q‖p): the average of log q(x)/p(x) over samples x of q",
                self,
            ),
        ]
        for button in self._directions:
            button.setAutoExclusive(True)
            button.toggled.connect(self._show_run)
        self._plot = ConvergencePlot("klConvergence", _FIRST, SAMPLES, self)
        self._plot.setToolTip(
            "The mean over the first n samples (orange, ± 1 standard error) and the closed form "
            f"(dashed). The error falls as 1/√n; it stops at n = {SAMPLES:,}"
        )
        self._said = ScaledLabel("", self, "muted")
        self._said.setObjectName("gaussianSentence")
        self._said.setWordWrap(True)
        self._runs: list[_Run] = []
        self._lay_out()
        self._directions[0].setChecked(True)
        self._pair.changed.connect(self._pair_changed)
        self._pair_changed()
        self.set_theme(self.theme)

    def reset(self) -> None:
        """The first example, sampled anew."""
        self._pair.show(*EXAMPLES[FIRST])
        self._directions[0].setChecked(True)
        self._pair_changed()

    def extremes(self) -> Iterable[Callable[[], None]]:
        """Far apart, nearly points, nearly lines, as wide as may be, equal."""
        near, far = (-REACH, -REACH), (REACH, REACH)
        sigmas = ((LEAST, LEAST), (MOST, LEAST), (MOST, MOST))
        for first in sigmas:
            for second in sigmas:
                p, q = Ellipse(near, first, 0.7), Ellipse(far, second, -0.7)
                yield partial(self._pair.show, p, q)
        yield partial(self._pair.show, *EXAMPLES["Equal"])

    def step_forward(self) -> bool:
        """The next example."""
        return self._step(1)

    def step_back(self) -> bool:
        """The one before."""
        return self._step(-1)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on sampling."""
        super().showEvent(event)
        self._start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Wait."""
        super().hideEvent(event)
        self._timer.stop()

    def _lay_out(self) -> None:
        segments = QHBoxLayout()
        segments.setSpacing(4)
        for button in self._directions:
            segments.addWidget(button, 1)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(self._example)
        side.addWidget(self._table)
        side.addLayout(segments)
        side.addWidget(self._plot, 1)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self._plane, 1)
        left.addWidget(self._said)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addLayout(left, 3)
        layout.addLayout(side, 2)

    def _step(self, by: int) -> bool:
        names = list(EXAMPLES)
        shown = self._example.currentText()
        row = (names.index(shown) if shown in EXAMPLES else -1) + by
        if not 0 <= row < len(names):
            return False
        self._pair.show(*EXAMPLES[names[row]])
        return True

    def _take_example(self) -> None:
        pair = EXAMPLES.get(self._example.currentText())
        if pair is not None:
            self._pair.show(*pair)

    def _pair_changed(self) -> None:
        p, q = self._pair.p, self._pair.q
        self._plane.show_shapes(*shapes_of(p, q))
        names = [name for name, pair in EXAMPLES.items() if pair == (p, q)]
        self._example.setCurrentText(names[0] if names else _OWN)
        self._runs = []
        for column, pair in enumerate(((p.gaussian, q.gaussian), (q.gaussian, p.gaussian)), 1):
            terms = kl_terms(*pair)
            self._table.show_terms(column, terms)
            run = _Run(RunningKl(*pair, _SEED), terms.kl, log_ratio_sigma(*pair))
            run.add(_FIRST)
            self._runs.append(run)
        self._said.setText(_sentence(p, q))
        self._show_run()
        self._start()

    def _start(self) -> None:
        if self.isVisible() and not self._finished():
            self._timer.start()

    def _finished(self) -> bool:
        return self._runs[0].estimates[-1].samples >= SAMPLES

    def _sample(self) -> None:
        so_far = self._runs[0].estimates[-1].samples
        count = min(max(round(_GROWTH * so_far), 1), SAMPLES - so_far)
        for run in self._runs:
            run.add(count)
        if self._finished():
            self._timer.stop()
        self._show_run()

    def _show_run(self) -> None:
        if not self._runs:
            return
        for column, run in enumerate(self._runs, 1):
            self._table.show_estimate(column, run.estimates[-1])
        which = 0 if self._directions[0].isChecked() else 1
        run = self._runs[which]
        self._plot.show_estimates(run.exact, run.sigma, run.estimates)
        last = run.estimates[-1]
        self._plot.setAccessibleName(
            f"Estimate from {last.samples} samples: {last.mean:.4f}, standard error "
            f"{last.error:.4f}; closed form {run.exact:.4f} nats"
        )
        self._plane.show_dots([Dots(run.draws, ("more", "less")[which])])


def _sentence(p: Ellipse, q: Ellipse) -> str:
    """What stands under the plane."""
    for name, ellipse in (("p", p), ("q", q)):
        if min(ellipse.sigmas) <= LEAST:
            return (
                f"{name} is nearly a line: at σ = 0 it has no density, and KL is ∞. "
                f"A σ stops at {significant(LEAST)}."
            )
    return "1σ ellipses, to scale. Drag ● and ○, or Tab to one and use the arrows."
