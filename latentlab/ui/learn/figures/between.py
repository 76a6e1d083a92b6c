"""Page 12: the way between two images, in a network without KL and in one with it."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from latentlab.app.lessons.between_images import (
    NETWORKS,
    WITH_KL,
    WITHOUT_KL,
    AskPairs,
    AskWay,
    Pair,
    Pairs,
    Way,
)
from latentlab.app.lessons.latent_codes import AllCodes, AskCodes
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.images import ImageView
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figures.image_choice import ImageChoice
from latentlab.ui.learn.figures.shipped import ShippedFigure
from latentlab.ui.learn.figures.way_column import WayColumn
from latentlab.ui.learn.figures.way_plot import common_range
from latentlab.ui.panel_style import ScaledLabel, named
from latentlab.ui.wheel_guard import WheelGuard

_SIDE = 44
_STEPS = 100
_OWN = "your own choice"


class BetweenFigure(ShippedFigure):
    """Two images, chosen or found by a search; one t for the ways of both networks."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._codes: AllCodes | None = None
        self._pairs: tuple[Pair, ...] = ()
        self._choices = tuple(
            ImageChoice(f"between{place}", f"x{'₁₂'[place - 1]}", self) for place in (1, 2)
        )
        self._views = tuple(
            ImageView(f"betweenImage{place}", f"The image x{place}", _SIDE, "", self)
            for place in (1, 2)
        )
        for choice, view in zip(self._choices, self._views, strict=True):
            choice.chosen.connect(self._choose_own)
            view.setToolTip("A test image, binarised as both networks are given it")
        self.columns = {
            WITHOUT_KL: WayColumn(
                WITHOUT_KL,
                "betweenWithout",
                "Without KL",
                "Trained on the reconstruction alone: z = μ + σ·ε, but nothing keeps σ from 0",
                self,
            ),
            WITH_KL: WayColumn(
                WITH_KL,
                "betweenWith",
                "With KL",
                "Trained on reconstruction + KL, from the same weights, with the same noise",
                self,
            ),
        }
        for column in self.columns.values():
            column.tWanted.connect(self.go_along)
            column.wayChosen.connect(self.go_along)
            column.endWanted.connect(self._take_end)
        self._pair = ChoiceBox(
            "betweenPair", "Pair of images", "Pairs found by trying 250 drawn at random", self
        )
        self._pair.addItem(_OWN)
        self._pair.activated.connect(self._choose_pair)
        self._t = QSlider(Qt.Orientation.Horizontal, self)
        self._said = ScaledLabel("loading…", self, "muted")
        self._lay_out()
        self.ask("codes", AskCodes(NETWORKS))
        self.ask("pairs", AskPairs())

    def hear(self, answer: object) -> None:
        """Show what came."""
        if isinstance(answer, AllCodes):
            self._codes = answer
            for choice in self._choices:
                choice.set_images(answer.labels, answer.class_names)
            for column in self.columns.values():
                column.show_codes(answer)
            self._begin()
        elif isinstance(answer, Pairs):
            self._pairs = answer.pairs
            with QSignalBlocker(self._pair):
                self._pair.addItems([pair.title for pair in answer.pairs])
            self._begin()
        elif isinstance(answer, Way):
            self._show_way(answer)

    def reset(self) -> None:
        """The first pair that was found, half the way between them, and every code in view."""
        for choice in self._choices:
            choice.forget_class()
        for column in self.columns.values():
            column.look_at_all()
        self._begin()

    def extremes(self) -> Iterable[Callable[[], None]]:
        """The same image at both ends, so that the way has no length."""
        return [partial(self._take, 0, 0), partial(self._take, 5, 5)]

    def step_forward(self) -> bool:
        """A tenth of the way on."""
        return self._step(0.1)

    def step_back(self) -> bool:
        """And back."""
        return self._step(-0.1)

    def go_along(self, t: float) -> None:
        """Move z to z(t) in both networks."""
        with QSignalBlocker(self._t):
            self._t.setValue(round(_STEPS * t))
        middle = "  ·  ẑ = (z₁ + z₂)/2" if t == 0.5 else ""
        self._said.setText(f"t = {t:.2f}{middle}")
        for column in self.columns.values():
            column.go_along(t)

    # --- inside ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._codes is not None and self._pairs:
            for control in (self._pair, self._t):
                control.setEnabled(True)
            self._choose_pair(1)
            self.go_along(0.5)

    def _choose_pair(self, row: int) -> None:
        if 0 < row <= len(self._pairs):
            pair = self._pairs[row - 1]
            self._take(pair.first, pair.second)
            with QSignalBlocker(self._pair):
                self._pair.setCurrentIndex(row)

    def _choose_own(self, _index: int) -> None:
        first, second = self._choices
        self._take(first.index, second.index)

    def _take_end(self, end: int, index: int) -> None:
        indices = [choice.index for choice in self._choices]
        if indices[end] != index:
            indices[end] = index
            self._take(*indices)
        else:
            # The handle was dragged, but stays at its code.
            for column in self.columns.values():
                column.show_images(*indices)
                column.go_along(self._t.value() / _STEPS)

    def _take(self, first: int, second: int) -> None:
        codes = self._codes
        if codes is None:
            return
        with QSignalBlocker(self._pair):
            self._pair.setCurrentIndex(0)
        for choice, view, index in zip(self._choices, self._views, (first, second), strict=True):
            choice.show_image(index)
            view.set_image(codes.x[index])
        t = self._t.value() / _STEPS
        for network, column in self.columns.items():
            column.show_images(first, second)
            self.ask(f"way {network}", AskWay(network, first, second, _STEPS + 1))
        self.go_along(t)

    def _show_way(self, way: Way) -> None:
        wanted = tuple(choice.index for choice in self._choices)
        if (way.asked.first, way.asked.second) != wanted:
            return  # newer ones are on their way
        known = {n: c.answer for n, c in self.columns.items()} | {way.asked.network: way}
        ways = {n: w for n, w in known.items() if w and (w.asked.first, w.asked.second) == wanted}
        nats = common_range(list(ways.values()))
        for network, each in ways.items():
            self.columns[network].show_way(each, nats)

    def _slide(self, position: int) -> None:
        self.go_along(position / _STEPS)

    def _step(self, by: float) -> bool:
        here = self._t.value() / _STEPS
        there = min(max(round(here + by, 2), 0.0), 1.0)
        if there == here or self._codes is None:
            return False
        self.go_along(there)
        return True

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        for choice, view in zip(self._choices, self._views, strict=True):
            view.setFixedSize(_SIDE, _SIDE)
            top.addWidget(view)
            top.addWidget(choice)
        top.addStretch(1)
        planes = QHBoxLayout()
        planes.setSpacing(8)
        for column in self.columns.values():
            planes.addWidget(column, 1)
        named(self._t, "betweenT", "t, from z₁ to z₂", "z(t) = (1−t)·z₁ + t·z₂; ẑ is t = ½")
        self._t.setRange(0, _STEPS)
        self._t.setValue(_STEPS // 2)
        self._t.setPageStep(10)
        self._t.valueChanged.connect(self._slide)
        WheelGuard(self._t)
        for control in (self._pair, self._t):
            control.setEnabled(False)
        self._said.setMinimumWidth(
            self._said.fontMetrics().horizontalAdvance("t = 0.50  ·  ẑ = (z₁ + z₂)/2")
        )
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._pair, 2)
        below.addWidget(self._t, 3)
        below.addWidget(self._said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(planes, 1)
        layout.addLayout(below)
