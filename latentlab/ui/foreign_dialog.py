"""Asks how another program's state dict is to be read, and shows what a reading makes of images."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QWidget

from latentlab.app.importing import Offer, shown_pictures
from latentlab.core.foreign_reading import IMPOSSIBLE, Reading, Scale
from latentlab.core.foreign_steps import Steps, told
from latentlab.core.spec import Activation, Likelihood
from latentlab.ui.reading_dialog import OUTPUTS, ReadingDialog, nats, short

_ACTIVATIONS: dict[str, tuple[Activation, float]] = {
    "ReLU": ("relu", 0.01),
    "leaky ReLU, slope 0.2": ("leaky_relu", 0.2),
    "leaky ReLU, slope 0.01": ("leaky_relu", 0.01),
    "tanh": ("tanh", 0.01),
    "ELU": ("elu", 0.01),
    "sigmoid": ("sigmoid", 0.01),
    "SiLU": ("silu", 0.01),
    "GELU": ("gelu", 0.01),
    "softplus": ("softplus", 0.01),
}
_SPREADS = {
    "log σ²": "logvar",
    "log σ": "log_sigma",
    "σ itself (its sign means nothing)": "sigma",
    "s, and σ = softplus(s)": "softplus",
    "s, and σ² = softplus(s)": "softplus_variance",
}
_OWN = "in the data's own units"
_SCALES: dict[str, Scale] = {"from 0 to 1": "unit", "from −1 to 1": "signed", _OWN: "own"}
_LAST_LAYERS = {**OUTPUTS, "what tanh makes the image of": "tanh"}


class ForeignDialog(ReadingDialog):
    """Shows an offer; blocks nothing.

    changed: another Reading was chosen. accepted: as it is shown now.
    """

    def __init__(self, parent: QWidget, offer: Offer) -> None:
        super().__init__(parent, "foreign", f"is {offer.model.path.name}")
        self._offer = offer
        first, second = (short(name) for name in offer.model.head_names)
        if first == second:
            first, second = "the first head", "the second head"
        activations = dict.fromkeys(_ACTIVATIONS)
        self._activation = self._box(
            "Activation", "Activation", activations, "h = activation(W x + b)"
        )
        heads = {first: False, second: True}
        self._mu = self._box("Mu", "μ is", heads, "which of the two heads gives μ of q(z|x)")
        self._spread = self._box(
            "Spread",
            "The other is",
            _SPREADS,
            "what the other head, s, says of σ: of log σ², σ = e^(s/2); of log σ, σ = e^s; "
            "softplus(s) = log(1 + e^s)",
        )
        scales = dict(_SCALES)
        if offer.units is None or offer.model.channels:
            del scales[_OWN]
        self._scale = self._box(
            "Scale", "Values are", scales, "on what scale it takes x, and gives x̂ if that itself"
        )
        self._output = self._box(
            "Output", "The decoder gives", _LAST_LAYERS, "what its last layer says of x̂"
        )
        self._downs, self._ups = offer.model.steps(offer.image_shape)
        self._down = self._steps_box("Down", "Encoder's convolutions", self._downs)
        self._up = self._steps_box("Up", "Decoder's convolutions", self._ups)
        self._bent = self._box(
            "Bent",
            "Decoder's dense layer",
            {"then an activation": True, "then none": False},
            "whether h = activation(W z + b) or W z + b is what its convolutions begin with",
        )
        self._norm = self._box(
            "Norm",
            "Norm comes",
            {"before the activation": False, "after it": True},
            "a batch norm (in evaluation a scale and a shift of each channel) or a layer norm",
        )
        self._make_rest()
        buttons = QDialogButtonBox.StandardButton
        self._buttons.addButton(buttons.Cancel)
        self._buttons.addButton(buttons.Save).setText("Save as a latentlab model…")
        self._preselect(offer.trial.reading)
        self._lay_out(self._about(offer), self._asked(offer))
        self._paint(offer)

    @property
    def offer(self) -> Offer:
        """What is shown."""
        return self._offer

    @property
    def reading(self) -> Reading:
        """What is chosen."""
        activation, leak = _ACTIVATIONS[self._activation.currentText()]
        return Reading(
            activation=activation,
            leak=leak,
            swapped=self._mu.currentData(),
            spread=self._spread.currentData(),
            scale=self._scale.currentData(),
            output=self._output.currentData(),
            likelihood=Likelihood(self._likelihood.currentData(), self._variance.value()),
            norm_after=self._norm.currentData(),
            down=self._downs[self._down.currentIndex()] if self._downs else None,
            up=self._ups[self._up.currentIndex()] if self._ups else None,
            bent=self._bent.currentData(),
        )

    def show_offer(self, offer: Offer) -> None:
        """What the chosen reading makes of images; of another reading this comes too late."""
        if offer.trial.reading == self.reading:
            self._offer = offer
            self._paint(offer)

    def _paint(self, offer: Offer) -> None:
        trial, pictures = offer.trial, shown_pictures(offer)
        count, elbo = len(offer.x), nats(trial.elbo)
        self._show_pictures(pictures, offer.data, count, trial.squared_error, elbo, poor=trial.poor)

    def _preselect(self, reading: Reading) -> None:
        chosen = (
            (self._mu, reading.swapped),
            (self._spread, reading.spread),
            (self._scale, reading.scale),
            (self._output, reading.output),
            (self._norm, reading.norm_after),
            (self._bent, reading.bent),
            (self._likelihood, reading.likelihood.name),
        )
        for box, value in chosen:
            box.setCurrentIndex(box.findData(value))
        for box, steps, chosen_steps in (
            (self._down, self._downs, reading.down),
            (self._up, self._ups, reading.up),
        ):
            if chosen_steps is not None:
                box.setCurrentIndex(steps.index(chosen_steps))
        known = (reading.activation, reading.leak)
        self._activation.setCurrentIndex(list(_ACTIVATIONS.values()).index(known))
        self._variance.setValue(reading.likelihood.variance)
        self._variance.setEnabled(reading.likelihood.name == "gaussian")

    def _about(self, offer: Offer) -> str:
        model = offer.model
        layers = " → ".join(
            (*map(short, model.encoder), f"({' | '.join(map(short, model.heads))})",
             f"z, K = {model.latent_dim}", *map(short, model.decoder))
        )  # fmt: skip
        folded = any(not norm.layered for norm in model.norms)
        norms = (
            " Its batch norms become part of the layers, as they are in evaluation; training goes "
            "on without them."
        )
        return (
            f"{layers}. Names and shapes do not tell the rest; what was preselected "
            f"reconstructs images best.{norms if folded else ''}"
        )

    def _asked(self, offer: Offer) -> list[QComboBox]:
        """The boxes that ask what this file leaves open; the others are hidden."""
        convolutions = {self._down: bool(self._downs), self._up: bool(self._ups)}
        asks = convolutions | {
            self._bent: bool(self._ups),
            self._norm: len(offer.model.norm_places) > 1,
        }
        boxes = (
            self._activation, self._norm, self._down, self._bent, self._up, self._mu, self._spread,
            self._scale, self._output, self._likelihood,
        )  # fmt: skip
        for box in boxes:
            box.setVisible(asks.get(box, True))
        return [box for box in boxes if asks.get(box, True)]

    def _choose(self) -> None:
        """Of a scale and a last layer that do not go together the one that was not chosen now
        changes."""
        scale, output = self._scale.currentData(), self._output.currentData()
        if (scale, output) in IMPOSSIBLE:
            if self.sender() is self._output:
                other, value = self._scale, "signed" if output == "tanh" else "unit"
            else:
                other, value = self._output, "image"
            with QSignalBlocker(other):
                other.setCurrentIndex(other.findData(value))
        super()._choose()

    def _steps_box(self, name: str, label: str, steps: list[Steps]) -> QComboBox:
        """Its index is that of `steps`."""
        box = self._box(name, label, {}, "strides and paddings by which images of this size fit")
        box.addItems([told(each) for each in steps])
        return box
