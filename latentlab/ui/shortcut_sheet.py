"""A sheet over the window that lists the keys."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import LIGHT, Theme

Shortcut = tuple[str, str, str]


class ShortcutSheet(QWidget):
    """Covers its parent while open. A click anywhere, Esc or ? closes it."""

    def __init__(self, parent: QWidget, shortcuts: Sequence[Shortcut] = ()) -> None:
        super().__init__(parent)
        self._covered = parent
        self.setObjectName("shortcutSheet")
        self.setAccessibleName("Keyboard shortcuts")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = LIGHT
        self._before: QWidget | None = None
        self._card = QScrollArea(self)
        self._card.setObjectName("shortcutCard")
        self._card.setWidgetResizable(True)
        self._card.setFrameShape(QFrame.Shape.NoFrame)
        self._card.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._shortcuts = shortcuts
        self._content: QWidget | None = None
        parent.installEventFilter(self)
        self.set_theme(LIGHT)
        self.hide()

    def set_shortcuts(self, shortcuts: Sequence[Shortcut]) -> None:
        """List these, each (group, keys, what they do), in their order, when it is next opened."""
        self._shortcuts = shortcuts
        self._content = None

    def _list(self) -> QWidget:
        content = QWidget(self)
        content.setObjectName("shortcutContent")
        outer = QVBoxLayout(content)
        outer.setContentsMargins(26, 20, 26, 18)
        outer.setSpacing(12)
        top = QHBoxLayout()
        top.addWidget(ScaledLabel("Keyboard shortcuts", content, "", 1.3, bold=True))
        top.addStretch(1)
        # Where it is seen without scrolling.
        top.addWidget(ScaledLabel("Esc or a click closes this sheet", content, "muted", 0.9))
        outer.addLayout(top)
        columns = QHBoxLayout()
        columns.setSpacing(36)
        groups = [
            (group, list(rows))
            for group, rows in groupby(self._shortcuts, key=lambda item: item[0])
        ]
        for part in _halves(groups):
            column = QVBoxLayout()
            column.setSpacing(14)
            for group, rows in part:
                column.addLayout(self._group(group, rows, content))
            column.addStretch(1)
            columns.addLayout(column, 1)
        outer.addLayout(columns, 1)
        self._card.setWidget(content)
        return content

    def open(self) -> None:
        """Cover the parent and take the focus; closing gives the focus back."""
        if self._content is None:
            self._content = self._list()
        self._before = self.window().focusWidget()
        self.show()
        self.raise_()
        self._place()
        self.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the parent at its new size."""
        if event.type() == QEvent.Type.Resize and watched is self._covered:
            self._place()
        return super().eventFilter(watched, event)

    def follow_font(self) -> None:
        """Make the card large enough for the application's font."""
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and ? close; nothing else reaches what is covered."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Question):
            self._close()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click closes."""
        event.accept()
        self._close()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim what is covered."""
        shade = QColor(self._theme.plane if self._theme.name == "dark" else self._theme.text)
        shade.setAlphaF(0.55 if self._theme.name == "dark" else 0.35)
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade)
        painter.end()

    def _group(self, group: str, rows: Sequence[Shortcut], content: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        grid.addWidget(ScaledLabel(group, content, "heading", 1.0, bold=True), 0, 0, 1, 2)
        for row, (_, keys, what) in enumerate(rows, start=1):
            key = ScaledLabel(keys, content, "key", 0.95)
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(ScaledLabel(what, content), row, 1)
        return grid

    def _place(self) -> None:
        if self._content is None:
            return
        area = self._covered.rect()
        self.setGeometry(area)
        for label in self._content.findChildren(ScaledLabel):
            # Sizes are right only once the style sheet is applied.
            label.ensurePolished()
        wanted = self._content.sizeHint()
        width = min(wanted.width() + 16, area.width() - 40)
        height = min(wanted.height() + 4, area.height() - 40)
        self._card.setGeometry(
            (area.width() - width) // 2, (area.height() - height) // 2, width, height
        )

    def _close(self) -> None:
        self.hide()
        if self._before is not None:
            self._before.setFocus()
        self._before = None


def _halves(
    groups: list[tuple[str, list[Shortcut]]],
) -> list[list[tuple[str, list[Shortcut]]]]:
    """The groups in two columns of about the same length."""
    total = sum(len(rows) + 2 for _, rows in groups)
    first: list[tuple[str, list[Shortcut]]] = []
    used = 0
    while groups and used < total / 2:
        first.append(groups[0])
        used += len(groups[0][1]) + 2
        groups = groups[1:]
    return [part for part in (first, groups) if part]
