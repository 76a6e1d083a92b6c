"""The loss: which terms are minimised and how much each counts, with formulas and values."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.app.state import BETA_RANGE, VARIANCE_RANGE
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.training.messages import Terms
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.likelihood_names import LIKELIHOODS, likelihood_words
from latentlab.ui.log_slider import LogSlider
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plan_words import shown_factor
from latentlab.ui.segment import SegmentButton
from latentlab.ui.term_switch import TermSwitch
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.value_field import ValueField

NOTHING = "Both terms are off: there is nothing to minimise"
# key: (label, reconstruction on, KL on, what happens)
_REGIMES = {
    "reconstruction": (
        "Reconstruction only",
        True,
        False,
        "A plain autoencoder: every q(z|x) shrinks to a point, and nothing keeps the cloud near 0",
    ),
    "kl": (
        "KL only",
        False,
        True,
        "Every q(z|x) falls onto the prior N(0, I): z says nothing about x",
    ),
    "both": (
        "Both",
        True,
        True,
        "A VAE: the cloud takes nearly the shape of N(0, I), and z still knows x",
    ),
}


class LossPanel(QWidget):
    """Switches, weights and values of the loss terms, and the objective they make.

    `regimeChosen` says "reconstruction", "kl" or "both". The bool of `betaChanged` and
    `varianceChanged` is False while a slider is still being dragged.
    """

    reconstructionSwitched = Signal(bool)
    klSwitched = Signal(bool)
    betaChanged = Signal(float, bool)
    likelihoodChosen = Signal(str)
    varianceChanged = Signal(float, bool)
    regimeChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lossPanel")
        make_card(self)
        self._weights = LossWeights()
        self._likelihood = Likelihood()
        self._latest: Terms | None = None
        self._heldout: Terms | None = None
        self._kl_factor = 1.0
        self._trains = True
        self._regimes = {key: self._regime_button(key) for key in _REGIMES}
        self._make_terms()
        self._beta = LogSlider("betaSlider", *BETA_RANGE, self)
        self._beta_value = ValueField("betaValue", 0.0, 1e6, self)
        self._variance = LogSlider("varianceSlider", *VARIANCE_RANGE, self)
        self._variance_value = ValueField("varianceValue", 1e-6, 1e6, self)
        self._choice = ChoiceBox(
            "likelihoodChoice", "Likelihood", "The decoder's p(x|z): what its output x̂ means", self
        )
        for name, text in LIKELIHOODS.items():
            self._choice.addItem(text, name)
        self._hint = ScaledLabel("σ² plays the part of β", self, "muted", 0.88)
        self._objective = ScaledLabel("", self, "", 0.96, bold=True)
        self._objective.setObjectName("objectiveText")
        self._objective.setWordWrap(True)
        self._warm_up = ScaledLabel("", self, "muted", 0.88)
        self._warm_up.setObjectName("warmUpText")
        self._warm_up.setWordWrap(True)
        self._elbo = ScaledLabel("", self, "muted", 0.96)
        self._elbo.setObjectName("elboText")
        self._elbo.setWordWrap(True)
        self._elbo.setToolTip("−ELBO = rec + KL: weights 1, whatever the switches say")
        self._explain_sliders()
        self._lay_out()
        self._connect()
        self.show_weights(self._weights)
        self.show_likelihood(self._likelihood)
        self.set_theme(LIGHT)

    def show_weights(self, weights: LossWeights) -> None:
        """Show the switches, β and the objective these weights make."""
        self._weights = weights
        self._reconstruction.setChecked(weights.reconstruction_on)
        self._kl.setChecked(weights.kl_on)
        self._beta.set_number(weights.beta)
        self._beta_value.set_value(weights.beta)
        for key, (_, reconstruction, kl, _) in _REGIMES.items():
            chosen = (reconstruction, kl) == (weights.reconstruction_on, weights.kl_on)
            self._regimes[key].setChecked(chosen)
        self._show_objective()

    def set_trains(self, trains: bool) -> None:
        """Whether anything is ever minimised."""
        self._trains = trains
        self._objective.setVisible(trains)
        self._show_objective()

    def show_likelihood(self, likelihood: Likelihood) -> None:
        """Show the decoder's likelihood and, for a Gaussian, its variance."""
        self._likelihood = likelihood
        self._choice.setCurrentIndex(list(LIKELIHOODS).index(likelihood.name))
        self._reconstruction.formula.set_formula(f"reconstruction_{likelihood.name}")
        gaussian = likelihood.name == "gaussian"
        self._variance.set_number(likelihood.variance)
        self._variance_value.set_value(likelihood.variance)
        for widget in (self._variance, self._variance_value, self._variance_label):
            widget.setEnabled(gaussian)
        self._hint.setVisible(gaussian)
        self._show_objective()

    def show_terms(self, latest: Terms | None, heldout: Terms | None) -> None:
        """Show the terms' values: of the last steps (means of up to 50), and held-out."""
        self._latest, self._heldout = latest, heldout
        self._reconstruction.show_values(
            latest.reconstruction if latest else None, heldout.reconstruction if heldout else None
        )
        self._kl.show_values(latest.kl if latest else None, heldout.kl if heldout else None)
        self._show_objective()

    def show_kl_factor(self, factor: float) -> None:
        """Show that a long run's warm-up has the KL term's weight times `factor` for now; 1: no."""
        if factor != self._kl_factor:
            self._kl_factor = factor
            self._show_objective()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._reconstruction.set_theme(theme)
        self._kl.set_theme(theme)
        self._beta.set_theme(theme, theme.kl)
        self._variance.set_theme(theme, theme.reconstruction)

    def _regime_button(self, key: str) -> SegmentButton:
        label, _, _, tip = _REGIMES[key]
        return SegmentButton(f"regime_{key}", label, label, tip, self)

    def _make_terms(self) -> None:
        self._reconstruction = TermSwitch(
            "reconstructionToggle",
            "Reconstruction",
            "reconstruction_bernoulli",
            "reconstruction",
            self,
        )
        self._reconstruction.setToolTip(
            "rec = −E_q log p(x|z), in nats per image: how badly x̂ fits x"
        )
        self._kl = TermSwitch("klToggle", "KL", "kl", "kl", self)
        self._kl.setToolTip(
            "KL(q(z|x) ‖ N(0, I)), in nats per image: how far the posterior is from the prior"
        )

    def _explain_sliders(self) -> None:
        beta = "β weighs the KL: the objective is rec + β·KL. 1 makes it −ELBO"
        variance = (
            "σ² of p(x|z) = N(x; x̂, σ²I). It plays the part of β: "
            "‖x−x̂‖²/(2σ²) + KL and ‖x−x̂‖²/2 + σ²·KL have the same minimum"
        )
        for widget, name, tip in (
            (self._beta, "β", beta),
            (self._beta_value, "Value of β", f"{beta}. Type 0 to 1e6"),
            (self._variance, "Variance σ²", variance),
            (self._variance_value, "Value of σ²", variance),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(7)
        layout.addWidget(ScaledLabel("Loss", self, "heading", 1.0, bold=True))
        row = QHBoxLayout()
        row.setSpacing(4)
        for key, button in self._regimes.items():
            row.addWidget(button, len(_REGIMES[key][0]) + 3)
        layout.addLayout(row)
        layout.addWidget(self._reconstruction)
        layout.addWidget(self._kl)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        beta_label = ScaledLabel("β", self, "", 1.08, bold=True)
        self._variance_label = ScaledLabel("σ²", self, "", 1.08, bold=True)
        choice_label = ScaledLabel("p(x|z)", self, "muted")
        beta_label.setBuddy(self._beta_value)
        choice_label.setBuddy(self._choice)
        self._variance_label.setBuddy(self._variance_value)
        grid.addWidget(beta_label, 0, 0)
        grid.addWidget(self._beta, 0, 1)
        grid.addWidget(self._beta_value, 0, 2)
        grid.addWidget(choice_label, 1, 0)
        grid.addWidget(self._choice, 1, 1, 1, 2)
        grid.addWidget(self._variance_label, 2, 0)
        grid.addWidget(self._variance, 2, 1)
        grid.addWidget(self._variance_value, 2, 2)
        grid.addWidget(self._hint, 3, 1, 1, 2)
        layout.addLayout(grid)
        layout.addWidget(self._objective)
        layout.addWidget(self._warm_up)
        layout.addWidget(self._elbo)

    def _connect(self) -> None:
        self._reconstruction.clicked.connect(self.reconstructionSwitched)
        self._kl.clicked.connect(self.klSwitched)
        self._beta.changed.connect(self._move_beta)
        self._beta_value.entered.connect(self._enter_beta)
        self._variance.changed.connect(self._move_variance)
        self._variance_value.entered.connect(self._enter_variance)
        self._choice.activated.connect(self._choose_likelihood)
        for button in self._regimes.values():
            button.clicked.connect(self._choose_regime)

    def _show_objective(self) -> None:
        terms, which = self._latest, ", training"
        if terms is None:
            terms, which = self._heldout, ", held-out"
        nothing = self._weights.nothing
        minimised = self._weights.warmed(self._kl_factor)
        self._objective.setProperty("role", "warning" if nothing else "")
        self._objective.style().polish(self._objective)
        formula = self._weights.warmed(shown_factor(self._kl_factor)).formula
        if nothing:
            objective = NOTHING
        elif terms is None:
            objective = f"minimising {formula}"
        else:
            value = fixed(terms.objective(minimised), 1)
            objective = f"minimising {formula} = {value} nats{which}"
        self._objective.setText(objective)
        warms = self._kl_factor < 1 and self._weights.kl > 0
        self._warm_up.setVisible(warms)
        if warms:
            self._warm_up.setText(
                f"The long run warms KL up: {shown_factor(self._kl_factor):g}·β is its weight now"
            )
        elbo = "" if terms is None else f"−ELBO = {fixed(terms.negative_elbo, 1)} nats{which}"
        if elbo and not self._trains:
            elbo += f"; p(x|z): {likelihood_words(self._likelihood)}"  # a guess, maybe
        self._elbo.setText(elbo or "−ELBO = rec + KL")

    def _move_beta(self, value: float, finished: bool) -> None:
        self._beta_value.set_value(value)
        self.betaChanged.emit(value, finished)

    def _enter_beta(self, value: float) -> None:
        self._beta.set_number(value)
        self.betaChanged.emit(value, True)

    def _move_variance(self, value: float, finished: bool) -> None:
        self._variance_value.set_value(value)
        self.varianceChanged.emit(value, finished)

    def _enter_variance(self, value: float) -> None:
        self._variance.set_number(value)
        self.varianceChanged.emit(value, True)

    def _choose_likelihood(self, index: int) -> None:
        name = list(LIKELIHOODS)[index]
        if name != self._likelihood.name:
            self.likelihoodChosen.emit(name)

    def _choose_regime(self) -> None:
        key = next(key for key, button in self._regimes.items() if button is self.sender())
        self.regimeChosen.emit(key)
        # A click toggles the button, but it shows what the weights are.
        self.show_weights(self._weights)
