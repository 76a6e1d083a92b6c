"""Marks on the curves where the objective was switched."""

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from latentlab.training.messages import SwitchMark
from latentlab.ui.theme import LIGHT, Theme

# A dragged slider switches often; more lines than this would hide the curves.
_MOST = 60


class SwitchMarks:
    """Dashed vertical lines with the formula that began there; labels that would overlap hide."""

    def __init__(self, box: pg.ViewBox) -> None:
        self._box = box
        self._lines: list[pg.InfiniteLine] = []
        self._marks: tuple[SwitchMark, ...] = ()
        self._theme = LIGHT
        self._font = QFont()
        box.sigXRangeChanged.connect(self._show_labels)
        box.sigResized.connect(self._show_labels)

    def show(self, marks: tuple[SwitchMark, ...]) -> None:
        """Show these marks, the newest of them if there are very many."""
        marks = marks[-_MOST:]
        if marks == self._marks:
            return
        self._marks = marks
        while len(self._lines) < len(marks):
            line = pg.InfiniteLine(
                angle=90, label="", labelOpts={"position": 0.97, "anchors": [(0, 0), (0, 0)]}
            )
            line.setZValue(-5)
            self._box.addItem(line, ignoreBounds=True)
            self._lines.append(line)
            self._dress(line)
        for index, line in enumerate(self._lines):
            line.setVisible(index < len(marks))
            if index < len(marks):
                line.setValue(marks[index].step)
                # pyqtgraph formats it with the position, and the text may come from a file.
                text = marks[index].formula.replace("{", "{{").replace("}", "}}")
                line.label.setFormat(text)
        self._show_labels()

    def set_theme(self, theme: Theme, font: QFont) -> None:
        """Take the theme's colours and this font."""
        self._theme, self._font = theme, font
        for line in self._lines:
            self._dress(line)

    def _dress(self, line: pg.InfiniteLine) -> None:
        line.setPen(pg.mkPen(self._theme.prior, width=1, style=Qt.PenStyle.DashLine))
        line.label.setColor(self._theme.muted)
        line.label.textItem.setFont(self._font)

    def _show_labels(self) -> None:
        """Hide labels that have no room before the next one; of a bunch the last is shown."""
        (left, right), _ = self._box.viewRange()
        width = self._box.width()
        scale = width / (right - left) if right > left else 0.0
        following = float("inf")
        for mark, line in reversed(list(zip(self._marks, self._lines, strict=False))):
            x = (mark.step - left) * scale
            room = line.label.textItem.boundingRect().width() + 6
            fits = x + room < min(following, width + room / 2)
            line.label.setVisible(fits)
            if fits:
                following = x
