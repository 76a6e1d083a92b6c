"""Page 2: KL divergence between two distributions over a few values, both ways."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from latentlab.core.discrete import NATS_IN_BITS, Array, kl, kl_terms, with_value
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.pair_bars import PairBars
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.segment import SegmentButton
from latentlab.ui.theme import Theme

_THIRD = (1 / 3, 1 / 3, 1 / 3)
_SIXTH = (1 / 6,) * 6
# (name, P, Q)
PRESETS = (
    ("P = (0.70, 0.20, 0.10), Q uniform", (0.7, 0.2, 0.1), _THIRD),
    ("P = (0.36, 0.48, 0.16), Q uniform", (0.36, 0.48, 0.16), _THIRD),
    ("P = Q", (0.5, 0.3, 0.2), (0.5, 0.3, 0.2)),
    ("Q never takes value 3", (0.5, 0.3, 0.2), (0.6, 0.4, 0.0)),
    ("P never takes value 3", (0.6, 0.4, 0.0), (0.5, 0.3, 0.2)),
    ("A loaded die, and a fair one", (0.1, 0.1, 0.1, 0.1, 0.1, 0.5), _SIXTH),
)
_TRIES = 1_000


class DiscreteKl(Figure):
    """Bars of P and Q to drag; KL both ways, in nats or bits, term by term."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._random = np.random.default_rng(0)
        self._preset = ChoiceBox("klPreset", "Example", "P and Q to begin with", self)
        self._preset.addItems([name for name, _, _ in PRESETS])
        self._preset.activated.connect(self._choose)
        self._bars = PairBars(self)
        self._bars.moved.connect(self._move)
        self._nats = SegmentButton("klNats", "nats", "In nats", "With the natural logarithm", self)
        self._bits = SegmentButton(
            "klBits", "bits", "In bits", "With log₂: 1 nat is 1.4427 bits", self
        )
        self._forward = SegmentButton(
            "klForward", "KL(P‖Q)", "Terms of KL(P‖Q)", "Below: pᵢ log(pᵢ/qᵢ)", self
        )
        self._backward = SegmentButton(
            "klBackward", "KL(Q‖P)", "Terms of KL(Q‖P)", "Below: qᵢ log(qᵢ/pᵢ)", self
        )
        for chosen, other in (
            (self._nats, self._bits),
            (self._bits, self._nats),
            (self._forward, self._backward),
            (self._backward, self._forward),
        ):
            chosen.setAutoExclusive(False)
            chosen.clicked.connect(partial(self._switch, chosen, other))
        self._try = QPushButton(f"Try {_TRIES:,} random pairs", self)
        self._try.setObjectName("klTry")
        self._try.setAccessibleName("Try random pairs")
        self._try.setToolTip("Draw P and Q at random, and look for the smallest KL(P‖Q)")
        self._try.clicked.connect(self._try_many)
        self._numbers = [ScaledLabel("", self, scale=1.25, bold=True) for _ in range(2)]
        for label, name in zip(self._numbers, ("KL of P and Q", "KL of Q and P"), strict=True):
            label.setAccessibleName(name)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._numbers[0].setObjectName("klForwardNumber")
        self._numbers[1].setObjectName("klBackwardNumber")
        self._said = ScaledLabel("", self, "muted")
        self._said.setObjectName("klSaid")
        self._said.setWordWrap(True)
        self._keys = QLabel(self)
        self._lay_out()
        self.reset()

    @property
    def pair(self) -> tuple[Array, Array]:
        """P and Q as they are now."""
        return self._p, self._q

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        for label in self._numbers:
            label.setStyleSheet(f"color: {theme.kl}")
        self._keys.setText(
            f'<span style="color:{theme.accent}">■</span> P &nbsp; '
            f'<span style="color:{theme.prior}">■</span> Q'
        )

    def reset(self) -> None:
        """The first example, in nats."""
        self._preset.setCurrentIndex(0)
        for button, on in (
            (self._nats, True),
            (self._bits, False),
            (self._forward, True),
            (self._backward, False),
        ):
            button.setChecked(on)
        self._choose(0)

    def extremes(self) -> Iterable[Callable[[], None]]:
        """All mass of P, or of Q, on one value; and none on another."""
        for which in (0, 1):
            for value in (0.0, 1.0, 1e-300):
                yield partial(self._move, which, 0, value)
                yield partial(self._move, which, 1, value)

    def _choose(self, row: int) -> None:
        _, p, q = PRESETS[row]
        self._p, self._q = np.array(p), np.array(q)
        self._said.setText("")
        self._show()

    def _move(self, which: int, index: int, value: float) -> None:
        if which == 0:
            self._p = with_value(self._p, index, value)
        else:
            self._q = with_value(self._q, index, value)
        self._said.setText("")
        self._show()

    def _switch(self, chosen: SegmentButton, other: SegmentButton) -> None:
        chosen.setChecked(True)
        other.setChecked(False)
        self._show()

    def _try_many(self) -> None:
        n = len(self._p)
        p, q = self._random.dirichlet(np.ones(n), (2, _TRIES))
        found = kl(p, q)
        best = int(found.argmin())
        self._p, self._q = p[best], q[best]
        self._show()
        least = significant(float(found[best]) * self._unit, 2)
        self._said.setText(
            f"Of {_TRIES:,} random pairs the one above has the least, {least} {self._unit_name}; "
            f"below 0: {int((found < 0).sum())}."
        )

    @property
    def _unit(self) -> float:
        return NATS_IN_BITS if self._bits.isChecked() else 1.0

    @property
    def _unit_name(self) -> str:
        return "bits" if self._bits.isChecked() else "nats"

    def _show(self) -> None:
        p, q = self._p, self._q
        forward = self._forward.isChecked()
        terms = (kl_terms(p, q) if forward else kl_terms(q, p)) * self._unit
        what = "pᵢ log(pᵢ/qᵢ)" if forward else "qᵢ log(qᵢ/pᵢ)"
        self._bars.show_pair(p, q, terms, f"The terms {what}, in {self._unit_name}")
        for label, value in zip(self._numbers, (kl(p, q), kl(q, p)), strict=True):
            label.setText(f"{fixed(float(value) * self._unit, 4)} {self._unit_name}")
        if not self._said.text():
            self._said.setText(self._remark())

    def _remark(self) -> str:
        p, q = self._p, self._q
        if np.any((p > 0) & (q == 0)):
            return "P puts mass where Q has none: KL(P‖Q) is infinite, log(pᵢ/0) = ∞."
        if np.any((q > 0) & (p == 0)):
            return "Q puts mass where P has none: KL(Q‖P) is infinite; in KL(P‖Q), 0·log 0 = 0."
        if kl(p, q) == 0:
            return "P = Q: every term is 0, and so is KL. Nothing else makes it 0."
        return "Single terms can be negative. Can you drag the bars so that their sum is?"

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._keys)
        head.addWidget(self._preset, 1)
        for button in (self._nats, self._bits):
            head.addWidget(button)
        foot = QGridLayout()
        foot.setHorizontalSpacing(10)
        foot.setColumnStretch(3, 1)
        for row, button in enumerate((self._forward, self._backward)):
            foot.addWidget(button, row, 0)
            foot.addWidget(self._numbers[row], row, 1)
        foot.addWidget(self._try, 0, 3, Qt.AlignmentFlag.AlignRight)
        foot.addWidget(self._said, 1, 2, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._bars, 1)
        layout.addLayout(foot)
