"""The top bar: train, pause and step, how far the run is, and the workspaces."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QTabBar,
    QToolButton,
    QWidget,
)

from latentlab.ui.icons import icon, icon_in
from latentlab.ui.panel_style import ScaledLabel, named
from latentlab.ui.theme import LIGHT, Theme

_NOT_READY = "The training engine is still starting"
_TRAIN = "Train: take optimiser steps until paused (T)"
_GO_ON = "Train: go on with the long run (T)"
_PAUSE = "Pause after the step under way (T)"
_LOADED = "Back to loaded: weights, optimiser and curves as they were opened (R)"
_SCRATCH = "Start from scratch: new random weights from the seed (Shift+R)"
# Each read-out has room for this from the start and never gives room back, so nothing jitters.
_WIDEST = ("epoch 999.9", "step 999,999", "99,999 img/s")


class RunBar(QWidget):
    """Buttons for the run, its read-outs, and the workspace tabs. Shortcuts are the window's."""

    trainToggled = Signal(bool)
    stepWanted = Signal()
    epochWanted = Signal()
    slowMotionSwitched = Signal(bool)  # whether Step is to be slow
    longRunWanted = Signal(bool)  # whether its panel is to be open
    resetWanted = Signal()
    scratchWanted = Signal()
    workspaceChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runBar")
        self._theme = LIGHT
        self._running = False
        self._ready = True
        self._loaded = True
        self._planned = False
        self._workspaces: tuple[str, ...] = ()
        self._train = QPushButton(self)
        self._train.setObjectName("trainButton")
        self._train.setProperty("role", "primary")
        self._step = self._button("stepButton", "Step", "Take one optimiser step (.)")
        self._slow = self._button(
            "slowMotionButton", "", "Slow motion: Step is shown stage by stage (W)"
        )
        self._slow.setAccessibleName("Slow motion")
        self._slow.setCheckable(True)
        self._slow.setProperty("role", "flat")
        self._epoch = self._button("epochButton", "Epoch", "Train to the end of this epoch (E)")
        self._long = self._button(
            "longRunButton",
            "Long run",
            "Train for so many epochs by a schedule, and keep the best weights (Shift+T)",
        )
        self._long.setCheckable(True)
        self._worded = (self._step, self._epoch, self._long)
        self._reset = QToolButton(self)
        self._reset.setObjectName("resetButton")
        self._reset.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._scratch_action = QAction("Start from scratch\tShift+R", self)
        self._menu = QMenu(self)
        self._menu.addAction(self._scratch_action)
        self._tips = {self._step: self._step.toolTip(), self._epoch: self._epoch.toolTip()}
        self._figures = [ScaledLabel("", self, "muted") for _ in _WIDEST]
        for label, name in zip(self._figures, ("epoch", "step", "speed"), strict=True):
            label.setObjectName(f"{name}Figure")
        self._tabs = QTabBar(self)
        self._tabs.setObjectName("workspaceTabs")
        self._tabs.setAccessibleName("Workspace")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._lay_out()
        self._train.clicked.connect(self._toggle)
        self._step.clicked.connect(self.stepWanted)
        self._slow.clicked.connect(self.slowMotionSwitched)
        self._epoch.clicked.connect(self.epochWanted)
        self._long.clicked.connect(self.longRunWanted)
        self._reset.clicked.connect(self._want_reset)
        self._scratch_action.triggered.connect(self.scratchWanted)
        self._tabs.currentChanged.connect(self._choose_workspace)
        self._show_reset()
        self.show_run(False, 0.0, 0, 0.0)
        self.follow_font()
        self.set_theme(LIGHT)

    def show_run(self, running: bool, epoch: float, step: int, images_per_second: float) -> None:
        """Show whether it trains, and how far it is. No speed is shown while paused."""
        texts = (
            f"epoch {epoch:.1f}",
            f"step {step:,}",
            f"{images_per_second:,.0f} img/s" if running else "paused",
        )
        for label, text in zip(self._figures, texts, strict=True):
            label.setText(text)
            label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))
        if running != self._running:
            self._running = running
            self._show_train()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is too little room for words, icons do: every tab stays in view."""
        super().resizeEvent(event)
        self._abbreviate()

    def _abbreviate(self) -> None:
        """With words, if they have room; without the speed, which others say too, if they must."""
        speed = self._figures[-1]
        before = [button.text() for button in self._worded], speed.isHidden()
        for button in self._worded:
            button.setText(button.accessibleName())
        speed.show()
        if self.sizeHint().width() > self.width():
            for button in self._worded:
                button.setText("")
        if self.sizeHint().width() > self.width():
            speed.hide()
        if before != ([button.text() for button in self._worded], speed.isHidden()):
            self.updateGeometry()

    def click_slow_motion(self) -> None:
        """Switch slow motion, as the button does."""
        if self._slow.isVisible():
            self._slow.click()

    def set_slow_motion(self, on: bool) -> None:
        """Show whether Step is slow."""
        self._slow.setChecked(on)

    def show_long_run(self, under_way: bool) -> None:
        """Say whether Train goes on with a long run."""
        if under_way != self._planned:
            self._planned = under_way
            self._show_train()

    def click_long_run(self) -> None:
        """Open the long run's panel, or close it, as the button does."""
        self._long.click()

    def set_long_run_open(self, is_open: bool) -> None:
        """Show whether the long run's panel is open."""
        self._long.setChecked(is_open)

    def set_ready(self, ready: bool) -> None:
        """Enable the controls, or disable them with the reason as their tooltip."""
        self._ready = ready
        for button, tip in self._tips.items():
            button.setToolTip(tip if ready else _NOT_READY)
        for widget in (self._train, self._step, self._epoch, self._reset):
            widget.setEnabled(ready)
        self._show_train()
        self._show_reset()

    def set_reset_means(self, loaded: bool) -> None:
        """Whether the reset button goes back to a loaded model; if not, it starts from scratch."""
        if loaded != self._loaded:
            self._loaded = loaded
            self._show_reset()

    def _show_reset(self) -> None:
        loaded = self._loaded
        text = "Back to loaded" if loaded else "Start from scratch"
        self._reset.setText(text)
        self._reset.setAccessibleName(text)
        tip = _LOADED if loaded else _SCRATCH
        self._reset.setToolTip(tip if self._ready else _NOT_READY)
        # Without a loaded model the menu would say again what the button says.
        self._reset.setMenu(self._menu if loaded else None)  # type: ignore[arg-type]  # None: no menu
        mode = QToolButton.ToolButtonPopupMode
        self._reset.setPopupMode(mode.MenuButtonPopup if loaded else mode.DelayedPopup)
        self._show_reset_icon()

    def show_workspace(self, index: int, *, plans: bool) -> None:
        """Bring its tab to the front; `plans`: whether it has long runs."""
        with QSignalBlocker(self._tabs):
            self._tabs.setCurrentIndex(index)
        self._long.setEnabled(plans)
        self._slow.setEnabled(plans)

    def set_workspaces(self, names: Sequence[str]) -> None:
        """Show these tabs; the one in front stays if it is still there."""
        current = self._workspaces[self._tabs.currentIndex()] if self._workspaces else ""
        with QSignalBlocker(self._tabs):
            while self._tabs.count():
                self._tabs.removeTab(0)
            self._workspaces = tuple(names)
            for name in names:
                self._tabs.addTab(name)
            if current in self._workspaces:
                self._tabs.setCurrentIndex(self._workspaces.index(current))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._step.setIcon(icon("step", theme))
        self._slow.setIcon(icon("slow", theme))
        self._epoch.setIcon(icon("epoch", theme))
        self._long.setIcon(icon("long-run", theme))
        self._scratch_action.setIcon(icon("scratch", theme))
        self._show_train()
        self._show_reset_icon()

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, text, tip)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        for widget in (self._train, self._step, self._slow, self._epoch, self._long, self._reset):
            layout.addWidget(widget)
        layout.addSpacing(8)
        for label in self._figures:
            layout.addWidget(label)
        layout.addStretch(1)
        layout.addWidget(self._tabs)

    def follow_font(self) -> None:
        """Keep room for the widest figures and texts in the application's font."""
        for label, text in zip(self._figures, _WIDEST, strict=True):
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(text) + 4)
        # Train and Pause take the same room.
        metrics = self.fontMetrics()
        text_width = max(metrics.horizontalAdvance(text) for text in ("Train", "Pause"))
        self._train.setMinimumWidth(text_width + 60)
        size = round(metrics.height() * 1.1)
        for button in (self._train, self._step, self._slow, self._epoch, self._long, self._reset):
            button.setIconSize(QSize(size, size))

    def _show_train(self) -> None:
        text = "Pause" if self._running else "Train"
        self._train.setText(text)
        self._train.setAccessibleName(text)
        tip = _PAUSE if self._running else _GO_ON if self._planned else _TRAIN
        self._train.setToolTip(tip if self._ready else _NOT_READY)
        name = "pause" if self._running else "play"
        self._train.setIcon(icon_in(name, self._theme.panel, self._theme.muted))

    def _show_reset_icon(self) -> None:
        self._reset.setIcon(icon("reset" if self._loaded else "scratch", self._theme))

    def _toggle(self) -> None:
        self.trainToggled.emit(not self._running)

    def _want_reset(self) -> None:
        (self.resetWanted if self._loaded else self.scratchWanted).emit()

    def _choose_workspace(self, index: int) -> None:
        if 0 <= index < len(self._workspaces):
            self.workspaceChosen.emit(self._workspaces[index])
