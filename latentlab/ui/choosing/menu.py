"""The menu of what can be done with many points."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from latentlab.ui.commands import Menu, add_menu

_BEFORE = "&Infer"


class ClassMenu(QMenu):
    """The classes, each with a tick where all its images are chosen. It is filled when it opens.

    switched: a class, and whether it is to be chosen.
    """

    switched = Signal(int, bool)

    def __init__(
        self, parent: QMenu, classes: Callable[[], Sequence[tuple[str, int, bool]]]
    ) -> None:
        """classes: name, number of images and whether all are chosen, in the labels' order."""
        super().__init__("&Class", parent)
        self.setObjectName("classMenu")
        self._classes = classes
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._switch)

    def fill(self) -> None:
        """List the classes there are now."""
        self.clear()
        for label, (name, count, chosen) in enumerate(self._classes()):
            action = self.addAction(f"{name.replace('&', '&&')}  ({count:,})")
            action.setCheckable(True)
            action.setChecked(chosen)
            action.setEnabled(count > 0)
            action.setData(label)

    def _switch(self, action: QAction) -> None:
        self.switched.emit(action.data(), action.isChecked())


def add_points_menu(
    window: QMainWindow,
    entries: Menu,
    classes: Callable[[], Sequence[tuple[str, int, bool]]],
) -> tuple[dict[str, QAction], ClassMenu]:
    """Add the menu beside View; returns its actions by command name, and the list of classes."""
    menu, actions = add_menu(window, "&Points", entries)
    class_menu = ClassMenu(menu, classes)
    menu.insertMenu(actions["chooseAll"], class_menu)
    bar = window.menuBar()
    before = next(action for action in bar.actions() if action.text() == _BEFORE)
    bar.insertMenu(before, menu)
    return actions, class_menu
