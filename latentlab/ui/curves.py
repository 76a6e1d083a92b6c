"""The loss curves: −ELBO, the objective being minimised, and the two terms, over steps."""

from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from latentlab.core.spec import LossWeights
from latentlab.training.messages import Curves
from latentlab.ui.curve_legend import LegendEntry
from latentlab.ui.curve_lines import (
    KINDS,
    PARTS,
    Key,
    Part,
    broken_at,
    on_axis,
    part_of,
    robust_range,
    values_of,
)
from latentlab.ui.curve_marks import SwitchMarks
from latentlab.ui.curve_painter import CurvePainter
from latentlab.ui.curve_reading import read_off
from latentlab.ui.nats_axis import NatsAxis
from latentlab.ui.panel_style import ScaledLabel, make_card, scaled_font, style_panel
from latentlab.ui.segment import SegmentButton
from latentlab.ui.theme import LIGHT, Theme

EMPTY = "Press Train: the curves begin here"
_STEPS = "step (solid: training, dashed: held-out)"
# More dots than this run into a thick line.
_MOST_DOTS = 120


class LossCurves(QWidget):
    """Curves in nats per image: training solid, held-out dashed with dots; a mark at each switch.

    Hovering reads values off at a step. Wheel and drag zoom and pan over steps; a double click, or
    the button that then appears, shows all again.
    """

    logSwitched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lossCurves")
        self.setAccessibleName("Loss curves")
        make_card(self)
        self._curves: Curves | None = None
        self._log = False
        self._opened_at: int | None = None
        self._extent: Literal["recent", "all", "zoomed"] = "recent"
        self._theme = LIGHT
        self._axis = NatsAxis()
        self._steps = pg.AxisItem("bottom", text=_STEPS)
        # Not a PlotWidget: that makes windows of menus, which nobody opens and nothing deletes.
        self._box = pg.ViewBox(enableMenu=False)
        self._plot = pg.GraphicsView(self)
        self._plot.setObjectName("lossPlot")
        self._lines = CurvePainter()
        for kind in KINDS:
            for part in PARTS:
                self._lines.add((kind.key, part))
        self._marks = SwitchMarks(self._box)
        self._cursor = pg.InfiniteLine(angle=90)
        self._moment = pg.InfiniteLine(angle=90)
        self._entries = [LegendEntry(kind, self) for kind in KINDS]
        self._log_toggle = SegmentButton(
            "logCurvesToggle", " log ", "Logarithmic axis", "Nats on a log scale", self
        )
        self._all = SegmentButton("allStepsButton", " show all ", "Show all steps", "", self)
        self._empty = ScaledLabel(EMPTY, self._plot, "muted", 1.08)
        self._reading = ScaledLabel("", self._plot, "", 0.88)
        self._set_up_plot()
        self._lay_out()
        self._connect()
        self.set_theme(LIGHT)
        self.show_curves(None, LossWeights())

    def show_curves(self, curves: Curves | None, weights: LossWeights) -> None:
        """Show the curves; `weights` make the objective's label. None: there are none yet."""
        self._curves = curves
        self.show_objective(weights)
        empty = curves is None or not (curves.train.step.size or curves.heldout.step.size)
        if empty == self._empty.isHidden():
            self._empty.setVisible(empty)
            for axis in (self._axis, self._steps):
                axis.setStyle(showValues=not empty)
        self._marks.show(() if curves is None or empty else curves.marks)
        if empty:
            self._hide_reading()
        self._redraw()

    def show_objective(self, weights: LossWeights) -> None:
        """Name the objective that is being minimised."""
        self._entries[0].set_name(f"objective: {weights.formula}")

    def show_since(self, step: int | None) -> None:
        """Leave out what came before `step`, when the run was opened, until all is asked for."""
        self._opened_at = step
        self._extent = "recent"

    def show_moment(self, step: int | None) -> None:
        """Mark the step that is looked back at; None for none."""
        if step is not None:
            self._moment.setValue(step)
        self._moment.setVisible(step is not None)

    def set_log(self, on: bool) -> None:
        """Count nats on a log axis, or on a linear one."""
        self._log_toggle.setChecked(on)
        if on != self._log:
            self._log = on
            self._axis.set_log(on)
            self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        style_panel(self, theme)
        self._plot.setBackground(theme.panel)
        font = scaled_font(QApplication.font(), 0.85)
        for axis in (self._axis, self._steps):
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setTickFont(font)
            axis.setLabel(axis.labelText, color=theme.muted)
            axis.label.setFont(font)
        self._steps.setHeight(round(2.3 * QFontMetricsF(font).height()))
        for kind in KINDS:
            colour: str = getattr(theme, kind.colour)
            for part in PARTS:
                self._lines.set_colour((kind.key, part), colour, dashed=part == "heldout")
        for entry in self._entries:
            entry.set_theme(theme)
        self._marks.set_theme(theme, font)
        self._cursor.setPen(pg.mkPen(theme.prior, width=1))
        self._moment.setPen(pg.mkPen(theme.accent, width=1))
        self._reading.setStyleSheet(
            f"background: {theme.window}; border: 1px solid {theme.line};"
            f" border-radius: 6px; padding: 4px 6px; color: {theme.text};"
        )

    def follow_font(self) -> None:
        """Take the application's font for axes and marks."""
        self.set_theme(self._theme)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all steps again."""
        self._extent = "zoomed"
        self._show_all()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away."""
        self._hide_reading()
        super().leaveEvent(event)

    def _set_up_plot(self) -> None:
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 2, 4, 0)
        layout.setSpacing(0)
        layout.addItem(self._axis, 0, 0)
        layout.addItem(self._box, 0, 1)
        layout.addItem(self._steps, 1, 1)
        self._plot.setCentralItem(layout)
        self._axis.linkToView(self._box)
        self._steps.linkToView(self._box)
        self._box.setMouseEnabled(x=True, y=False)
        self._box.setDefaultPadding(0.0)
        self._box.disableAutoRange()
        self._steps.enableAutoSIPrefix(False)
        self._cursor.setVisible(False)
        self._moment.setVisible(False)
        for item in (self._lines, self._cursor, self._moment):
            self._box.addItem(item, ignoreBounds=True)
        # Shown by the first show_curves, which takes the axes' figures away, too.
        self._empty.hide()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reading.setObjectName("curveReading")
        self._reading.setTextFormat(Qt.TextFormat.RichText)
        for label in (self._empty, self._reading):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._reading.hide()
        self._all.setCheckable(False)
        self._all.setToolTip("Show all steps again (or double-click the curves)")
        self._all.hide()

    def _lay_out(self) -> None:
        over = QVBoxLayout(self._plot)
        over.setContentsMargins(0, 0, 4, 0)
        over.addWidget(self._empty, 1)
        over.addStretch(0)
        # Beside the axis' label, where it covers no curve.
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        over.addWidget(self._all, 0, corner)
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
        layout.addWidget(self._plot, 1)

    def _connect(self) -> None:
        for entry in self._entries:
            entry.toggled.connect(self._redraw)
        self._log_toggle.clicked.connect(self._want_log)
        self._all.clicked.connect(self._show_all)
        self._box.sigRangeChangedManually.connect(self._zoomed)
        self._plot.scene().sigMouseMoved.connect(self._hover)

    def _redraw(self) -> None:
        whole = [
            self._draw(entry.kind.key, part, entry.isChecked())
            for entry in self._entries
            for part in PARTS
        ]
        self._axis.say_left_out(not all(whole))
        self._fit()

    def _draw(self, key: Key, part: Part, shown: bool) -> bool:
        """Whether all of it that is to be shown has a place on the axis."""
        if not shown or self._curves is None:
            self._lines.hide_line((key, part))
            return True
        series = part_of(self._curves, part)
        known = values_of(series, key)
        values = on_axis(known, self._log)
        dots = part == "heldout" and len(values) <= _MOST_DOTS
        steps, broken = broken_at(self._curves.marks, series.step, values)
        self._lines.show_line((key, part), steps, broken, dots=dots)
        return bool(np.isfinite(values[np.isfinite(known)]).all())

    def _fit(self) -> None:
        """Set the ranges: y to what is in view, x unless the user has zoomed."""
        if self._curves is None:
            self._box.setRange(xRange=(0, 100), yRange=(0, 1))
            return
        steps = [part_of(self._curves, part).step for part in PARTS]
        end = max(int(column.max(initial=1)) for column in steps)
        start = min(int(column.min(initial=end)) for column in steps)
        goes_on = self._opened_at is not None and start < self._opened_at < end
        if goes_on and self._extent == "recent":
            start = self._opened_at or start
        self._offer_extent(goes_on)
        shown = [entry.kind.key for entry in self._entries if entry.isChecked()]
        values = [
            on_axis(values_of(series, key)[series.step >= start], self._log)
            for series in (part_of(self._curves, part) for part in PARTS)
            for key in shown
        ]
        self._box.setYRange(*robust_range(values, self._log))
        if self._extent != "zoomed":
            self._box.setXRange(start, max(end + 0.01 * (end - start), start + 1.0))

    def _offer_extent(self, goes_on: bool) -> None:
        """Show the button that leads to the other extent, if there is another."""
        self._all.setVisible(goes_on or self._extent == "zoomed")
        self._all.setText(" since opened " if self._extent == "all" else " show all ")

    def _want_log(self, on: bool) -> None:
        self.set_log(on)
        self.logSwitched.emit(on)

    def _zoomed(self) -> None:
        self._extent = "zoomed"
        self._fit()

    def _show_all(self) -> None:
        self._extent = "recent" if self._extent == "all" else "all"
        self._fit()

    def _hover(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position)
        if not inside or self._curves is None or not self._empty.isHidden():
            self._hide_reading()
            return
        kinds = [entry.kind for entry in self._entries if entry.isChecked()]
        at = self._box.mapSceneToView(position).x()
        found = read_off(self._curves, at, kinds, self._theme)
        if found is None:
            self._hide_reading()
            return
        text, step = found
        self._cursor.setValue(step)
        self._cursor.setVisible(True)
        self._reading.setText(text)
        self._reading.adjustSize()
        area = self._box.sceneBoundingRect()
        left = position.x() > area.center().x()
        x = position.x() - self._reading.width() - 12 if left else position.x() + 12
        self._reading.move(round(x), round(area.top()) + 4)
        self._reading.show()

    def _hide_reading(self) -> None:
        self._cursor.setVisible(False)
        self._reading.hide()
