"""Our own icons, drawn in the colours of the theme."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from latentlab.paths import RESOURCES
from latentlab.ui.theme import Theme

_FOLDER = RESOURCES / "icons"
# Every size a button may ask for, at 100 %, 150 % and 200 % scaling and in presentation mode.
_SIZES = (16, 24, 32, 48)


def icon(name: str, theme: Theme) -> QIcon:
    """The icon resources/icons/NAME.svg in the theme's text colour; disabled, in the muted one.

    Raises FileNotFoundError when there is no such icon.
    """
    return icon_in(name, theme.text, theme.muted)


def icon_in(name: str, colour: str, disabled: str) -> QIcon:
    """The icon in a colour "#rrggbb", and in another while its button is disabled."""
    source = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    drawing = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    result = QIcon()
    for size in _SIZES:
        drawn = _pixmap(drawing, size)
        result.addPixmap(drawn, QIcon.Mode.Normal)
        result.addPixmap(_tinted(drawn, QColor(disabled)), QIcon.Mode.Disabled)
    return result


def application_icon() -> QIcon:
    """The icon of the application itself: coloured points over the rings of the prior."""
    return QIcon(str(_FOLDER / "latentlab.svg"))


def _pixmap(drawing: QSvgRenderer, size: int) -> QPixmap:
    result = QPixmap(size, size)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    drawing.render(painter)
    painter.end()
    return result


def _tinted(drawn: QPixmap, ink: QColor) -> QPixmap:
    """The same shape in one colour, which takes a quarter of the time of drawing it again."""
    result = drawn.copy()
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(result.rect(), ink)
    painter.end()
    return result
