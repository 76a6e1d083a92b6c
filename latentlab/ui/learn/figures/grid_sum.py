"""p(x) as a sum over the cells of a grid, cell by cell, on a real image."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.images import ImageView
from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figures.grid_map import LEAST, GridMap
from latentlab.ui.learn.figures.running_total import RunningTotal
from latentlab.ui.learn.image_picker import ImagePicker
from latentlab.ui.number_text import fixed, signed
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme
from latentlab.ui.wheel_guard import WheelGuard

if TYPE_CHECKING:
    from latentlab.app.lessons.integral import GridSum

SIDES = (8, 16, 32, 64, 128, 256)
_FIRST = SIDES.index(32)
_SIDE = 48  # pixels of the image
_GAP, _CLOSE = 14, 6
_MILLISECONDS = 33
_TICKS = 180  # that a whole sum takes, however many cells it has
_ROWS = (
    ("gridCells", "Cells summed"),
    ("gridTotal", "log of the sum so far"),
    ("gridExact", "log p(x)"),
    ("gridNeeded", "99 % of the sum"),
    ("gridWithout", "Without p(z), all cells"),
)
_WITHOUT = (
    "log ∫ p(x|z) dz over the same square, on the finest cells: where p(z) is dropped, as a line "
    "of the lecture's notes has it, the number is another one"
)


class GridSumFigure(AskingFigure):
    """The plane on the left fills, the total on the right climbs."""

    TOPIC = "grid sum"

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("gridSum")
        self._sum: GridSum | None = None
        self._picker = ImagePicker("gridImage", self)
        self._picker.stepped.connect(self.ask)
        self._x = ImageView("gridX", "Image x", _SIDE, "", self)
        self._x.setToolTip("x, as the likelihood sees it")
        self._map = GridMap(self)
        self._curve = RunningTotal(self)
        self._side = ChoiceBox(
            "gridFineness", "Fineness of the grid", "How many cells the square is cut into", self
        )
        for side in SIDES:
            self._side.addItem(f"{side} × {side} cells", side)
        self._side.setCurrentIndex(_FIRST)
        self._side.currentIndexChanged.connect(self.ask)
        self._cells = QSlider(Qt.Orientation.Horizontal, self)
        self._cells.setObjectName("gridCellSlider")
        self._cells.setAccessibleName("How many cells are summed")
        self._cells.setToolTip("How many cells are summed, column by column from the left")
        self._cells.valueChanged.connect(self._fill)
        WheelGuard(self._cells)
        self._play = QPushButton("Sum up", self)
        self._play.setObjectName("gridPlay")
        self._play.setAccessibleName("Sum up, cell by cell")
        self._play.setToolTip("Sum cell by cell, from the first one; once more: pause")
        self._play.clicked.connect(self._play_or_pause)
        self._timer = QTimer(self, interval=_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._numbers = {name: ScaledLabel("", self, bold=True) for name, _ in _ROWS}
        self._lay_out()

    # --- what a page calls -----------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        self._map.set_theme(theme)  # it lies in its square

    def set_text_scale(self, factor: float) -> None:
        """Painted text in lecture mode."""
        super().set_text_scale(factor)
        self._map.set_text_scale(factor)

    def reset(self) -> None:
        """The selected image, 32 × 32 cells, all of them summed."""
        self._stop()
        self._picker.reset()
        with QSignalBlocker(self._side):
            self._side.setCurrentIndex(_FIRST)
        self._cells.setValue(self._cells.maximum())
        self.ask()

    def step_forward(self) -> bool:
        """A finer grid."""
        return self._finer(1)

    def step_back(self) -> bool:
        """A coarser one."""
        return self._finer(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The map is square, and what it leaves over is for the curve."""
        super().resizeEvent(event)
        beneath = self._table.sizeHint().height() + self._play.sizeHint().height() + 2 * _GAP
        side = max(LEAST, min((self.width() - _GAP) // 2, self.height() - beneath))
        self._map.setMaximumSize(side, side)
        self._left.setMaximumWidth(max(side, self._table.minimumSize().width()))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody watches."""
        super().hideEvent(event)
        self._stop()

    def question(self) -> Question:
        """About the image that is looked at."""
        from latentlab.app.lessons.integral import GridQuestion  # noqa: PLC0415  # loads torch

        return GridQuestion(self._picker.step, self._side.currentData())

    def show_answer(self, answer: object) -> None:
        """All of it."""
        self._show(answer)  # type: ignore[arg-type]  # the topic says what it is

    # --- inside ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._table = numbers = QGridLayout()
        numbers.setHorizontalSpacing(10)
        numbers.setVerticalSpacing(2)
        for row, (name, text) in enumerate(_ROWS):
            caption = ScaledLabel(text, self, "muted")
            value = self._numbers[name]
            value.setObjectName(name)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            for label in (caption, value):
                label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            numbers.addWidget(caption, row, 0)
            numbers.addWidget(value, row, 1)
            if name == "gridWithout":
                caption.setToolTip(_WITHOUT)
                value.setToolTip(_WITHOUT)
        numbers.setColumnStretch(1, 1)
        top = QHBoxLayout()
        top.addWidget(self._picker, 1)
        top.addWidget(self._x)
        self._x.setFixedSize(_SIDE, _SIDE)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addLayout(top)
        right.addWidget(self._curve, 1)
        self._left = QWidget(self)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(_CLOSE)
        left.addWidget(self._map, 100)
        left.addLayout(numbers)
        left.addStretch(1)
        above = QHBoxLayout()
        above.setSpacing(_GAP)
        above.addWidget(self._left, 1)
        above.addLayout(right, 1)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._play)
        below.addWidget(self._cells, 3)
        below.addWidget(self._side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(above, 1)
        layout.addLayout(below)

    def _finer(self, by: int) -> bool:
        index = self._side.currentIndex() + by
        if not 0 <= index < len(SIDES):
            return False
        self._side.setCurrentIndex(index)
        return True

    def _show(self, grid_sum: "GridSum") -> None:
        before = self._sum
        part = 1.0 if before is None else self._cells.value() / before.side**2
        self._sum = grid_sum
        self._picker.show_title(grid_sum.title)
        self._x.set_image(grid_sum.image)
        self._map.show_sum(grid_sum)
        self._curve.show_sum(grid_sum)
        count = grid_sum.side**2
        with QSignalBlocker(self._cells):
            self._cells.setRange(0, count)
            self._cells.setSingleStep(grid_sum.side)
            self._cells.setPageStep(4 * grid_sum.side)
            self._cells.setValue(round(part * count))
        exact = grid_sum.log_evidence
        unsure = f" ({grid_sum.problem})" if grid_sum.problem else ""
        self._numbers["gridExact"].setText(f"{fixed(exact)}{unsure}")
        self._numbers["gridNeeded"].setText(f"in {grid_sum.needed:,} of {count:,} cells")
        without = grid_sum.without_prior
        self._numbers["gridWithout"].setText(f"{fixed(without)}, off by {signed(without - exact)}")
        self._fill(self._cells.value())

    def _fill(self, count: int) -> None:
        self._map.fill(count)
        self._curve.fill(count)
        if self._sum is not None:
            value = float(self._sum.running[count - 1]) if count else -float("inf")
            self._numbers["gridCells"].setText(f"{count:,} of {self._sum.side**2:,}")
            off = f", off by {signed(value - self._sum.log_evidence)}" if count else ""
            self._numbers["gridTotal"].setText(f"{fixed(value)}{off}")

    def _play_or_pause(self) -> None:
        if self._timer.isActive():
            self._stop()
        elif self._sum is not None:
            if self._cells.value() == self._cells.maximum():
                self._cells.setValue(0)
            self._play.setText("Pause")
            self._timer.start()

    def _tick(self) -> None:
        self._cells.setValue(self._cells.value() + max(1, self._cells.maximum() // _TICKS))
        if self._cells.value() == self._cells.maximum():
            self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self._play.setText("Sum up")
