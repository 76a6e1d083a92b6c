"""A small picture of p(z|x) as it is, with q(z|x) over it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.app.infer_view import Field, Normal
from latentlab.app.state import Viewport
from latentlab.ui.infer import heat
from latentlab.ui.learn.chart import lettering
from latentlab.ui.plane.areas import boxed_text, colour, pen
from latentlab.ui.theme import LIGHT, Theme

_SIDE, _LEAST = 190, 110  # pixels
_TIP = (
    "The true posterior p(z|x), shaded by the root of its density, and q(z|x) at 1, 2 and 3σ: "
    "KL(q ‖ p(z|x)) is what they differ by"
)


class PosteriorPicture(QWidget):
    """A square of the latent plane, to scale."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("True posterior and q")
        self.setToolTip(_TIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme, self._scale = LIGHT, 1.0
        self._density: Field | None = None
        self._q: Normal | None = None
        self._heat: QImage | None = None

    def show_posterior(self, log_density: Field, q: Normal) -> None:
        """Show log p(z|x) and q."""
        self._density, self._q, self._heat = log_density, q, None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme, self._heat = theme, None
        self.update()

    def set_text_scale(self, factor: float) -> None:
        """Painted text in lecture mode."""
        self._scale = factor
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        """A small one."""
        return QSize(_LEAST, _LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """No wider than high: what is left over is for what stands beside it."""
        super().resizeEvent(event)
        self.setMaximumWidth(max(_LEAST, self.height()))
        self._heat = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The density, q's ellipses, and which is which."""
        side = min(self.width(), self.height()) - 2
        box = QRectF(1, 1, side, side)
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(box, colour(theme.plane))
            if self._density is not None and self._q is not None:
                painter.save()
                painter.setClipRect(box)
                self._paint(painter, box, self._density, self._q)
                painter.restore()
            painter.setPen(pen(theme.line, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def _paint(self, painter: QPainter, box: QRectF, density: Field, q: Normal) -> None:
        theme, view = self._theme, _square(density.area)
        pixels = box.width() * self.devicePixelRatioF()
        if self._heat is None:
            values = heat.sampled(density, view, round(pixels), round(pixels))
            ink = heat.posterior_ink(theme)
            self._heat = heat.to_image(heat.shaded(values, ink, float(density.values.max())))
        painter.drawImage(box, self._heat)
        unit = box.width() / (view.x_max - view.x_min)
        centre = QPointF(
            box.left() + unit * (q.mu[0] - view.x_min), box.bottom() - unit * (q.mu[1] - view.y_min)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for radius in (3, 2, 1):
            painter.setPen(pen(theme.text, 1.8 if radius == 1 else 1.1))
            painter.drawEllipse(centre, *(radius * unit * sigma for sigma in q.sigma))
        fonts = lettering(theme, self._scale, self.font())
        ground = colour(theme.plane, 0.75)
        step = 17 * self._scale
        at = box.topLeft() + QPointF(7, step)
        boxed_text(painter, "p(z|x)", at, fonts.text, ink=colour(theme.accent), ground=ground)
        at += QPointF(0, step)
        boxed_text(painter, "q(z|x)", at, fonts.text, ink=colour(theme.text), ground=ground)


def _square(area: Viewport) -> Viewport:
    """The largest square in the middle."""
    x, y = 0.5 * (area.x_min + area.x_max), 0.5 * (area.y_min + area.y_max)
    half = 0.5 * min(area.x_max - area.x_min, area.y_max - area.y_min)
    return Viewport(x - half, x + half, y - half, y + half)
