"""Formulas, drawn from ready SVGs in the colours of the theme and the size of the font."""

import json
from functools import cache
from typing import Literal

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, QSizeF
from PySide6.QtGui import QFont, QFontInfo, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.paths import RESOURCES
from latentlab.ui.theme import LIGHT, Theme

_FOLDER = RESOURCES / "formulas"
# Pixels per em in the SVGs, as make_formulas.py draws them.
_EM = 20.0
# The formulas' letters stand smaller in their em than those of a screen font.
_SCALE = 1.08
# In a narrow column a formula shrinks to this part of its size before the column has to widen.
_SMALLEST = 0.7

FormulaRole = Literal["text", "muted", "reconstruction", "kl"]


@cache
def _words() -> dict[str, str]:
    result: dict[str, str] = json.loads((_FOLDER / "words.json").read_text(encoding="utf-8"))
    return result


def formula_names() -> frozenset[str]:
    """Of all formulas there are."""
    return frozenset(_words())


def formula_words(name: str) -> str:
    """The formula in words, for screen readers. Raises KeyError for one there is none of."""
    return _words()[name]


@cache
def formula_svg(name: str) -> str:
    """The formula in "currentColor", its baseline at y = 0, 20 pixels to the em."""
    return (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")


def formula_scale(font: QFont) -> float:
    """What the SVGs are scaled by to go with text of this font."""
    return QFontInfo(font).pixelSize() * _SCALE / _EM


class FormulaLabel(QWidget):
    """One formula of resources/formulas/, left-aligned, as vectors: crisp at any scaling.

    Its accessible name is the formula in words. Raises KeyError for a formula there is none of.
    """

    def __init__(
        self, name: str, role: FormulaRole = "text", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._role = role
        self._theme = LIGHT
        self._renderer = QSvgRenderer(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self._load()

    @property
    def formula(self) -> str:
        """The name of the formula shown."""
        return self._name

    def set_formula(self, name: str) -> None:
        """Show another formula."""
        if name != self._name:
            self._name = name
            self._load()

    def set_role(self, role: FormulaRole) -> None:
        """Draw in the colour of another role."""
        if role != self._role:
            self._role = role
            self._load()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colour for this formula's role."""
        self._theme = theme
        self._load()

    def sizeHint(self) -> QSize:
        """The formula at the size of the font."""
        return self._natural().toSize() + QSize(1, 1)

    def minimumSizeHint(self) -> QSize:
        """The formula as small as it may get."""
        return QSize(round(self._natural().width() * _SMALLEST), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the formula, smaller where it would not fit."""
        natural = self._natural()
        shrink = min(1.0, self.width() / natural.width(), self.height() / natural.height())
        size = natural * shrink
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        top = (self.height() - size.height()) / 2
        self._renderer.render(painter, QRectF(0, top, size.width(), size.height()))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.EnabledChange):
            self.updateGeometry()
            self.update()

    def _natural(self) -> QSizeF:
        return self._renderer.viewBoxF().size() * formula_scale(self.font())

    def _load(self) -> None:
        self.setAccessibleName(formula_words(self._name))
        colour: str = getattr(self._theme, self._role)
        source = formula_svg(self._name).replace("currentColor", colour)
        self._renderer.load(QByteArray(source.encode()))
        self.updateGeometry()
        self.update()
