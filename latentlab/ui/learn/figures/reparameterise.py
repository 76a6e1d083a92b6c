"""Page 8: z = μ + σ·ε, with ε, μ and σ to move."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.ui.learn.canvas import Floats
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.noise_lines import NOISE, NoiseLines
from latentlab.ui.learn.named_slider import NamedSlider
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel

_FIRST = {"eps": 1.2, "mu": 0.8, "sigma": 0.7}
_DRAWS = 40


class Reparameterise(Figure):
    """The picture on the left, on the right three sliders and what they come to."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._random = np.random.default_rng(0)
        self._draws: Floats = np.empty(0)
        self.lines = NoiseLines(self)
        self._sliders = {
            name: NamedSlider(f"{name}Slider", symbol, label, tip, self, ends=ends)
            for name, symbol, label, tip, ends in (
                ("eps", "ε", "Epsilon", "The noise: drawn from N(0, 1)", (-NOISE, NOISE)),
                ("mu", "μ", "Mu", "The mean that the encoder says", (-3.0, 3.0)),
                ("sigma", "σ", "Sigma", "The standard deviation, e^(s/2)", (0.01, 2.0)),
            )
        }
        self._draw = QPushButton("Draw new noise", self)
        self._draw.setObjectName("drawNoise")
        self._draw.setAccessibleName("Draw new noise")
        self._draw.setToolTip(f"Draw ε, and {_DRAWS} others (the ticks), from N(0, 1)")
        self._sum = ScaledLabel("", self)
        self._sum.setObjectName("sampleSum")
        self._sum.setToolTip("z = μ + σ·ε")
        self._slopes = ScaledLabel("", self)
        self._slopes.setObjectName("sampleSlopes")
        self._slopes.setToolTip(
            "How z moves when μ or σ does and ε stays: what back-propagation uses"
        )
        for label in (self._sum, self._slopes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
        self._lay_out()
        for slider in self._sliders.values():
            slider.changed.connect(self._show)
        self.lines.moved.connect(self._take)
        self._draw.clicked.connect(self._draw_noise)
        self.reset()

    def reset(self) -> None:
        """The first noise, mean and deviation, and the first draws."""
        self._random = np.random.default_rng(0)
        self._draws = self._random.standard_normal(_DRAWS)
        for name, value in _FIRST.items():
            self._sliders[name].set_number(value)
        self._show()

    def extremes(self) -> Iterable[Callable[[], None]]:
        """Both ends of ε."""
        yield partial(self._take, -NOISE)
        yield partial(self._take, NOISE)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(8)
        for slider in self._sliders.values():
            right.addWidget(slider)
        right.addWidget(self._draw, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self._sum)
        right.addWidget(self._slopes)
        right.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(18)
        layout.addWidget(self.lines, 3)
        layout.addLayout(right, 2)

    def _take(self, eps: float) -> None:
        self._sliders["eps"].set_number(eps)
        self._show()

    def _draw_noise(self) -> None:
        self._draws = self._random.standard_normal(_DRAWS)
        self._take(float(np.clip(self._random.standard_normal(), -NOISE, NOISE)))

    def _show(self) -> None:
        eps, mu, sigma = (slider.number for slider in self._sliders.values())
        self.lines.show_sample(eps, mu, sigma, self._draws)
        z = mu + sigma * eps
        self._sum.setText(
            f"z = {fixed(mu)} + {fixed(sigma)} · ({fixed(eps)}) = <b>{fixed(z, 3)}</b>"
        )
        self._slopes.setText(f"∂z/∂μ = <b>1</b>, ∂z/∂σ = ε = <b>{fixed(eps)}</b>")
