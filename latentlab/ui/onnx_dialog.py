"""Asks how the outputs of two ONNX files are to be read, and shows what that makes of images."""

from typing import Any

from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QWidget

from latentlab.app.onnx_model import OnnxOffer, reading_of, shown_pictures
from latentlab.ui.likelihood_names import likelihood_words
from latentlab.ui.reading_dialog import OUTPUTS, ReadingDialog, nats, short

_SPREADS = {"log σ²": "logvar", "log σ": "log_sigma", "σ": "sigma", "σ²": "variance"}


class OnnxDialog(ReadingDialog):
    """Shows an offer; blocks nothing.

    changed: another OnnxReading was chosen. accepted: as `offer` is.
    """

    def __init__(self, parent: QWidget, offer: OnnxOffer) -> None:
        encoder, decoder = offer.model.encoder, offer.model.decoder
        super().__init__(parent, "onnx", f"are {encoder.path.name} and {decoder.path.name}")
        self._offer = offer
        outputs = {short(name): name for name in offer.encoded}
        self._mu = self._box("Mu", "μ is", outputs, "which output of the encoder is μ of q(z|x)")
        self._spread_output = self._box(
            "SpreadOutput", "σ is told by", outputs,
            "which output of the encoder tells σ; the same as μ where one holds μ, then that",
        )  # fmt: skip
        self._spread = self._box(
            "Spread", "That is", _SPREADS, "σ = e^(s/2) of log σ², e^s of log σ, √s of σ²"
        )
        decoded = {short(name): name for name in offer.decoded}
        self._decoded = self._box(
            "Decoded", "The image is", decoded, "which output of the decoder is of the image"
        )
        self._output = self._box("Output", "That gives", OUTPUTS, "what the decoder says of x̂")
        self._make_rest()
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._open = self._buttons.addButton(QDialogButtonBox.StandardButton.Open)
        self._preselect(offer)
        signed = ", both from −1 to 1" if offer.model.reading.scale == "signed" else ""
        self._lay_out(
            f"{encoder.path.name}: image → μ and σ, K = {offer.model.architecture.latent_dim}. "
            f"{decoder.path.name}: z → image{signed}. The files do not tell the rest; what "
            "was preselected reconstructs images best.",
            self._boxes,
        )
        self._paint(offer)

    @property
    def offer(self) -> OnnxOffer:
        """What is shown."""
        return self._offer

    @property
    def reading(self) -> Any:
        """What is chosen, an OnnxReading."""
        return reading_of(
            mu=self._mu.currentData(),
            spread_output=self._spread_output.currentData(),
            spread=self._spread.currentData(),
            decoded=self._decoded.currentData(),
            output=self._output.currentData(),
            likelihood=self._likelihood.currentData(),
            variance=self._variance.value(),
        )

    def show_offer(self, offer: OnnxOffer, reading: object) -> None:
        """What a reading makes of images; of another than is chosen this comes too late."""
        if reading == self.reading:
            self._offer = offer
            self._open.setEnabled(True)
            self._paint(offer)

    def show_problem(self, sentence: str) -> None:
        """It cannot be read as chosen."""
        self._open.setEnabled(False)
        self._picture.clear()
        self._says.setText(sentence)

    def _paint(self, offer: OnnxOffer) -> None:
        elbo = f"{nats(offer.elbo)} ({likelihood_words(offer.model.likelihood)})"
        pictures = shown_pictures(offer)
        self._show_pictures(pictures, offer.pair.name, len(offer.x), offer.squared_error, elbo)

    def _preselect(self, offer: OnnxOffer) -> None:
        reading, likelihood = offer.model.reading, offer.model.likelihood
        chosen = (
            (self._mu, reading.mu),
            (self._spread_output, reading.spread_output),
            (self._spread, reading.spread),
            (self._decoded, reading.decoded),
            (self._output, reading.output),
            (self._likelihood, likelihood.name),
        )
        for box, value in chosen:
            box.setCurrentIndex(box.findData(value))
        # A Gaussian's that explains the errors best: 0.1 is too much for any good model.
        error = min(max(float(f"{offer.squared_error:.2g}"), 1e-6), 1e6)
        gaussian = likelihood.name == "gaussian"
        self._variance.setValue(likelihood.variance if gaussian else error)
        self._variance.setEnabled(gaussian)

    @property
    def _boxes(self) -> tuple[QComboBox, ...]:
        return (
            self._mu, self._spread_output, self._spread,
            self._decoded, self._output, self._likelihood,
        )  # fmt: skip

    def _choose(self) -> None:
        # Not before its picture has come can it be opened as it is chosen.
        self._open.setEnabled(False)
        super()._choose()
