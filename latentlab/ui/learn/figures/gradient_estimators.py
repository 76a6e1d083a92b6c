"""Page 8: the pathwise gradient against the score function's, on the same draws."""

from typing import get_args

import numpy as np
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.core.estimators import FUNCTIONS, Estimates, Parameter, estimate
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.estimate_chart import Axes, axes_for
from latentlab.ui.learn.figures.estimate_view import EstimateView
from latentlab.ui.learn.named_slider import NamedSlider

LEAST, MOST = 10, 100_000
_FIRST = {"estimatorMu": 0.8, "estimatorSigma": 0.7, "drawCount": 300.0}
_NOMINAL = 30  # draws whose mean fits on the axis of means
_SYMBOLS: dict[Parameter, str] = {"mu": "μ", "sigma": "σ"}
_AVERAGED: dict[Parameter, tuple[str, str]] = {
    "mu": ("f′(z)", "f(z)·ε/σ"),
    "sigma": ("f′(z)·ε", "f(z)·(ε² − 1)/σ"),
}


class GradientEstimators(Figure):
    """What is estimated, from how many draws, and what the two estimators make of them."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._seed = 0
        self.eps = np.random.default_rng(self._seed).standard_normal(MOST)
        self._function = ChoiceBox(
            "testFunction", "Test function", "f, whose expectation under q(z) has a gradient", self
        )
        self._function.addItems([f"f(z) = {name}" for name in FUNCTIONS])
        self._parameter = ChoiceBox(
            "gradientOf", "Derivative by", "Whether μ or σ of q is what f is to pull on", self
        )
        self._parameter.addItems([f"∂/∂{_SYMBOLS[p]} E[f(z)]" for p in get_args(Parameter)])
        self._sliders = [
            NamedSlider("estimatorMu", "μ", "Mu", "The mean of q", self, ends=(-3.0, 3.0)),
            NamedSlider(
                "estimatorSigma",
                "σ",
                "Sigma",
                "The standard deviation of q",
                self,
                ends=(0.05, 2.0),
            ),
            NamedSlider(
                "drawCount",
                "N",
                "Number of draws",
                "How many draws of ε the two estimators share",
                self,
                ends=(LEAST, MOST),
                logarithmic=True,
                whole=True,
            ),
        ]
        self._again = QPushButton("Draw again", self)
        self._again.setObjectName("drawAgain")
        self._again.setAccessibleName("Draw again for the test function")
        self._again.setToolTip("Draw other noise: the means move about as far as their error bars")
        self.view = EstimateView(self)
        self._lay_out()
        self._function.currentIndexChanged.connect(self._show)
        self._parameter.currentIndexChanged.connect(self._show)
        for slider in self._sliders:
            slider.changed.connect(self._show)
        self._again.clicked.connect(self._draw_again)
        self.reset()

    def reset(self) -> None:
        """The quadratic, the derivative by μ, 300 draws, and the first noise."""
        for choice in (self._function, self._parameter):
            choice.setCurrentIndex(0)
        for slider, value in zip(self._sliders, _FIRST.values(), strict=True):
            slider.set_number(value)
        self._draw(0)

    def _lay_out(self) -> None:
        choices = QGridLayout()
        choices.setHorizontalSpacing(12)
        choices.setVerticalSpacing(6)
        choices.addWidget(self._function, 0, 0)
        choices.addWidget(self._parameter, 0, 1)
        choices.addWidget(self._again, 0, 2)
        for column, slider in enumerate(self._sliders):
            choices.addWidget(slider, 1, column)
            choices.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(6)
        layout.addLayout(choices)
        layout.addWidget(self.view, 1)

    def _draw_again(self) -> None:
        self._draw(self._seed + 1)

    def _draw(self, seed: int) -> None:
        self._seed = seed
        self.eps = np.random.default_rng(seed).standard_normal(MOST)
        self._show()

    @property
    def _by(self) -> Parameter:
        """What the derivative is taken by."""
        parameters: tuple[Parameter, ...] = get_args(Parameter)
        return parameters[self._parameter.currentIndex()]

    def _estimates(self, count: int) -> Estimates:
        name = list(FUNCTIONS)[self._function.currentIndex()]
        mu, sigma = (slider.number for slider in self._sliders[:2])
        return estimate(FUNCTIONS[name], mu, sigma, self.eps[:count], self._by)

    def _axes(self) -> Axes:
        """Of many draws, whatever N is, so that they stand while it changes."""
        return axes_for(self._estimates(MOST // 10), _NOMINAL)

    def _show(self) -> None:
        count = round(self._sliders[2].number)
        found = self._estimates(count)
        wanted = f"∂E[f]/∂{_SYMBOLS[self._by]}"
        self.view.show_estimates(found, self._axes(), wanted, _AVERAGED[self._by])
