"""A slider for the σ² of a Gaussian decoder, with its value."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from latentlab.app.state import VARIANCE_RANGE
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.log_slider import LogSlider
from latentlab.ui.number_text import significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme


class VarianceSlider(QWidget):
    """`moved`: σ², in squared pixel values."""

    moved = Signal(float)

    def __init__(self, name: str, first: float, parent: QWidget) -> None:
        super().__init__(parent)
        self._first = first
        self._name = FormulaLabel("variance", parent=self)
        self._slider = LogSlider(name, *VARIANCE_RANGE, self)
        self._slider.setAccessibleName("Variance of the Gaussian decoder, sigma squared")
        self._slider.setToolTip(
            "σ² of p(x|z) = N(x; x̂, σ²I): the squared error is weighted by 1/(2σ²)"
        )
        self._slider.changed.connect(self._tell)
        self._value = ScaledLabel("0.00000", self, bold=True)
        self._value.setObjectName(f"{name}Value")
        self._value.setMinimumWidth(self._value.sizeHint().width())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._name)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._value)
        self.reset()

    @property
    def variance(self) -> float:
        """σ²."""
        return self._slider.number

    def reset(self) -> None:
        """To the first one; emits nothing."""
        self._slider.set_number(self._first)
        self._value.setText(significant(self._first))

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._name.set_theme(theme)
        self._slider.set_theme(theme, theme.kl)

    def _tell(self, number: float, _finished: bool) -> None:
        self._value.setText(significant(number))
        self.moved.emit(number)
