"""The derivation of the ELBO on an image: each line is a formula and its value in nats."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.app.lesson import pages_folder
from latentlab.app.lesson_lines import read_lines
from latentlab.ui.images import ImageView
from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figures.chain_line import ChainLine
from latentlab.ui.learn.figures.gap_line import GapLine
from latentlab.ui.learn.figures.posterior_picture import PosteriorPicture
from latentlab.ui.learn.image_picker import ImagePicker
from latentlab.ui.learn.prose import Prose
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme

if TYPE_CHECKING:
    from latentlab.app.lessons.elbo import Terms

_SIDE = 72  # pixels of a picture
_TEXT = 0.92


@dataclass(frozen=True, slots=True)
class _Numbers:
    """value: of a line. sum: how its terms come to it, or ""."""

    value: Callable[["Terms"], str]
    sum: Callable[["Terms"], str]


class ElboChain(AskingFigure):
    """Eight lines, of which one is open, beside the image; below, where the values lie."""

    TOPIC = "elbo terms"

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.setObjectName("elboChain")
        self._terms: Terms | None = None
        self._picker = ImagePicker("elboImage", self)
        self._picker.stepped.connect(self.ask)
        self._x = ImageView("elboX", "Image x", _SIDE, "", self)
        self._x.setToolTip("x, as the likelihood sees it")
        self._mean = ImageView("elboDecoded", "Decoded mean of q", _SIDE, "", self)
        self._mean.setToolTip("What the decoder makes of μ, the mean of q(z|x)")
        self._plane = PosteriorPicture("elboPosterior", self)
        self._lines, self._whys = self._written()
        self._group = QButtonGroup(self)
        for number, line in enumerate(self._lines):
            self._group.addButton(line, number)
        self._group.idClicked.connect(self._open)
        self._sum = ScaledLabel("", self, scale=_TEXT)
        self._sum.setObjectName("elboTermSum")
        self._why = Prose(self._whys[0], self, _TEXT)
        self._gap = GapLine("elboGap", self)
        self._residual = ScaledLabel("", self, "muted", _TEXT)
        self._residual.setObjectName("elboResidual")
        self._residual.setToolTip(
            "log p(x) less ELBO + KL(q ‖ p(z|x)): three quadratures, which share no sum"
        )
        self._residual.setWordWrap(True)
        self._lay_out()
        self._open(0)

    # --- what a page calls -----------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        self._why.set_theme(theme)  # it is a part of the line that is open

    def reset(self) -> None:
        """The selected image, and the first line."""
        self._picker.reset()
        self._open(0)
        self.ask()

    def step_forward(self) -> bool:
        """Open the next line."""
        return self._opened(self._number + 1)

    def step_back(self) -> bool:
        """Open the line before."""
        return self._opened(self._number - 1)

    def question(self) -> Question:
        """About the image that is looked at."""
        from latentlab.app.lessons.elbo import TermsQuestion  # noqa: PLC0415  # loads torch

        return TermsQuestion(self._picker.step)

    def show_answer(self, answer: object) -> None:
        """All of it."""
        self._show(answer)  # type: ignore[arg-type]  # the topic says what it is

    # --- inside ----------------------------------------------------------------------------------

    def _written(self) -> tuple[list[ChainLine], list[str]]:
        written = read_lines(pages_folder() / "lines" / "elbo.toml")
        lines = [ChainLine(f"elboLine{n}", line.formula, self) for n, line in enumerate(written)]
        return lines, [line.why for line in written]

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(3)
        for view, text in ((self._x, "x"), (self._mean, "decoder(μ)")):
            caption = ScaledLabel(text, self, "muted", 0.9)
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            left.addWidget(view, 1)
            left.addWidget(caption)
        self._chain = QVBoxLayout()
        self._chain.setSpacing(1)
        for line in self._lines:
            self._chain.addWidget(line)
        self._opening = QWidget(self)
        inside = QVBoxLayout(self._opening)
        inside.setContentsMargins(18, 1, 6, 5)
        inside.setSpacing(2)
        inside.addWidget(self._sum)
        inside.addWidget(self._why)
        self._chain.addStretch(1)
        above = QHBoxLayout()
        above.setSpacing(14)
        above.addLayout(left, 1)
        above.addLayout(self._chain, 4)
        gap = QVBoxLayout()
        gap.addStretch(1)
        gap.addWidget(self._gap)
        gap.addWidget(self._residual)
        gap.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(14)
        below.addWidget(self._plane, 2)
        below.addLayout(gap, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._picker)
        layout.addLayout(above)
        layout.addLayout(below, 1)

    def _opened(self, number: int) -> bool:
        if not 0 <= number < len(self._lines):
            return False
        self._open(number)
        return True

    def _open(self, number: int) -> None:
        self._number = number
        self._lines[number].setChecked(True)
        self._why.set_text(self._whys[number])
        self._chain.removeWidget(self._opening)
        self._chain.insertWidget(number + 1, self._opening)
        self._show_sum()

    def _show(self, terms: "Terms") -> None:
        self._terms = terms
        self._picker.show_title(terms.title)
        self._x.set_image(terms.image)
        self._mean.set_image(terms.decoded)
        self._plane.show_posterior(terms.log_density, terms.q)
        for line, numbers in zip(self._lines, _NUMBERS, strict=True):
            line.set_value(numbers.value(terms))
        self._gap.show_gap(terms.elbo, terms.to_posterior, terms.log_evidence)
        if terms.problem:
            self._residual.setText(f"log p(x) is not sure: {terms.problem}")
        else:
            self._residual.setText(
                f"Residual, log p(x) − (ELBO + KL): {significant(terms.residual, 2)} nats"
            )
        self._show_sum()

    def _show_sum(self) -> None:
        text = "" if self._terms is None else _NUMBERS[self._number].sum(self._terms)
        self._sum.setText(text)
        self._sum.setVisible(bool(text))


def _nothing(_terms: "Terms") -> str:
    return ""


def _nats(value: float) -> str:
    return fixed(value, 3)


def _added(*terms: float) -> str:
    """Each with its sign: "8.553 − 4.100 + 1.000"."""
    first, *rest = terms
    return _nats(first) + "".join(f" {'−' if n < 0 else '+'} {_nats(abs(n))}" for n in rest)


_NUMBERS = (
    _Numbers(lambda t: _nats(t.to_posterior), _nothing),
    _Numbers(
        lambda t: _nats(t.in_one + t.log_evidence), lambda t: _added(t.in_one, t.log_evidence)
    ),
    _Numbers(
        lambda t: _nats(t.log_q - t.log_prior - t.log_likelihood + t.log_evidence),
        lambda t: _added(t.log_q, -t.log_prior, -t.log_likelihood, t.log_evidence),
    ),
    _Numbers(
        lambda t: _nats(t.to_prior - t.log_likelihood + t.log_evidence),
        lambda t: _added(t.to_prior, -t.log_likelihood, t.log_evidence),
    ),
    _Numbers(
        lambda t: f"{_nats(t.log_evidence - t.to_posterior)} = {_nats(t.elbo)}",
        lambda t: (
            f"{_added(t.log_evidence, -t.to_posterior)}   =   "
            f"{_added(t.log_likelihood, -t.to_prior)}"
        ),
    ),
    _Numbers(
        lambda t: f"{_nats(t.log_evidence)} = {_nats(t.elbo + t.to_posterior)}",
        lambda t: f"{_nats(t.log_evidence)}   =   {_added(t.elbo, t.to_posterior)}",
    ),
    _Numbers(lambda t: f"{_nats(t.log_evidence)} ≥ {_nats(t.elbo)}", _nothing),
    _Numbers(lambda t: _nats(t.loss), lambda t: _added(-t.log_likelihood, t.to_prior)),
)
"""One for each line of resources/learn/*/lines/elbo.toml."""
