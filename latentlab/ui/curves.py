"""The loss curves: −ELBO, the objective being minimised, and the two terms, over steps."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from latentlab.core.spec import LossWeights
from latentlab.training.messages import Curves
from latentlab.ui.curve_legend import LegendEntry
from latentlab.ui.curve_lines import KINDS
from latentlab.ui.panel_style import make_card
from latentlab.ui.segment import SegmentButton
from latentlab.ui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from latentlab.ui.curve_plot import CurvePlot

_NO_CURVES = {True: "Press Train: the curves begin here", False: "No curves: nothing trains here"}


class LossCurves(QWidget):
    """Curves in nats per image: training solid, held-out dashed with dots; a mark at each switch.

    The legend switches single curves. The plot below it comes with `make_plot`, and then shows
    what it would show had it been there: pyqtgraph takes long to import, and until there is
    something to draw the window need not wait for it.
    """

    logSwitched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lossCurves")
        self.setAccessibleName("Loss curves")
        make_card(self)
        self._curves: Curves | None = None
        self._opened_at: int | None = None
        self._moment: int | None = None
        self._theme = LIGHT
        self._trains = True
        self._plot: CurvePlot | None = None
        self._entries = [LegendEntry(kind, self) for kind in KINDS]
        self._log_toggle = SegmentButton(
            "logCurvesToggle", " log ", "Logarithmic axis", "Nats on a log scale", self
        )
        self._place = QVBoxLayout()
        self._lay_out()
        for entry in self._entries:
            entry.toggled.connect(self._redraw)
        self._log_toggle.clicked.connect(self._want_log)
        self.set_theme(LIGHT)
        self.show_objective(LossWeights())

    def make_plot(self) -> None:
        """Put the plot in its place."""
        from latentlab.ui.curve_plot import CurvePlot  # noqa: PLC0415

        self._plot = CurvePlot(self)
        self._place.addWidget(self._plot)
        self._plot.set_theme(self._theme)
        self._say_why_empty()
        self._plot.show_since(self._opened_at)
        self._plot.show_moment(self._moment)
        self._plot.show_curves(self._curves)
        self._redraw()

    def set_trains(self, trains: bool) -> None:
        """Whether there may ever be curves."""
        self._trains = trains
        self._say_why_empty()

    def show_curves(self, curves: Curves | None, weights: LossWeights) -> None:
        """Show the curves; `weights` make the objective's label. None: there are none yet."""
        self._curves = curves
        self.show_objective(weights)
        if self._plot is not None:
            self._plot.show_curves(curves)
        self._redraw()

    def show_objective(self, weights: LossWeights) -> None:
        """Name the objective that is being minimised."""
        self._entries[0].set_name(f"objective: {weights.formula}")

    def show_since(self, step: int | None) -> None:
        """Leave out what came before `step`, when the run was opened, until all is asked for."""
        self._opened_at = step
        if self._plot is not None:
            self._plot.show_since(step)

    def show_moment(self, step: int | None) -> None:
        """Mark the step that is looked back at; None for none."""
        self._moment = step
        if self._plot is not None:
            self._plot.show_moment(step)

    def set_log(self, on: bool) -> None:
        """Count nats on a log axis, or on a linear one."""
        self._log_toggle.setChecked(on)
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for entry in self._entries:
            entry.set_theme(theme)
        if self._plot is not None:
            self._plot.set_theme(theme)

    def follow_font(self) -> None:
        """Take the application's font for axes and marks."""
        self.set_theme(self._theme)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all steps again."""
        if self._plot is not None:
            self._plot.show_all()
        event.accept()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        for entry in self._entries:
            top.addWidget(entry)
        top.addStretch(1)
        top.addWidget(self._log_toggle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 10, 4)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addLayout(self._place, 1)

    def _say_why_empty(self) -> None:
        if self._plot is not None:
            self._plot.set_empty(_NO_CURVES[self._trains])

    def _redraw(self) -> None:
        if self._plot is not None:
            kinds = [entry.kind for entry in self._entries if entry.isChecked()]
            self._plot.draw(kinds, self._log_toggle.isChecked())

    def _want_log(self, on: bool) -> None:
        self.set_log(on)
        self.logSwitched.emit(on)
