"""Asks how the outputs of two ONNX files are to be read, and shows what that makes of images."""

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

from latentlab.app.onnx_model import OnnxOffer, reading_of, shown_pictures
from latentlab.core.checkpoint import shown
from latentlab.ui.images import to_qimage
from latentlab.ui.likelihood_names import LIKELIHOODS, likelihood_words

_SPREADS = {"log σ²": "logvar", "log σ": "log_sigma", "σ": "sigma", "σ²": "variance"}
_OUTPUTS = {"logits: the image is their sigmoid": "logits", "the image itself": "image"}
_LIKELIHOODS = {words: name for name, words in LIKELIHOODS.items()}
_PICTURE = QSize(560, 140)
_LONGEST = 30  # characters of an output's name


class OnnxDialog(QDialog):
    """Shows an offer; blocks nothing.

    changed: another OnnxReading was chosen. accepted: as `offer` is.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget, offer: OnnxOffer) -> None:
        super().__init__(parent)
        self.setObjectName("onnxDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        encoder, decoder = offer.model.encoder, offer.model.decoder
        self.setWindowTitle(f"How are {encoder.path.name} and {decoder.path.name} to be read?")
        self._offer = offer
        outputs = {shown(name[-_LONGEST:]): name for name in offer.encoded}
        self._mu = self._box(
            "onnxMu", "μ is", outputs, "which output of the encoder is μ of q(z|x)"
        )
        self._spread_output = self._box(
            "onnxSpreadOutput", "σ is told by", outputs,
            "which output of the encoder tells σ; the same as μ where one holds μ, then that",
        )  # fmt: skip
        self._spread = self._box(
            "onnxSpread", "That is", _SPREADS, "σ = e^(s/2) of log σ², e^s of log σ, √s of σ²"
        )
        decoded = {shown(name[-_LONGEST:]): name for name in offer.decoded}
        self._decoded = self._box(
            "onnxDecoded", "The image is", decoded, "which output of the decoder is of the image"
        )
        self._output = self._box("onnxOutput", "That gives", _OUTPUTS, "what the decoder says of x̂")
        self._likelihood = self._box(
            "onnxLikelihood", "p(x|z)", _LIKELIHOODS,
            "no file tells which it was trained with; the ELBO depends on it",
        )  # fmt: skip
        self._variance = QDoubleSpinBox(self)
        self._variance.setObjectName("onnxVariance")
        self._variance.setAccessibleName("σ² of the Gaussian")
        self._variance.setToolTip("log p(x|z) = −‖x − x̂‖² / 2σ² − D/2 · log 2πσ²")
        self._variance.setDecimals(6)
        self._variance.setRange(1e-6, 1e6)
        self._variance.setKeyboardTracking(False)
        self._picture = QLabel(self)
        self._picture.setObjectName("onnxPicture")
        self._picture.setAccessibleName("Images above their reconstructions")
        self._picture.setMinimumSize(_PICTURE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._says = self._words("onnxSays")
        buttons = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(buttons.Open | buttons.Cancel, self)
        self._open = self._buttons.button(buttons.Open)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._preselect(offer)
        self._lay_out(offer)
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
        pixmap = QPixmap.fromImage(to_qimage(shown_pictures(offer)))
        self._picture.setPixmap(pixmap.scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio))
        elbo = f"{offer.elbo:.1f}".replace("-", "−")
        by = likelihood_words(offer.model.likelihood)
        self._says.setText(
            f"Above, images of {offer.pair.name}; below, decoder(μ). Of {len(offer.x)} images: "
            f"mean squared error {offer.squared_error:.4f}, ELBO {elbo} nats an image ({by})."
        )

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

    def _lay_out(self, offer: OnnxOffer) -> None:
        about = self._words("onnxAbout")
        about.setText(
            f"{offer.model.encoder.path.name}: image → μ and σ, K = "
            f"{offer.model.architecture.latent_dim}. {offer.model.decoder.path.name}: z → image. "
            "The files do not tell the rest; what was preselected reconstructs images best."
        )
        form = QFormLayout()
        for box in self._boxes:
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
            self._mu, self._spread_output, self._spread,
            self._decoded, self._output, self._likelihood,
        )  # fmt: skip

    def _box(self, name: str, label: str, items: dict[str, Any], tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(label)
        box.setToolTip(tip)
        for text, value in items.items():
            box.addItem(text, value)
        return box

    def _words(self, name: str) -> QLabel:
        words = QLabel(self)
        words.setObjectName(name)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        return words

    def _choose(self) -> None:
        self._variance.setEnabled(self._likelihood.currentData() == "gaussian")
        # Not before its picture has come can it be opened as it is chosen.
        self._open.setEnabled(False)
        self.changed.emit(self.reading)
