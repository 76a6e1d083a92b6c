"""The past of a run, to go back to: a slider over what is kept of it, and a film of that."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.icons import icon
from latentlab.ui.panel_style import ScaledLabel, named
from latentlab.ui.theme import LIGHT, Theme

_FRAME_MILLISECONDS = 33
# Moments a second.
_SPEEDS = {"slow": 5, "normal": 15, "fast": 30}
_WIDEST = "step 99,999 (weights: 99,999)"
_NOTHING = "kept as it trains"


class HistoryBar(QWidget):
    """A slider over `count` moments, the last of which is now.

    momentChosen: the index of a moment of the past, by hand or as it plays. nowWanted: back to now.
    branchWanted: go on from the moment that is looked at. filmWanted: export it all as a film.
    branchesWanted: show the runs there are.
    """

    momentChosen = Signal(int)
    nowWanted = Signal()
    branchWanted = Signal()
    filmWanted = Signal()
    branchesWanted = Signal()

    def __init__(self, parent: QWidget, name: str = "history", *, of_one: bool = True) -> None:
        """name: what its widgets' names begin with. of_one: of one run, which has branches and can
        be exported; else of several.
        """
        super().__init__(parent)
        self.setObjectName(f"{name}Bar")
        self._theme = LIGHT
        self._ahead = 0.0  # how far the film is past the moment shown, in moments
        self._play = self._tool(f"{name}Play", "Play the history", "Play what is kept of the run")
        self._play.setCheckable(True)
        self._slider = named(
            QSlider(Qt.Orientation.Horizontal, self),
            f"{name}Slider",
            "History of the run",
            "Go back in the run: plane, pictures and curves' cursor show that moment. Between "
            "moments whose weights are kept, pictures are of the nearest earlier ones",
        )
        self._speed = ChoiceBox(f"{name}Speed", "Speed", "How fast the film is", self)
        self._speed.addItems(list(_SPEEDS))
        self._speed.setCurrentText("normal")
        self._speed.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._speed.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._text = ScaledLabel("", self, "muted")
        self._text.setObjectName(f"{name}Text")
        self._now = self._button(f"{name}Now", "Now", "Back to now", "Back to the weights of now")
        self._branch = self._button(
            f"{name}Branch",
            "Branch here",
            "Branch from here",
            "Go on training from the weights of this moment, with the switches as they are. Undo "
            "brings back what is there now",
        )
        self._branches = self._button(
            f"{name}Branches",
            "Branches",
            "Branches",
            "All runs of this model: name them, go back to one, compare them",
        )
        self._film = self._tool(
            f"{name}Film", "Export the history as a film", "Export the history: a GIF or an MP4"
        )
        for button in (self._branches, self._film):
            button.setVisible(of_one)
        self._timer = QTimer(self, interval=_FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._lay_out()
        self._play.toggled.connect(self._switch)
        self._slider.valueChanged.connect(self._choose)
        self._slider.sliderPressed.connect(self.stop)
        self._now.clicked.connect(self.nowWanted)
        self._branch.clicked.connect(self.branchWanted)
        self._branches.clicked.connect(self.branchesWanted)
        self._film.clicked.connect(self.filmWanted)
        for button in (self._now, self._branch):
            button.setEnabled(False)
        self.show_moments(0)
        self.set_theme(LIGHT)

    def show_moments(self, count: int) -> None:
        """So many moments are kept."""
        with QSignalBlocker(self._slider):
            at_end = self._slider.value() >= self._slider.maximum()
            self._slider.setRange(0, max(count - 1, 0))
            if at_end:
                self._slider.setValue(self._slider.maximum())
        for widget in (self._slider, self._play, self._speed, self._film):
            widget.setEnabled(count > 1)
        if count < 2:
            self._text.setText(_NOTHING)

    def show_now(self, step: int) -> None:
        """What is shown is of now."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._slider.maximum())
        self._now.setEnabled(False)
        self._branch.setEnabled(False)
        if self._slider.isEnabled():
            self._text.setText(f"now: step {step:,}")

    def show_moment(self, index: int, step: int, weights_step: int) -> None:
        """Moment `index` is shown, of `step`, and pictures of the weights of `weights_step`."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(index)
        self._now.setEnabled(True)
        self._branch.setEnabled(True)
        self._text.setText(f"step {step:,} (weights: {weights_step:,})")

    def show_branches(self, count: int) -> None:
        """So many runs there are."""
        runs = "1 run" if count == 1 else f"{count} runs"
        self._branches.setToolTip(f"{runs} of this model: name them, go back to one, compare them")

    def stop(self) -> None:
        """Stop the film where it is."""
        self._play.setChecked(False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees the film."""
        self.stop()
        super().hideEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._film.setIcon(icon("save", theme))
        self._show_icon()

    def _button(self, name: str, text: str, accessible: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, accessible, tip)

    def _tool(self, name: str, accessible: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), name, accessible, tip)
        button.setProperty("role", "flat")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(4)
        heading = ScaledLabel("History", self, "heading")
        heading.setToolTip("The past of this run is kept as it trains")
        layout.addWidget(heading)
        layout.addWidget(self._play)
        layout.addWidget(self._slider, 1)
        for widget in (
            self._text,
            self._speed,
            self._now,
            self._branch,
            self._branches,
            self._film,
        ):
            layout.addWidget(widget)
        # So that the slider does not change its width while it is moved.
        self._text.setMinimumWidth(self._text.fontMetrics().horizontalAdvance(_WIDEST))

    def _show_icon(self) -> None:
        self._play.setIcon(icon("pause" if self._play.isChecked() else "play", self._theme))

    def _switch(self, on: bool) -> None:
        self._show_icon()
        if not on:
            self._timer.stop()
            return
        if self._slider.value() >= self._slider.maximum():
            self._slider.setValue(0)
        self._ahead = 0.0
        self._timer.start()

    def _tick(self) -> None:
        self._ahead += _FRAME_MILLISECONDS / 1000 * _SPEEDS[self._speed.currentText()]
        whole = int(self._ahead)
        self._ahead -= whole
        if whole:
            self._slider.setValue(self._slider.value() + whole)
        if self._slider.value() >= self._slider.maximum():
            self.stop()

    def _choose(self, index: int) -> None:
        if index >= self._slider.maximum():
            self.nowWanted.emit()
        else:
            self.momentChosen.emit(index)
