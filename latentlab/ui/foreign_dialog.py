"""Asks how another program's state dict is to be read, and shows what a reading makes of images."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.importing import Offer, shown_pictures
from latentlab.core.checkpoint import shown
from latentlab.core.foreign_reading import Reading
from latentlab.core.foreign_steps import Steps, told
from latentlab.core.spec import Activation, Likelihood
from latentlab.ui.images import to_qimage

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
_OUTPUTS = {"logits: the image is their sigmoid": "logits", "the image itself": "image"}
_LIKELIHOODS = {
    "Bernoulli": "bernoulli",
    "Gaussian": "gaussian",
    "continuous Bernoulli": "continuous_bernoulli",
}
_PICTURE = QSize(560, 140)
_LONGEST = 30  # characters of a layer's name


class ForeignDialog(QDialog):
    """Shows an offer; blocks nothing.

    changed: another Reading was chosen. accepted: as it is shown now.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget, offer: Offer) -> None:
        super().__init__(parent)
        self.setObjectName("foreignDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"How is {offer.model.path.name} to be read?")
        self._offer = offer
        first, second = (_short(name) for name in offer.model.head_names)
        if first == second:
            first, second = "the first head", "the second head"
        activations = dict.fromkeys(_ACTIVATIONS)
        self._activation = self._box(
            "foreignActivation", "Activation", activations, "h = activation(W x + b)"
        )
        heads = {first: False, second: True}
        self._mu = self._box("foreignMu", "μ is", heads, "which of the two heads gives μ of q(z|x)")
        self._spread = self._box(
            "foreignSpread",
            "The other is",
            _SPREADS,
            "what the other head, s, says of σ: of log σ², σ = e^(s/2); of log σ, σ = e^s; "
            "softplus(s) = log(1 + e^s)",
        )
        self._output = self._box(
            "foreignOutput", "The decoder gives", _OUTPUTS, "what its last layer says of x̂"
        )
        self._downs, self._ups = offer.model.steps(offer.image_shape)
        self._down = self._steps_box("foreignDown", "Encoder's convolutions", self._downs)
        self._up = self._steps_box("foreignUp", "Decoder's convolutions", self._ups)
        self._bent = self._box(
            "foreignBent",
            "Decoder's dense layer",
            {"then an activation": True, "then none": False},
            "whether h = activation(W z + b) or W z + b is what its convolutions begin with",
        )
        self._norm = self._box(
            "foreignNorm",
            "Batch norm comes",
            {"before the activation": False, "after it": True},
            "in evaluation, a scale and a shift of each channel",
        )
        self._likelihood = self._box(
            "foreignLikelihood", "p(x|z)", _LIKELIHOODS,
            "no weights tell which it was trained with; the ELBO depends on it",
        )  # fmt: skip
        self._variance = QDoubleSpinBox(self)
        self._variance.setObjectName("foreignVariance")
        self._variance.setAccessibleName("σ² of the Gaussian")
        self._variance.setToolTip("log p(x|z) = −‖x − x̂‖² / 2σ² − D/2 · log 2πσ²")
        self._variance.setDecimals(6)
        self._variance.setRange(1e-6, 1e6)
        self._variance.setKeyboardTracking(False)
        self._picture = QLabel(self)
        self._picture.setObjectName("foreignPicture")
        self._picture.setAccessibleName("Images above their reconstructions")
        self._picture.setMinimumSize(_PICTURE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._says = QLabel(self)
        self._says.setObjectName("foreignSays")
        self._says.setWordWrap(True)
        self._says.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(buttons.Save | buttons.Cancel, self)
        self._buttons.button(buttons.Save).setText("Save as a latentlab model…")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._preselect(offer.trial.reading)
        self._lay_out(offer)
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
        trial = offer.trial
        pixmap = QPixmap.fromImage(to_qimage(shown_pictures(offer)))
        self._picture.setPixmap(pixmap.scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio))
        elbo = f"{trial.elbo:.1f}".replace("-", "−")
        self._says.setText(
            f"Above, images of {offer.data}; below, decoder(μ). Of {len(offer.x)} images: mean "
            f"squared error {trial.squared_error:.4f}, ELBO {elbo} nats an image."
        )

    def _preselect(self, reading: Reading) -> None:
        chosen = (
            (self._mu, reading.swapped),
            (self._spread, reading.spread),
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

    def _lay_out(self, offer: Offer) -> None:
        model = offer.model
        layers = " → ".join(
            (*map(_short, model.encoder), f"({' | '.join(map(_short, model.heads))})",
             f"z, K = {model.latent_dim}", *map(_short, model.decoder))
        )  # fmt: skip
        norms = (
            " Its batch norms become part of the layers, as they are in evaluation; training goes "
            "on without them."
        )
        about = QLabel(
            f"{layers}. Names and shapes do not tell the rest; what was preselected "
            f"reconstructs images best.{norms if model.norms else ''}",
            self,
        )
        about.setWordWrap(True)
        about.setTextFormat(Qt.TextFormat.PlainText)
        form = QFormLayout()
        asked = {
            self._down: len(self._downs) > 0,
            self._up: len(self._ups) > 0,
            self._bent: len(self._ups) > 0,
            self._norm: len(model.norm_places) > 1,
        }
        for box in self._boxes:
            box.setVisible(asked.get(box, True))
            if not asked.get(box, True):
                continue
            form.addRow(box.accessibleName(), box)
            box.currentIndexChanged.connect(self._choose)
        form.addRow("σ²", self._variance)
        self._variance.valueChanged.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addWidget(self._picture)
        layout.addWidget(self._says)
        layout.addWidget(self._buttons)

    @property
    def _boxes(self) -> tuple[QComboBox, ...]:
        return (
            self._activation, self._norm, self._down, self._bent, self._up, self._mu, self._spread,
            self._output, self._likelihood,
        )  # fmt: skip

    def _box(self, name: str, label: str, items: dict[str, Any], tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(label)
        box.setToolTip(tip)
        for text, value in items.items():
            box.addItem(text, value)
        return box

    def _steps_box(self, name: str, label: str, steps: list[Steps]) -> QComboBox:
        """Its index is that of `steps`."""
        box = self._box(name, label, {}, "strides and paddings by which images of this size fit")
        box.addItems([told(each) for each in steps])
        return box

    def _choose(self) -> None:
        self._variance.setEnabled(self.reading.likelihood.name == "gaussian")
        self.changed.emit(self.reading)


def _short(name: str) -> str:
    """A layer's name, which a file may have made of anything."""
    return shown(name[-_LONGEST:])
