"""The classes by colour and name: hovering one previews it alone, a click keeps it so."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QIcon,
    QMouseEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolButton, QWidget

from latentlab.ui.plane.areas import Style
from latentlab.ui.plane.ellipses import class_colour
from latentlab.ui.plane.labels import MOST_NAMES, shortened
from latentlab.ui.plane.lasso import how_to_gather

_GAP = 2


class LegendEntry(QToolButton):
    """One class. Pressed down while its class is the only one shown in full colour.

    pointed: its index while the pointer is over it, then −1. switched: its index, and whether the
    user pressed it down. `modifiers`: the keys that were held at the last click.
    """

    pointed = Signal(int)
    switched = Signal(int, bool)

    def __init__(self, index: int, name: str, parent: QWidget, prefix: str) -> None:
        super().__init__(parent)
        self.index = index
        self.modifiers = Qt.KeyboardModifier.NoModifier
        self.setObjectName(f"{prefix}Class{index}")
        self.setText(shortened(name))
        self.setAccessibleName(f"Class {name}")
        self.setToolTip(
            f"Show class {name} alone: click to keep, again to show all. A point is the mean μ of "
            "q(z|x) for one image."
        )
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setCheckable(True)
        self.setProperty("role", "flat")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._say)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Preview this class."""
        super().enterEvent(event)
        self.pointed.emit(self.index)

    def leaveEvent(self, event: QEvent) -> None:
        """End the preview."""
        super().leaveEvent(event)
        self.pointed.emit(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, perhaps with a modifier."""
        self.modifiers = event.modifiers()
        super().mouseReleaseEvent(event)
        self.modifiers = Qt.KeyboardModifier.NoModifier

    def _say(self, checked: bool) -> None:
        self.switched.emit(self.index, checked)


class Legend(QWidget):
    """A row of classes that wraps. Signals carry a class index, −1 for none.

    previewed: the pointer is over a class, or has left. chosen: the user isolated a class or showed
    all again. gathered: the user pointed at the images of a class, with Ctrl or while `gathers`,
    where it is `gatherable`; and how (a Gather). Of many classes the first MOST_NAMES have entries.
    """

    previewed = Signal(int)
    chosen = Signal(int)
    gathered = Signal(int, str)

    def __init__(self, parent: QWidget, name: str = "legend") -> None:
        """name: what its entries' names begin with."""
        super().__init__(parent)
        self._name = name
        self.setObjectName(f"{name}Classes")
        self.setAccessibleName("Classes")
        self._entries: list[LegendEntry] = []
        self._coloured = True
        self._isolated: int | None = None
        self.gatherable = self.gathers = False

    def set_classes(self, names: tuple[str, ...], style: Style) -> None:
        """One entry for each name."""
        for entry in self._entries:
            entry.hide()
            entry.deleteLater()
        self._entries = [
            LegendEntry(index, name, self, self._name)
            for index, name in enumerate(names[:MOST_NAMES])
        ]
        for entry in self._entries:
            entry.pointed.connect(self.previewed)
            entry.switched.connect(self._switched)
            if self.gatherable:
                entry.setToolTip(f"{entry.toolTip()} Ctrl and click: choose its points.")
            entry.show()
        self.set_style(style)

    def set_style(self, style: Style) -> None:
        """Colours and sizes."""
        font = QFont(style.text)
        side = round(10 * style.scale)
        for entry in self._entries:
            entry.setFont(font)
            entry.setIconSize(QSize(side, side))
            name = self._colour(style, entry.index)
            entry.setIcon(_disc(name, side, self.devicePixelRatioF()))
        self.arrange(self.width())

    def set_coloured(self, coloured: bool, style: Style) -> None:
        """Whether the points have their classes' colours."""
        self._coloured = coloured
        self.set_style(style)

    def set_isolated(self, index: int | None) -> None:
        """Show which class is kept alone."""
        self._isolated = index
        for entry in self._entries:
            entry.setChecked(entry.index == index)

    def arrange(self, width: int) -> int:
        """Place the entries in rows of at most `width` pixels; returns the height they need."""
        x = y = row = 0
        for entry in self._entries:
            size = entry.sizeHint()
            if x and x + size.width() > width:
                x, y, row = 0, y + row, 0
            entry.setGeometry(x, y, size.width(), size.height())
            x, row = x + size.width() + _GAP, max(row, size.height())
        return y + row

    def paint(self, painter: QPainter, style: Style) -> None:
        """Paint the entries where they stand in the parent, for a picture in a file."""
        painter.setFont(style.text)
        side = 10 * style.scale
        for entry in self._entries:
            box = QRectF(entry.geometry().translated(self.pos()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._colour(style, entry.index)))
            middle = QPointF(box.left() + side, box.center().y())
            painter.drawEllipse(middle, side / 2 - 1, side / 2 - 1)
            painter.setPen(QColor(style.theme.text))
            words = box.adjusted(2 * side, 0, side, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, entry.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.arrange(event.size().width())

    def _colour(self, style: Style, index: int) -> str:
        return class_colour(style, index if self._coloured else -1)

    def _switched(self, index: int, on: bool) -> None:
        modifiers = self._entries[index].modifiers
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if self.gatherable and (self.gathers or control):
            self.set_isolated(self._isolated)
            self.gathered.emit(index, how_to_gather(modifiers))
            return
        self.set_isolated(index if on else None)
        self.chosen.emit(index if on else -1)


def _disc(name: str, side: int, ratio: float) -> QIcon:
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(name))
        painter.drawEllipse(QPointF(side / 2, side / 2), side / 2 - 1, side / 2 - 1)
    return QIcon(pixmap)
