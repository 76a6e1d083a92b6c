"""A page on paper, or as one tall picture: its text, its figures as they stand, its questions."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRectF, QSize
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.app.lesson import FigureName, Formula, Heading, Page, Question, Text
from latentlab.ui.formula import formula_scale, formula_svg
from latentlab.ui.learn.figure import HEIGHT, WIDTH
from latentlab.ui.learn.prose import Written
from latentlab.ui.theme import LIGHT

_WIDTH = 660.0  # of the text, in pixels of 96 to the inch: an A4 sheet with its margins
_MARGIN = 40.0  # of the picture
_GAP = 11.0
_PIXELS = 13  # of the font
_FINE = 3  # a figure's pixels for each on the screen
_PER_INCH = 96
_DOTS = 960  # of the PDF to the inch
_MILLIMETRES = 17.0  # around the text


class _Block(Protocol):
    """Something that stands on the sheet in one piece."""

    def height(self) -> float:
        """In pixels."""

    def paint(self, painter: QPainter) -> None:
        """With its upper left corner at the painter's origin."""


class _Words:
    def __init__(self, markdown: str, scale: float = 1.0, bold: bool = False) -> None:
        self._written = Written(markdown, _font(scale, bold), LIGHT.text)

    def height(self) -> float:
        return self._written.height(_WIDTH)

    def paint(self, painter: QPainter) -> None:
        self._written.paint(painter, _WIDTH)


class _Formula:
    def __init__(self, name: str) -> None:
        source = formula_svg(name).replace("currentColor", LIGHT.text)
        self._renderer = QSvgRenderer(QByteArray(source.encode()))
        size = self._renderer.viewBoxF().size() * formula_scale(_font(1.15))
        self._size = size * min(1.0, _WIDTH / size.width())

    def height(self) -> float:
        return self._size.height()

    def paint(self, painter: QPainter) -> None:
        self._renderer.render(painter, QRectF(0, 0, self._size.width(), self._size.height()))


class _Figure:
    """As it stands on the screen, in its colours there."""

    def __init__(self, figure: QWidget, ground: str, most: float) -> None:
        if not figure.isVisible():  # another one is shown in its place
            least = figure.minimumSizeHint().expandedTo(QSize(WIDTH, HEIGHT))
            figure.resize(figure.size().expandedTo(least))
        self._image = QImage(figure.size() * _FINE, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(_FINE)
        self._image.fill(QColor(ground))
        painter = QPainter(self._image)
        flags = QWidget.RenderFlag.DrawChildren
        figure.render(painter, QPoint(), renderFlags=flags)
        painter.end()
        scale = min(1.0, _WIDTH / figure.width(), most / figure.height())
        self._room = QRectF(0, 0, scale * figure.width(), scale * figure.height())

    def height(self) -> float:
        return self._room.height()

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._room, self._image)


def handout_png(page: Page, figures: Sequence[QWidget], ground: str) -> bytes:
    """A PNG of the whole page, twice as fine as a screen. ground: the figures' background."""
    blocks = _blocks(page, figures, ground, most=10_000.0)
    height = 2 * _MARGIN + sum(block.height() + _GAP for block in blocks)
    ratio = 2
    image = QImage(
        round(ratio * (_WIDTH + 2 * _MARGIN)), round(ratio * height), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_MARGIN, _MARGIN)
    for block in blocks:
        _paint(painter, block)
        painter.translate(0, block.height() + _GAP)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def handout_pdf(page: Page, figures: Sequence[QWidget], ground: str) -> bytes:
    """A PDF on A4 sheets; text and formulas are vectors. ground: the figures' background."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(page.title)
    writer.setCreator("latentlab")
    writer.setResolution(_DOTS)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(_MILLIMETRES, _MILLIMETRES, _MILLIMETRES, _MILLIMETRES),
            QPageLayout.Unit.Millimeter,
        )
    )
    scale = _DOTS / _PER_INCH
    room = writer.height() / scale
    painter = QPainter(writer)
    painter.scale(scale, scale)
    y = 0.0
    for block in _blocks(page, figures, ground, most=room):
        if y > 0 and y + block.height() > room:
            writer.newPage()
            y = 0.0
        painter.save()
        painter.translate(0, y)
        block.paint(painter)
        painter.restore()
        y += block.height() + _GAP
    painter.end()
    return bytes(buffer.data().data())


def _paint(painter: QPainter, block: _Block) -> None:
    painter.save()
    block.paint(painter)
    painter.restore()


def _blocks(page: Page, figures: Sequence[QWidget], ground: str, most: float) -> list[_Block]:
    """most: how high a figure may be."""
    left = list(figures)
    blocks: list[_Block] = [_Words(f"{page.number} · {page.title}", 1.5, bold=True)]
    for part in page.parts:
        if isinstance(part, Text):
            blocks.append(_Words(part.markdown))
        elif isinstance(part, Heading):
            blocks.append(_Words(part.text, 1.15, bold=True))
        elif isinstance(part, Formula):
            blocks.append(_Formula(part.name))
        elif isinstance(part, FigureName):
            blocks.append(_Figure(left.pop(0), ground, most))
    if page.questions:
        blocks.append(_Words("Questions", 1.15, bold=True))
    blocks += [_question(question) for question in page.questions]
    return blocks


def _question(question: Question) -> _Words:
    answers = "\n\n".join(f"☐ {answer.text}" for answer in question.answers)
    return _Words(f"**{question.text}**\n\n{answers}")


def _font(scale: float, bold: bool = False) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(round(_PIXELS * scale))
    font.setBold(bold)
    return font
