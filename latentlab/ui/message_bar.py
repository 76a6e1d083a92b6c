"""A bar above the work for one sentence: what happened, what is wrong, or an offer."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from latentlab.ui.icons import icon, icon_in
from latentlab.ui.panel_style import named
from latentlab.ui.theme import LIGHT, Theme, mix

MessageKind = Literal["info", "warning", "error", "offer"]
_ICONS = {"info": "info", "warning": "warning", "error": "warning", "offer": "info"}


class MessageBar(QWidget):
    """Hidden while there is nothing to say; the newest message replaces the one before.

    `actionChosen` says the key of an offer's button; the bar is closed by then.
    """

    actionChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = LIGHT
        self._kind: MessageKind = "info"
        self._keys: dict[QPushButton, str] = {}
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setObjectName("messageText")
        self._text.setWordWrap(True)
        # A long name in a file must not widen the window.
        self._text.setMinimumWidth(1)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = named(
            QToolButton(self), "messageClose", "Close the message", "Close the message (Esc)"
        )
        self._close.setProperty("role", "flat")
        self._close.clicked.connect(self.hide)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 5, 6, 5)
        self._row.setSpacing(8)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        self.set_theme(LIGHT)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, or "" when the bar is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def kind(self) -> MessageKind:
        """The kind of the message shown last."""
        return self._kind

    def info(self, text: str) -> None:
        """Say what happened."""
        self._say("info", text, ())

    def warning(self, text: str) -> None:
        """Say what the user should know."""
        self._say("warning", text, ())

    def error(self, text: str) -> None:
        """Say what could not be done."""
        self._say("error", text, ())

    def offer(self, text: str, actions: Sequence[tuple[str, str]]) -> None:
        """Offer actions, each (label, key)."""
        self._say("offer", text, actions)

    def clear(self) -> None:
        """Hide the bar. Emits nothing."""
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._close.setIcon(icon("close", theme))
        self._show_kind()

    def follow_font(self) -> None:
        """Draw the icon as high as the text."""
        self._show_kind()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes, while the focus is in the bar."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _say(self, kind: MessageKind, text: str, actions: Sequence[tuple[str, str]]) -> None:
        self._kind = kind
        self._text.setText(text)
        self._text.setAccessibleName(text)
        for button in self._keys:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._keys = {}
        for index, (label, key) in enumerate(actions):
            button = named(QPushButton(label, self), f"messageAction_{key}", label, label)
            if index == 0:
                button.setProperty("role", "primary")
            button.clicked.connect(self._choose)
            self._row.insertWidget(self._row.count() - 1, button)
            self._keys[button] = key
        self._show_kind()
        self.show()

    def _show_kind(self) -> None:
        theme = self._theme
        colour = {"warning": theme.kl, "error": theme.warning}.get(self._kind, theme.accent)
        ground = mix(theme.panel, colour, 0.13)
        size = self.fontMetrics().height() + 3
        drawn = icon_in(_ICONS[self._kind], colour, colour)
        self._icon.setPixmap(drawn.pixmap(QSize(size, size), self.devicePixelRatioF()))
        self.ensurePolished()
        self.setStyleSheet(
            f"#messageBar {{ background: {ground};"
            f" border: 1px solid {mix(theme.panel, colour, 0.5)}; border-radius: 8px; }}"
            f"\nQLabel {{ color: {theme.text}; }}"
        )

    def _choose(self) -> None:
        key = next(key for button, key in self._keys.items() if button is self.sender())
        self.hide()
        self.actionChosen.emit(key)
