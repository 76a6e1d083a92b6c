"""The slow-motion panel: the data's way, a sentence for the stage, and what steers it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from latentlab.training.dissected import Dissected
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.flow_stages import TERMS
from latentlab.ui.flow_strip import Flow, FlowStrip
from latentlab.ui.icons import icon
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.slow_motion.stages import STAGES, flow_of
from latentlab.ui.theme import LIGHT, Theme

PACES = {"slow": 6000, "normal": 3500, "fast": 1500}
"""Milliseconds a stage."""
_BEGIN = (
    "Here is the way of training images through the model as it is now. Press Step (.) to take one "
    "optimiser step, and see it happen."
)


class SlowMotionPanel(QWidget):
    """Shows a step up to a stage.

    stageWanted: another stage, by its number. playSwitched: play on, or pause. imageChosen: the
    place of another image to follow. stepWanted, closed: as they say.
    """

    stageWanted = Signal(int)
    playSwitched = Signal(bool)
    imageChosen = Signal(int)
    stepWanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("slowMotionPanel")
        self.setAccessibleName("Slow motion")
        make_card(self)
        self._stage = 0
        self._heading = ScaledLabel("Slow motion", self, "", 1.15, bold=True)
        self._heading.setObjectName("slowTitle")
        self._says = ScaledLabel(_BEGIN, self, "", 1.1)
        self._says.setObjectName("slowSays")
        self._says.setWordWrap(True)
        self._says.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._flow = FlowStrip(self)
        self._flow.imageChosen.connect(self.imageChosen)
        self._back = self._button("slowBack", "‹ Back", "The stage before")
        self._play = QToolButton(self)
        self._play.setObjectName("slowPlay")
        self._play.setAccessibleName("Play the stages")
        self._play.setToolTip("Play the stages, or pause")
        self._play.setCheckable(True)
        self._next = self._button("slowNext", "Next ›", "The next stage")
        self._end = self._button("slowEnd", "To the end", "The step as it is done")
        self._again = self._button("slowStep", "Step", "Take the next step (.)")
        self._pace = ChoiceBox("slowPace", "Pace", "How long each stage is shown", self)
        self._pace.addItems(list(PACES))
        self._pace.setCurrentText("normal")
        self._close = QToolButton(self)
        self._close.setObjectName("slowClose")
        self._close.setAccessibleName("Close slow motion")
        self._close.setProperty("role", "flat")
        self._back.clicked.connect(lambda: self.stageWanted.emit(self._stage - 1))
        self._next.clicked.connect(lambda: self.stageWanted.emit(self._stage + 1))
        self._end.clicked.connect(lambda: self.stageWanted.emit(len(STAGES) - 1))
        self._play.toggled.connect(self._switch_play)
        self._again.clicked.connect(self.stepWanted)
        self._close.clicked.connect(self.closed)
        self._theme = LIGHT
        self._lay_out()
        self.follow_font()
        self.show_nothing()
        self.set_theme(LIGHT)

    @property
    def pace(self) -> int:
        """Milliseconds a stage."""
        return PACES[self._pace.currentText()]

    def show_nothing(self, why: str = _BEGIN) -> None:
        """There is no step to show."""
        self._heading.setText("Slow motion")
        self._says.setText(why)
        self._flow.show_flow(None, 0, 0)
        for widget in (self._back, self._play, self._next, self._end):
            widget.setEnabled(False)

    def show_way(self, flow: Flow, image: int) -> None:
        """There is no step; meanwhile, the way of this image as it is now."""
        self._flow.show_flow(flow, image, TERMS)

    def show_stage(self, step: Dissected, image: int, stage: int) -> None:
        """Show this step up to `stage`, as one image of it goes through it."""
        self._stage = stage
        title = STAGES[stage].title
        self._heading.setText(f"Step {step.step:,} · {stage + 1} of {len(STAGES)}: {title}")
        self._says.setText(STAGES[stage].says(step, image))
        self._flow.show_flow(flow_of(step), image, stage)
        last = stage == len(STAGES) - 1
        self._back.setEnabled(stage > 0)
        for widget in (self._play, self._next, self._end):
            widget.setEnabled(not last)

    def show_playing(self, playing: bool) -> None:
        """Whether it plays on by itself."""
        self._play.setChecked(playing)
        self._show_icon()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._flow.set_theme(theme)
        self._close.setIcon(icon("close", theme))
        self._show_icon()

    def follow_font(self) -> None:
        """Keep room for two lines of words, so that the drawing stands still."""
        self._says.setMinimumHeight(2 * self._says.fontMetrics().lineSpacing() + 2)

    def _show_icon(self) -> None:
        self._play.setIcon(icon("pause" if self._play.isChecked() else "play", self._theme))

    def _switch_play(self, on: bool) -> None:
        self._show_icon()
        self.playSwitched.emit(on)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        for widget in (self._back, self._play, self._next, self._end, self._pace, self._again):
            top.addWidget(widget)
        top.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._says)
        layout.addWidget(self._flow, 1)
