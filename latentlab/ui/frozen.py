"""Keeps off what needs weights or gradients, where a model is open that gives neither."""

from typing import cast

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QMouseEvent, QShortcut
from PySide6.QtWidgets import QTabBar, QWidget

from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.training.frozen_words import (
    NOT_COMPARED,
    NOT_IMPROVED,
    NOT_PULLED,
    NOT_SAVED,
    NOT_TRAINED,
)
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.workspaces import TITLES, Workspaces

# By object name: widgets, and actions of the menus.
WIDGETS = {
    NOT_TRAINED: (
        "trainButton", "stepButton", "slowMotionButton", "epochButton", "longRunButton",
        "resetButton", "reconstructionToggle", "klToggle", "betaSlider", "betaValue",
        "learningRate", "batchSize", "deviceChoice", "precisionChoice", "historyBranch",
        "historyBranches", "regime_reconstruction", "regime_kl", "regime_both",
    ),
    NOT_PULLED: ("forcesToggle",),
    NOT_IMPROVED: ("improveButton", "improveReset"),
}  # fmt: skip
ACTIONS = {
    NOT_TRAINED: (
        "train", "step", "slow", "epoch", "longRun", "branches", "reset", "scratch",
        "reconstruction", "kl", "regime1", "regime2", "regime3",
    ),
    NOT_SAVED: (
        "save", "saveAs", "saveSession", "exportPython", "exportOnnx", "copyPython", "copyPath",
    ),
    NOT_PULLED: ("forces",),
    NOT_IMPROVED: ("improve", "resetQ"),
    NOT_COMPARED: ("compare",),
}  # fmt: skip
_COMPARE = list(TITLES.values()).index("compare")


class Frozen(QObject):
    """While an ONNX model is open these controls are off. Their tooltips say why, and so does the
    message bar, once, where one is clicked or its shortcut pressed all the same.

    Others, who know nothing of it, may switch them on meanwhile: that counts afterwards.
    """

    def __init__(
        self, window: MainWindow, *, store: Store, controller: Controller, workspaces: Workspaces
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._workspaces = workspaces
        self._frozen = False
        self._off: dict[QObject, tuple[str, str]] = {}  # why, and the tooltip of before
        self._wanted: dict[QObject, bool] = {}  # whether others want it on
        self._shortcuts: list[QShortcut] = []
        self._tabs = cast(QTabBar, window.findChild(QTabBar, "workspaceTabs"))
        controller.opened.connect(self._opened)
        store.changed.connect(self._state_changed)

    def _opened(self, opened: Opened) -> None:
        frozen = opened.onnx is not None
        if frozen:
            self._window.run_bar.set_slow_motion(False)
            self._store.set_quietly(forces_on=False)
            if self._store.state.workspace == "compare":
                self._workspaces.choose("explore")
        if frozen == self._frozen:
            return
        self._frozen = frozen
        self._window.curves.set_trains(not frozen)
        self._window.loss_panel.set_trains(not frozen)
        if frozen:
            self._freeze()
        else:
            self._thaw()

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if self._frozen and "workspace" in names:
            self._freeze()  # some of a workspace's widgets are made when it is first shown

    def _freeze(self) -> None:
        for why, names in WIDGETS.items():
            for name in names:
                widget = self._window.findChild(QWidget, name)
                if widget is not None and widget not in self._off:
                    widget.installEventFilter(self)
                    self._switch_off(widget, why)
        for why, names in ACTIONS.items():
            for name in names:
                action = self._window.findChild(QAction, f"{name}Action")
                if action is not None and action not in self._off:
                    self._switch_off(action, why)
                    action.enabledChanged.connect(self._action_changed)
                    self._answer_keys(action, why)
        self._tabs.setTabEnabled(_COMPARE, False)
        self._tabs.setTabToolTip(_COMPARE, NOT_COMPARED)
        self._tabs.installEventFilter(self)

    def _thaw(self) -> None:
        off, self._off = self._off, {}
        for thing, (_, tip) in off.items():
            if isinstance(thing, QAction):
                thing.enabledChanged.disconnect(self._action_changed)
            else:
                thing.removeEventFilter(self)
            _set(thing, self._wanted[thing], tip)
        for shortcut in self._shortcuts:
            shortcut.deleteLater()
        self._shortcuts.clear()
        self._tabs.removeEventFilter(self)
        self._tabs.setTabEnabled(_COMPARE, True)
        self._tabs.setTabToolTip(_COMPARE, "")
        self._workspaces.changed.emit(self._workspaces.front)  # what is of one alone
        bar = self._window.message_bar
        if bar.text in WIDGETS or bar.text in ACTIONS:
            bar.clear()  # it is so no more

    def _switch_off(self, thing: QObject, why: str) -> None:
        control = cast(QWidget | QAction, thing)
        self._wanted[thing] = control.isEnabled()
        self._off[thing] = why, control.toolTip()
        _set(thing, False, why)

    def _answer_keys(self, action: QAction, why: str) -> None:
        """A shortcut of an action that is off does nothing, and would not say why."""
        for key in action.shortcuts():
            shortcut = QShortcut(key, self._window)
            shortcut.activated.connect(lambda: self._window.message_bar.info(why))
            self._shortcuts.append(shortcut)

    def _action_changed(self, on: bool) -> None:
        action = self.sender()
        if on and action in self._off:
            self._wanted[action] = True
            _set(action, False, self._off[action][0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep it off, and say why where it is clicked."""
        kind = event.type()
        if watched is self._tabs:
            if kind == QEvent.Type.MouseButtonPress:
                at = cast(QMouseEvent, event).position().toPoint()
                if self._tabs.tabAt(at) == _COMPARE:
                    self._window.message_bar.info(NOT_COMPARED)
        elif watched in self._off:
            widget, (why, _) = cast(QWidget, watched), self._off[watched]
            if kind == QEvent.Type.EnabledChange and widget.isEnabled():
                self._wanted[watched] = True
                widget.setEnabled(False)
            elif kind == QEvent.Type.ToolTipChange and widget.toolTip() != why:
                self._off[watched] = why, widget.toolTip()
                widget.setToolTip(why)
            elif kind == QEvent.Type.MouseButtonPress:
                self._window.message_bar.info(why)
                return True
        return super().eventFilter(watched, event)


def _set(thing: QObject, on: bool, tip: str) -> None:
    control = cast(QWidget | QAction, thing)
    control.setEnabled(on)
    control.setToolTip(tip)
