"""Our own icons, drawn in the colours of the theme."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from latentlab.paths import RESOURCES
from latentlab.ui.theme import Theme

_FOLDER = RESOURCES / "icons"
# Every size a button may ask for, at 100 %, 150 % and 200 % scaling and in presentation mode.
_SIZES = (16, 24, 32, 48)
_APPLICATION_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, theme: Theme) -> QIcon:
    """The icon resources/icons/NAME.svg in the theme's text colour; disabled, in the muted one.

    Raises FileNotFoundError when there is no such icon.
    """
    return icon_in(name, theme.text, theme.muted)


def icon_in(name: str, colour: str, disabled: str) -> QIcon:
    """The icon in a colour "#rrggbb", and in another while its button is disabled."""
    source = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        drawing = _drawing(source.replace("currentColor", ink))
        for size in _SIZES:
            result.addPixmap(_pixmap(drawing, size), mode)
    return result


def application_icon() -> QIcon:
    """The icon of the application itself: coloured points over the rings of the prior."""
    drawing = _drawing((_FOLDER / "latentlab.svg").read_text(encoding="utf-8"))
    result = QIcon()
    for size in _APPLICATION_SIZES:
        result.addPixmap(_pixmap(drawing, size))
    return result


def _drawing(source: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(source.encode()))


def _pixmap(drawing: QSvgRenderer, size: int) -> QPixmap:
    result = QPixmap(size, size)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    drawing.render(painter)
    painter.end()
    return result
