"""What the dialogs have in common that ask how another program's VAE is to be read."""

from collections.abc import Sequence
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

from latentlab.core.checkpoint import shown
from latentlab.ui.images import Picture, to_qimage
from latentlab.ui.likelihood_names import LIKELIHOODS

OUTPUTS = {"logits: the image is their sigmoid": "logits", "the image itself": "image"}
_LIKELIHOODS = {words: name for name, words in LIKELIHOODS.items()}
_PICTURE = QSize(560, 140)
_POOR = (
    " Their mean would do as well: it was trained on other data, or is not read as it was trained."
)
_LONGEST = 30  # characters of a name


class ReadingDialog(QDialog):
    """Choices, a picture of what they make of images, and buttons; blocks nothing.

    changed: another reading was chosen.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget, prefix: str, files: str) -> None:
        """prefix: of all names of objects. files: what is to be read."""
        super().__init__(parent)
        self._prefix = prefix
        self.setObjectName(f"{prefix}Dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"How {files} to be read?")

    def _make_rest(self) -> None:
        """What comes after the boxes of each: likelihood, picture, buttons. The keyboard, too,
        goes this way."""
        prefix = self._prefix
        self._likelihood = self._box(
            "Likelihood", "p(x|z)", _LIKELIHOODS,
            "no file tells which it was trained with; the ELBO depends on it",
        )  # fmt: skip
        self._variance = QDoubleSpinBox(self)
        self._variance.setObjectName(f"{prefix}Variance")
        self._variance.setAccessibleName("σ² of the Gaussian")
        self._variance.setToolTip("log p(x|z) = −‖x − x̂‖² / 2σ² − D/2 · log 2πσ²")
        self._variance.setDecimals(6)
        self._variance.setRange(1e-6, 1e6)
        self._variance.setKeyboardTracking(False)
        self._picture = QLabel(self)
        self._picture.setObjectName(f"{prefix}Picture")
        self._picture.setAccessibleName("Images above their reconstructions")
        self._picture.setMinimumSize(_PICTURE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._says = self._words("Says")
        self._buttons = QDialogButtonBox(self)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    @property
    def reading(self) -> Any:
        """What is chosen."""
        raise NotImplementedError

    def _box(self, name: str, label: str, items: dict[str, Any], tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(f"{self._prefix}{name}")
        box.setAccessibleName(label)
        box.setToolTip(tip)
        for text, value in items.items():
            box.addItem(text, value)
        return box

    def _words(self, name: str) -> QLabel:
        words = QLabel(self)
        words.setObjectName(f"{self._prefix}{name}")
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        return words

    def _show_pictures(
        self,
        pictures: Picture,
        data: str,
        count: int,
        squared_error: float,
        elbo: str,
        *,
        poor: bool = False,
    ) -> None:
        """pictures: images above their reconstructions. elbo: in nats, and of which likelihood.
        poor: whether they are reconstructed no better than by their mean."""
        pixmap = QPixmap.fromImage(to_qimage(pictures))
        self._picture.setPixmap(pixmap.scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio))
        self._says.setText(
            f"Above, images of {data}; below, decoder(μ). Of {count} images: mean squared error "
            f"{squared_error:.4f}, ELBO {elbo}.{_POOR if poor else ''}"
        )

    def _lay_out(self, about: str, boxes: Sequence[QComboBox]) -> None:
        """From the top: about, those of the boxes that ask something, picture and buttons."""
        head = self._words("About")
        head.setText(about)
        form = QFormLayout()
        for box in boxes:
            form.addRow(box.accessibleName(), box)
            box.currentIndexChanged.connect(self._choose)
        form.addRow("σ²", self._variance)
        self._variance.valueChanged.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.addWidget(head)
        layout.addLayout(form)
        layout.addWidget(self._picture)
        layout.addWidget(self._says)
        layout.addWidget(self._buttons)

    def _choose(self) -> None:
        self._variance.setEnabled(self._likelihood.currentData() == "gaussian")
        self.changed.emit(self.reading)


def short(name: str) -> str:
    """A name, which a file may have made of anything, in characters that can be shown."""
    return shown(name[-_LONGEST:])


def nats(elbo: float) -> str:
    """An ELBO as the dialogs say it."""
    return f"{elbo:.1f} nats an image".replace("-", "−")
