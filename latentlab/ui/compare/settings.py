"""What one network minimises, in detail."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from latentlab.core.regime import MAX_NOISE, Regime
from latentlab.core.spec import Likelihood
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.likelihood_names import LIKELIHOODS
from latentlab.ui.switch import Switch
from latentlab.ui.theme import Theme
from latentlab.ui.value_field import ValueField

_MOST = 1e6


class RegimeSettings(QWidget):
    """The terms' switches and factors, p(x|z) and the latent noise of one network."""

    changed = Signal(object)  # Regime

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._regime = Regime()
        self._reconstruction = Switch(f"comparedReconstruction{number}", "rec", self)
        self._reconstruction.setToolTip("The reconstruction term, −E_q[log p(x|z)]")
        self._kl = Switch(f"comparedKl{number}", "KL", self)
        self._kl.setToolTip("The KL term, KL(q(z|x)‖p(z))")
        self._beta = ValueField(f"comparedBeta{number}", 0.0, _MOST, self)
        self._beta.setAccessibleName("β")
        self._beta.setToolTip("β: what the KL term is multiplied by")
        self._noise = ValueField(f"comparedNoise{number}", 0.0, MAX_NOISE, self, first=0.1)
        self._noise.setAccessibleName("Latent noise")
        self._noise.setToolTip(
            "What ε is multiplied by in z = μ + σ·ε: 1 for a VAE, 0 for a plain autoencoder"
        )
        self._likelihood = ChoiceBox(
            f"comparedLikelihood{number}", "Likelihood", "The decoder's p(x|z)", self
        )
        self._likelihood.addItems(list(LIKELIHOODS.values()))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for column, widget in enumerate(
            (self._reconstruction, self._kl, QLabel("β", self), self._beta)
        ):
            layout.addWidget(widget, 0, column)
        layout.addWidget(self._likelihood, 1, 0, 1, 2)
        layout.addWidget(QLabel("ε ×", self), 1, 2)
        layout.addWidget(self._noise, 1, 3)
        layout.setColumnStretch(3, 1)
        self._reconstruction.clicked.connect(self._switch)
        self._kl.clicked.connect(self._switch)
        self._beta.entered.connect(self._set_beta)
        self._noise.entered.connect(self._set_noise)
        self._likelihood.activated.connect(self._choose_likelihood)

    def show_regime(self, regime: Regime) -> None:
        """Show what is minimised."""
        self._regime = regime
        self._reconstruction.setChecked(regime.weights.reconstruction_on)
        self._kl.setChecked(regime.weights.kl_on)
        self._beta.set_value(regime.weights.beta)
        self._noise.set_value(regime.noise)
        self._likelihood.setCurrentIndex(list(LIKELIHOODS).index(regime.likelihood.name))

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._reconstruction.set_theme(theme)
        self._kl.set_theme(theme)

    def _switch(self) -> None:
        weights = replace(
            self._regime.weights,
            reconstruction_on=self._reconstruction.isChecked(),
            kl_on=self._kl.isChecked(),
        )
        self.changed.emit(replace(self._regime, weights=weights))

    def _set_beta(self, beta: float) -> None:
        weights = replace(self._regime.weights, beta=beta)
        self.changed.emit(replace(self._regime, weights=weights))

    def _set_noise(self, noise: float) -> None:
        self.changed.emit(replace(self._regime, noise=noise))

    def _choose_likelihood(self, index: int) -> None:
        variance = self._regime.likelihood.variance
        likelihood = Likelihood(list(LIKELIHOODS)[index], variance)
        self.changed.emit(replace(self._regime, likelihood=likelihood))
