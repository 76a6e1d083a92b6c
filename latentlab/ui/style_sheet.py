"""The application's style sheet: one for all, so that each widget is polished once.

It sets no fonts: those follow the application's. What is of one widget alone stands with it.
"""

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from latentlab.paths import RESOURCES
from latentlab.ui.theme import Theme, mix, palette

_ICONS = (RESOURCES / "icons").as_posix()

_SHEET = """
QScrollBar:vertical {{ width: 9px; }}
QScrollBar:horizontal {{ height: 9px; }}
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar::handle {{ background: {line}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QWidget[role="card"] {{ background: {panel}; border: 1px solid {line}; border-radius: 10px; }}
QLabel[role="heading"] {{ color: {muted}; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="warning"] {{ color: {warning}; }}
QLabel[role="reconstruction"] {{ color: {reconstruction}; }}
QLabel[role="kl"] {{ color: {kl}; }}
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
QComboBox::down-arrow {{ image: url("{icons}/chevron-grey.svg"); width: 14px; height: 14px; }}
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
QToolButton::menu-arrow {{ image: url("{icons}/chevron-grey.svg"); width: 14px; height: 14px; }}
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
QTabBar::tab:disabled {{ color: {line}; }}
QTabBar::tab:focus {{ background: {soft}; }}
QSpinBox {{ border: 1px solid {line}; border-radius: 6px; padding: 3px 2px 3px 6px; }}
QSpinBox:hover, QSpinBox:focus {{ border-color: {accent}; }}
QSpinBox QLineEdit {{ border: none; padding: 0; background: transparent; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; width: 16px; }}
QSpinBox::up-arrow {{ image: url("{icons}/chevron-up-grey.svg"); width: 11px; height: 11px; }}
QSpinBox::down-arrow {{ image: url("{icons}/chevron-grey.svg"); width: 11px; height: 11px; }}
#curveReading {{ background: {window}; border: 1px solid {line}; border-radius: 6px;
    padding: 4px 6px; color: {text}; }}
#learnContents {{ background: transparent; border: none; outline: none; color: {text}; }}
#learnContents::item {{ padding: 5px 6px; border-radius: 6px; color: {text}; }}
#learnContents::item:hover {{ background: {window}; }}
#learnContents::item:selected {{ background: {soft}; color: {text}; }}
#shortcutCard {{ background: {panel}; border: 1px solid {line}; border-radius: 12px; }}
#shortcutContent {{ background: transparent; }}
QLabel[role="key"] {{ background: {key}; border: 1px solid {line}; border-radius: 5px;
    padding: 1px 7px; color: {text}; }}
"""


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application this theme."""
    sheet = _SHEET.format(
        window=theme.window,
        panel=theme.panel,
        line=theme.line,
        text=theme.text,
        muted=theme.muted,
        warning=theme.warning,
        reconstruction=theme.reconstruction,
        kl=theme.kl,
        accent=theme.accent,
        accent_hover=mix(theme.accent, theme.text, 0.15),
        on_accent=theme.panel,
        soft=mix(theme.panel, theme.accent, 0.16),
        field=mix(theme.panel, theme.window, 0.55),
        key=mix(theme.panel, theme.window, 0.8),
        icons=_ICONS,
    )
    if app.styleSheet() == sheet and app.palette().window().color() == QColor(theme.window):
        return  # Qt would polish every widget once more
    app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setStyleSheet(sheet)
