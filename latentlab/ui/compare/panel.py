"""One of the networks that are compared: its plane, its pictures and its figures."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.core.regime import PRESETS, Regime
from latentlab.training.messages import Figures
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.compare.pictures import Pictures
from latentlab.ui.compare.settings import RegimeSettings
from latentlab.ui.compare.words import objective, readings, seen
from latentlab.ui.icons import icon
from latentlab.ui.panel_style import ScaledLabel, make_card, named, scaled_font
from latentlab.ui.plane import LatentPlane
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

_COLUMNS = 2


class ComparePanel(QWidget):
    """Shows what it is told of network `number`; `plane` speaks for itself."""

    presetChosen = Signal(int, str)  # number, name
    regimeChanged = Signal(int, object)  # number, Regime
    removeWanted = Signal(int)

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.number = number
        self._run = ""
        self.setObjectName(f"comparePanel{number}")
        make_card(self)
        self._preset = ChoiceBox(
            f"comparedPreset{number}",
            "Regime",
            "What this network minimises. As shipped, another regime brings its trained network; "
            "later it is what the next step minimises",
            self,
        )
        self._preset.addItems(list(PRESETS))
        self._more = self._button(
            f"comparedMore{number}", "Details", "Switches, β, p(x|z) and noise"
        )
        self._more.setText("…")
        self._more.setCheckable(True)
        self._remove = self._button(f"comparedRemove{number}", "Remove", "Compare the others only")
        self._formula = ScaledLabel("", self, "muted", 0.9)
        self._formula.setObjectName(f"comparedFormula{number}")
        self._settings = RegimeSettings(number, self)
        self._settings.hide()
        self.plane = LatentPlane(self, bare=True)
        self.plane.setObjectName(f"comparedPlane{number}")
        self.pictures = Pictures(number, self)
        self._sentence = ScaledLabel("", self, "", 1.0, bold=True)
        self._sentence.setObjectName(f"comparedSentence{number}")
        self._sentence.setWordWrap(True)
        self._values = [ScaledLabel("", self, "", 0.95, bold=True) for _ in readings(None)]
        self._names = [ScaledLabel("", self, "muted", 0.95) for _ in self._values]
        self._lay_out()
        self.follow_font()
        self._preset.activated.connect(self._choose_preset)
        self._more.toggled.connect(self._settings.setVisible)
        self._remove.clicked.connect(self._want_removal)
        self._settings.changed.connect(self._change)
        self.show_figures(None)
        self.set_theme(LIGHT)

    def show_regime(self, regime: Regime, run: str) -> None:
        """Say what it minimises, and the name of the run it is, or ""."""
        self._run = f"{run}  ·  " if run else ""
        name = regime.name
        preset = name in PRESETS
        own = self._preset.count() > len(PRESETS)
        if not preset and not own:
            self._preset.addItem(name)
        elif not preset:
            self._preset.setItemText(len(PRESETS), name)
        elif own:
            self._preset.removeItem(len(PRESETS))
        self._preset.setCurrentText(name)
        self._settings.show_regime(regime)

    def show_step(self, regime: Regime, step: int, ended: str) -> None:
        """Say what is minimised, and how far it is or why it goes no further."""
        end = f"stands at step {step:,}: {ended}" if ended else f"step {step:,}"
        self._formula.setText(f"{self._run}{objective(regime)}  ·  {end}")
        self._formula.setToolTip(ended)

    def show_past(self, regime: Regime, step: int, weights_step: int) -> None:
        """Say what was minimised at the moment that is shown, and of when the pictures are."""
        when = f"step {step:,}, pictures of step {weights_step:,}"
        self._formula.setText(f"{self._run}{objective(regime)}  ·  {when}")
        self._formula.setToolTip("Looking back: pictures are of the nearest weights that are kept")

    def show_nothing_kept(self) -> None:
        """Of the moment that is looked back at there is nothing of this network."""
        self._formula.setText(f"{self._run}nothing is kept of it from then")
        self._formula.setToolTip("")
        self.pictures.clear()

    def show_figures(self, figures: Figures | None, *, past: bool = False) -> None:
        """Its figures, and the sentence that they say; of the past with the step they are of."""
        for reading, name, value in zip(readings(figures), self._names, self._values, strict=True):
            name.setText(reading.name)
            value.setText(reading.value)
            for label in (name, value):
                label.setToolTip(wrapped(reading.tip))
        when = f"Step {figures.step:,}: " if past and figures else ""
        self._sentence.setText(f"{when}{seen(figures)}")

    def follow_font(self) -> None:
        """Keep room for three lines: the planes of all panels are to be of one height."""
        metrics = QFontMetrics(scaled_font(QApplication.font(), 1.0, bold=True))
        self._sentence.setMinimumHeight(3 * metrics.lineSpacing())

    def set_removable(self, removable: bool) -> None:
        """Whether there would be enough without it."""
        self._remove.setEnabled(removable)

    def set_text_scale(self, scale: float) -> None:
        """For presentation mode."""
        self.plane.set_text_scale(scale)
        self.pictures.set_text_scale(scale)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._remove.setIcon(icon("close", theme))
        self._settings.set_theme(theme)
        self.plane.set_theme(theme)
        self.pictures.set_theme(theme)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), name, text, tip)
        button.setProperty("role", "flat")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._preset, 1)
        top.addWidget(self._more)
        top.addWidget(self._remove)
        figures = QGridLayout()
        figures.setHorizontalSpacing(8)
        figures.setVerticalSpacing(1)
        for place, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            row, column = divmod(place, _COLUMNS)
            figures.addWidget(name, row, 2 * column)
            figures.addWidget(value, row, 2 * column + 1, Qt.AlignmentFlag.AlignRight)
        for column in range(_COLUMNS):
            figures.setColumnStretch(2 * column + 1, 1)
        # A long name must not widen one panel more than the others.
        for label in (self._formula, self._sentence):
            label.setMinimumWidth(1)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._settings)
        layout.addWidget(self._formula)
        layout.addWidget(self.plane, 1)
        layout.addWidget(self.pictures)
        layout.addWidget(self._sentence)
        layout.addLayout(figures)

    def _choose_preset(self, index: int) -> None:
        if index < len(PRESETS):
            self.presetChosen.emit(self.number, list(PRESETS)[index])

    def _change(self, regime: Regime) -> None:
        self.regimeChanged.emit(self.number, regime)

    def _want_removal(self) -> None:
        self.removeWanted.emit(self.number)
