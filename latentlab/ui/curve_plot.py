"""The plot in the curves' panel: axes, lines, marks of switches, and what is read off at a step."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from latentlab.training.messages import Curves
from latentlab.ui.curve_lines import (
    KINDS,
    PARTS,
    Key,
    Kind,
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
from latentlab.ui.panel_style import ScaledLabel, scaled_font
from latentlab.ui.segment import SegmentButton
from latentlab.ui.steps_axis import StepsAxis
from latentlab.ui.theme import LIGHT, Theme

# More dots than this run into a thick line.
_MOST_DOTS = 120


class CurvePlot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws what it is given. Wheel and drag zoom and pan over steps, hovering reads values off.

    Not a PlotWidget: that makes windows of menus, which nobody opens and nothing deletes.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lossPlot")
        self._curves: Curves | None = None
        self._kinds: Sequence[Kind] = KINDS
        self._log = False
        self._opened_at: int | None = None
        self._extent: Literal["recent", "all", "zoomed"] = "recent"
        self._theme = LIGHT
        self._axis = NatsAxis()
        self._steps = StepsAxis()
        self._box = pg.ViewBox(enableMenu=False)
        self._lines = CurvePainter()
        for kind in KINDS:
            for part in PARTS:
                self._lines.add((kind.key, part))
        self._marks = SwitchMarks(self._box)
        self._cursor = pg.InfiniteLine(angle=90)
        self._moment = pg.InfiniteLine(angle=90)
        self._all = SegmentButton("allStepsButton", " show all ", "Show all steps", "", self)
        self._empty = ScaledLabel("", self, "muted", 1.08)
        self._reading = ScaledLabel("", self, "", 0.88)
        self._set_up()
        self._lay_over()
        self._all.clicked.connect(self._change_extent)
        self._box.sigRangeChangedManually.connect(self._zoomed)
        self.scene().sigMouseMoved.connect(self._hover)

    def set_empty(self, text: str) -> None:
        """Say this where there are no curves."""
        self._empty.setText(text)

    def show_curves(self, curves: Curves | None) -> None:
        """Take the curves; None: there are none yet. `draw` draws them."""
        self._curves = curves
        empty = curves is None or not (curves.train.step.size or curves.heldout.step.size)
        if empty == self._empty.isHidden():
            self._empty.setVisible(empty)
            for axis in (self._axis, self._steps):
                axis.setStyle(showValues=not empty)
        self._marks.show(() if curves is None or empty else curves.marks)
        if empty:
            self._hide_reading()

    def draw(self, kinds: Sequence[Kind], log: bool) -> None:
        """Draw curves of these kinds on an axis of nats or of their logarithm."""
        self._kinds = kinds
        if log != self._log:
            self._log = log
            self._axis.set_log(log)
        whole = [self._draw(kind.key, part) for kind in KINDS for part in PARTS]
        self._axis.say_left_out(not all(whole))
        self._fit()

    def show_since(self, step: int | None) -> None:
        """Leave out what came before `step`, when the run was opened, until all is asked for."""
        self._opened_at = step
        self._extent = "recent"

    def show_all(self) -> None:
        """Show all steps, whatever was zoomed to."""
        self._extent = "zoomed"
        self._change_extent()

    def show_moment(self, step: int | None) -> None:
        """Mark the step that is looked back at; None for none."""
        if step is not None:
            self._moment.setValue(step)
        self._moment.setVisible(step is not None)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours, and the application's font for axes and marks."""
        self._theme = theme
        self.setBackground(theme.panel)
        font = scaled_font(QApplication.font(), 0.85)
        for axis in (self._axis, self._steps):
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setTickFont(font)
            axis.setLabel(axis.labelText, color=theme.muted)
            axis.label.setFont(font)
        line = QFontMetricsF(font).height()
        self._steps.setHeight(round(2.5 * line))
        self._all.setFixedHeight(round(1.25 * line))
        for kind in KINDS:
            colour: str = getattr(theme, kind.colour)
            for part in PARTS:
                self._lines.set_colour((kind.key, part), colour, dashed=part == "heldout")
        self._marks.set_theme(theme, font)
        self._cursor.setPen(pg.mkPen(theme.prior, width=1))
        self._moment.setPen(pg.mkPen(theme.accent, width=1))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away."""
        self._hide_reading()
        super().leaveEvent(event)

    def _set_up(self) -> None:
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 2, 4, 0)
        layout.setSpacing(0)
        layout.addItem(self._axis, 0, 0)
        layout.addItem(self._box, 0, 1)
        layout.addItem(self._steps, 1, 1)
        self.setCentralItem(layout)
        self._axis.linkToView(self._box)
        self._steps.linkToView(self._box)
        self._box.setMouseEnabled(x=True, y=False)
        self._box.setDefaultPadding(0.0)
        self._box.disableAutoRange()
        self._cursor.setVisible(False)
        self._moment.setVisible(False)
        for item in (self._lines, self._cursor, self._moment):
            self._box.addItem(item, ignoreBounds=True)

    def _lay_over(self) -> None:
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
        # As low as the axis' label, so that it covers none of the ticks' texts.
        self._all.setStyleSheet("padding: 0 2px;")
        self._all.hide()
        over = QVBoxLayout(self)
        over.setContentsMargins(0, 0, 4, 0)
        over.addWidget(self._empty, 1)
        over.addStretch(0)
        # Beside the axis' label, where it covers no curve.
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        over.addWidget(self._all, 0, corner)

    def _draw(self, key: Key, part: Part) -> bool:
        """Whether all of it that is to be shown has a place on the axis."""
        if self._curves is None or all(kind.key != key for kind in self._kinds):
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
        values = [
            on_axis(values_of(series, kind.key)[series.step >= start], self._log)
            for series in (part_of(self._curves, part) for part in PARTS)
            for kind in self._kinds
        ]
        self._box.setYRange(*robust_range(values, self._log))
        if self._extent != "zoomed":
            self._box.setXRange(start, max(end + 0.01 * (end - start), start + 1.0))

    def _offer_extent(self, goes_on: bool) -> None:
        """Show the button that leads to the other extent, if there is another."""
        self._all.setVisible(goes_on or self._extent == "zoomed")
        self._all.setText(" since opened " if self._extent == "all" else " show all ")

    def _zoomed(self) -> None:
        self._extent = "zoomed"
        self._fit()

    def _change_extent(self) -> None:
        self._extent = "recent" if self._extent == "all" else "all"
        self._fit()

    def _hover(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position)
        if not inside or self._curves is None or not self._empty.isHidden():
            self._hide_reading()
            return
        at = self._box.mapSceneToView(position).x()
        found = read_off(self._curves, at, self._kinds, self._theme)
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
