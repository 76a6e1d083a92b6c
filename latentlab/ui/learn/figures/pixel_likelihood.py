"""The reconstruction of an image as a log-likelihood, pixel by pixel."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latentlab.ui.formula import FormulaLabel
from latentlab.ui.images import ImageView
from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figures.pixel_curve import PixelCurve
from latentlab.ui.learn.figures.pixel_map import PixelMap
from latentlab.ui.learn.figures.variance_slider import VarianceSlider
from latentlab.ui.learn.image_picker import ImagePicker
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.segment import SegmentButton

if TYPE_CHECKING:
    from latentlab.app.lessons.likelihood import Reading

Floats = npt.NDArray[np.float64]

_SIDE = 150  # pixels
_FIRST = 0.05  # σ²
_GAUSSIAN = ("gaussian_exponent", "gaussian_determinant", "gaussian_constant")
_BERNOULLI = ("bernoulli_ones", "bernoulli_zeros")
_KINDS = (
    ("gaussian", "Gaussian", "p(x|z) = N(x; x̂, σ²I): each pixel costs a squared error"),
    ("bernoulli", "Bernoulli", "x is binarised; each pixel costs a cross-entropy"),
)


class PixelLikelihood(AskingFigure):
    """Pictures above; below, the cost of one pixel, and the terms that all pixels add up to."""

    TOPIC = "pixels"

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("pixelLikelihood")
        self._reading: Reading | None = None
        self._costs: Floats | None = None
        self._picker = ImagePicker("pixelImage", self)
        self._picker.stepped.connect(self.ask)
        self._group = QButtonGroup(self)
        self._kinds = {
            key: SegmentButton(f"pixel-{key}", name, name, tip, self) for key, name, tip in _KINDS
        }
        for button in self._kinds.values():
            self._group.addButton(button)
        self._kinds["gaussian"].setChecked(True)
        self._group.buttonClicked.connect(self._update)
        self._variance = VarianceSlider("pixelVariance", _FIRST, self)
        self._variance.moved.connect(self._update)
        self._x = ImageView("pixelX", "Image x", _SIDE, "", self)
        self._mean = ImageView("pixelMean", "Decoded mean of q", _SIDE, "", self)
        self._map = PixelMap("pixelMap", self)
        self._map.picked.connect(self._show_pixel)
        self._curve = PixelCurve("pixelCurve", self)
        self._said = ScaledLabel("", self)
        self._said.setObjectName("pixelSaid")
        self._range = ScaledLabel("", self, "muted", 0.9)
        self._rows = {
            name: (FormulaLabel(name, parent=self), ScaledLabel("", self, bold=True))
            for name in (*_GAUSSIAN, *_BERNOULLI, "log_likelihood_sum")
        }
        self._lay_out()
        self._update()

    # --- what a page calls -----------------------------------------------------------------------

    def reset(self) -> None:
        """The selected image, a Gaussian, the first σ², the pixel that is off most."""
        self._picker.reset()
        self._kinds["gaussian"].setChecked(True)
        self._variance.reset()
        self._reading = None  # so that a pixel is picked anew
        self.ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pictures are square: what height they do not need is for what is below."""
        super().resizeEvent(event)
        for view in (self._x, self._mean, self._map):
            view.setMaximumHeight(max(_SIDE, self.width() // 3))

    def question(self) -> Question:
        """About the image that is looked at."""
        from latentlab.app.lessons.likelihood import ReadingQuestion  # noqa: PLC0415  # loads torch

        return ReadingQuestion(self._picker.step)

    def show_answer(self, answer: object) -> None:
        """All of it."""
        self._show(answer)  # type: ignore[arg-type]  # the topic says what it is

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _gaussian(self) -> bool:
        return self._kinds["gaussian"].isChecked()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._picker)
        for button in self._kinds.values():
            top.addWidget(button)
        top.addWidget(self._variance, 1)
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(10)
        pictures.setVerticalSpacing(2)
        captions = (
            ScaledLabel("x", self, "muted"),
            ScaledLabel("decoder(μ)", self, "muted"),
            self._range,
        )
        for column, (view, caption) in enumerate(
            zip((self._x, self._mean, self._map), captions, strict=True)
        ):
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            caption.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            pictures.addWidget(view, 0, column)
            pictures.addWidget(caption, 1, column)
            pictures.setColumnStretch(column, 1)
        pictures.setRowStretch(0, 1)
        table = QGridLayout()
        table.setHorizontalSpacing(10)
        table.setVerticalSpacing(3)
        for row, (name, (formula, value)) in enumerate(self._rows.items()):
            value.setObjectName(f"pixel-{name}")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.addWidget(formula, row, 0)
            table.addWidget(value, row, 1)
        table.setColumnStretch(1, 1)
        right = QVBoxLayout()
        right.addLayout(table)
        right.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(self._said)
        left.addWidget(self._curve, 1)
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addLayout(left, 3)
        below.addLayout(right, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(pictures, 3)
        layout.addLayout(below, 2)

    def _show(self, reading: "Reading") -> None:
        if self._reading is None:
            worst = np.abs(reading.grey - reading.mean).argmax()
            row, column = np.unravel_index(worst, reading.grey.shape)[:2]
            self._map.pick(int(row), int(column))
        self._reading = reading
        self._picker.show_title(reading.title)
        self._mean.set_image(reading.mean_image)
        self._update()

    def _update(self) -> None:
        gaussian = self._gaussian
        self._variance.setEnabled(gaussian)
        for names, on in ((_GAUSSIAN, gaussian), (_BERNOULLI, not gaussian)):
            for name in names:
                for part in self._rows[name]:
                    part.setVisible(on)
        reading = self._reading
        if reading is None:
            return
        variance = self._variance.variance
        self._x.set_image(reading.grey_image if gaussian else reading.binary_image)
        each = reading.gaussian(variance) if gaussian else reading.bernoulli()
        # Of a colour image a pixel has three numbers.
        self._costs = costs = each if each.ndim == 2 else each.sum(axis=2)
        self._map.show_costs(costs)
        self._range.setText(f"{fixed(float(costs.min()))} to {fixed(float(costs.max()))} nats")
        if gaussian:
            terms = dict(zip(_GAUSSIAN, reading.gaussian_parts(variance), strict=True))
        else:
            terms = dict(zip(_BERNOULLI, reading.bernoulli_parts(), strict=True))
        terms["log_likelihood_sum"] = sum(terms.values())
        for name, value in terms.items():
            self._rows[name][1].setText(fixed(value))
        self._show_pixel(*self._map.pixel)

    def _show_pixel(self, row: int, column: int) -> None:
        reading = self._reading
        if reading is None or self._costs is None:
            return
        values = reading.grey if self._gaussian else reading.binary
        x, mean = (float(np.mean(part[row, column])) for part in (values, reading.mean))
        self._curve.show_pixel(x, mean, self._variance.variance if self._gaussian else None)
        self._said.setText(
            f"Row {row + 1}, column {column + 1}: x = {fixed(x)}, decoded {fixed(mean)}, "
            f"{fixed(float(self._costs[row, column]))} nats"
        )
