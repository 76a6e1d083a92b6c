"""The ladder of importance-weighted bounds, climbing to the line at log p(x)."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QSizePolicy, QVBoxLayout, QWidget

from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card, scaled_font
from latentlab.ui.plane.ticks import ticks
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

if TYPE_CHECKING:
    from latentlab.core.importance import Rung

_TIP = (
    "Importance-weighted bounds on log p(x), by draws from q(z|x): IWAE-k averages k weights "
    "(Burda, Grosse and Salakhutdinov 2016). More draws climb towards log p(x), as far as q "
    "reaches its mass. Dots: means; bars: ± one standard deviation of a single bound, which may "
    "overshoot"
)


class LadderPanel(QWidget):
    """The plot, with what it comes to in words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ladderPanel")
        make_card(self)
        self._heading = ScaledLabel("Bounds by sampling from q", self, "heading")
        self._words = ScaledLabel("", self, "muted", 0.9)
        self._words.setObjectName("ladderWords")
        self._words.setWordWrap(True)
        self._plot = _Ladder(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(3)
        layout.addWidget(self._heading)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self._words)
        for widget in (self._heading, self._plot, self._words):
            widget.setToolTip(wrapped(_TIP))
        self.show_ladder((), None, None)

    def show_ladder(
        self, rungs: "Sequence[Rung]", elbo: float | None, log_evidence: float | None
    ) -> None:
        """Show these bounds between the two lines; none while they are computed.

        log_evidence: None where it cannot be known.
        """
        self._plot.show_ladder(rungs, elbo, log_evidence)
        if not rungs:
            self._words.setText("Drawn when all is exact and at rest")
            return
        last = rungs[-1]
        if log_evidence is None:
            climbed = last.mean - rungs[0].mean
            self._words.setText(
                f"ELBO {fixed(rungs[0].mean)} ± {fixed(rungs[0].standard_error)} nats. log p(x) is "
                f"at least {fixed(last.mean)} ± {fixed(last.standard_error)}, by {last.k:,} draws: "
                f"{fixed(climbed)} above it; how far still short is not known"
            )
            return
        short = log_evidence - last.mean
        self._words.setText(
            f"{last.k:,} draws are {fixed(short)} ± {fixed(last.standard_error)} nats short"
        )

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._plot.set_theme(theme)


class _Ladder(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ladderPlot")
        self.setAccessibleName("Importance-weighted bounds")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = LIGHT
        self._rungs: Sequence[Rung] = ()
        self._elbo: float | None = None
        self._evidence: float | None = None

    def show_ladder(
        self, rungs: "Sequence[Rung]", elbo: float | None, log_evidence: float | None
    ) -> None:
        self._rungs, self._elbo, self._evidence = rungs, elbo, log_evidence
        words = [f"IWAE-{rung.k}: {fixed(rung.mean)}" for rung in rungs]
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 9 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 6 * self.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(scaled_font(QApplication.font(), 0.82))
            if self._elbo is not None:
                self._paint(painter, self._elbo, self._evidence)

    def _paint(self, painter: QPainter, elbo: float, evidence: float | None) -> None:
        theme, metrics = self._theme, painter.fontMetrics()
        low, high = self._range(elbo, evidence)
        left = max(metrics.horizontalAdvance(f"{fixed(n, 1)}") for n in (low, high)) + 10
        room = QRectF(left, 4, self.width() - left - 4, self.height() - metrics.height() - 10)

        def y(nats: float) -> float:
            return room.bottom() - room.height() * (nats - low) / (high - low)

        for value, text in ticks(low, high, room.height(), 2.6 * metrics.height()):
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(left, y(value)), QPointF(room.right(), y(value)))
            painter.setPen(QColor(theme.muted))
            box = QRectF(0, y(value) - 10, left - 6, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for nats, ink, text, above in (
            (evidence, theme.accent, "log p(x)", True),
            (elbo, theme.text, "ELBO", False),
        ):
            if nats is None:
                continue
            painter.setPen(QPen(QColor(ink), 2))
            painter.drawLine(QPointF(left, y(nats)), QPointF(room.right(), y(nats)))
            top = y(nats) - metrics.height() - 1 if above else y(nats) + 1
            box = QRectF(left + 4, top, room.width() - 8, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)
        if self._rungs:
            self._paint_rungs(painter, room, y)

    def _paint_rungs(self, painter: QPainter, room: QRectF, y: Callable[[float], float]) -> None:
        theme, metrics = self._theme, painter.fontMetrics()
        last = math.log10(self._rungs[-1].k) + 1.4
        points = []
        for rung in self._rungs:
            x = room.left() + room.width() * (math.log10(rung.k) + 0.9) / last
            points.append(QPointF(x, y(rung.mean)))
            painter.setPen(QPen(QColor(theme.muted), 1.5))
            top, bottom = y(rung.mean + rung.spread), y(rung.mean - rung.spread)
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            for end in (top, bottom):
                painter.drawLine(QPointF(x - 4, end), QPointF(x + 4, end))
            painter.setPen(QColor(theme.muted))
            box = QRectF(x - 60, room.bottom() + 4, 120, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"IWAE-{rung.k:,}")
        painter.setPen(QPen(QColor(theme.muted), 1.5, Qt.PenStyle.DotLine))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(QPen(QColor(theme.panel), 1.5))
        painter.setBrush(QColor(theme.text))
        for point in points:
            painter.drawEllipse(point, 4.5, 4.5)

    def _range(self, elbo: float, evidence: float | None) -> tuple[float, float]:
        values = [elbo] if evidence is None else [elbo, evidence]
        for rung in self._rungs:
            values += [rung.mean - rung.spread, rung.mean + rung.spread]
        pad = max(0.14 * (max(values) - min(values)), 0.02)
        return min(values) - 1.6 * pad, max(values) + 1.6 * pad
