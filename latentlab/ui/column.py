"""Panels one below another, which scroll where there is too little room."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

_GAP = 8
_LOWEST = 120


class Column(QScrollArea):
    """Panels one below another. It scrolls down, and is never too narrow for its panels."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget(self)
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_GAP)
        self.setWidget(content)

    def hold(self, *panels: QWidget, stretched: QWidget | None = None) -> None:
        """Take these, from the top down. stretched: takes what room it can of what is left.

        Once, when the column is where it will be: panels that move are styled anew.
        """
        for panel in panels:
            self._layout.addWidget(panel, 1 if panel is stretched else 0)
        self._layout.addStretch(1 if stretched is None else 0)

    def show_top(self) -> None:
        """Scroll to the first panel."""
        self.verticalScrollBar().setValue(0)

    def insert(self, panel: QWidget, before: QWidget) -> None:
        """Another panel, above one that is there."""
        self._layout.insertWidget(self._layout.indexOf(before), panel)

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest panel, with room for the scroll bar."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._layout.minimumSize().width() + bar, _LOWEST)
