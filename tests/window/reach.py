"""What in a window cannot be reached, read or understood. Also run in a process of its own."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMenuBar,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSlider, QAbstractSpinBox)
# A pixel of rounding is not seen.
_SLACK = 1
_LONGEST_TIP = 160  # characters, about 1,000 pixels


def name_of(widget: QWidget) -> str:
    own = widget.objectName() or (widget.text() if isinstance(widget, QLabel) else "")
    parents = []
    parent = widget.parentWidget()
    while parent is not None and len(parents) < 2:
        if parent.objectName():
            parents.append(parent.objectName())
        parent = parent.parentWidget()
    return f"{'/'.join(reversed(parents))}/{type(widget).__name__} {own!r}"


def controls(window: QWidget) -> list[QWidget]:
    """All controls that are ours, not parts that Qt makes for another widget."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not _made_by_qt(widget)
    ]


def _made_by_qt(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    if isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
        return True
    if isinstance(parent, QAbstractSpinBox | QComboBox | QTabBar | QMenuBar | QMenu):
        return True
    # The lists and the line of a combo box or a dialog of Qt's own lie deeper.
    return any(type(p).__name__ in {"QFileDialog", "QMessageBox"} for p in _ancestors(widget))


def _ancestors(widget: QWidget) -> list[QWidget]:
    found = []
    parent = widget.parentWidget()
    while parent is not None:
        found.append(parent)
        parent = parent.parentWidget()
    return found


def unexplained(window: QWidget) -> list[str]:
    """Controls without a tooltip, an object name or an accessible name."""
    found = []
    for widget in controls(window):
        # A dialog's standard buttons say what they do.
        if any(isinstance(p, QDialog) for p in _ancestors(widget)) and not widget.objectName():
            continue
        for what, text in (
            ("tooltip", widget.toolTip()),
            ("object name", widget.objectName()),
            ("accessible name", widget.accessibleName()),
        ):
            if not text:
                found.append(f"{name_of(widget)} has no {what}")
    return found


def overlong(window: QWidget) -> list[str]:
    """Tooltips that a laptop's screen cuts: Qt breaks lines in rich text alone."""
    return [
        f"{name_of(widget)} has a tooltip in one line of {longest} characters"
        for widget in window.findChildren(QWidget)
        if "<" not in widget.toolTip()
        and (longest := max(map(len, widget.toolTip().split("\n")))) > _LONGEST_TIP
    ]


def ambiguous(window: QWidget) -> list[str]:
    """Object names that two controls share."""
    names = [widget.objectName() for widget in controls(window)]
    return sorted({name for name in names if name and names.count(name) > 1})


def too_large(window: QMainWindow, width: int, height: int) -> list[str]:
    """Whether the window itself fits in so many pixels."""
    needed = window.minimumSizeHint().expandedTo(window.minimumSize())
    found = []
    if needed.width() > width or needed.height() > height:
        found.append(f"the window needs {needed.width()} × {needed.height()}")
    if window.width() > width or window.height() > height:
        found.append(f"the window is {window.width()} × {window.height()}")
    return found


def out_of_view(window: QWidget) -> list[str]:
    """Visible controls and labels that lie beyond an ancestor, where no scrolling brings them."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, (*CONTROLS, QLabel)):
            continue
        if _made_by_qt(widget) or isinstance(widget, QScrollBar):
            continue
        problem = _beyond(widget)
        if problem:
            found.append(f"{name_of(widget)} {problem}")
    return found


def _beyond(widget: QWidget) -> str:
    vertical = horizontal = True
    for ancestor in _ancestors(widget):
        rect = QRect(widget.mapTo(ancestor, QPoint(0, 0)), widget.size())
        room = ancestor.rect()
        if isinstance(ancestor, QAbstractScrollArea):
            continue
        area = ancestor.parentWidget()
        if isinstance(area, QScrollArea) and ancestor is area.viewport():
            # A column scrolls down only; what lies beyond its side is lost.
            sideways = area.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if not sideways and (rect.left() < -_SLACK or rect.right() > room.right() + _SLACK):
                return f"is wider than {area.objectName()}: {_span(rect)} of {room.width()}"
            vertical = False
            horizontal = horizontal and not sideways
            continue
        if horizontal and (rect.left() < -_SLACK or rect.right() > room.right() + _SLACK):
            return f"reaches beyond {name_of(ancestor)}: {_span(rect)} of {room.width()}"
        if vertical and (rect.top() < -_SLACK or rect.bottom() > room.bottom() + _SLACK):
            return (
                f"reaches beyond {name_of(ancestor)}: {rect.top()} to {rect.bottom()} down of "
                f"{room.height()}"
            )
    return ""


def _span(rect: QRect) -> str:
    return f"{rect.left()} to {rect.right()}"


def cut(window: QWidget) -> list[str]:
    """Visible labels and buttons with less room than their text needs."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or _made_by_qt(widget):
            continue
        if not isinstance(widget, QLabel | QAbstractButton | QComboBox | QAbstractSpinBox):
            continue
        if isinstance(widget, QLabel) and not widget.text():
            continue
        if isinstance(widget, QComboBox):
            # It may be narrower than its longest entry, but not than the one it shows.
            text = widget.fontMetrics().horizontalAdvance(widget.currentText())
            if widget.width() < text + 24:
                found.append(f"{name_of(widget)} shows {widget.currentText()!r} cut")
            continue
        needed, given = widget.sizeHint(), widget.size()
        if isinstance(widget, QLabel) and widget.wordWrap():
            height = widget.heightForWidth(given.width())
            if height > given.height() + _SLACK:
                found.append(f"{name_of(widget)} is {given.height()} high and needs {height}")
            continue
        if needed.width() > given.width() + _SLACK or needed.height() > given.height() + _SLACK:
            found.append(
                f"{name_of(widget)} is {given.width()} × {given.height()} and needs "
                f"{needed.width()} × {needed.height()}"
            )
    return found


def all_faults(window: QMainWindow, width: int, height: int) -> list[str]:
    """Everything above that depends on the size."""
    return [*too_large(window, width, height), *out_of_view(window), *cut(window)]
