"""Page 10: KL(q ‖ N(0, I)) term by term, beside the terms of the general form."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.core.spec import LOGVAR_BOUND
from latentlab.core.standard_kl import StandardKl
from latentlab.ui.learn.canvas import SMALL
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.prior_plane import PriorPlane
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel

_FIRST = StandardKl(np.array([1.2, -0.6]), 2 * np.log(np.array([0.5, 1.4])))
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# A row for each term: its name, that in the general form, and where this stands in `general`.
_ROWS = (
    ("e<sup>s</sup> = σ²", "tr(Σ₂⁻¹Σ₁)", 2, "The trace: with Σ₂ = I, the sum of the variances"),
    ("μ²", "(μ₂−μ₁)ᵀΣ₂⁻¹(μ₂−μ₁)", 3, "The Mahalanobis distance: with μ₂ = 0 and Σ₂ = I, |μ|²"),
    ("−1", "−K", 1, "Minus the dimension, a −1 for each k"),
    ("−s = −log σ²", "log(|Σ₂|/|Σ₁|)", 0, "The log-determinants: log 1 less the sum of log σ²"),
)


class StandardKlFigure(Figure):
    """The plane, and a table whose rows are the terms."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.plane = PriorPlane(_FIRST, self)
        self._cells: list[list[ScaledLabel]] = []
        self._total = ScaledLabel("", self, bold=True)
        self._total.setObjectName("standardKlTotal")
        self._total.setToolTip("½ Σ (e^s + μ² − 1 − s): the columns k = 1 and k = 2, added up")
        self._general = ScaledLabel("", self)
        self._general.setObjectName("standardKlGeneral")
        self._general.setToolTip(
            "½ [log(|Σ₂|/|Σ₁|) − K + tr(Σ₂⁻¹Σ₁) + (μ₂−μ₁)ᵀΣ₂⁻¹(μ₂−μ₁)], counted with matrices"
        )
        for label in (self._total, self._general):
            label.setWordWrap(True)
        self._slopes = ScaledLabel("", self, "muted", SMALL)
        self._slopes.setObjectName("standardKlSlopes")
        self._slopes.setToolTip(
            "What gradient descent on KL does: it moves μ towards 0, and σ² towards 1"
        )
        self._slopes.setWordWrap(True)
        self._lay_out()
        self.plane.moved.connect(self._show)
        self.reset()

    def reset(self) -> None:
        """A Gaussian beside the prior."""
        self._show(_FIRST)

    def extremes(self) -> Iterable[Callable[[], None]]:
        """A point, a huge σ, one of each, and the prior itself."""
        for s in ((-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)):
            kl = StandardKl(np.array([3.5, -3.5]), LOGVAR_BOUND * np.array(s))
            yield partial(self._show, kl)
        yield partial(self._show, StandardKl(np.zeros(2), np.zeros(2)))

    def _lay_out(self) -> None:
        table = QGridLayout()
        table.setHorizontalSpacing(12)
        table.setVerticalSpacing(5)
        for column, head in enumerate(("term", "k = 1", "k = 2", "sum", "in the general form")):
            label = ScaledLabel(head, self, "heading", SMALL)
            label.setAlignment(_RIGHT if 0 < column < 4 else Qt.AlignmentFlag.AlignLeft)
            table.addWidget(label, 0, column)
        for row, (name, general, _, tip) in enumerate(_ROWS, start=1):
            cells = []
            for column in range(5):
                text = name if column == 0 else ""
                label = ScaledLabel(text, self, "", 1.0 if column < 4 else SMALL)
                label.setToolTip(tip)
                if 0 < column < 4:
                    label.setAlignment(_RIGHT)
                table.addWidget(label, row, column)
                cells.append(label)
            cells[4].setObjectName(f"general{row}")
            cells[4].setAccessibleName(general)
            self._cells.append(cells)
        table.setColumnStretch(4, 1)
        right = QVBoxLayout()
        right.addLayout(table)
        right.addSpacing(6)
        right.addWidget(self._total)
        right.addWidget(self._general)
        right.addWidget(self._slopes)
        right.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(16)
        layout.addWidget(self.plane, 1)
        layout.addLayout(right, 1)

    def _show(self, kl: StandardKl) -> None:
        self.plane.show_kl(kl)
        terms, general = kl.terms, kl.general
        for cells, values, (_, name, index, _) in zip(self._cells, terms, _ROWS, strict=True):
            numbers = [*values.tolist(), float(values.sum())]
            for cell, number in zip(cells[1:4], numbers, strict=True):
                cell.setText(_number(number))
            cells[4].setText(f"{name} = {_number(general[index])}")
        first, second = (_number(float(each)) for each in kl.of_each)
        self._total.setText(f"KL = {first} + {second} = {_number(kl.value)} nats")
        log_determinants, minus_k, trace, distance = map(_number, general)
        self._general.setText(
            f"general form: ½ ({log_determinants} + ({minus_k}) + {trace} + {distance}) "
            f"= {_number(0.5 * sum(general))} nats"
        )
        slopes = 0.5 * (np.exp(kl.s) - 1)
        self._slopes.setText(
            f"∂KL/∂μ = μ = ({', '.join(_number(float(m)) for m in kl.mu)}); "
            f"∂KL/∂s = ½(e<sup>s</sup> − 1) = ({', '.join(_number(float(d)) for d in slopes)})"
        )


def _number(value: float) -> str:
    """Three decimals, or, where they say nothing, three digits; never "−0.000"."""
    large = abs(value) >= 1e4
    return significant(value) if large or 0 < abs(value) < 5e-4 else fixed(value, 3)
