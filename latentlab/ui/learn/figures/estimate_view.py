"""Two estimators' chart, with the true gradient, both means and variances in words below it."""

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from latentlab.core.estimators import Estimate, Estimates
from latentlab.ui.learn.canvas import SMALL
from latentlab.ui.learn.figures.estimate_chart import Axes, EstimateChart
from latentlab.ui.number_text import significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme

_LABELS = (
    (
        ("trueGradient", "By Gauss–Hermite quadrature"),
        ("ratioWords", "The ratio of the two variances, measured on these draws"),
    ),
    (
        ("pathwiseWords", "Mean of f′(z)·∂z ± its standard error; the variance of one draw"),
        ("scoreWords", "Mean of f(z)·∂ log q ± its standard error; the variance of one draw"),
    ),
)


class EstimateView(QWidget):
    """`chart` above, four lines below."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.chart = EstimateChart(self)
        self._words: dict[str, ScaledLabel] = {}
        words = QGridLayout()
        words.setHorizontalSpacing(16)
        words.setVerticalSpacing(2)
        for column, labels in enumerate(_LABELS):
            words.setColumnStretch(column, 1)
            for row, (name, tip) in enumerate(labels):
                label = ScaledLabel("", self, "", SMALL)
                label.setObjectName(name)
                label.setToolTip(tip)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.RichText)
                self._words[name] = label
                words.addWidget(label, row, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.chart, 1)
        layout.addLayout(words)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.chart.set_theme(theme)

    def show_estimates(
        self, found: Estimates, axes: Axes, wanted: str, names: tuple[str, str]
    ) -> None:
        """Show these; `wanted`: the gradient's symbol; `names`: what each estimator averages."""
        self.chart.show_estimates(found, axes, names)
        self._words["trueGradient"].setText(
            f"{wanted} = <b>{significant(found.true)}</b> (quadrature)"
        )
        self._words["pathwiseWords"].setText(_words("pathwise", found.pathwise))
        self._words["scoreWords"].setText(_words("score function", found.score))
        self._words["ratioWords"].setText(_compared(found))


def _words(name: str, found: Estimate) -> str:
    return (
        f"{name}: <b>{significant(found.mean)}</b> ± {significant(found.standard_error, 2)}, "
        f"variance {significant(found.variance)}"
    )


def _compared(found: Estimates) -> str:
    ratio = found.ratio
    if math.isinf(ratio) or ratio > 1e6:
        return "The pathwise gradient hardly varies at all here."
    if ratio >= 1:
        return f"The score function’s variance is <b>{significant(ratio)}</b> times as large."
    return (
        f"Here the pathwise variance is <b>{significant(1 / ratio)}</b> times as large: "
        "f swings within the width of q."
    )
