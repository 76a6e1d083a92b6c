"""The data-flow strip beneath a page: an image's way through the model, stage by stage."""

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.app.lessons.data_flow import AskFlow, Passing
from latentlab.ui.flow_stages import BATCH, DECODE, ENCODE, SAMPLE, TERMS
from latentlab.ui.flow_strip import FlowStrip, one_by_one
from latentlab.ui.icons import icon
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.number_text import fixed, fixed_tuple
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.theme import LIGHT, Theme

_TOPIC = "data flow"
_PACE_MS = 3000
_HEIGHT = 172  # pixels: enough for its text to be read, and for a figure above it


class FlowPanel(QWidget):
    """Values on the wires by the newest weights, one ε for each image; all of it, or up to a stage.

    While it is hidden nothing is asked, and nothing plays.
    """

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("learnFlow")
        self.setAccessibleName("Data flow")
        make_card(self)
        self._classroom = classroom
        self._passing: Passing | None = None
        self._image, self._stage, self._draw = 0, TERMS, 0
        self._theme = LIGHT
        self._strip = FlowStrip(self)
        self._strip.setObjectName("learnFlowStrip")
        self._strip.setFixedHeight(_HEIGHT)
        self._strip.imageChosen.connect(self._follow)
        self._says = ScaledLabel("loading the model…", self)
        self._says.setObjectName("learnFlowSays")
        self._says.setWordWrap(True)
        self._back = self._button("Back", "‹", "The stage before")
        self._play_button = self._button("Play", "", "Play the stages, or pause")
        self._play_button.setCheckable(True)
        self._next = self._button("Next", "›", "The next stage")
        self._noise = self._button("Noise", "New ε", "Draw another ε ~ N(0, I) for each image")
        self._back.clicked.connect(self._go_back)
        self._next.clicked.connect(self._go_on)
        self._play_button.clicked.connect(self._play)
        self._noise.clicked.connect(self._draw_again)
        self._timer = QTimer(self)
        self._timer.setInterval(_PACE_MS)
        self._timer.timeout.connect(self._tick)
        classroom.answered.connect(self._take)
        classroom.changed.connect(self._ask)
        self._lay_out()
        self.follow_font()
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._strip.set_theme(theme)
        self._show_icon()

    def set_text_scale(self, factor: float) -> None:
        """For lecture mode."""
        self._strip.setFixedHeight(round(_HEIGHT * factor))

    def follow_font(self) -> None:
        """Keep room for two lines of words, so that the page above stands still."""
        self._says.setMinimumHeight(2 * self._says.fontMetrics().lineSpacing() + 2)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the model as it is now."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody watches."""
        self._play(False)
        super().hideEvent(event)

    # --- inside ----------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self.isVisible():
            self._classroom.ask(_TOPIC, AskFlow(self._draw))

    def _take(self, topic: str, answer: object) -> None:
        if topic == _TOPIC and isinstance(answer, Passing):
            self._passing = answer
            self._image = min(self._image, len(answer.passed.x) - 1)
            self._show()

    def _follow(self, image: int) -> None:
        self._image = image
        self._show()

    def _draw_again(self) -> None:
        self._draw += 1
        self._ask()

    def _go_back(self) -> None:
        self._play(False)
        self._go_to(self._stage - 1)

    def _go_on(self) -> None:
        self._play(False)
        self._go_to(self._stage + 1)

    def _go_to(self, stage: int) -> None:
        self._stage = min(max(stage, BATCH), TERMS)
        self._show()

    def _tick(self) -> None:
        self._go_to(self._stage + 1)
        if self._stage == TERMS:
            self._play(False)

    def _play(self, on: bool) -> None:
        if on:
            if self._stage == TERMS:
                self._go_to(BATCH)
            self._timer.start()
        else:
            self._timer.stop()
        self._play_button.setChecked(on)
        self._show_icon()

    def _show_icon(self) -> None:
        playing = self._play_button.isChecked()
        self._play_button.setIcon(icon("pause" if playing else "play", self._theme))

    def _show(self) -> None:
        passing, place = self._passing, self._image
        for button in (self._play_button, self._noise):
            button.setEnabled(passing is not None)
        self._back.setEnabled(passing is not None and self._stage > BATCH)
        self._next.setEnabled(passing is not None and self._stage < TERMS)
        if passing is None:
            return
        self._strip.show_flow(one_by_one(passing.passed, place), place, self._stage)
        self._says.setText(_said(passing, place, self._stage))

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(f"learnFlow{name}")
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._says, 1)
        for button in (self._back, self._play_button, self._next, self._noise):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self._strip, 1)


def _said(passing: Passing, place: int, stage: int) -> str:
    """What happens at a stage, with the values of the image that is followed."""
    passed = passing.passed
    if stage == BATCH:
        grey = ", its pixels drawn as 0 or 1 from the grey ones" if passing.binarised else ""
        image = f"training image {passing.numbers[place]:,}, a “{passing.class_names[place]}”"
        return f"x, {image}{grey}. Click another to follow it."
    if stage == ENCODE:
        sigma = np.exp(0.5 * passed.logvar[place])
        return (
            "The encoder gives a Gaussian q(z|x): its mean μ = "
            f"{fixed_tuple(passed.mu[place].tolist())} and σ = {fixed_tuple(sigma.tolist())}."
        )
    if stage == SAMPLE:
        return (
            f"ε = {fixed_tuple(passed.eps[place].tolist())} is drawn from N(0, I), and z = μ + σ·ε "
            f"= {fixed_tuple(passed.z[place].tolist())}."
        )
    if stage == DECODE:
        return "The decoder makes an image of z. It has never seen x, only z."
    rec, kl = float(passed.reconstruction[place]), float(passed.kl[place])
    return (
        f"KL(q(z|x) ‖ p(z)) = {fixed(kl)} nats arises at q, −log p(x|z) = {fixed(rec)} nats where "
        "the decoder’s image meets x. Over many ε the mean of their sum is −ELBO. Weights of step "
        f"{passing.step:,}."
    )
