"""KL between two Gaussians term by term, in both directions, as numbers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QWidget

from latentlab.core.kl_terms import Estimate, KlTerms
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme

_TERMS = {
    "kl_log_determinants": (
        "How much more room q has than p. 1 and 2 change places for KL(q‖p), so its sign turns",
        "log-determinant",
    ),
    "kl_dimension": ("K = 2: the number of dimensions", "minus K"),
    "kl_trace": (
        "The spread of p, measured in that of q. For KL(q‖p) the other way round",
        "trace",
    ),
    "kl_mahalanobis": (
        "How far apart the means are, in standard deviations of q, squared. For KL(q‖p): of p",
        "Mahalanobis",
    ),
}


def number(value: float) -> str:
    """Nats: three decimals, fewer for large ones, so that it is never long."""
    return fixed(value, 3 if abs(value) < 1e3 else 1 if abs(value) < 1e5 else 0)


class TermsTable(QWidget):
    """A row for each term, half their sum, and the estimate beneath. Rows and columns are named by
    formulas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("klTerms")
        self._formulas: list[FormulaLabel] = []
        self._lines: list[QFrame] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        for column, name in ((1, "kl_p_to_q"), (2, "kl_q_to_p")):
            formula = self._formula(name)
            formula.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self._grid.addWidget(formula, 0, column, Qt.AlignmentFlag.AlignRight)
        self._cells: dict[tuple[str, int], ScaledLabel] = {}
        for row, (name, (tip, label)) in enumerate(_TERMS.items(), start=1):
            formula = self._formula(name)
            formula.setToolTip(tip)
            self._grid.addWidget(formula, row, 0)
            self._add_numbers(name, label, row, tip)
        self._add_line(5)
        total = self._formula("kl_half_sum", "kl")
        total.setToolTip("KL in nats: half the sum of the four terms above")
        self._grid.addWidget(total, 6, 0)
        self._add_numbers("kl", "KL in nats", 6, "KL in nats, by the closed form", bold=True)
        self._draws = ScaledLabel("", self, "muted")
        self._draws.setObjectName("klDraws")
        tip = (
            "The mean of log p(x) − log q(x) over draws x from p, and its standard error. For "
            "KL(q‖p) the draws are from q"
        )
        self._draws.setToolTip(tip)
        self._grid.addWidget(self._draws, 7, 0)
        self._add_numbers("estimate", "KL estimated from samples", 7, tip)
        self._add_numbers("error", "standard error of the estimate", 8, tip)
        self._grid.addWidget(ScaledLabel("± standard error", self, "muted"), 8, 0)

    def show_terms(self, column: int, terms: KlTerms) -> None:
        """Of KL(p‖q) in column 1, of KL(q‖p) in column 2."""
        values = (terms.log_determinants, terms.dimension, terms.trace, terms.mahalanobis)
        for name, value in zip(_TERMS, values, strict=True):
            self._cells[name, column].setText(number(value))
        self._cells["kl", column].setText(number(terms.kl))

    def show_estimate(self, column: int, estimate: Estimate | None) -> None:
        """The same of what samples say; None: there are none yet."""
        texts = ("–", "–") if estimate is None else (number(estimate.mean), _error(estimate.error))
        for name, text in zip(("estimate", "error"), texts, strict=True):
            self._cells[name, column].setText(text)
        samples = 0 if estimate is None else estimate.samples
        self._draws.setText(f"{samples:,} samples")

    def text(self, name: str, column: int) -> str:
        """What stands in a cell: a term's formula, "kl", "estimate" or "error"."""
        return self._cells[name, column].text()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for formula in self._formulas:
            formula.set_theme(theme)
        for line in self._lines:
            line.setStyleSheet(f"color: {theme.line}; background: {theme.line}")
        for column in (1, 2):
            self._cells["kl", column].setStyleSheet(f"color: {theme.kl}")

    def _formula(self, name: str, role: str = "text") -> FormulaLabel:
        formula = FormulaLabel(name, "kl" if role == "kl" else "text", self)
        self._formulas.append(formula)
        return formula

    def _add_numbers(
        self, name: str, label: str, row: int, tip: str, *, bold: bool = False
    ) -> None:
        for column, direction in ((1, "KL(p‖q)"), (2, "KL(q‖p)")):
            cell = ScaledLabel("", self, bold=bold)
            cell.setObjectName(f"{name}_{column}")
            cell.setAccessibleName(f"{label} of {direction}")
            cell.setToolTip(tip)
            cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            # As wide as its widest, so that nothing moves while it is dragged.
            cell.setMinimumWidth(cell.fontMetrics().horizontalAdvance("−12345.6"))
            self._cells[name, column] = cell
            self._grid.addWidget(cell, row, column)

    def _add_line(self, row: int) -> None:
        line = QFrame(self)
        line.setFixedHeight(1)
        line.setFrameShape(QFrame.Shape.NoFrame)
        self._lines.append(line)
        self._grid.addWidget(line, row, 0, 1, 3)


def _error(value: float) -> str:
    return fixed(value, 4 if value < 10 else 1)
