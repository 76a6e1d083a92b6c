"""Improve q: gradient steps for this one image, which its encoder never took."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.app.infer_view import Improved
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.tip_text import wrapped

_BELOW = 0.05  # nats, from which on it is another top than the best
_WHAT = "q(z|x) is the encoder's: one set of weights for all images"


class ImprovePanel(QWidget):
    """A switch that lets q climb its ELBO, and the way back."""

    improveSwitched = Signal(bool)
    resetWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("improvePanel")
        make_card(self)
        self._start = 0.0
        self._improve = QPushButton("Improve q", self)
        self._improve.setObjectName("improveButton")
        self._improve.setAccessibleName("Improve q")
        self._improve.setCheckable(True)
        self._improve.setToolTip(
            wrapped(
                "Gradient steps up the ELBO on this image's μ and log σ² alone, by Adam through "
                "the decoder: what is left of the amortisation gap is for other modes than the "
                "one it climbs (I)"
            )
        )
        self._reset = QPushButton("Reset", self)
        self._reset.setObjectName("improveReset")
        self._reset.setAccessibleName("Reset q")
        self._reset.setToolTip("Back to the encoder's q(z|x)")
        self._words = ScaledLabel(_WHAT, self, "muted", 0.95)
        self._words.setObjectName("improveWords")
        self._words.setWordWrap(True)
        self._improve.clicked.connect(self.improveSwitched)
        self._reset.clicked.connect(self.resetWanted)
        row = QHBoxLayout()
        row.addWidget(self._improve, 1)
        row.addWidget(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addLayout(row)
        layout.addWidget(self._words)
        self.follow_font()
        self.show_encoder(None)

    def show_encoder(self, elbo: float | None) -> None:
        """q is the encoder's, with this ELBO in nats; None where it is not known."""
        self._start = elbo or 0.0
        self._reset.setEnabled(False)
        self._improve.setEnabled(elbo is not None)
        self._words.setText(_WHAT)

    def set_improving(self, on: bool) -> None:
        """Whether q climbs now."""
        self._improve.setChecked(on)

    def show_improved(self, improved: Improved, best: float | None) -> None:
        """How far it has come; best: the highest ELBO of a diagonal Gaussian, if it is known."""
        elbo = improved.log_likelihood - improved.kl
        steps = f"{improved.steps:,} steps"
        end = f"at a top after {steps}" if improved.done else f"after {steps}"
        if improved.done and best is not None and best - elbo > _BELOW:
            end += f", {fixed(best - elbo)} below the best"
        self._words.setText(f"ELBO {fixed(self._start)} → {fixed(elbo)} nats, {end}")
        self._reset.setEnabled(True)
        self._improve.setEnabled(not improved.done)

    def click_improve(self) -> None:
        """As the button does, if it can."""
        self._improve.click()

    def click_reset(self) -> None:
        """As the button does, if it can."""
        self._reset.click()

    def follow_font(self) -> None:
        """Keep room for two lines."""
        self._words.setMinimumHeight(2 * self._words.fontMetrics().lineSpacing())
