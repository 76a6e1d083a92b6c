"""Chooses two classes and how much of their difference is added to z; shows what that makes."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.core.label_arithmetic import LabelDifference
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.icons import icon
from latentlab.ui.images import ImageView, Picture, tiled
from latentlab.ui.linear_slider import LinearSlider
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card, named
from latentlab.ui.theme import LIGHT, Theme

REACH = 2.0
STEPS = 9
"""Images from t = −REACH to t = REACH."""
_SIDE = 96
_FORMULA = "z + t·(A − B)"
_ABOUT = (
    "A − B = (1/N_A) Σ μₙ − (1/N_B) Σ μₙ: the mean of μₙ over the images of class A, less that "
    "over class B, in all dimensions of the latent space"
)


class ArithmeticPanel(QWidget):
    """changed: classes or t are others now. sumWanted: z is to go there. closed: put it away."""

    changed = Signal()
    sumWanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("arithmeticPanel")
        make_card(self)
        self._plus = ChoiceBox("arithmeticPlus", "Class A", "A: towards its images", self)
        self._minus = ChoiceBox("arithmeticMinus", "Class B", "B: away from its images", self)
        for box in (self._plus, self._minus):
            box.setMinimumContentsLength(3)
            box.activated.connect(self.changed)
        self._swap = self._button("arithmeticSwap", "Swap A and B")
        self._swap.clicked.connect(self._swap_classes)
        self._close = self._button("arithmeticClose", "Close label arithmetic (Ctrl+L)")
        self._close.clicked.connect(self.closed)
        self._slider = LinearSlider("arithmeticSlider", -REACH, REACH, self)
        self._slider.setAccessibleName("t, how much of A − B")
        self._slider.setToolTip("t: how much of A − B is added to z, from −2 to 2")
        self._slider.set_number(1.0)
        self._slider.changed.connect(self._moved)
        self._number = ScaledLabel("", self)
        self._number.setObjectName("arithmeticNumber")
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance("−2.00"))
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._before = ImageView("arithmeticBefore", "Image at z", _SIDE, "", self)
        self._before.setToolTip("decoder(z)")
        self._after = ImageView("arithmeticAfter", "Image at the sum", _SIDE, "", self)
        self._after.setToolTip("decoder(z + t·(A − B))")
        self._strip = ImageView("arithmeticStrip", "From t = −2 to t = 2", 30, "", self)
        self._strip.setToolTip(f"decoder(z + t·(A − B)) at {STEPS} t from −2 to 2")
        self._says = ScaledLabel("", self, "muted", 0.92)
        self._says.setObjectName("arithmeticSays")
        self._says.setWordWrap(True)
        self._go = QPushButton("z to the sum", self)
        self._go.setObjectName("arithmeticGo")
        self._go.setAccessibleName("Move z to the sum")
        self._go.setToolTip("z = z + t·(A − B); undo comes back")
        self._go.clicked.connect(self.sumWanted)
        self._lay_out()
        self._show_t()
        self.set_theme(LIGHT)

    @property
    def classes(self) -> tuple[int, int]:
        """The labels of A and B; −1 where there is none."""
        return self._plus.currentIndex(), self._minus.currentIndex()

    @property
    def t(self) -> float:
        """How much of A − B, from −REACH to REACH."""
        return self._slider.number

    def set_classes(self, names: Sequence[str]) -> None:
        """Offer these, in the order of their labels; the second less the first to begin with."""
        for box, first in ((self._plus, 1), (self._minus, 0)):
            box.clear()
            box.addItems(list(names))
            box.setCurrentIndex(min(first, len(names) - 1))

    def show_sum(self, pictures: Picture, difference: LabelDifference, images: int) -> None:
        """What is decoded: at z, at the sum, and at each of STEPS t, (2 + STEPS, H, W[, 3]).

        images: the number of all images whose means there are.
        """
        self._before.set_image(pictures[0])
        self._after.set_image(pictures[1])
        self._strip.set_image(tiled(pictures[2:], STEPS))
        first, second = difference.counts
        self._says.setText(
            f"A − B: the mean of μ over the {first:,} images of A, less that over the {second:,} "
            f"of B; {images:,} training images. ‖A − B‖ = {fixed(difference.length)}"
        )
        self._go.setEnabled(True)

    def show_nothing(self, why: str) -> None:
        """There is no sum, and why."""
        for view in (self._before, self._after, self._strip):
            view.set_image(None)
        self._says.setText(why)
        self._go.setEnabled(False)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._close.setIcon(icon("close", theme))
        self._swap.setIcon(icon("swap", theme))
        for part in (self._before, self._after, self._strip, self._slider):
            part.set_theme(theme)

    def _lay_out(self) -> None:
        heading = ScaledLabel("Label arithmetic", self, "heading", bold=True)
        heading.setToolTip(_ABOUT)
        head = QHBoxLayout()
        head.addWidget(heading, 1)
        head.addWidget(self._close)
        classes = QHBoxLayout()
        classes.setSpacing(5)
        for part in (
            ScaledLabel("A", self, "muted"), self._plus, ScaledLabel("−  B", self, "muted"),
            self._minus, self._swap,
        ):  # fmt: skip
            classes.addWidget(part, int(part in (self._plus, self._minus)))
        scale = QHBoxLayout()
        scale.setSpacing(6)
        scale.addWidget(ScaledLabel("t", self, "muted"))
        scale.addWidget(self._slider, 1)
        scale.addWidget(self._number)
        images = QGridLayout()
        images.setHorizontalSpacing(5)
        images.setVerticalSpacing(1)
        for column, (view, text) in enumerate(((self._before, "z"), (self._after, _FORMULA))):
            caption = ScaledLabel(text, self, "muted")
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            caption.setToolTip(_ABOUT)
            images.addWidget(view, 0, column)
            images.addWidget(caption, 1, column)
        ends = QHBoxLayout()
        for text in ("t = −2", "0", "2"):
            ends.addWidget(ScaledLabel(text, self, "muted", 0.85))
            if text != "2":
                ends.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.setSpacing(5)
        for row in (head, classes, scale, images):
            layout.addLayout(row)
        layout.addWidget(self._strip)
        layout.addLayout(ends)
        layout.addWidget(self._says)
        layout.addWidget(self._go)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), name, tip, tip)
        button.setProperty("role", "flat")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _swap_classes(self) -> None:
        first, second = self.classes
        self._plus.setCurrentIndex(second)
        self._minus.setCurrentIndex(first)
        self.changed.emit()

    def _moved(self, _t: float, _finished: bool) -> None:
        self._show_t()
        self.changed.emit()

    def _show_t(self) -> None:
        self._number.setText(fixed(self.t))
