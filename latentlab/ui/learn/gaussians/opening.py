"""What an open line of the proof says: why it follows, and what is worked out beside it."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from latentlab.app.lesson_lines import Line
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.learn.prose import Prose
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme

_TEXT = 0.92


class Opening(QWidget):
    """Hidden until its line is opened."""

    def __init__(self, name: str, line: Line, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._formulas: list[FormulaLabel] = []
        self._values: dict[str, ScaledLabel] = {}
        self._prose = [Prose(f"**{line.title}.** {line.why}", self, _TEXT)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 2, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._prose[0])
        if line.sides:
            layout.addLayout(self._sides(name, line))
        if line.enters:
            self._prose.append(Prose(line.enters, self, _TEXT))
            layout.addWidget(self._prose[-1])

    def show_values(self, sides: Mapping[str, float], written: Callable[[float], str]) -> None:
        """Show what the side calculations come to."""
        for name, label in self._values.items():
            label.setText(f"= {written(sides[name])}")

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for prose in self._prose:
            prose.set_theme(theme)
        for formula in self._formulas:
            formula.set_theme(theme)

    def _sides(self, name: str, line: Line) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(12, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, side in enumerate(line.sides):
            formula, value = FormulaLabel(side.formula, parent=self), ScaledLabel("", self)
            value.setObjectName(f"{name}-{side.value}")
            value.setAccessibleName(formula.accessibleName())
            value.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self._formulas.append(formula)
            self._values[side.value] = value
            grid.addWidget(formula, row, 0)
            grid.addWidget(value, row, 1)
        return grid
