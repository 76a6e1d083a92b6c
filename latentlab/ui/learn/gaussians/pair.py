"""The two Gaussians of pages 3 and 4: one pair for all figures that show them."""

from PySide6.QtCore import QObject, Signal

from latentlab.core.ellipse import LEAST, Ellipse
from latentlab.ui.learn.classroom import Classroom

EXAMPLES: dict[str, tuple[Ellipse, Ellipse]] = {
    "Two that overlap": (
        Ellipse((-0.8, -0.4), (1.1, 0.5), 0.5),
        Ellipse((0.7, 0.5), (1.4, 0.9), -0.6),
    ),
    "Equal": (Ellipse((0.0, 0.0), (1.2, 0.7), 0.4), Ellipse((0.0, 0.0), (1.2, 0.7), 0.4)),
    "Same shape, apart": (
        Ellipse((-1.2, 0.0), (0.8, 0.8), 0.0),
        Ellipse((1.2, 0.0), (0.8, 0.8), 0.0),
    ),
    "Narrow in wide": (
        Ellipse((0.0, 0.0), (0.4, 0.4), 0.0),
        Ellipse((0.0, 0.0), (1.6, 1.6), 0.0),
    ),
    "Crossed": (Ellipse((0.0, 0.0), (1.6, 0.3), 0.785), Ellipse((0.0, 0.0), (1.6, 0.3), -0.785)),
    "Nearly singular": (
        Ellipse((-0.3, 0.0), (1.4, 0.8), 0.6),
        Ellipse((0.3, 0.0), (2.0, LEAST), 0.3),
    ),
}
"""By name: p and q."""
FIRST = next(iter(EXAMPLES))


class GaussianPair(QObject):
    """p = N(μ₁, Σ₁) and q = N(μ₂, Σ₂). `changed` says that either is another."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pair = EXAMPLES[FIRST]

    @classmethod
    def shared(cls, classroom: Classroom) -> "GaussianPair":
        """The classroom's own pair."""
        return classroom.findChild(cls) or cls(classroom)

    @property
    def p(self) -> Ellipse:
        """The first."""
        return self._pair[0]

    @property
    def q(self) -> Ellipse:
        """The second."""
        return self._pair[1]

    def show(self, p: Ellipse, q: Ellipse) -> None:
        """Make them these."""
        if (p, q) != self._pair:
            self._pair = (p, q)
            self.changed.emit()

    def drag(self, name: str, ellipse: Ellipse) -> None:
        """Make "p" or "q" another."""
        self.show(*((ellipse, self.q) if name == "p" else (self.p, ellipse)))
