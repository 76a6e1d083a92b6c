"""What a grid over K dimensions costs, and what a few draws from q do instead."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figures.draws_plot import DrawsPlot
from latentlab.ui.learn.figures.time_line import TimeLine
from latentlab.ui.learn.image_picker import ImagePicker
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.wheel_guard import WheelGuard

if TYPE_CHECKING:
    from latentlab.app.lessons.integral import Draws

MOST_DIMENSIONS = 20
_FIRST = 2
_COUNTS = (1, 10, 100, 1000)
_UNITS = (
    (365.25 * 86_400, "years"),
    (86_400.0, "days"),
    (3_600.0, "hours"),
    (60.0, "minutes"),
    (1.0, "s"),
    (1e-3, "ms"),
    (1e-6, "µs"),
)


def duration(seconds: float) -> str:
    """In the largest unit of which it is one or more: "2.1 days", "1.3·10²⁹ years"."""
    size, unit = next((part for part in _UNITS if seconds >= part[0]), _UNITS[-1])
    count = seconds / size
    number = significant(count, 2) if count < 10 or count >= 1e4 else f"{count:,.0f}"
    return f"{number} {unit}"


class FewDraws(AskingFigure):
    """Above, the slider for K and the time of a grid; below, the estimates by draws."""

    TOPIC = "few draws"

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("fewDraws")
        self._draws: Draws | None = None
        self._dimensions = QSlider(Qt.Orientation.Horizontal, self)
        self._dimensions.setObjectName("costDimensions")
        self._dimensions.setAccessibleName("Number of latent dimensions, K")
        self._dimensions.setToolTip("K: a grid of 128 cells along each axis has 128^K cells")
        self._dimensions.setRange(1, MOST_DIMENSIONS)
        self._dimensions.setPageStep(2)
        self._dimensions.setValue(_FIRST)
        self._dimensions.valueChanged.connect(self._count)
        WheelGuard(self._dimensions)
        self._k = ScaledLabel("", self, bold=True)
        self._k.setObjectName("costK")
        self._points = ScaledLabel("", self)
        self._points.setObjectName("costPoints")
        self._line = TimeLine("costTime", self)
        self._picker = ImagePicker("drawsImage", self)
        self._picker.stepped.connect(self.ask)
        self._plot = DrawsPlot(self)
        self._values = {
            (row, k): ScaledLabel("", self, bold=row == "q") for row in ("q", "p") for k in _COUNTS
        }
        self._lay_out()
        self._count()

    # --- what a page calls -----------------------------------------------------------------------

    def reset(self) -> None:
        """Two dimensions, and the selected image."""
        self._dimensions.setValue(_FIRST)
        self._picker.reset()
        self.ask()

    def step_forward(self) -> bool:
        """More dimensions: 2, 5, 10, 20."""
        later = [k for k in (_FIRST, 5, 10, MOST_DIMENSIONS) if k > self._dimensions.value()]
        self._dimensions.setValue(later[0] if later else MOST_DIMENSIONS)
        return bool(later)

    def step_back(self) -> bool:
        """Fewer."""
        before = [k for k in (_FIRST, 5, 10, MOST_DIMENSIONS) if k < self._dimensions.value()]
        self._dimensions.setValue(before[-1] if before else self._dimensions.value())
        return bool(before)

    def question(self) -> Question:
        """About the image that is looked at."""
        from latentlab.app.lessons.integral import DrawsQuestion  # noqa: PLC0415  # loads torch

        return DrawsQuestion(self._picker.step)

    def show_answer(self, answer: object) -> None:
        """All of it."""
        self._show(answer)  # type: ignore[arg-type]  # the topic says what it is

    # --- inside ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        heading = ScaledLabel("A grid of 128 cells along each axis", self, "heading")
        slider = QHBoxLayout()
        slider.setSpacing(10)
        slider.addWidget(self._k)
        slider.addWidget(self._dimensions, 1)
        table = QGridLayout()
        table.setHorizontalSpacing(8)
        table.setVerticalSpacing(2)
        for column, k in enumerate(_COUNTS, start=1):
            head = ScaledLabel(f"{k:,} draw{'' if k == 1 else 's'}", self, "muted")
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            table.addWidget(head, 0, column)
            table.setColumnStretch(column, 1)
            for row, name in enumerate(("q", "p"), start=1):
                value = self._values[name, k]
                value.setObjectName(f"draws-{name}-{k}")
                value.setToolTip("The mean over many repetitions, and its standard error, in nats")
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                table.addWidget(value, row, column)
        table.addWidget(ScaledLabel("from q(z|x)", self, "muted"), 1, 0)
        table.addWidget(ScaledLabel("from the prior", self, "muted"), 2, 0)
        title = QHBoxLayout()
        title.addWidget(ScaledLabel("A few draws instead: log p(x) in nats", self, "heading"), 1)
        title.addWidget(self._picker)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(heading)
        layout.addLayout(slider)
        layout.addWidget(self._points)
        layout.addWidget(self._line)
        layout.addSpacing(8)
        layout.addLayout(title)
        layout.addWidget(self._plot, 1)
        layout.addLayout(table)

    def _show(self, draws: "Draws") -> None:
        self._draws = draws
        self._picker.show_title(draws.title)
        self._plot.show_draws(draws)
        for name, rungs in (("q", draws.from_q), ("p", draws.from_prior)):
            for rung in rungs:
                value = f"{fixed(rung.mean)} ± {fixed(rung.standard_error)}"
                self._values[name, rung.k].setText(value)
        self._count()

    def _count(self) -> None:
        dimensions = self._dimensions.value()
        self._k.setText(f"K = {dimensions}")
        if self._draws is None:
            self._points.setText("")
            return
        cost = self._draws.cost(dimensions)
        many = f"{cost.points:,}" if cost.points < 1e9 else significant(float(cost.points), 2)
        self._points.setText(
            f"{many} points × {duration(self._draws.seconds)} a decoding here = "
            f"{duration(cost.seconds)}"
        )
        self._line.show_seconds(cost.seconds)
