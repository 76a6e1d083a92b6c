"""The Compare workspace: a panel for each network, side by side."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.app.state import CONTENDERS, Contender, Viewport
from latentlab.core.regime import PRESETS
from latentlab.training.messages import Settings
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.history_bar import HistoryBar
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.plane.areas import Style, style
from latentlab.ui.plane.legend import Legend
from latentlab.ui.theme import LIGHT, Theme

_ADD = "Add a network…"
_LESSON = (
    "Same images, same initial weights, same batches, same noise: only what is minimised differs."
)
_BRANCHES = "Same images, batches and noise from here on: each goes on from weights of its own."


class CompareWorkspace(QWidget):
    """Holds the panels; knows nothing of what they mean. Whatever one plane is told, all show."""

    presetChosen = Signal(int, str)
    regimeChanged = Signal(int, object)
    removeWanted = Signal(int)
    addWanted = Signal(str)
    samplesWanted = Signal()
    classIsolated = Signal(int)  # −1 for all of them
    panelAdded = Signal(object)  # ComparePanel

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("compareWorkspace")
        self._theme = LIGHT
        self._text_scale = 1.0
        self._names: tuple[str, ...] = ()
        self._numbers: npt.NDArray[np.int64] | None = None
        self._view = Viewport()
        self.panels: dict[int, ComparePanel] = {}
        self._samples = QPushButton("New samples", self)
        self._samples.setObjectName("compareSamples")
        self._samples.setAccessibleName("New samples")
        self._samples.setToolTip("Draw other z ~ N(0, I), the same for every network")
        self._samples.clicked.connect(self.samplesWanted)
        self._add = ChoiceBox(
            "compareAdd", "Add a network", "Compare one more: up to four, from two on", self
        )
        self._add.addItems([_ADD, *PRESETS])
        self._add.setMinimumContentsLength(len(_ADD))
        self._add.activated.connect(self._want_one_more)
        top = QHBoxLayout()
        top.setContentsMargins(2, 0, 2, 0)
        self._legend = Legend(self, "compareLegend")
        self._legend.chosen.connect(self.classIsolated)
        self._legend.previewed.connect(self._preview)
        self._settings = ScaledLabel("", self, "muted")
        self._settings.setObjectName("compareSettings")
        self._settings.setToolTip("How all of them are trained")
        self._lesson = ScaledLabel(_LESSON, self, "muted")
        top.addWidget(self._lesson)
        top.addSpacing(18)
        top.addWidget(self._settings)
        top.addStretch(1)
        top.addWidget(self._samples)
        top.addWidget(self._add)
        self.history_bar = HistoryBar(self, "comparedHistory", of_one=False)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._legend)
        layout.addLayout(self._row, 1)
        layout.addWidget(self.history_bar)
        self.set_theme(LIGHT)

    def set_contenders(self, contenders: Sequence[Contender]) -> None:
        """A panel for each of these, in this order; who had one keeps it."""
        self._lesson.setText(_BRANCHES if any(c.name for c in contenders) else _LESSON)
        wanted = {contender.number for contender in contenders}
        for number in [number for number in self.panels if number not in wanted]:
            panel = self.panels.pop(number)
            self._row.removeWidget(panel)
            panel.hide()
            panel.deleteLater()
        for place, contender in enumerate(contenders):
            panel = self.panels.get(contender.number) or self._new_panel(contender.number)
            if self._row.indexOf(panel) != place:
                self._row.insertWidget(place, panel, 1)
            panel.show_regime(contender.regime, contender.name)
            panel.set_removable(len(contenders) > CONTENDERS[0])
        self._add.setEnabled(len(contenders) < CONTENDERS[1])

    def focus_plane(self) -> None:
        """Let the keyboard speak to the first plane."""
        first = self._row.itemAt(0)
        panel = first.widget() if first is not None else None
        if isinstance(panel, ComparePanel):
            panel.plane.setFocus()

    def show_settings(self, settings: Settings) -> None:
        """Say how all of them are trained."""
        self._settings.setText(
            f"Adam, rate {settings.learning_rate:g}  ·  batch {settings.batch_size}  ·  "
            f"on {settings.device}"
        )

    def set_isolated(self, index: int | None) -> None:
        """Show one class alone on every plane; None: all of them."""
        self._legend.set_isolated(index)
        for panel in self.panels.values():
            panel.plane.set_isolated(index)

    def set_coloured(self, by_class: bool) -> None:
        """Whether the points have their classes' colours."""
        self._legend.set_coloured(by_class, self._style())

    def _preview(self, index: int) -> None:
        for panel in self.panels.values():
            panel.plane.preview_class(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the legend the rows it needs."""
        super().resizeEvent(event)
        self._arrange_legend()

    def _arrange_legend(self) -> None:
        self._legend.setFixedHeight(self._legend.arrange(self.width()))

    def set_classes(self, names: tuple[str, ...], numbers: npt.NDArray[np.int64]) -> None:
        """The classes' names, and what the images are called."""
        self._names, self._numbers = names, numbers
        self._legend.set_classes(names, self._style())
        self._arrange_legend()
        for panel in self.panels.values():
            panel.plane.set_classes(names, numbers)

    def set_viewport(self, view: Viewport) -> None:
        """Show this part of every plane."""
        self._view = view
        for panel in self.panels.values():
            panel.plane.set_viewport(view)

    def set_text_scale(self, scale: float) -> None:
        """For presentation mode."""
        self._text_scale = scale
        self._restyle_legend()
        for panel in self.panels.values():
            panel.set_text_scale(scale)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.history_bar.set_theme(theme)
        self._restyle_legend()
        for panel in self.panels.values():
            panel.set_theme(theme)

    def _style(self) -> Style:
        return style(self._theme, self._text_scale, QApplication.font())

    def _restyle_legend(self) -> None:
        self._legend.set_style(self._style())
        self._arrange_legend()

    def _new_panel(self, number: int) -> ComparePanel:
        panel = ComparePanel(number, self)
        self.panels[number] = panel
        panel.set_theme(self._theme)
        panel.set_text_scale(self._text_scale)
        panel.plane.set_classes(self._names, self._numbers)
        panel.plane.set_viewport(self._view)
        panel.presetChosen.connect(self.presetChosen)
        panel.regimeChanged.connect(self.regimeChanged)
        panel.removeWanted.connect(self.removeWanted)
        self.panelAdded.emit(panel)
        return panel

    def _want_one_more(self, index: int) -> None:
        self._add.setCurrentIndex(0)
        if index > 0:
            self.addWanted.emit(list(PRESETS)[index - 1])
