"""Where the parts of the picture lie in the widget, and the fonts they are written in."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPainterPath, QPen

from latentlab.ui.theme import Theme

GAP = 6


@dataclass(frozen=True, slots=True)
class Areas:
    """The plane, the marginals along its top and right side, and the corner between those two.

    bare: there are no marginals.
    """

    plane: QRect
    top: QRect
    right: QRect
    corner: QRect
    bare: bool = False


def areas(width: int, height: int, header: int, scale: float, *, bare: bool = False) -> Areas:
    """Divide a widget of width × height pixels whose top `header` pixels are taken."""
    left, bottom, strip = (round(n * scale) for n in ((34, 20, 0) if bare else (46, 36, 58)))
    top = header + GAP
    plane = QRect(
        left,
        top + strip + GAP,
        max(width - left - strip - 2 * GAP, 16),
        max(height - top - strip - GAP - bottom, 16),
    )
    beside = plane.right() + 1 + GAP
    return Areas(
        plane=plane,
        top=QRect(plane.left(), top, plane.width(), strip),
        right=QRect(beside, plane.top(), strip, plane.height()),
        corner=QRect(beside, top, strip, strip),
        bare=bare,
    )


@dataclass(frozen=True, slots=True)
class Style:
    """Theme, size of what is measured in pixels (1 is usual), and fonts."""

    theme: Theme
    scale: float
    small: QFont
    text: QFont
    bold: QFont


def style(theme: Theme, scale: float, font: QFont) -> Style:
    """Fonts of 11, 12 and 15 pixels where `font`, the application's, has 13.

    scale: of what is measured in pixels. A projector has had the application's font enlarged.
    """
    base = QFontInfo(font).pixelSize()
    small, text, bold = QFont(font), QFont(font), QFont(font)
    small.setPixelSize(max(round(base * 0.82), 8))
    text.setPixelSize(max(round(base * 0.95), 9))
    bold.setPixelSize(max(round(base * 1.2), 10))
    bold.setWeight(QFont.Weight.Bold)
    return Style(theme, scale, small, text, bold)


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A theme's colour, `alpha` opaque."""
    result = QColor(name)
    result.setAlphaF(alpha)
    return result


def pen(name: str, width: float, alpha: float = 1.0) -> QPen:
    """A round pen `width` pixels wide."""
    return QPen(
        colour(name, alpha),
        width,
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )


def haloed_text(
    painter: QPainter,
    text: str,
    position: QPointF,
    font: QFont,
    *,
    ink: QColor,
    halo: QColor,
    width: float,
) -> None:
    """Write `text` with its baseline starting at `position` over a rim of `width` pixels."""
    path = QPainterPath()
    path.addText(position, font, text)
    rim = QPen(halo, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, rim)
    painter.fillPath(path, ink)


def boxed_text(
    painter: QPainter, text: str, position: QPointF, font: QFont, *, ink: QColor, ground: QColor
) -> None:
    """Write small `text`, its baseline starting at `position`, on a rounded ground."""
    box = QFontMetricsF(font).boundingRect(text).translated(position)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box.adjusted(-4, -1, 4, 1), 4, 4)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(position, text)
