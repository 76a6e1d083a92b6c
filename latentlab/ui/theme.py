"""Colours, light and dark. Reconstruction is blue, KL orange, the prior grey, everywhere."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb. `classes` holds ten hues for points; more classes go round again.

    more, less: than nothing, the ends of a diverging heat map; heat: the high end of any other.
    """

    name: str
    window: str
    panel: str
    plane: str
    text: str
    muted: str
    line: str
    accent: str
    reconstruction: str
    kl: str
    prior: str
    objective: str
    warning: str
    more: str
    less: str
    heat: str
    classes: tuple[str, ...]

    def class_colour(self, index: int) -> str:
        """The colour of class `index`."""
        return self.classes[index % len(self.classes)]


@runtime_checkable
class Themed(Protocol):
    """What has colours of the theme."""

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""


LIGHT = Theme(
    name="light",
    window="#f3f4f6",
    panel="#ffffff",
    plane="#ffffff",
    text="#1b1f24",
    muted="#5d6773",
    line="#d5dae0",
    accent="#0a7d6c",
    reconstruction="#1f6fd6",
    kl="#d9660b",
    prior="#7b8591",
    objective="#1b1f24",
    warning="#b3261e",
    more="#00796b",
    less="#6a3d9a",
    heat="#4a2c8f",
    classes=(
        "#e6194b", "#2b7de9", "#179848", "#b8860b", "#8e3fc9",
        "#0f9aa8", "#d6489f", "#6b7a1f", "#8b5a2b", "#4b5bb5",
    ),
)  # fmt: skip

DARK = Theme(
    name="dark",
    window="#15181c",
    panel="#1d2126",
    plane="#121518",
    text="#e8ebee",
    muted="#9aa5b1",
    line="#343b43",
    accent="#37c2ab",
    reconstruction="#5aa2ff",
    kl="#ff9a4a",
    prior="#8d98a5",
    objective="#e8ebee",
    warning="#ff8a80",
    more="#37c2ab",
    less="#b08ae6",
    heat="#b39dff",
    classes=(
        "#ff5c7a", "#58a6ff", "#4ccb7d", "#e5c04b", "#bb86fc",
        "#3fd0d8", "#ff8ad1", "#b5c65a", "#d39a6a", "#8f9dff",
    ),
)  # fmt: skip

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def desktop_theme() -> Theme:
    """The theme the desktop asks for."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def theme_named(name: str) -> Theme:
    """The theme of this name, or, where there is none, the one the desktop asks for."""
    return THEMES.get(name) or desktop_theme()


def palette(theme: Theme) -> QPalette:
    """The theme as a Qt palette."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.panel,
        roles.AlternateBase: theme.window,
        roles.Text: theme.text,
        roles.Button: theme.panel,
        roles.ButtonText: theme.text,
        roles.ToolTipBase: theme.panel,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.panel,
        roles.Link: theme.accent,
        roles.Accent: theme.accent,
        roles.Mid: theme.line,
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return result


def mix(first: str, second: str, part: float) -> str:
    """The colour "#rrggbb" that is `part` (0 to 1) of the way from `first` to `second`."""
    a, b = QColor(first), QColor(second)
    return QColor.fromRgbF(
        (1 - part) * a.redF() + part * b.redF(),
        (1 - part) * a.greenF() + part * b.greenF(),
        (1 - part) * a.blueF() + part * b.blueF(),
    ).name()
