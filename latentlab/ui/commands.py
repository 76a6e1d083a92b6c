"""Every command of the menus: its name, its keys, what it does. The shortcut sheet reads it too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu


@dataclass(frozen=True)
class MenuCommand:
    """One entry. `keys` are alternatives, in Qt's portable notation; `checked` None: no switch.

    A switch calls `act` with its new state, any other entry with nothing.
    """

    name: str
    text: str
    act: Callable[..., object]
    keys: Sequence[str] = ()
    tip: str = ""
    checked: bool | None = None


SEPARATOR = None
Menu = Sequence[MenuCommand | None]


def add_menu(window: QMainWindow, title: str, entries: Menu) -> tuple[QMenu, dict[str, QAction]]:
    """Add a menu to the window's menu bar; returns it and its actions by command name."""
    menu = window.menuBar().addMenu(title)
    menu.setToolTipsVisible(True)
    actions: dict[str, QAction] = {}
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        action = QAction(entry.text, window)
        action.setObjectName(f"{entry.name}Action")
        action.setShortcuts([QKeySequence(key) for key in entry.keys])
        if entry.tip:
            action.setToolTip(entry.tip)
        if entry.checked is None:
            action.triggered.connect(_without_state(entry.act))
        else:
            action.setCheckable(True)
            action.setChecked(entry.checked)
            action.triggered.connect(entry.act)
        menu.addAction(action)
        actions[entry.name] = action
    return menu, actions


def _without_state(act: Callable[..., object]) -> Callable[[bool], None]:
    """Qt hands every triggered action its checked state; most have none."""

    def call(_checked: bool = False) -> None:
        act()

    return call
