"""What is to be written of some images, and how far it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from latentlab.ui.choice_box import ChoiceBox

Kind = Literal["table", "folder", "sheet"]
_NAMES: dict[Kind, str] = {
    "table": "Table of μ, log σ² and losses (CSV)",
    "folder": "Images: a folder of PNGs",
    "sheet": "Images: one PNG with all of them",
}
_ABOUT: dict[Kind, str] = {
    "table": "A row an image: index, label, class_name, mu_1 … mu_K, logvar_1 … logvar_K, "
    "reconstruction, kl, neg_elbo in nats, by the weights as they are now. A second file, "
    "whose name ends in .about.json, says of which model and data, and how losses are computed.",
    "folder": "A PNG an image, as it is in the data: train-00012-7.png is image 12, of class 7.",
    "sheet": "In the order of the data, in about a square.",
}


class ExportDialog(QDialog):
    """Asks what is to be written and where; then shows progress until `close_down`.

    wanted: a Kind, and the file's or the folder's path. Cancel, or Esc, emits `rejected`.
    """

    wanted = Signal(str, object)

    def __init__(
        self, parent: QWidget, what: str, *, name: str, folder: Path, names: Sequence[str]
    ) -> None:
        """what: says what images these are. name: for a file, to begin with. names: of the files
        that a folder would get, one an image.
        """
        super().__init__(parent)
        self.setObjectName("exportPointsDialog")
        self.setWindowTitle("Export points")
        self._name = name
        self._folder = folder
        self._names = names
        self._kind = ChoiceBox("exportKind", "What to write", "What is written", self)
        for kind in get_args(Kind):
            self._kind.addItem(_NAMES[kind], kind)
        self._kind.currentIndexChanged.connect(self._say)
        title = QLabel(what, self)
        title.setWordWrap(True)
        self._says = QLabel(self)
        self._says.setObjectName("exportSays")
        self._says.setWordWrap(True)
        self._progress = QProgressBar(self)
        self._progress.setObjectName("exportProgress")
        self._progress.setAccessibleName("How many images are written")
        self._progress.setFormat("%v of %m images")
        self._progress.setRange(0, len(names))
        self._progress.hide()
        buttons = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(buttons.Save | buttons.Cancel, self)
        self._buttons.accepted.connect(self._ask_where)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (title, self._kind, self._says, self._progress, self._buttons):
            layout.addWidget(part)
        self.setMinimumWidth(460)
        self._say()

    def show_progress(self, count: int) -> None:
        """So many are done."""
        self._progress.setValue(count)

    def close_down(self) -> None:
        """All is written, or could not be."""
        self.accept()

    def _say(self) -> None:
        self._says.setText(_ABOUT[self._kind.currentData()])

    def _ask_where(self) -> None:
        kind: Kind = self._kind.currentData()
        dialog = QFileDialog(self, _NAMES[kind], str(self._folder))
        if kind == "folder":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.fileSelected.connect(self._ask_before_replacing)
        else:
            suffix = ".csv" if kind == "table" else ".png"
            dialog.setNameFilter(f"{suffix[1:].upper()} (*{suffix})")
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            # A name typed without it gets the suffix here, where Qt still asks before overwriting.
            dialog.setDefaultSuffix(suffix)
            dialog.selectFile(f"{self._name}{suffix}")
            dialog.fileSelected.connect(self._begin)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_before_replacing(self, path: str) -> None:
        there = sum((Path(path) / name).exists() for name in self._names)
        if not there:
            self._begin(path)
            return
        box = QMessageBox(self)
        box.setObjectName("replaceQuestion")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"{there:,} of these {len(self._names):,} files are in that folder already.")
        box.setInformativeText("Replace them?")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Yes | buttons.Cancel)
        box.setDefaultButton(buttons.Cancel)

        def answered(result: int) -> None:
            if result == buttons.Yes.value:
                self._begin(path)

        box.finished.connect(answered)
        box.finished.connect(box.deleteLater)
        box.open()

    def _begin(self, path: str) -> None:
        self._progress.show()
        self._buttons.button(QDialogButtonBox.StandardButton.Save).hide()
        self._kind.setEnabled(False)
        self.wanted.emit(self._kind.currentData(), Path(path))
