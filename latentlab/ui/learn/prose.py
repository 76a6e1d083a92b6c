"""Running text with formulas in it, drawn as vectors: crisp at any scale, and on paper."""

import re
from functools import lru_cache

from PySide6.QtCore import QByteArray, QEvent, QObject, QPointF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QPyTextObject,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latentlab.app.lesson import INLINE, with_formulas
from latentlab.ui.formula import formula_scale, formula_svg, formula_words
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.theme import LIGHT, Theme

_LINE_HEIGHT = 132.0  # percent
_FORMULA = int(QTextFormat.ObjectTypes.UserObject) + 1
_NAME = int(QTextFormat.Property.UserProperty) + 1
_TAIL = _NAME + 1
_OBJECT = "\ufffc"
# Before every formula: no line ends between a bracket and it, and a line of formulas alone is as
# high as any other.
_JOINER = "\u2060"
# A formula with the full stop that follows it: Qt would let a line end between them.
_TAILED = re.compile(INLINE.pattern + r"([.,;:?!)\]]*)")
_NARROWEST, _USUAL = 120, 420  # pixels


@lru_cache(256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(formula_svg(name).replace("currentColor", colour).encode()))


class _Formulas(QPyTextObject):
    """Draws the formulas of a document, each standing on the line's baseline."""

    def __init__(self, parent: QObject, font: QFont, colour: str) -> None:
        """font: of the text around them."""
        super().__init__(parent)
        self._font = font
        self._colour = colour

    def intrinsicSize(self, _doc: QTextDocument, _at: int, text: QTextFormat) -> QSizeF:
        """Its width, with what follows at once, and its height above the baseline.

        What is below that hangs into the gap between lines.
        """
        box = self._box(text)
        tail = QFontMetricsF(self._tail_font(text)).horizontalAdvance(text.stringProperty(_TAIL))
        return QSizeF(box.width() + tail, max(1.0, -box.top()))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _doc: QTextDocument,
        _at: int,
        text: QTextFormat,
    ) -> None:
        """Draw it where Qt has left the room."""
        box = self._box(text)
        room = QRectF(rect)
        where = QRectF(room.left(), room.bottom() + box.top(), box.width(), box.height())
        _renderer(text.stringProperty(_NAME), self._colour).render(painter, where)
        painter.setFont(self._tail_font(text))
        painter.setPen(QColor(self._colour))
        painter.drawText(QPointF(where.right(), room.bottom()), text.stringProperty(_TAIL))

    def _box(self, text: QTextFormat) -> QRectF:
        """Around the formula, its baseline at 0, in pixels."""
        scale = formula_scale(self._font)
        box = _renderer(text.stringProperty(_NAME), self._colour).viewBoxF()
        return QRectF(
            box.left() * scale, box.top() * scale, box.width() * scale, box.height() * scale
        )

    def _tail_font(self, text: QTextFormat) -> QFont:
        font = QFont(self._font)
        font.setBold(font.bold() or text.toCharFormat().fontWeight() > QFont.Weight.Medium)
        return font


class Written:
    """A text laid out for a font and a colour; `paint` draws it anywhere."""

    def __init__(self, markdown: str, font: QFont, colour: str) -> None:
        self._colour = colour
        self._document = document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(font)
        document.setMarkdown(
            _TAILED.sub(_JOINER + _OBJECT, markdown),
            QTextDocument.MarkdownFeature.MarkdownDialectGitHub,
        )
        self._put_in(_TAILED.findall(markdown))
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(
            _LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        cursor.mergeBlockFormat(spacing)
        # What stands around it keeps the distance.
        for block, side in ((document.begin(), "Top"), (document.lastBlock(), "Bottom")):
            edge = QTextBlockFormat()
            getattr(edge, f"set{side}Margin")(0)
            QTextCursor(block).mergeBlockFormat(edge)
        # Last, so that nothing is laid out between two changes; kept, since Qt does not keep it.
        self._formulas = _Formulas(document, font, colour)
        document.documentLayout().registerHandler(_FORMULA, self._formulas)

    def height(self, width: float) -> float:
        """Of the text in lines of at most this width, in pixels."""
        self._document.setTextWidth(width)
        return self._document.size().height()

    def natural_width(self) -> float:
        """Of the text in as few lines as it has."""
        self._document.setTextWidth(-1)
        return self._document.idealWidth()

    def paint(self, painter: QPainter, width: float) -> None:
        """Draw it with its upper left corner at the painter's origin."""
        self._document.setTextWidth(width)
        context = QAbstractTextDocumentLayout.PaintContext()
        palette: QPalette = context.palette
        palette.setColor(QPalette.ColorRole.Text, self._colour)
        context.palette = palette
        self._document.documentLayout().draw(painter, context)

    def _put_in(self, formulas: list[tuple[str, str]]) -> None:
        after = 0
        for name, tail in formulas:
            cursor = self._document.find(_OBJECT, after)
            form = QTextCharFormat(cursor.charFormat())
            form.setObjectType(_FORMULA)
            form.setProperty(_NAME, name)
            form.setProperty(_TAIL, tail)
            cursor.insertText(_OBJECT, form)
            after = cursor.position()


class Prose(QWidget):
    """A paragraph in the application's font times `scale`, also after that changes."""

    def __init__(
        self, markdown: str, parent: QWidget, scale: float = 1.0, bold: bool = False
    ) -> None:
        super().__init__(parent)
        self._markdown = markdown
        self._scale = scale
        self._larger = 1.0
        self._bold = bold
        self._theme = LIGHT
        self._ink = ""
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(spoken(markdown))
        self._write()

    def set_text(self, markdown: str) -> None:
        """Say something else."""
        self._markdown = markdown
        self.setAccessibleName(spoken(markdown))
        self._write()

    def set_larger(self, factor: float) -> None:
        """For lecture mode: larger by this factor than the application's font."""
        self._larger = factor
        self._write()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._write()

    def set_ink(self, role: str) -> None:
        """Write in the colour of this field of the theme; "" for that of text."""
        self._ink = role
        self._write()

    def follow_font(self) -> None:
        """Take the application's font."""
        self._write()

    def hasHeightForWidth(self) -> bool:
        """As text has."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of the text in lines of this width."""
        return int(self._written.height(width)) + 1

    def sizeHint(self) -> QSize:
        """In lines of a width that reads well."""
        width = min(_USUAL, int(self._written.natural_width()) + 1)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """A narrow column; how high is for `heightForWidth` to say."""
        return QSize(min(_NARROWEST, self.sizeHint().width()), self.fontMetrics().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text."""
        painter = QPainter(self)
        self._written.paint(painter, self.width())
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Grey when it is disabled."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._write()

    def _write(self) -> None:
        ink = self._ink if self.isEnabled() else "muted"
        colour: str = getattr(self._theme, ink or "text")
        font = scaled_font(QApplication.font(), self._scale * self._larger, self._bold)
        self._written = Written(self._markdown, font, colour)
        self.updateGeometry()
        self.update()


def spoken(markdown: str) -> str:
    """The text for a screen reader: formulas in words, no marks."""
    document = QTextDocument()
    document.setMarkdown(with_formulas(markdown, formula_words))
    return document.toPlainText()
