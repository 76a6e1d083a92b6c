"""A slider with its name on the left and its number on the right."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from latentlab.ui.learn.canvas import SMALL
from latentlab.ui.log_slider import LogSlider
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme
from latentlab.ui.wheel_guard import WheelGuard


class NamedSlider(QWidget):
    """From `low` to `high`, by hundredths, or, logarithmic, by hundredths of a power of ten.

    `changed(value)`: what the user set, also while they drag. `set_number` emits nothing.
    """

    changed = Signal(float)

    def __init__(
        self,
        name: str,
        symbol: str,
        label: str,
        tip: str,
        parent: QWidget,
        *,
        ends: tuple[float, float],
        logarithmic: bool = False,
        whole: bool = False,
    ) -> None:
        super().__init__(parent)
        self._whole = whole
        self._log: LogSlider | None = None
        self._slider: QSlider
        if logarithmic:
            self._slider = self._log = LogSlider(name, *ends, self)
            self._log.changed.connect(self._log_moved)
        else:
            self._slider = QSlider(Qt.Orientation.Horizontal, self)
            self._slider.setObjectName(name)
            self._slider.setRange(round(100 * ends[0]), round(100 * ends[1]))
            span = round(100 * (ends[1] - ends[0]))
            self._slider.setSingleStep(max(1, span // 100))
            self._slider.setPageStep(max(1, span // 10))
            self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._slider.setMinimumWidth(80)
            self._slider.valueChanged.connect(self._moved)
            WheelGuard(self._slider)
        self._name = ScaledLabel(symbol, self)
        self._number = ScaledLabel("", self, "", SMALL)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._ends = ends
        for widget in (self._slider, self._name, self._number):
            widget.setToolTip(tip)
        self._slider.setAccessibleName(label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._name)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)
        self.setFocusProxy(self._slider)
        self.follow_font()
        self.set_number(ends[0])

    @property
    def number(self) -> float:
        """What is set."""
        value = self._log.number if self._log is not None else self._slider.value() / 100
        return round(value) if self._whole else value

    def set_number(self, number: float) -> None:
        """Show a number."""
        if self._log is not None:
            self._log.set_number(number)
        else:
            with QSignalBlocker(self._slider):
                self._slider.setValue(round(100 * number))
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        if self._log is not None:
            self._log.set_theme(theme)

    def follow_font(self) -> None:
        """Room for the widest number, so that nothing jitters."""
        self._number.follow_font()
        metrics = self._number.fontMetrics()
        texts = [self._text(end) for end in self._ends]
        texts.append("−0.00" if self._log is None else "0.0000")
        self._number.setMinimumWidth(max(map(metrics.horizontalAdvance, texts)) + 4)

    def _text(self, value: float) -> str:
        if self._whole:
            return f"{round(value):,}"
        return fixed(value) if self._log is None else significant(value)

    def _show(self) -> None:
        self._number.setText(self._text(self.number))

    def _moved(self, _position: int) -> None:
        self._show()
        self.changed.emit(self.number)

    def _log_moved(self, _number: float, _finished: bool) -> None:
        self._show()
        self.changed.emit(self.number)
