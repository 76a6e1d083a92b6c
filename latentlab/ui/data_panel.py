"""Which images and which model, and how and where steps are taken."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from latentlab.app.state import BATCH_SIZE_RANGE, LEARNING_RATE_RANGE
from latentlab.data.form import parted
from latentlab.training.messages import DeviceName, Precision
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.icons import icon
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.value_field import ValueField

_OPEN_FOLDER = "Open folder…"
_OPEN_MODEL = "Open model…"
_NO_SPEED = "speed: once it trains"


class DataPanel(QWidget):
    """Chooses data set, model, device and precision; takes learning rate and batch size.

    It says what is loaded, and how fast it trains.
    """

    datasetChosen = Signal(str)
    folderWanted = Signal()
    modelChosen = Signal(str)
    modelFileWanted = Signal()
    cardWanted = Signal()
    learningRateChanged = Signal(float)
    batchSizeChanged = Signal(int)
    deviceChosen = Signal(str)
    precisionChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataPanel")
        make_card(self)
        self._dataset = ChoiceBox("datasetChoice", "Data set", "The images x to learn from", self)
        self._model = ChoiceBox(
            "modelChoice", "Model", "The VAE: encoder q(z|x) and decoder p(x|z)", self
        )
        # As high as it will be, so that nothing below moves when it is known.
        self._about = ScaledLabel("\n", self, "muted", 0.88)
        self._about.setObjectName("modelSummary")
        self._about.setWordWrap(True)
        self._card = QToolButton(self)
        self._card.setObjectName("cardButton")
        self._card.setAccessibleName("Model card")
        self._card.setToolTip("Parameters, data, objective, training and figures of the model (F4)")
        self._card.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._card.clicked.connect(self.cardWanted)
        self._rate = ValueField("learningRate", *LEARNING_RATE_RANGE, self)
        self._rate.setAccessibleName("Learning rate")
        self._rate.setToolTip("Adam's step size, from 1e-6 to 1. Up and Down double and halve it")
        self._batch = ValueField("batchSize", *BATCH_SIZE_RANGE, self, whole=True)
        self._batch.setAccessibleName("Batch size")
        self._batch.setToolTip(
            "Images in each optimiser step, from 1 to 4096. Up and Down double and halve it"
        )
        self._device = ChoiceBox(
            "deviceChoice",
            "Device",
            "Where the steps are computed: on the processor (cpu), or on what else of this machine "
            "torch can use. Looking stays on the processor",
            self,
        )
        self._precision = ChoiceBox(
            "precisionChoice",
            "Precision",
            "Of the layers' products: bfloat16 has 8 significant bits of float32's 24, and is "
            "faster where it is native; auto takes it there. μ, σ, z and the losses stay float32",
            self,
        )
        self._precision.addItems(get_args(Precision))
        # Two in a row: the names are short.
        self._device.setMinimumContentsLength(4)
        self._precision.setMinimumContentsLength(6)
        self._speed = ScaledLabel(_NO_SPEED, self, "muted", 0.88)
        self._speed.setObjectName("speedText")
        self._speed.setToolTip("Training images a second, and what they were computed with")
        self._lay_out()
        self.set_devices(("cpu",))
        self.show_settings(1e-3, 64)
        self._dataset.activated.connect(self._choose_dataset)
        self._model.activated.connect(self._choose_model)
        self._rate.entered.connect(self.learningRateChanged)
        self._batch.entered.connect(self._enter_batch)
        self._device.textActivated.connect(self.deviceChosen)
        self._precision.textActivated.connect(self.precisionChosen)
        self._current = {self._dataset: "", self._model: ""}
        self.set_theme(LIGHT)

    def set_datasets(self, names: Sequence[str], current: str) -> None:
        """Offer these data sets, `current` (which may be another) chosen.

        Of a path its last part is shown; the whole is in its tooltip.
        """
        self._fill(self._dataset, names, current, _OPEN_FOLDER)

    def set_models(self, names: Sequence[str], current: str) -> None:
        """Offer these models, `current` (which may be another) chosen; paths as of data sets."""
        self._fill(self._model, names, current, _OPEN_MODEL)

    def show_model(self, text: str, tooltip: str) -> None:
        """Say what is loaded; the tooltip holds the details, the licence and the attribution."""
        self._about.setText(text)
        self._about.setToolTip(tooltip)

    def show_settings(self, lr: float, batch: int) -> None:
        """Show learning rate and batch size."""
        self._rate.set_value(lr)
        self._batch.set_value(float(batch))

    def set_devices(self, names: Sequence[DeviceName]) -> None:
        """Offer these devices; the chosen one stays, if it is among them."""
        current = self._device.currentText()
        self._device.clear()
        self._device.addItems(list(names))
        self._device.setCurrentIndex(max(self._device.findText(current), 0))

    def show_computing(self, device: DeviceName, precision: Precision) -> None:
        """Show where, and in which precision, steps are computed from now on."""
        if self._device.findText(device) < 0:
            self._device.addItem(device)
        self._device.setCurrentText(device)
        self._precision.setCurrentText(precision)

    def show_speed(self, images_per_second: float, device: DeviceName, bfloat16: bool) -> None:
        """Show how fast training is, or last was; 0 where that is not known."""
        precision = "bfloat16" if bfloat16 else "float32"
        speed = f"{images_per_second:,.0f} img/s on {device}, {precision}"
        self._speed.setText(speed if images_per_second > 0 else _NO_SPEED)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._card.setIcon(icon("info", theme))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(7)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (text, choice) in enumerate((("Data", self._dataset), ("Model", self._model))):
            label = ScaledLabel(text, self, "heading", 1.0, bold=True)
            label.setBuddy(choice)
            grid.addWidget(label, row, 0)
            grid.addWidget(choice, row, 1, 1, 1 if choice is self._model else 2)
        grid.addWidget(self._card, 1, 2)
        layout.addLayout(grid)
        layout.addWidget(self._about)
        row_layout = QHBoxLayout()
        row_layout.setSpacing(6)
        for text, field in (("Rate", self._rate), ("Batch", self._batch)):
            label = ScaledLabel(text, self, "muted")
            label.setBuddy(field)
            row_layout.addWidget(label)
            row_layout.addWidget(field, 1)
        layout.addLayout(row_layout)
        where = QHBoxLayout()
        where.setSpacing(6)
        for text, choice in (("On", self._device), ("in", self._precision)):
            label = ScaledLabel(text, self, "muted")
            label.setBuddy(choice)
            where.addWidget(label)
            where.addWidget(choice, 1)
        layout.addLayout(where)
        layout.addWidget(self._speed)

    def _fill(self, choice: ChoiceBox, names: Sequence[str], current: str, last: str) -> None:
        with QSignalBlocker(choice):
            choice.clear()
            for name in names if not current or current in names else (current, *names):
                short = _shown(name)
                choice.addItem(name if short in names else short, name)
                choice.setItemData(choice.count() - 1, name, Qt.ItemDataRole.ToolTipRole)
            if choice.count():
                choice.insertSeparator(choice.count())
            choice.addItem(last)
        self._current[choice] = current
        self._show_current(choice)

    def _show_current(self, choice: ChoiceBox) -> None:
        current = self._current[choice]
        choice.setCurrentIndex(choice.findData(current) if current else -1)

    def _choose_dataset(self, index: int) -> None:
        if index == self._dataset.count() - 1:
            # Until a folder is chosen the data are what they were.
            self._show_current(self._dataset)
            self.folderWanted.emit()
        elif (name := self._dataset.itemData(index)) != self._current[self._dataset]:
            self._current[self._dataset] = name
            self.datasetChosen.emit(name)

    def _choose_model(self, index: int) -> None:
        if index == self._model.count() - 1:
            self._show_current(self._model)
            self.modelFileWanted.emit()
        elif (name := self._model.itemData(index)) != self._current[self._model]:
            self._current[self._model] = name
            self.modelChosen.emit(name)

    def _enter_batch(self, value: float) -> None:
        self.batchSizeChanged.emit(int(value))


def _shown(name: str) -> str:
    """Of a path the last part alone, as a model and a folder of pictures are called elsewhere."""
    path = Path(name)
    return parted(path.name)[0].removesuffix(".safetensors") if path.is_absolute() else name
