"""A long run: how it is to go, and, once it goes, how far it is."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.training.messages import PlanProgress
from latentlab.training.plan import Plan, Schedule, held_back
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.icons import icon, icon_in
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plan_words import best_so_far, duration, how_far
from latentlab.ui.switch import Switch
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped
from latentlab.ui.value_field import ValueField

_NOT_READY = "The training engine is still starting"
_BEGIN = "Begin from the present weights, with the rate below as the schedule's highest"
_SCHEDULES: dict[Schedule, str] = {
    "one-cycle": "one cycle",
    "cosine": "cosine",
    "constant": "constant",
}
_SCHEDULE_TIP = (
    "The learning rate η over the run. One cycle: from η/25 up to η in the first 15 %, then down "
    "to η/25,000. Cosine: η·½(1 + cos πt), t from 0 to 1. Constant: η"
)
_EPOCHS_TIP = "Epochs: how often each image that is not held back is seen. Up doubles, Down halves"
_WARM_UP_TIP = (
    "KL warm-up: over the first T epochs the objective is rec + (t/T)·β·KL, so that q(z|x) is not "
    "pulled to the prior before z says anything. 0 for none"
)
_PATIENCE_TIP = (
    "Early stopping: the run ends once the objective on the images held back has not fallen for so "
    "many epochs. 0 for never"
)
_AVERAGING_TIP = (
    "Judge and keep the moving average θ̄ ← θ̄ + a·(θ − θ̄) of the weights, with a falling to "
    "1/1000, instead of the last θ: less noise of the last steps"
)
_MOST = 9_999
_BAR_HEIGHT = 8
# Of a progress bar, which counts in whole numbers.
_PARTS = 1_000


class PlanPanel(QWidget):
    """Takes a plan and begins it; while one is under way it shows that instead, and can end it."""

    beginWanted = Signal(object)  # Plan
    endWanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("planPanel")
        make_card(self)
        self._theme = LIGHT
        self._images = 0
        self._speed = 0.0
        self._close = QToolButton(self)
        self._close.setObjectName("planClose")
        self._close.setAccessibleName("Close the long run's panel")
        self._close.setToolTip("Close this panel (Shift+T). A run under way goes on")
        self._close.setProperty("role", "flat")
        self._make_form()
        self._make_progress()
        self._lay_out()
        self._close.clicked.connect(self.closed)
        self._begin.clicked.connect(self._want_begin)
        self._end.clicked.connect(self.endWanted)
        self._epochs.entered.connect(self._show_note)
        self.setFocusProxy(self._epochs)
        self._progress.hide()
        self.set_theme(LIGHT)

    @property
    def plan(self) -> Plan:
        """The plan that the form describes."""
        return Plan(
            epochs=int(self._epochs.value),
            schedule=self._schedule.currentData(),
            kl_warm_up=self._warm_up.value,
            averaging=self._averaging.isChecked(),
            patience=int(self._patience.value),
        )

    def set_ready(self, ready: bool) -> None:
        """Let it begin, or not with the reason as the button's tooltip."""
        self._begin.setEnabled(ready)
        self._begin.setToolTip(_BEGIN if ready else _NOT_READY)

    def show_images(self, count: int) -> None:
        """How many training images there are."""
        self._images = count
        self._show_note()

    def show_speed(self, images_per_second: float) -> None:
        """How fast training was last; 0 where that is not known."""
        if images_per_second != self._speed:
            self._speed = images_per_second
            self._show_note()

    def show_plan(self, progress: PlanProgress | None) -> None:
        """Show how far the plan under way is; with None, the form for one."""
        if progress is None:
            self._turn_to(self._form, self._epochs)
            return
        self._turn_to(self._progress, self._end)
        plan = progress.plan
        self._bar.setValue(round(_PARTS * min(progress.epoch / plan.epochs, 1.0)))
        self._far.setText(how_far(progress))
        self._best.setText(best_so_far(progress))
        self._what.setText(_summary(plan))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._averaging.set_theme(theme)
        self._close.setIcon(icon("close", theme))
        self._begin.setIcon(icon_in("play", theme.panel, theme.muted))
        self.follow_font()

    def follow_font(self) -> None:
        """Draw the icons as high as the text."""
        size = round(0.9 * self.fontMetrics().height())
        for button in (self._close, self._begin):
            button.setIconSize(QSize(size, size))

    # --- what it is made of ----------------------------------------------------------------------

    def _make_form(self) -> None:
        self._form = QWidget(self)
        first = Plan()
        self._epochs = self._field("planEpochs", 1, first.epochs, _EPOCHS_TIP)
        self._schedule = ChoiceBox("planSchedule", "Schedule", _SCHEDULE_TIP, self._form)
        for key, text in _SCHEDULES.items():
            self._schedule.addItem(text, key)
        self._schedule.setCurrentIndex(list(_SCHEDULES).index(first.schedule))
        self._warm_up = self._field("planWarmUp", 0, first.kl_warm_up, _WARM_UP_TIP, whole=False)
        self._patience = self._field("planPatience", 0, first.patience, _PATIENCE_TIP)
        self._averaging = Switch("planAveraging", "Average the weights", self._form)
        self._averaging.setChecked(first.averaging)
        self._averaging.setToolTip(wrapped(_AVERAGING_TIP))
        self._note = ScaledLabel("", self._form, "muted", 0.88)
        self._note.setObjectName("planNote")
        self._note.setWordWrap(True)
        self._begin = QPushButton("Begin", self._form)
        self._begin.setObjectName("planBegin")
        self._begin.setAccessibleName("Begin the long run")
        self._begin.setProperty("role", "primary")
        self.set_ready(True)

    def _field(
        self, name: str, low: float, value: float, tip: str, *, whole: bool = True
    ) -> ValueField:
        field = ValueField(name, low, _MOST, self._form, whole=whole, first=1.0)
        field.setAccessibleName(tip.partition(":")[0])
        field.setToolTip(wrapped(tip))
        field.set_value(value)
        return field

    def _make_progress(self) -> None:
        self._progress = QWidget(self)
        self._bar = QProgressBar(self._progress)
        self._bar.setObjectName("planBar")
        self._bar.setAccessibleName("How far the long run is")
        self._bar.setRange(0, _PARTS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(_BAR_HEIGHT)
        self._far, self._best, self._what = (
            ScaledLabel("", self._progress, role, scale)
            for role, scale in (("", 1.0), ("", 1.0), ("muted", 0.88))
        )
        for label, name in ((self._far, "planFar"), (self._best, "planBest")):
            label.setObjectName(name)
        self._best.setToolTip("Of the best weights so far, on the training images held back")
        self._what.setObjectName("planWhat")
        self._what.setWordWrap(True)
        self._end = QPushButton("End now, keep the best", self._progress)
        self._end.setObjectName("planEnd")
        self._end.setAccessibleName("End the long run")
        self._end.setToolTip("End the run early: its best weights so far are kept")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 12)
        layout.setSpacing(5)
        top = QHBoxLayout()
        top.addWidget(ScaledLabel("Long run", self, "heading", 1.0, bold=True), 1)
        top.addWidget(self._close)
        layout.addLayout(top)
        layout.addWidget(self._form)
        layout.addWidget(self._progress)

        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        rows = (
            ("Epochs", self._epochs, ""),
            ("Schedule", self._schedule, None),
            ("KL warm-up", self._warm_up, "epochs"),
            ("Patience", self._patience, "epochs"),
        )
        for row, (text, field, unit) in enumerate(rows):
            label = ScaledLabel(text, self._form, "muted")
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1, 1, 2 if unit is None else 1)
            if unit is not None:
                grid.addWidget(ScaledLabel(unit, self._form, "muted"), row, 2)
        grid.addWidget(self._averaging, len(rows), 0, 1, 3)
        grid.addWidget(self._note, len(rows) + 1, 0, 1, 3)
        grid.addWidget(self._begin, len(rows) + 2, 0, 1, 3)

        column = QVBoxLayout(self._progress)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self._bar, self._far, self._best, self._what, self._end):
            column.addWidget(widget)

    # --- inside ----------------------------------------------------------------------------------

    def _show_note(self) -> None:
        kept = held_back(self._images)
        text = (
            f"{kept:,} training images are held back from the steps; the weights that are best on "
            "them are kept."
        )
        if self._speed > 0:
            seconds = self._epochs.value * (self._images - kept) / self._speed
            text += f" About {duration(seconds)} at {self._speed:,.0f} img/s."
        self._note.setText(text)

    def _turn_to(self, page: QWidget, first: QWidget) -> None:
        """Show one of the two pages; `first` is where the keyboard gets into it."""
        if not page.isHidden():
            return
        other = self._form if page is self._progress else self._progress
        focused = QApplication.focusWidget()
        if focused is not None and other.isAncestorOf(focused):
            # Else Qt would hand it to whatever comes next, and Space might end what has just begun.
            self._close.setFocus()
        other.hide()
        page.show()
        self.setFocusProxy(first)

    def _want_begin(self) -> None:
        self.beginWanted.emit(self.plan)


def _summary(plan: Plan) -> str:
    """For example "one cycle · KL warmed up over 5 epochs · averaged"."""
    parts = [f"{_SCHEDULES[plan.schedule]} schedule"]
    if plan.kl_warm_up > 0:
        parts.append(f"KL warmed up over {plan.kl_warm_up:g} epochs")
    if plan.averaging:
        parts.append("weights averaged")
    if plan.patience > 0:
        parts.append(f"patience of {plan.patience:,} epochs")
    return " · ".join(parts)
