"""Asks of what kind a network from scratch is to be, and of how many latent dimensions."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.opening import LATENT_DIMS, Opened

_KINDS = {"dense": "mlp", "convolutional": "conv"}


class NewNetworkDialog(QDialog):
    """The present one's are preselected. chosen: K and the network's kind."""

    chosen = Signal(int, str)

    def __init__(self, parent: QWidget, present: Opened) -> None:
        super().__init__(parent)
        self.setObjectName("newNetwork")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New network")
        self._dims = QSpinBox(self)
        self._dims.setObjectName("latentDims")
        self._dims.setAccessibleName("Latent dimensions K")
        self._dims.setToolTip("z ∈ ℝᴷ, with the prior N(0, I); the window shows a plane of it")
        self._dims.setRange(*LATENT_DIMS)
        self._dims.setValue(present.latent_dim)
        self._kind = QComboBox(self)
        self._kind.setObjectName("networkKind")
        self._kind.setAccessibleName("Layers")
        self._kind.setToolTip(
            "dense: h = activation(W x + b), 400 wide. Convolutional: 3 × 3 kernels, of 16 and 32 "
            "channels, each halving the image; fewer numbers to learn, and slower"
        )
        for text, kind in _KINDS.items():
            self._kind.addItem(text, kind)
        self._kind.setCurrentIndex(self._kind.findData(present.architecture.kind))
        about = QLabel(f"A new network for {present.pair.name}, with random weights.", self)
        about.setTextFormat(Qt.TextFormat.PlainText)
        form = QFormLayout()
        form.addRow(self._dims.accessibleName(), self._dims)
        form.addRow(self._kind.accessibleName(), self._kind)
        buttons = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(buttons.Ok | buttons.Cancel, self)
        box.button(buttons.Ok).setText("Start from scratch")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.accepted.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addWidget(box)
        self._dims.setFocus()

    def _choose(self) -> None:
        self.chosen.emit(self._dims.value(), self._kind.currentData())
