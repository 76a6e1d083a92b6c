"""How panels look: one style sheet for all of them, and headings that follow the font."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from latentlab.paths import RESOURCES
from latentlab.ui.font_follower import FontFollower
from latentlab.ui.theme import Theme

_CHEVRON = (RESOURCES / "icons" / "chevron-grey.svg").as_posix()

_SHEET = """
QWidget[role="card"] {{ background: {panel}; border: 1px solid {line}; border-radius: 10px; }}
QLabel[role="heading"] {{ color: {muted}; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="warning"] {{ color: {warning}; }}
QLineEdit {{ background: {field}; border: 1px solid {line}; border-radius: 6px;
    padding: 3px 6px; color: {text}; selection-background-color: {accent}; }}
QLineEdit:focus {{ border-color: {accent}; }}
QLineEdit:disabled {{ color: {muted}; background: transparent; }}
QLineEdit[valid="false"] {{ border-color: {warning}; color: {warning}; }}
QComboBox {{ background: {field}; border: 1px solid {line}; border-radius: 6px;
    padding: 3px 6px 3px 8px; color: {text}; }}
QComboBox:hover, QComboBox:focus {{ border-color: {accent}; }}
QComboBox:disabled {{ color: {muted}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {panel}; color: {text}; border: 1px solid {line};
    selection-background-color: {soft}; selection-color: {text}; padding: 3px; outline: none; }}
QPushButton, QToolButton {{ background: {field}; border: 1px solid {line}; border-radius: 6px;
    padding: 4px 9px; color: {text}; }}
QPushButton:hover, QToolButton:hover {{ border-color: {accent}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {accent}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {soft}; }}
QPushButton:checked {{ background: {soft}; border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {muted}; background: transparent; }}
QToolButton[popupMode="1"] {{ padding-right: 24px; }}
QToolButton::menu-button {{ border: none; border-left: 1px solid {line}; width: 20px; }}
QToolButton::menu-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QPushButton[role="primary"] {{ background: {accent}; border-color: {accent}; color: {on_accent};
    padding: 4px 14px; }}
QPushButton[role="primary"]:hover {{ background: {accent_hover}; }}
QPushButton[role="primary"]:focus {{ border-color: {text}; }}
QPushButton[role="primary"]:disabled {{ background: transparent; color: {muted};
    border-color: {line}; }}
QPushButton[role="segment"] {{ background: transparent; padding: 4px 2px; }}
QPushButton[role="segment"]:checked {{ background: {soft}; border-color: {accent}; color: {text}; }}
QPushButton[role="flat"], QToolButton[role="flat"] {{ background: transparent;
    border-color: transparent; padding: 3px 5px; }}
QPushButton[role="flat"]:hover, QToolButton[role="flat"]:hover {{ background: {soft}; }}
QPushButton[role="flat"]:focus, QToolButton[role="flat"]:focus {{ border-color: {accent}; }}
QPushButton[role="flat"]:checked, QToolButton[role="flat"]:checked {{ background: {soft}; }}
QTabBar {{ border: none; }}
QTabBar QToolButton {{ padding: 1px; }}
QTabBar::tab {{ background: transparent; color: {muted}; padding: 5px 12px;
    border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ background: {soft}; }}
"""


def style_panel(widget: QWidget, theme: Theme, more: str = "") -> None:
    """Give a panel, and all in it, the look of `theme`, with rules of its own behind it."""
    sheet = panel_sheet(theme) + more
    if widget.styleSheet() == sheet:
        return  # Qt would polish all in it once more
    # Qt keeps the old rules of a widget whose sheet changes before it is first polished.
    widget.ensurePolished()
    widget.setStyleSheet(sheet)


def mix(first: str, second: str, part: float) -> str:
    """The colour "#rrggbb" that is `part` (0 to 1) of the way from `first` to `second`."""
    a, b = QColor(first), QColor(second)
    return QColor.fromRgbF(
        (1 - part) * a.redF() + part * b.redF(),
        (1 - part) * a.greenF() + part * b.greenF(),
        (1 - part) * a.blueF() + part * b.blueF(),
    ).name()


def panel_sheet(theme: Theme) -> str:
    """The style sheet of a panel. It sets no fonts: those follow the application's."""
    return _SHEET.format(
        panel=theme.panel,
        line=theme.line,
        text=theme.text,
        muted=theme.muted,
        warning=theme.warning,
        accent=theme.accent,
        accent_hover=mix(theme.accent, theme.text, 0.15),
        on_accent=theme.panel,
        soft=mix(theme.panel, theme.accent, 0.16),
        field=mix(theme.panel, theme.window, 0.55),
        chevron=_CHEVRON,
    )


def make_card(widget: QWidget) -> None:
    """Give a panel a background and a frame of its own, and let it follow the font."""
    widget.setProperty("role", "card")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    FontFollower(widget)


class ScaledLabel(QLabel):
    """A label whose font is the application's times a factor, also after that changes.

    `role`: "heading", "muted", "warning" or "" (plain text).
    """

    def __init__(
        self,
        text: str,
        parent: QWidget,
        role: str = "",
        scale: float = 1.0,
        bold: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("role", role)
        self._scale = scale
        self._bold = bold
        self.follow_font()

    def follow_font(self) -> None:
        """Take the application's font, scaled."""
        self.setFont(scaled_font(QApplication.font(), self._scale, self._bold))


def scaled_font(base: QFont, scale: float, bold: bool = False) -> QFont:
    """`base` times `scale`, with digits of one width, so that changing numbers stand still."""
    font = QFont(base)
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * scale)
    else:
        font.setPixelSize(max(1, round(base.pixelSize() * scale)))
    font.setBold(bold or base.bold())
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
