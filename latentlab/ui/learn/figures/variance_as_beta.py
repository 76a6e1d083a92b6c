"""σ² as β: two objectives of one image over a family of q, with the same minimum."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.ui.formula import FormulaLabel
from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figures.objective_plot import Curves, ObjectivePlot
from latentlab.ui.learn.figures.variance_slider import VarianceSlider
from latentlab.ui.learn.image_picker import ImagePicker
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.segment import SegmentButton

if TYPE_CHECKING:
    from latentlab.app.lessons.likelihood import Fits

_FIRST = 0.5  # σ²
# The key, the button, its tip, and what t is.
_KINDS = (
    (
        "prior",
        "towards the prior",
        "q from the encoder's (t = 0) to N(0, I) (t = 1)",
        "t: from q to the prior",
    ),
    (
        "width",
        "narrower, wider",
        "q with the encoder's mean and e^t times its σ",
        "t: e^t times q's σ",
    ),
)
_SIDES = (
    ("likelihood", "objective_likelihood", "Squared error over 2 sigma squared, plus KL"),
    ("weighted", "objective_weighted", "Half the squared error, plus sigma squared times KL"),
)


class VarianceAsBeta(AskingFigure):
    """Two plots side by side, of which the second is σ² times the first."""

    TOPIC = "fits"

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("varianceAsBeta")
        self._fits: Fits | None = None
        self._picker = ImagePicker("betaImage", self)
        self._picker.stepped.connect(self.ask)
        self._group = QButtonGroup(self)
        self._kinds = {
            key: SegmentButton(f"beta-{key}", text, text, tip, self) for key, text, tip, _ in _KINDS
        }
        for button in self._kinds.values():
            self._group.addButton(button)
        self._kinds["prior"].setChecked(True)
        self._group.buttonClicked.connect(self._update)
        self._variance = VarianceSlider("betaVariance", _FIRST, self)
        self._variance.moved.connect(self._update)
        self._formulas = {key: FormulaLabel(name, parent=self) for key, name, _ in _SIDES}
        self._plots = {
            key: ObjectivePlot(f"beta-plot-{key}", label, self) for key, _, label in _SIDES
        }
        self._lowest = {key: ScaledLabel("", self, bold=True) for key, _, _ in _SIDES}
        self._sums = {key: ScaledLabel("", self, "muted") for key, _, _ in _SIDES}
        self._lay_out()

    # --- what a page calls -----------------------------------------------------------------------

    def reset(self) -> None:
        """The selected image, towards the prior, the first σ²."""
        self._picker.reset()
        self._kinds["prior"].setChecked(True)
        self._variance.reset()
        self.ask()

    def question(self) -> Question:
        """About the image that is looked at."""
        from latentlab.app.lessons.likelihood import FitsQuestion  # noqa: PLC0415  # loads torch

        return FitsQuestion(self._picker.step)

    def show_answer(self, answer: object) -> None:
        """All of it."""
        self._show(answer)  # type: ignore[arg-type]  # the topic says what it is

    # --- inside ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._picker)
        for button in self._kinds.values():
            top.addWidget(button)
        top.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(14)
        for key in self._plots:
            side = QVBoxLayout()
            side.setSpacing(3)
            side.addWidget(self._formulas[key])
            side.addWidget(self._plots[key], 1)
            for label, name in ((self._lowest[key], "lowest"), (self._sums[key], "sum")):
                label.setObjectName(f"beta-{name}-{key}")
                side.addWidget(label)
            sides.addLayout(side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._variance)
        layout.addLayout(sides, 1)

    def _show(self, fits: "Fits") -> None:
        self._fits = fits
        self._picker.show_title(fits.title)
        self._update()

    def _update(self) -> None:
        if self._fits is None:
            return
        prior = self._kinds["prior"].isChecked()
        family = self._fits.to_prior if prior else self._fits.width
        x_name = _KINDS[0][3] if prior else _KINDS[1][3]
        variance = self._variance.variance
        terms = {
            "likelihood": family.likelihood_terms(variance),
            "weighted": family.weighted_terms(variance),
        }
        for key, (reconstruction, kl) in terms.items():
            best = family.minimum(reconstruction + kl)
            at = [float(np.interp(best, family.place, part)) for part in (reconstruction, kl)]
            curves = Curves(family.place, reconstruction, kl, best, sum(at), 0.0)
            self._plots[key].show_curves(curves, x_name)
            self._lowest[key].setText(f"Lowest at t = {fixed(best, 3)}")
            added = " + ".join(_written(part) for part in at)
            self._sums[key].setText(f"{added} = {_written(sum(at))}")


def _written(value: float) -> str:
    return fixed(value, 1) if value >= 1_000 else significant(value, 4)
