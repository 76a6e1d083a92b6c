"""What film is wanted, and how far it is."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from latentlab.ui.film.encoders import has_mp4
from latentlab.ui.film.maker import FilmSettings, Format

_SIDES = {"small: 480 × 480": 480, "medium: 720 × 720": 720, "large: 1080 × 1080": 1080}
_SPEEDS = {"slow: 10 frames a second": 10, "normal: 15": 15, "fast: 30": 30}
_LENGTHS = (60, 120, 300)
_SUFFIXES: dict[Format, str] = {"GIF": ".gif", "MP4": ".mp4"}
_NEEDS_PYAV = "MP4 needs PyAV, which is not installed: pip install av"


class FilmDialog(QDialog):
    """Asks for format, size, speed and length; then shows progress until `close_down`.

    filmWanted: the indices of the moments to show, FilmSettings, and the file's path. Closing the
    dialog, or Cancel, emits `rejected`.
    """

    filmWanted = Signal(object, object, object)

    def __init__(self, parent: QWidget, moments: int, name: str, folder: Path) -> None:
        """moments: how many there are."""
        super().__init__(parent)
        self.setObjectName("filmDialog")
        self.setWindowTitle("Export the history as a film")
        self._moments = moments
        self._name = name
        self._folder = folder
        self._format = self._box("filmFormat", ["GIF", "MP4"])
        self._side = self._box("filmSize", list(_SIDES))
        self._side.setCurrentIndex(1)
        self._speed = self._box("filmSpeed", list(_SPEEDS))
        self._speed.setCurrentIndex(1)
        self._length = self._box("filmLength", [])
        for count in _LENGTHS:
            if count < moments:
                self._length.addItem(f"{count} of {moments} moments", count)
        self._length.addItem(f"all {moments} moments", moments)
        self._says = QLabel(self)
        self._says.setObjectName("filmSays")
        self._says.setWordWrap(True)
        self._progress = QProgressBar(self)
        self._progress.setObjectName("filmProgress")
        self._progress.setFormat("%v of %m frames")
        self._progress.hide()
        buttons = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(buttons.Save | buttons.Cancel, self)
        self._buttons.accepted.connect(self._ask_where)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        for label, box in zip(("Format", "Size", "Speed", "Length"), self._boxes, strict=True):
            form.addRow(label, box)
            box.currentIndexChanged.connect(self._say)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel("The plane as it is looked at now, at moments of this run.", self))
        layout.addLayout(form)
        layout.addWidget(self._says)
        layout.addWidget(self._progress)
        layout.addWidget(self._buttons)
        self._say()

    def show_progress(self, frames: int) -> None:
        """So many frames are painted."""
        self._progress.setValue(frames)

    def close_down(self) -> None:
        """The film is made, or could not be."""
        self.accept()

    def _box(self, name: str, items: list[str]) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.addItems(items)
        return box

    @property
    def _boxes(self) -> tuple[QComboBox, ...]:
        return self._format, self._side, self._speed, self._length

    @property
    def _chosen(self) -> FilmSettings:
        film_format: Format = "MP4" if self._format.currentText() == "MP4" else "GIF"
        return FilmSettings(
            film_format, _SIDES[self._side.currentText()], _SPEEDS[self._speed.currentText()]
        )

    def _say(self) -> None:
        chosen, count = self._chosen, int(self._length.currentData())
        missing = chosen.format == "MP4" and not has_mp4()
        seconds = count / chosen.frames_per_second
        self._says.setText(_NEEDS_PYAV if missing else f"{count} frames, {seconds:.1f} seconds")
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(not missing)

    def _ask_where(self) -> None:
        suffix = _SUFFIXES[self._chosen.format]
        kind = f"{self._chosen.format} (*{suffix})"
        dialog = QFileDialog(self, self.windowTitle(), str(self._folder), kind)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{self._name}{suffix}")
        dialog.fileSelected.connect(self._begin)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _begin(self, path: str) -> None:
        count = int(self._length.currentData())
        # The first and the last are always among them.
        indices = [round(i * (self._moments - 1) / max(count - 1, 1)) for i in range(count)]
        self._progress.setRange(0, count)
        self._progress.show()
        self._buttons.button(QDialogButtonBox.StandardButton.Save).hide()
        for box in self._boxes:
            box.setEnabled(False)
        self.filmWanted.emit(indices, self._chosen, Path(path))
