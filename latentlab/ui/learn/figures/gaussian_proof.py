"""Page 4: the proof of the closed form, each line with its value for the Gaussians beside it."""

import math
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.app.lesson import pages_folder
from latentlab.app.lesson_lines import read_lines
from latentlab.core.ellipse import LEAST, MOST, REACH, Ellipse, random_ellipse
from latentlab.core.gaussian_proof import Proof, prove
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.chain_line import ChainLine
from latentlab.ui.learn.gaussians.opening import Opening
from latentlab.ui.learn.gaussians.pair import EXAMPLES, FIRST, GaussianPair
from latentlab.ui.learn.gaussians.plane import GaussianPlane
from latentlab.ui.learn.gaussians.shapes import shapes_of
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel

_DECIMALS = 6  # of numbers below 10; fewer of larger ones, so that all are of one width
# Of the largest value in the proof; below it a number is what rounding has left of 0.
_ROUNDING = 1e-12
_CONDITIONS = (1, 10, 100, 10_000)


class ProofLine(ChainLine):
    """One whose formula does not shrink, so that all are of one size."""

    def minimumSizeHint(self) -> QSize:
        """Whole."""
        return self.sizeHint()


class GaussianProof(Figure):
    """The lines, of which one is open; the same p and q as on the page before."""

    grows = False  # its lines are as many as they are

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("gaussianProof")
        self._pair = GaussianPair.shared(classroom)
        self._random = np.random.default_rng(0)
        self._lines = read_lines(pages_folder() / "lines" / "gaussian-proof.toml")
        self._rows = [
            ProofLine(f"proofLine{number}", line.formula, self)
            for number, line in enumerate(self._lines, start=1)
        ]
        self._openings = [
            Opening(f"proofOpening{number}", line, self)
            for number, line in enumerate(self._lines, start=1)
        ]
        self._group = QButtonGroup(self)
        for number, row in enumerate(self._rows):
            self._group.addButton(row, number)
        self._group.idClicked.connect(self._open)
        self._plane = GaussianPlane("proofPlane", "The Gaussians p and q", self, square=True)
        self._plane.setToolTip(
            "The two Gaussians of page 3: drag a mean (●), or the end of an axis (○).<br>By keys: "
            "Tab to a handle, then the arrows; with Shift in small steps"
        )
        self._plane.dragged.connect(self._pair.drag)
        self._example = ChoiceBox("proofExample", "Example", "The examples of page 3", self)
        self._example.addItems([*EXAMPLES, "your own"])
        self._example.activated.connect(self._take_example)
        self._draw = QPushButton("Random", self)
        self._draw.setObjectName("proofRandom")
        self._draw.setAccessibleName("Draw two random Gaussians")
        self._draw.setToolTip("Two random Gaussians of the condition number beside")
        self._draw.clicked.connect(self._draw_pair)
        self._condition = ChoiceBox(
            "proofCondition",
            "Condition number",
            "The condition number κ of both covariances: the largest variance over the smallest",
            self,
        )
        for condition in _CONDITIONS:
            self._condition.addItem(f"κ = {condition:,}", condition)
        self._condition.setCurrentIndex(2)
        self._apart = ScaledLabel("", self, "muted")
        self._apart.setObjectName("proofApart")
        self._apart.setWordWrap(True)
        self._apart.setToolTip(
            "Each line is computed as it is written, by itself. Expectations are Gauss–Hermite "
            "sums, which are exact for quadratics.<br>What is left are roundings; a number that is "
            "no more than that is shown as 0"
        )
        self._lay_out()
        self._open(0)
        self._pair.changed.connect(self._prove)
        self._prove()
        self.set_theme(self.theme)

    def reset(self) -> None:
        """The first example and the first line."""
        self._pair.show(*EXAMPLES[FIRST])
        self._condition.setCurrentIndex(2)
        self._open(0)

    def extremes(self) -> Iterable[Callable[[], None]]:
        """As far apart and as different as may be, and equal."""
        near, far = (-REACH, -REACH), (REACH, REACH)
        for sigmas in ((LEAST, LEAST), (MOST, LEAST), (MOST, MOST)):
            thin = Ellipse(near, sigmas, 0.7)
            yield partial(self._pair.show, thin, Ellipse(far, (MOST, LEAST), -0.7))
            yield partial(self._pair.show, thin, thin)

    def step_forward(self) -> bool:
        """Open the next line."""
        return self._opened(self._number + 1)

    def step_back(self) -> bool:
        """Open the line before."""
        return self._opened(self._number - 1)

    def _lay_out(self) -> None:
        random = QHBoxLayout()
        random.setSpacing(4)
        random.addWidget(self._draw)
        random.addWidget(self._condition, 1)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._plane)
        left.addWidget(self._example)
        left.addLayout(random)
        left.addWidget(self._apart)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(1)
        for row, opening in zip(self._rows, self._openings, strict=True):
            right.addWidget(row)
            right.addWidget(opening)
        right.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addLayout(left, 2)
        layout.addLayout(right, 5)

    def _opened(self, number: int) -> bool:
        if not 0 <= number < len(self._rows):
            return False
        self._open(number)
        return True

    def _open(self, number: int) -> None:
        self._number = number
        self._rows[number].setChecked(True)
        for each, opening in enumerate(self._openings):
            opening.setVisible(each == number)

    def _take_example(self) -> None:
        pair = EXAMPLES.get(self._example.currentText())
        if pair is not None:
            self._pair.show(*pair)

    def _draw_pair(self) -> None:
        condition = float(self._condition.currentData())
        p, q = (random_ellipse(self._random, condition) for _ in range(2))
        self._pair.show(p, q)

    def _prove(self) -> None:
        p, q = self._pair.p, self._pair.q
        self._plane.show_shapes(*shapes_of(p, q))
        names = [name for name, pair in EXAMPLES.items() if pair == (p, q)]
        self._example.setCurrentText(names[0] if names else "your own")
        proof = prove(p.gaussian, q.gaussian)
        written = partial(_written, least=_ROUNDING * _largest(proof))
        for line, row, opening in zip(self._lines, self._rows, self._openings, strict=True):
            row.set_value(written(proof.chain[line.value]))
            opening.show_values(proof.sides, written)
        conditions = " and ".join(significant(ellipse.condition, 2) for ellipse in (p, q))
        self._apart.setText(
            f"Condition numbers κ: {conditions}. The lines are at most "
            f"{significant(proof.apart, 2)} nats apart."
        )


def _largest(proof: Proof) -> float:
    return max(map(abs, (*proof.chain.values(), *proof.sides.values())))


def _written(value: float, least: float) -> str:
    if abs(value) <= least:
        value = 0.0
    digits = math.floor(math.log10(max(abs(value), 1.0)))
    return fixed(value, max(_DECIMALS - digits, 0))
