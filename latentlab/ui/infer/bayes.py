"""Bayes' rule in three small planes: prior × likelihood ∝ posterior."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.app.infer_view import Field
from latentlab.app.state import Viewport
from latentlab.core.section import Section
from latentlab.ui.infer import heat
from latentlab.ui.plane.areas import colour, pen
from latentlab.ui.theme import LIGHT, Theme

_PARTS = ("p(z)", "p(x|z)", "p(z|x)")
_SIGNS = ("×", "∝")
_BETWEEN = 26
_TITLE = 1.5  # of a line's height


class BayesStrip(QWidget):
    """The three densities over the view of the large plane, each shaded up to its own highest."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bayesStrip")
        self.setAccessibleName("Bayes' rule: prior times likelihood is proportional to posterior")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 96)
        self._theme = LIGHT
        self._field: Field | None = None
        self._view = Viewport()
        self._images: list[QImage] | None = None
        self.show_section(Section())

    def show_section(self, section: Section) -> None:
        """Say which plane this is."""
        given = "" if section.whole else " All of it given that z is on the slice."
        divisor = "p(x)" if section.whole else "p(x | the other coordinates)"
        self.setToolTip(
            "Bayes' rule over the same view: the prior p(z) times the likelihood p(x|z) of this "
            "image, as a function of z, is proportional to the posterior p(z|x). What it is "
            f"divided by is {divisor}.{given}<br>Each is shaded by the root of its density, "
            "relative to its highest here"
        )

    def show_field(self, field: Field | None, view: Viewport) -> None:
        """Show this likelihood, and what follows."""
        if field is self._field and view == self._view:
            return
        self._field, self._view, self._images = field, view, None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme, self._images = theme, None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """They have another size."""
        super().resizeEvent(event)
        self._images = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Titles, planes, and the signs between them."""
        theme, boxes = self._theme, self._boxes()
        if self._images is None and self._field is not None:
            self._images = self._shaded(self._field, round(boxes[0].width()), boxes[0].height())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            inks = (theme.prior, theme.reconstruction, theme.accent)
            for place, (box, title, ink) in enumerate(zip(boxes, _PARTS, inks, strict=True)):
                if self._images is not None:
                    painter.drawImage(box.topLeft(), self._images[place])
                painter.setPen(pen(theme.line, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box)
                painter.setPen(colour(ink))
                above = QRectF(box.left(), 0, box.width(), box.top() - 2)
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, title)
            painter.setPen(colour(theme.text))
            font = painter.font()
            font.setPointSizeF(1.4 * font.pointSizeF())
            painter.setFont(font)
            for box, sign in zip(boxes[:-1], _SIGNS, strict=True):
                between = QRectF(box.right(), box.top(), _BETWEEN, box.height())
                painter.drawText(between, Qt.AlignmentFlag.AlignCenter, sign)

    def _boxes(self) -> list[QRectF]:
        """To the shape of the view, as large as there is room for three of them."""
        top = round(_TITLE * self.fontMetrics().height())
        width = (self.width() - 2 * _BETWEEN - 2) / 3
        height = self.height() - top - 2.0
        shape = (self._view.x_max - self._view.x_min) / (self._view.y_max - self._view.y_min)
        width, height = min(width, height * shape), min(height, width / shape)
        width, height = max(round(width), 8), max(round(height), 8)
        left = (self.width() - 3 * width - 2 * _BETWEEN) / 2
        return [
            QRectF(round(left + n * (width + _BETWEEN)) + 0.5, top + 0.5, width, height)
            for n in range(len(_PARTS))
        ]

    def _shaded(self, field: Field, width: float, height: float) -> list[QImage]:
        size = round(width), round(height)
        prior = heat.log_prior(self._view, *size)
        likelihood = heat.sampled(field, self._view, *size)
        theme = self._theme
        return [
            heat.to_image(heat.shaded(values, ink, float(np.fmax.reduce(values, axis=None))))
            for values, ink in (
                (prior, heat.prior_ink(theme)),
                (likelihood, heat.likelihood_ink(theme)),
                (prior + likelihood, heat.posterior_ink(theme)),
            )
        ]
