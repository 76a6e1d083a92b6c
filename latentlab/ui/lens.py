"""One posterior at its own scale: what is a dot on the latent plane is an ellipse here."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.core.section import Section
from latentlab.ui.lens_geometry import near, ring_arc, round_length
from latentlab.ui.number_text import fixed_tuple, significant, significant_tuple
from latentlab.ui.panel_style import make_card
from latentlab.ui.plane.ovals import draw_ellipse
from latentlab.ui.theme import LIGHT, Theme

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_NAME = "Lens"
_EMPTY = "The lens shows the posterior of the point under the mouse, however narrow it is"
_SMALLEST, _LARGEST = 1e-12, 1e12


class LensPanel(QWidget):
    """The plane within ±3σ of the mean of one posterior, to scale, with 1σ and 2σ ellipses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lensPanel")
        make_card(self)
        self.setAccessibleName("Lens on one posterior")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._theme = LIGHT
        self._mu: tuple[float, float] | None = None
        self._sigma = (1.0, 1.0)
        self._tilt = 0.0
        self._colour = 0
        self._offsets: FloatArray = np.zeros((0, 2))
        self._sigmas: FloatArray = np.zeros((0, 2))
        self._tilts: FloatArray = np.zeros(0)
        self._colours: IntArray = np.zeros(0, np.int64)
        self.show_section(Section())
        self.clear()
        self.set_theme(LIGHT)

    def show_section(self, section: Section) -> None:
        """Say along which axes it looks."""
        first, second = section.names
        marginal = "" if section.whole else f", its marginal on {first} and {second},"
        self.setToolTip(
            f"q(z|x) = N(μ, diag σ²){marginal} at its own scale: the ellipses of 1σ and 2σ, "
            "its neighbours' of 1σ, and the rings of the prior where they pass"
        )

    def show_posterior(
        self,
        mu: tuple[float, float],
        sigma: tuple[float, float],
        colour_index: int,
        *,
        correlation: float = 0.0,
        neighbours_mu: npt.ArrayLike,
        neighbours_sigma: npt.ArrayLike,
        neighbour_correlations: npt.ArrayLike | None = None,
        neighbour_colours: npt.ArrayLike,
    ) -> None:
        """Show N(mu, diag sigma²) in the class's colour, and others near it faintly.

        correlation: of both coordinates, on a plane that is tilted. neighbours_mu,
        neighbours_sigma: (M, 2). neighbour_correlations: (M,), None where all are 0.
        neighbour_colours: (M,) class indices. A posterior that is not finite clears the lens.
        """
        if not all(math.isfinite(value) for value in (*mu, *sigma)):
            self.clear()
            return
        self._mu = (float(mu[0]), float(mu[1]))
        low, high = (min(max(float(s), _SMALLEST), _LARGEST) for s in sigma)
        self._sigma = (low, high)
        self._tilt = correlation
        self._colour = colour_index
        self._offsets = np.asarray(neighbours_mu, np.float64).reshape(-1, 2) - self._mu
        self._sigmas = np.asarray(neighbours_sigma, np.float64).reshape(-1, 2)
        tilts = np.zeros(len(self._offsets))
        if neighbour_correlations is not None:
            tilts = np.asarray(neighbour_correlations, np.float64)
        self._tilts = tilts
        self._colours = np.asarray(neighbour_colours, np.int64).reshape(-1)
        self.setAccessibleDescription(", ".join(self._texts()))
        self.update()

    def clear(self) -> None:
        """Show nothing but what the lens is for."""
        self._mu = None
        self.setAccessibleDescription(_EMPTY)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Made for the right column."""
        return QSize(240, 118 + 3 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Enough for ellipses, numbers and scale."""
        return QSize(180, 64 + 3 * self.fontMetrics().height())

    def _texts(self) -> tuple[str, str]:
        return f"μ = {fixed_tuple(self._mu or (), 3)}", f"σ = {significant_tuple(self._sigma)}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Everything, at each change: a few dozen shapes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        if self._mu is None:
            self._paint_empty(painter)
        else:
            top = self._paint_texts(painter, metrics)
            view = QRectF(self.rect()).adjusted(8.5, top + 0.5, -8.5, -6.5)
            self._paint_view(painter, view, metrics, self._mu)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._theme.line))
        room = QRectF(self.rect()).adjusted(8.5, 6.5, -8.5, -6.5)
        painter.drawRoundedRect(room, 4, 4)
        painter.setPen(QColor(self._theme.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room.adjusted(12, 6, -12, -6), flags, _EMPTY)

    def _paint_texts(self, painter: QPainter, metrics: QFontMetrics) -> float:
        """Write μ and σ, side by side where they fit. Returns the height used."""
        painter.setPen(QColor(self._theme.text))
        mu, sigma = self._texts()
        line = metrics.height()
        width = self.width() - 16
        lengths = metrics.horizontalAdvance(mu) + metrics.horizontalAdvance(sigma)
        lines = 1 if lengths + 12 <= width else 2
        painter.drawText(QRectF(8, 4, width, line), Qt.AlignmentFlag.AlignLeft, mu)
        side = Qt.AlignmentFlag.AlignRight if lines == 1 else Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(8, 4 + (lines - 1) * line, width, line), side, sigma)
        return 4 + lines * line + 4

    def _paint_view(
        self, painter: QPainter, view: QRectF, metrics: QFontMetrics, mu: tuple[float, float]
    ) -> None:
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.setBrush(QColor(self._theme.plane))
        painter.drawRect(view)
        painter.save()
        painter.setClipRect(view)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Pixels for one latent unit, the same on both axes.
        scale = min(view.width(), view.height()) / (6 * max(self._sigma))
        half_width, half_height = view.width() / 2 / scale, view.height() / 2 / scale
        rings = self._paint_rings(painter, view, scale, mu)
        self._paint_neighbours(painter, view.center(), scale, half_width, half_height)
        self._paint_posterior(painter, view.center(), scale)
        taken = [
            QRectF(view.center() - QPointF(6, 6), QSizeF(12, 12)),
            self._paint_name(painter, view, metrics),
            self._paint_legend(painter, view, metrics),
            self._paint_scale_bar(painter, view, scale, metrics),
        ]
        self._name_rings(painter, view, rings, taken)
        painter.restore()

    def _paint_rings(
        self,
        painter: QPainter,
        view: QRectF,
        scale: float,
        mu: tuple[float, float],
    ) -> dict[int, list[QPointF]]:
        """The prior's rings that pass; by radius, where they run."""
        centre = view.center()
        reach = math.hypot(view.width(), view.height()) / 2 / scale
        painter.setPen(QPen(QColor(self._theme.prior), 1, Qt.PenStyle.DashLine))
        rings = {}
        for radius in (1, 2, 3):
            arc = ring_arc(mu, float(radius), reach)
            if arc is None:
                continue
            line = [
                QPointF(centre.x() + x * scale, centre.y() - y * scale) for x, y in arc.tolist()
            ]
            painter.drawPolyline(QPolygonF(line))
            rings[radius] = line
        return rings

    def _name_rings(
        self,
        painter: QPainter,
        view: QRectF,
        rings: dict[int, list[QPointF]],
        taken: list[QRectF],
    ) -> None:
        """Write on each ring where there is room, not where it is `taken`: beside 2σ, and high."""
        metrics, scale = self.fontMetrics(), min(view.width(), view.height()) / 6
        reach = QPointF(*(2 * scale * sigma / max(self._sigma) for sigma in self._sigma))
        posterior = QRectF(view.center() - reach, view.center() + reach)
        ground, inside = QColor(self._theme.plane), view.adjusted(2, 2, -2, -2)
        ground.setAlphaF(0.85)
        painter.setPen(QColor(self._theme.muted))
        for radius, line in rings.items():
            name = f"prior {radius}σ"
            box = QRectF(0, 0, metrics.horizontalAdvance(name) + 4, metrics.height() - 2)
            for place in sorted(line, key=lambda at: (posterior.contains(at), at.y())):
                box.moveCenter(place)
                if inside.contains(box) and not any(map(box.intersects, taken)):
                    painter.fillRect(box, ground)
                    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
                    taken.append(QRectF(box))
                    break

    def _paint_neighbours(
        self,
        painter: QPainter,
        centre: QPointF,
        scale: float,
        half_width: float,
        half_height: float,
    ) -> None:
        for index in np.flatnonzero(near(self._offsets, self._sigmas, half_width, half_height)):
            colour = QColor(self._theme.class_colour(int(self._colours[index])))
            colour.setAlpha(90)
            (x, y), (width, height) = self._offsets[index] * scale, self._sigmas[index] * scale
            middle = QPointF(centre.x() + x, centre.y() - y)
            painter.setPen(QPen(colour, 1))
            tilt = float(self._tilts[index])
            draw_ellipse(painter, middle, float(width), float(height), tilt)
            painter.fillRect(QRectF(middle.x() - 1, middle.y() - 1, 2, 2), colour)

    def _pen(self, sigmas: int) -> QPen:
        colour = QColor(self._theme.class_colour(self._colour))
        return QPen(colour, 2) if sigmas == 1 else QPen(colour, 1.4, Qt.PenStyle.DashLine)

    def _paint_posterior(self, painter: QPainter, centre: QPointF, scale: float) -> None:
        colour = QColor(self._theme.class_colour(self._colour))
        inside = QColor(colour)
        inside.setAlpha(40)
        width, height = self._sigma[0] * scale, self._sigma[1] * scale
        painter.setPen(self._pen(2))
        draw_ellipse(painter, centre, 2 * width, 2 * height, self._tilt)
        painter.setPen(self._pen(1))
        painter.setBrush(inside)
        draw_ellipse(painter, centre, width, height, self._tilt)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(centre - QPointF(4, 0), centre + QPointF(4, 0))
        painter.drawLine(centre - QPointF(0, 4), centre + QPointF(0, 4))

    def _paint_name(self, painter: QPainter, view: QRectF, metrics: QFontMetrics) -> QRectF:
        """Returns where it is."""
        box = QRectF(view.left() + 6, view.top() + 3, 0, metrics.height())
        box.setWidth(metrics.horizontalAdvance(_NAME) + 2)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, _NAME)
        return box

    def _paint_legend(self, painter: QPainter, view: QRectF, metrics: QFontMetrics) -> QRectF:
        """Returns where it is."""
        width = metrics.horizontalAdvance("2σ")
        for row, sigmas in enumerate((2, 1)):
            y = view.bottom() - 4 - row * metrics.height()
            right = view.right() - 6 - width
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(right, y - metrics.descent()), f"{sigmas}σ")
            middle = y - metrics.height() / 2
            painter.setPen(self._pen(sigmas))
            painter.drawLine(QPointF(right - 24, middle), QPointF(right - 5, middle))
        corner = QPointF(right - 26, view.bottom() - 4 - 2 * metrics.height())
        return QRectF(corner, view.bottomRight())

    def _paint_scale_bar(
        self, painter: QPainter, view: QRectF, scale: float, metrics: QFontMetrics
    ) -> QRectF:
        """Returns where it is."""
        length = round_length(0.3 * view.width() / scale)
        left, right = view.left() + 8, view.left() + 8 + length * scale
        y = view.bottom() - 7
        painter.setPen(QPen(QColor(self._theme.text), 1.5))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - 3), QPointF(x, y + 3))
        text = significant(length)
        painter.drawText(QPointF(left, y - 3 - metrics.descent()), text)
        right = max(right, left + metrics.horizontalAdvance(text)) + 4
        return QRectF(QPointF(left - 4, y - 3 - metrics.height()), QPointF(right, view.bottom()))
