"""Page 8: both gradient estimators on the model's own reconstruction term."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.canvas import SMALL
from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figures.estimate_chart import axes_for
from latentlab.ui.learn.figures.estimate_view import EstimateView
from latentlab.ui.learn.image_picker import ImagePicker
from latentlab.ui.learn.named_slider import NamedSlider
from latentlab.ui.number_text import coordinate_tuple, fixed, significant_tuple
from latentlab.ui.panel_style import ScaledLabel

if TYPE_CHECKING:
    from latentlab.app.lessons.gradient_draws import GradientDraws

_LEAST, _MOST, _FIRST = 10, 4_000, 1_000
_NOMINAL = 100  # draws whose mean fits on the axis of means
_NAMES = ("∂f/∂z", "f(z)·ε/σ")


class ModelGradient(AskingFigure):
    """f is −log p(x|z) of an image, and q what the encoder says of it."""

    TOPIC = "gradient draws"

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._seed = 0
        self._draws: GradientDraws | None = None
        self._picker = ImagePicker("gradientImage", self)
        self._said = ScaledLabel("", self, "muted", SMALL)
        self._said.setObjectName("modelGradientSaid")
        self._said.setToolTip("f(z) = −log p(x|z), the image’s reconstruction term, and its q(z|x)")
        self._said.setWordWrap(True)
        self._axis = ChoiceBox(
            "modelGradientOf", "Derivative by", "Which coordinate of μ f is to pull on", self
        )
        self._axis.addItems(["∂/∂μ₁ E[f(z)]", "∂/∂μ₂ E[f(z)]"])
        self._count = NamedSlider(
            "modelDrawCount",
            "N",
            "Number of draws",
            "How many draws of ε the two estimators share",
            self,
            ends=(_LEAST, _MOST),
            logarithmic=True,
            whole=True,
        )
        self._again = QPushButton("Draw again", self)
        self._again.setObjectName("modelDrawAgain")
        self._again.setAccessibleName("Draw again for the model")
        self._again.setToolTip("Draw other noise")
        self.view = EstimateView(self)
        self._lay_out()
        self._count.set_number(_FIRST)
        self._axis.currentIndexChanged.connect(self._show)
        self._count.changed.connect(self._show)
        self._again.clicked.connect(self._draw_again)
        self._picker.stepped.connect(self.ask)

    def reset(self) -> None:
        """The selected image, by μ₁, with the first noise."""
        self._picker.reset()
        self._axis.setCurrentIndex(0)
        self._count.set_number(_FIRST)
        self._seed = 0
        self._show()
        self.ask()

    def question(self) -> Question:
        """About the image that is looked at."""
        from latentlab.app.lessons.gradient_draws import (  # noqa: PLC0415  # loads torch
            GradientDrawsQuestion,
        )

        return GradientDrawsQuestion(self._picker.step, self._seed)

    def show_answer(self, answer: object) -> None:
        """Show these draws."""
        self._draws = answer  # type: ignore[assignment]  # the topic says what it is
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._picker, 2)
        head.addWidget(self._again, 1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._axis, 1)
        row.addWidget(self._count, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(row)
        layout.addWidget(self._said)
        layout.addWidget(self.view, 1)

    def _draw_again(self) -> None:
        self._seed += 1
        self.ask()

    def _show(self) -> None:
        draws = self._draws
        if draws is None:
            return
        self._picker.show_title(draws.title)
        self._said.setText(
            f"f(z) = −log p(x|z), E[f] = {fixed(draws.expected, 1)} nats; q(z|x) with "
            f"μ = {coordinate_tuple(draws.mu)}, σ = {significant_tuple(draws.sigma, 2)}"
        )
        axis = self._axis.currentIndex()
        axes = axes_for(draws.estimates(axis, _MOST), _NOMINAL)
        found = draws.estimates(axis, round(self._count.number))
        self.view.show_estimates(found, axes, f"∂E[f]/∂{'μ₁' if axis == 0 else 'μ₂'}", _NAMES)
