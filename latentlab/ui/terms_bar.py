"""reconstruction + KL = −ELBO, as lengths and as numbers."""

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from latentlab.core.spec import Likelihood
from latentlab.ui.likelihood_names import likelihood_words
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import LIGHT, Theme


class _Bar(QWidget):
    """Two lengths to one scale. A negative reconstruction (a sharp density) goes left of zero."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._terms = (0.0, 0.0)
        self._theme = LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_terms(self, reconstruction: float, kl: float) -> None:
        self._terms = (reconstruction, kl)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.line))
        reconstruction, kl = self._terms
        low, middle = min(reconstruction, 0.0), max(reconstruction, 0.0)
        length = middle + kl - low
        if not math.isfinite(length) or length <= 0:
            painter.end()
            return
        scale = self.width() / length
        blue = abs(reconstruction) * scale
        orange = kl * scale
        height = self.height()
        painter.fillRect(QRectF(0, 0, blue, height), QColor(self._theme.reconstruction))
        painter.fillRect(QRectF(blue, 0, orange, height), QColor(self._theme.kl))
        if low < 0:
            painter.fillRect(QRectF(blue - 1, 0, 2, height), QColor(self._theme.text))
        painter.end()


class TermsBar(QWidget):
    """The two terms of −ELBO of one image, in nats."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("termsBar")
        self._bar = _Bar(self)
        self._numbers: list[ScaledLabel] = []
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(4)
        layout.setVerticalSpacing(1)
        layout.addWidget(self._bar, 0, 0, 1, 5)
        parts = (
            ("reconstruction", "reconstructionNumber", "reconstruction"),
            ("+", "", ""),
            ("KL", "klNumber", "kl"),
            ("=", "", ""),
            ("−ELBO", "negativeElboNumber", ""),
        )
        for column, (text, name, role) in enumerate(parts):
            label = ScaledLabel("−ELBO (nats)" if text == "−ELBO" else text, self, "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            if not name:
                layout.addWidget(label, 1, column)
                continue
            number = ScaledLabel("", self, role, bold=True)
            number.setObjectName(name)
            number.setAccessibleName(f"{text} in nats")
            number.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._numbers.append(number)
            layout.addWidget(number, 1, column)
            layout.addWidget(label, 2, column)
            layout.setColumnStretch(column, 1)
        self._say_how(Likelihood(), None)
        self.set_theme(LIGHT)

    def set_terms(
        self, reconstruction: float, kl: float, likelihood: Likelihood, samples: int | None = None
    ) -> None:
        """Show these terms, in nats. samples: of a mean, where the reconstruction is one."""
        self._say_how(likelihood, samples)
        # Rounded before they are added, so that the sum as printed is right.
        shown = round(reconstruction, 2), round(kl, 2)
        values = (*shown, sum(shown))
        for label, value in zip(self._numbers, values, strict=True):
            label.setText(fixed(value))
        self._bar.set_terms(reconstruction, kl)

    def _say_how(self, likelihood: Likelihood, samples: int | None) -> None:
        how = (
            "integrated over z = μ + σ·ε by Gauss–Hermite quadrature in ε"
            if samples is None
            else f"an estimate: the mean over {samples} samples of ε, the same for every image"
        )
        self.setToolTip(
            "−ELBO = E<sub>q</sub>[−log p(x|z)] + KL(q(z|x)‖p(z)), in nats, weights 1 always; "
            f"p(x|z): {likelihood_words(likelihood)}.<br>"
            f"The reconstruction is {how}; the reconstructed picture decodes μ alone."
        )

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._bar.set_theme(theme)
