"""Page 1: a die that can be loaded, with conditional probabilities and expectations."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.core.probability import Die
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.die_faces import FACES, DieFaces, Faces
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel

_SETS: dict[str, Faces] = {
    "odd": (1, 3, 5),
    "even": (2, 4, 6),
    "at most 3": (1, 2, 3),
    "at least 4": (4, 5, 6),
    "any face": FACES,
}
_EVENTS: dict[str, Faces] = {**{str(face): (face,) for face in FACES}, **_SETS}
_FIRST_EVENT, _FIRST_CONDITION = "3", "odd"
_LARGEST_DENOMINATOR = 60


class DieFigure(Figure):
    """Bars for the faces; P(A), P(A | B), E[face] and E[face | B]."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._die = Die.fair()
        self.bars = DieFaces(self)
        self._event = self._choice(
            "dieEvent", "Event A", "A: the face whose probability is asked for", _EVENTS
        )
        self._condition = self._choice(
            "dieCondition", "Condition B", "B: what is known about the throw", _SETS
        )
        self._fair = QPushButton("Fair die", self)
        self._fair.setObjectName("fairDie")
        self._fair.setAccessibleName("Fair die")
        self._fair.setToolTip("Give each face 1/6 again")
        self._lines = {}
        for name, tip in (
            ("dieEventProbability", "P(A): the sum of its bars"),
            ("dieConditionProbability", "P(B): the sum of its bars"),
            ("dieConditional", "P(A | B) = P(A and B) / P(B)"),
            ("dieMean", "E[face] = Σ face · P(face)"),
            ("dieConditionalMean", "E[face | B] = Σ face · P(face | B)"),
        ):
            label = ScaledLabel("", self)
            label.setObjectName(name)
            label.setToolTip(tip)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            self._lines[name] = label
        self._lay_out()
        self.bars.moved.connect(self._take)
        self._event.currentIndexChanged.connect(self._show)
        self._condition.currentIndexChanged.connect(self._show)
        self._fair.clicked.connect(self._make_fair)
        self.reset()

    def reset(self) -> None:
        """A fair die, and P(3 | odd)."""
        self._event.setCurrentText(_FIRST_EVENT)
        self._condition.setCurrentText(_FIRST_CONDITION)
        self._make_fair()

    def extremes(self) -> Iterable[Callable[[], None]]:
        """A die that always shows 2, and one that never shows 3."""
        yield partial(self._take, Die.fair().with_face(2, 1.0))
        yield partial(self._take, Die.fair().with_face(3, 0.0))

    def _choice(self, name: str, label: str, tip: str, sets: dict[str, Faces]) -> ChoiceBox:
        box = ChoiceBox(name, label, tip, self)
        box.addItems(list(sets))
        return box

    def _lay_out(self) -> None:
        choices = QGridLayout()
        for row, (text, box) in enumerate((("A", self._event), ("B", self._condition))):
            choices.addWidget(ScaledLabel(text, self, bold=True), row, 0)
            choices.addWidget(box, row, 1)
        choices.setColumnStretch(1, 1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(choices)
        for index, label in enumerate(self._lines.values()):
            if index == 3:
                right.addSpacing(6)
            right.addWidget(label)
        right.addStretch(1)
        right.addWidget(self._fair, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(18)
        layout.addWidget(self.bars, 1)
        layout.addLayout(right, 1)

    def _take(self, die: Die) -> None:
        self._die = die
        self._show()

    def _make_fair(self) -> None:
        self._take(Die.fair())

    def _show(self) -> None:
        die = self._die
        a_name, b_name = self._event.currentText(), self._condition.currentText()
        a, b = _EVENTS[a_name], _SETS[b_name]
        self.bars.show_die(die, a, b)
        both, condition = die.probability(set(a) & set(b)), die.probability(b)
        given = die.conditional(a, b)
        undefined = f"undefined, P({b_name}) = 0"
        whole = die.mean()
        assert whole is not None  # some face comes up
        of_given = die.mean(b)
        texts = (
            f"P({a_name}) = {_exact(die.probability(a))}",
            f"P({b_name}) = {_exact(condition)}",
            f"P({a_name} | {b_name}) = P({a_name} and {b_name}) / P({b_name})<br>"
            + (
                f"is {undefined}"
                if given is None
                else f"= {fixed(both, 3)} / {fixed(condition, 3)} = <b>{_exact(given)}</b>"
            ),
            f"E[face] = Σ face · P(face) = <b>{_exact(whole)}</b>",
            f"E[face | {b_name}] "
            + (f"is {undefined}" if of_given is None else f"= <b>{_exact(of_given)}</b>"),
        )
        for label, text in zip(self._lines.values(), texts, strict=True):
            label.setText(text)


def _exact(value: float) -> str:
    """With three decimals, after the fraction if it is a simple one: "1/3 = 0.333"."""
    fraction = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    decimals = fixed(value, 3)
    if abs(float(fraction) - value) > 1e-12 or fraction.denominator == 1:
        return decimals
    sign = "=" if abs(float(decimals) - value) < 1e-12 else "≈"
    return f"{fraction} {sign} {decimals}"
