"""Page 1: a joint table, its marginals and conditionals, and both sides of Bayes' rule."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.core.probability import Floats, Joint
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.canvas import SMALL, Canvas, write
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.joint_grid import X_NAMES, Y_NAMES, JointGrid
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel

_TABLES = {
    "Weather": ((0.35, 0.10, 0.05), (0.10, 0.10, 0.05), (0.02, 0.05, 0.18)),
    "Independent": ((0.30, 0.10, 0.10), (0.15, 0.05, 0.05), (0.15, 0.05, 0.05)),
    "y tells x": ((0.50, 0.00, 0.00), (0.00, 0.30, 0.00), (0.00, 0.00, 0.20)),
    "No umbrella": ((0.40, 0.10, 0.00), (0.15, 0.10, 0.00), (0.05, 0.20, 0.00)),
}
_RAIN_UMBRELLA = (2, 2)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class JointTable(Figure):
    """The table on the left; on the right what follows for the chosen x and y."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._joint = Joint(np.array(_TABLES["Weather"]))
        self._cell = _RAIN_UMBRELLA
        self._grid = JointGrid(self._joint, self)
        self._tables = ChoiceBox(
            "jointChoice", "Start from a table", "A table P(x, y) to start from", self
        )
        self._tables.addItems(list(_TABLES))
        self._given_y = _Bars("givenY", "P(x | y): the column, divided by its sum", self)
        self._given_x = _Bars("givenX", "P(y | x): the row, divided by its sum", self)
        self._rules = [
            _Rule(name, title, tip, self)
            for name, title, tip in (
                (
                    "ruleCounted",
                    "Counted from the table",
                    "P(x | y) = P(x, y) / P(y)",
                ),
                (
                    "ruleBayes",
                    "By Bayes’ rule",
                    "P(x | y) = P(y | x)·P(x) / P(y): likelihood · prior / evidence",
                ),
                (
                    "ruleTotal",
                    "Total probability",
                    "P(y) = Σ over x of P(y | x)·P(x); an x of P(x) = 0 adds nothing",
                ),
            )
        ]
        self._lay_out()
        self._grid.moved.connect(self._take)
        self._grid.chosen.connect(self._choose)
        self._tables.activated.connect(self._start_from)
        self._show()

    def reset(self) -> None:
        """The weather again, with rain and the umbrella chosen."""
        self._tables.setCurrentIndex(0)
        self._cell = _RAIN_UMBRELLA
        self._start_from(0)

    def extremes(self) -> Iterable[Callable[[], None]]:
        """Certainty, an empty column, an empty row and an empty cell."""
        certain, column, row = np.zeros((3, 3)), np.full((3, 3), 1 / 6), np.full((3, 3), 1 / 6)
        certain[0, 0] = 1.0
        column[:, 2] = 0.0
        row[2] = 0.0
        for table in (certain, column, row):
            yield partial(self._take, Joint(table))
        yield partial(self._take, Joint(column).with_cell(2, 2, 1e-300))

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        start = QHBoxLayout()
        start.addWidget(ScaledLabel("Start from", self, "muted", SMALL))
        start.addWidget(self._tables, 1)
        left.addWidget(self._grid, 1)
        left.addLayout(start)
        bars = QGridLayout()
        bars.setHorizontalSpacing(14)
        bars.addWidget(self._given_y, 0, 0)
        bars.addWidget(self._given_x, 0, 1)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addLayout(bars, 1)
        for rule in self._rules:
            right.addWidget(rule)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(18)
        layout.addLayout(left, 1)
        layout.addLayout(right, 1)

    def _take(self, joint: Joint) -> None:
        self._joint = joint
        self._show()

    def _choose(self, x: int, y: int) -> None:
        self._cell = (x, y)
        self._show()

    def _start_from(self, index: int) -> None:
        self._take(Joint(np.array(_TABLES[self._tables.itemText(index)])))

    def _show(self) -> None:
        joint, (x, y) = self._joint, self._cell
        rule = joint.bayes(x, y)
        x_name, y_name = X_NAMES[x], Y_NAMES[y]
        self._grid.show_joint(joint, self._cell)
        self._given_y.show_bars(
            f"P(x | {y_name})", X_NAMES, joint.x_given(y), x, f"undefined, P({y_name}) = 0"
        )
        self._given_x.show_bars(
            f"P(y | {x_name})", Y_NAMES, joint.y_given(x), y, f"undefined, P({x_name}) = 0"
        )
        evidence = _number(rule.evidence)
        no_evidence = f"undefined, P({y_name}) = 0"
        counted, bayes, total = self._rules
        counted.show_rule(
            f"P({x_name} | {y_name}) = P({x_name}, {y_name}) / P({y_name})",
            no_evidence
            if rule.posterior is None
            else f"{_number(rule.joint)} / {evidence} = <b>{_number(rule.posterior)}</b>",
        )
        if rule.evidence == 0:
            text = no_evidence
        elif rule.likelihood is None or rule.right_side is None:
            text = f"P({y_name} | {x_name}) is undefined: P({x_name}) = 0"
        else:
            text = (
                f"{_number(rule.likelihood)} · {_number(rule.prior)} / {evidence} "
                f"= <b>{_number(rule.right_side)}</b>"
            )
        bayes.show_rule(f"P({y_name} | {x_name}) · P({x_name}) / P({y_name})", text)
        terms = " + ".join(f"{_number(a)}·{_number(b)}" for a, b in joint.total(y))
        total.show_rule(f"P({y_name}) = Σₓ P({y_name} | x) · P(x)", f"{terms} = <b>{evidence}</b>")


def _number(mass: float) -> str:
    """With three decimals; what is not 0 does not look like 0."""
    return significant(mass, 2) if 0 < mass < 0.0005 else fixed(mass, 3)


class _Rule(QWidget):
    """A title, the rule in words, and below it the numbers."""

    def __init__(self, name: str, title: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self._words = ScaledLabel("", self, "muted", SMALL)
        self._numbers = ScaledLabel("", self)
        self._numbers.setObjectName(name)
        self._numbers.setTextFormat(Qt.TextFormat.RichText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for label in (self._words, self._numbers):
            label.setToolTip(tip)
            label.setWordWrap(True)
            layout.addWidget(label)

    def show_rule(self, words: str, numbers: str) -> None:
        """Show it."""
        self._words.setText(f"{self._title}: {words}")
        self._numbers.setText(numbers)


class _Bars(Canvas):
    """Three bars that sum to 1, or why there are none."""

    def __init__(self, name: str, tip: str, parent: QWidget) -> None:
        super().__init__(name, "Conditional probabilities", tip, parent, (9.5, 5.4))
        self._title = self._why_not = ""
        self._names: tuple[str, ...] = ()
        self._masses: Floats | None = None
        self._chosen = 0

    def show_bars(
        self, title: str, names: tuple[str, ...], masses: Floats | None, chosen: int, why_not: str
    ) -> None:
        """Show them; with no masses, say why."""
        self._title, self._names, self._masses = title, names, masses
        self._chosen, self._why_not = chosen, why_not
        words = why_not
        if masses is not None:
            pairs = zip(names, masses, strict=True)
            words = ", ".join(f"{each} {_number(float(mass))}" for each, mass in pairs)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.update()

    def paint(self, painter: QPainter) -> None:
        """The title and the bars."""
        theme, line = self.theme, self.line
        write(painter, QRectF(0, 0, self.width(), line), self._title, theme.text, _LEFT)
        if self._masses is None:
            box = QRectF(0, line, self.width(), 3 * line)
            write(painter, box, self._why_not.replace(", ", ",\n"), theme.warning, _LEFT)
            return
        metrics = painter.fontMetrics()
        left = max(map(metrics.horizontalAdvance, (*X_NAMES, *Y_NAMES))) + 6
        right = self.width() - metrics.horizontalAdvance("0.000") - 4
        row = min((self.height() - 1.2 * line) / 3, 2.4 * line)
        for index, (name, mass) in enumerate(zip(self._names, self._masses, strict=True)):
            top = 1.2 * line + index * row
            ink = theme.text if index == self._chosen else theme.muted
            write(painter, QRectF(0, top, left - 6, row), name, ink, _RIGHT)
            thick = min(0.7 * row, 1.2 * line)
            bar = QRectF(left, top + (row - thick) / 2, (right - left) * float(mass), thick)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent if index == self._chosen else theme.prior))
            painter.drawRect(bar)
            box = QRectF(right, top, self.width() - right, row)
            write(painter, box, _number(float(mass)), ink, _RIGHT)
