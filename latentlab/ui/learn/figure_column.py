"""The figures of a page beside its text: all of them, or one at a time where there is no room."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.scrolled import GAP, MARGIN, Scrolled
from latentlab.ui.segment import SegmentButton


class FigureColumn(QWidget):
    """Shows its figures one below another. Where they are too high for that, a row of buttons
    chooses the one that is shown."""

    changed = Signal()  # whether it is one at a time

    def __init__(self, page: str, figures: Sequence[Figure], parent: QWidget) -> None:
        """page: the name of the figures' page."""
        super().__init__(parent)
        self._figures = tuple(figures)
        self._front = 0
        self._one = False
        self._held = False  # whether the figures are here, not among the text
        self._area = Scrolled("pageFigures", self)
        self._chooser = QWidget(self)
        self._buttons = [self._button(page, number) for number in range(len(figures))]
        row = QHBoxLayout(self._chooser)
        row.setContentsMargins(MARGIN, GAP, MARGIN, 0)
        for button in self._buttons:
            row.addWidget(button)
        row.addStretch(1)
        self._chooser.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._chooser)
        layout.addWidget(self._area, 1)

    @property
    def one_at_a_time(self) -> bool:
        """Whether only one figure is shown."""
        return self._one

    @property
    def front(self) -> int:
        """Which figure was brought into view last."""
        return self._front

    def set_steps(self, on: bool) -> None:
        """In a lecture: leave the keys that turn pages to the page."""
        self._area.steps = on

    def take(self) -> None:
        """Have the figures here."""
        self._held = True
        for figure in self._figures:
            top = Qt.AlignmentFlag(0) if figure.grows else Qt.AlignmentFlag.AlignTop
            self._area.rows.addWidget(figure, 1, top)
        self._fit()
        self._show()

    def release(self) -> None:
        """Let them be put elsewhere, all to be seen."""
        self._held = False
        for figure in self._figures:
            self._area.rows.removeWidget(figure)
            figure.show()

    def show_figure(self, number: int) -> None:
        """Bring this one, counted from 0, into view."""
        self._front = number
        if self._one:
            self._show()
            self._area.rows.activate()
        elif self._held:
            self._area.ensureWidgetVisible(self._figures[number])

    def step_forward(self) -> bool:
        """The next step of the figure in view, or the next figure; False where there is none."""
        if not self._one:
            return any(figure.step_forward() for figure in self._figures)
        if self._figures[self._front].step_forward():
            return True
        if self._front + 1 == len(self._figures):
            return False
        self.show_figure(self._front + 1)
        return True

    def step_back(self) -> bool:
        """The step before, or the figure before; False where there is none."""
        if not self._one:
            return any(figure.step_back() for figure in reversed(self._figures))
        if self._figures[self._front].step_back():
            return True
        if self._front == 0:
            return False
        self.show_figure(self._front - 1)
        return True

    def width_needed(self) -> int:
        """By the widest figure, in pixels."""
        bar = self._area.verticalScrollBar().sizeHint().width()
        needed = max((figure.minimumSizeHint().width() for figure in self._figures), default=0)
        return needed + 2 * MARGIN + bar

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether there is room for all."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Likewise when a figure wants more room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        needed = sum(self._height(figure) + GAP for figure in self._figures) + GAP
        one = self._held and len(self._figures) > 1 and needed > self.height()
        if one != self._one:
            self._one = one
            self._show()
            self.changed.emit()

    def _height(self, figure: Figure) -> int:
        """That the area gives this figure at least, where all are shown."""
        least = figure.minimumSizeHint().height()
        if figure.hasHeightForWidth():
            least = max(least, figure.heightForWidth(self.width() - 2 * MARGIN))
        return least

    def _show(self) -> None:
        self._chooser.setVisible(self._one)
        for number, (button, figure) in enumerate(zip(self._buttons, self._figures, strict=True)):
            button.setChecked(number == self._front)
            figure.setVisible(not self._one or number == self._front)

    def _button(self, page: str, number: int) -> SegmentButton:
        text = f"Figure {number + 1}"
        button = SegmentButton(f"figure-{page}-{number + 1}", text, text, f"Show {text}", self)
        button.setMinimumWidth(70)
        button.clicked.connect(partial(self.show_figure, number))
        return button
