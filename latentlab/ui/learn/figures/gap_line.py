"""A line of nats on which the ELBO, the KL above it and log p(x) lie."""

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.ui.learn.chart import lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.areas import Style, colour, pen
from latentlab.ui.plane.ticks import ticks

_PAD = 0.35  # of the gap, on each side
_LEAST = 0.05  # nats, so that a gap of nothing still has a line around it
_SPACING = 90  # pixels at least between ticks


class GapLine(Plot):
    """From the ELBO up to log p(x), to scale between the two."""

    USUAL = QSize(400, 74)
    LEAST = QSize(300, 74)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(
            name,
            "The ELBO below log p(x)",
            "log p(x) = ELBO + KL(q ‖ p(z|x)): the arrow is as long as the KL measured on the "
            "grid, and should end at log p(x), which comes from another sum. Only this end of the "
            "axis is shown, not 0",
            parent,
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._values: tuple[float, float, float] | None = None

    def show_gap(self, elbo: float, to_posterior: float, log_evidence: float) -> None:
        """Show these, in nats."""
        self._values = elbo, to_posterior, log_evidence
        self.setAccessibleDescription(
            f"ELBO {fixed(elbo, 3)}, KL {fixed(to_posterior, 3)}, log p(x) {fixed(log_evidence, 3)}"
        )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Names above, the arrow, the axis below."""
        if self._values is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(painter, lettering(self._theme, self._scale, self.font()), *self._values)

    def _paint(
        self, painter: QPainter, fonts: Style, elbo: float, divergence: float, evidence: float
    ) -> None:
        theme, scale = self._theme, self._scale
        gap = max(evidence - elbo, divergence, _LEAST)
        low, high = elbo - _PAD * gap, elbo + (1 + _PAD) * gap
        axis = 52 * scale

        def x(nats: float) -> float:
            return self.width() * (nats - low) / (high - low)

        painter.setPen(pen(theme.line, 1))
        painter.drawLine(QLineF(0, axis, self.width(), axis))
        painter.setFont(fonts.small)
        half = 0.5 * _SPACING * scale
        for value, text in ticks(low, high, self.width(), _SPACING * scale):
            if not half <= x(value) <= self.width() - half:
                continue
            painter.setPen(pen(theme.line, 1))
            painter.drawLine(QLineF(x(value), axis, x(value), axis + 4 * scale))
            painter.setPen(colour(theme.muted))
            box = QRectF(x(value) - half, axis + 4 * scale, 2 * half, 18 * scale)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(fonts.text)
        row, flags = 18 * scale, Qt.AlignmentFlag
        for nats, ink, text, side in (
            (elbo, theme.text, f"ELBO {fixed(elbo, 3)}", flags.AlignLeft),
            (evidence, theme.accent, f"log p(x) {fixed(evidence, 3)}", flags.AlignRight),
        ):
            painter.setPen(pen(ink, 2))
            painter.drawLine(QLineF(x(nats), row, x(nats), axis))
            room = QRectF(0, 0, self.width(), row)
            painter.drawText(room, side | flags.AlignVCenter, text)
        end = elbo + divergence
        middle = 0.5 * (row + axis)
        painter.setPen(pen(theme.heat, 3))
        painter.drawLine(QLineF(x(elbo), middle, x(end), middle))
        tip = QPointF(x(end), middle)
        reach = min(6 * scale, x(end) - x(elbo))
        for up in (-reach, reach):
            painter.drawLine(QLineF(tip, tip + QPointF(-reach, up)))
        painter.drawText(
            QRectF(x(elbo), middle, x(end) - x(elbo), axis - middle),
            flags.AlignCenter,
            f"KL {fixed(divergence, 3)}",
        )
