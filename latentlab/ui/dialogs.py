"""Questions to the user. None of them blocks: training and the window go on behind."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from latentlab.app.session import SUFFIX as SESSION_SUFFIX
from latentlab.data.named import SUFFIXES as DATA_SUFFIXES
from latentlab.ui.controller import Controller
from latentlab.ui.exports import Exports
from latentlab.ui.files import MODEL_SUFFIX, Files
from latentlab.ui.model_out import ModelOut

_ONNX_FILTERS = "ONNX models (*.onnx);;All files (*)"


class Dialogs(QObject):
    """Asks for files and folders, and before training is thrown away."""

    answered = Signal()

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        files: Files,
        exports: Exports,
        model_out: ModelOut,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._files = files
        self._exports = exports
        self._model_out = model_out
        self._folder = str(Path.home())

    def open_model(self) -> None:
        """Ask for a model, a session or a file of data."""
        data = " ".join(f"*{suffix}" for suffix in sorted(DATA_SUFFIXES))
        everything = f"Models, sessions and data (*{MODEL_SUFFIX} *{SESSION_SUFFIX} {data})"
        self._ask_file("Open", f"{everything};;All files (*)", self._open)

    def open_data(self) -> None:
        """Ask for a folder with IDX files or pictures."""
        title = "Open a folder of pictures, or of IDX files"
        dialog = QFileDialog(self._window, title, self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._show(dialog, self._open)

    def open_onnx(self) -> None:
        """Ask for the encoder and the decoder of a model in ONNX files."""
        title = "Open an encoder and its decoder: choose both files"
        dialog = QFileDialog(self._window, title, self._folder, _ONNX_FILTERS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._files.onnx.emit)
        self._show(dialog, lambda _first: None)

    def open_other_onnx(self, first: Path, act: Callable[[str], None]) -> None:
        """Ask for what belongs to one of the two."""
        self._folder = str(first.parent)
        title = f"And the other: the decoder or encoder that belongs to {first.name}"
        self._ask_file(title, _ONNX_FILTERS, act)

    def new_network(self) -> None:
        """Ask for K and the kind of a network from scratch; the present one's are preselected."""
        opened = self._controller.present
        if opened is None:
            return
        from latentlab.ui.new_network import NewNetworkDialog  # noqa: PLC0415  (when first used)

        dialog = NewNetworkDialog(self._window, opened)
        dialog.chosen.connect(self._files.open_new)
        dialog.open()

    def save_model(self, then: Callable[[], None] | None = None) -> None:
        """Save over the user's own file; ask where, if there is none."""
        path = self._files.own_file
        if path is None:
            self.save_model_as(then)
        else:
            self._files.save_model(path, then)

    def save_model_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask where to save the model."""
        opened = self._controller.present
        name = (opened.title if opened else "model").replace(" ", "-")
        act = partial(self._files.save_model, then=then)
        self._ask_target("Save the model", name, MODEL_SUFFIX, "Models", act)

    def save_foreign(self, name: str, act: Callable[[Path], None]) -> None:
        """Ask where another program's model is to be written as one of ours."""
        self._ask_target("Save as a latentlab model", name, MODEL_SUFFIX, "Models", act)

    def save_session(self) -> None:
        """Ask where to save the session."""
        act = self._files.save_session
        self._ask_target("Save the session", "session", SESSION_SUFFIX, "Sessions", act)

    def export_plane_png(self) -> None:
        """Ask where to save the plane as a picture."""
        self._ask_target("Export the plane", "plane", ".png", "PNG", self._exports.plane_png)

    def export_plane_svg(self) -> None:
        """Ask where to save the plane as shapes."""
        self._ask_target("Export the plane", "plane", ".svg", "SVG", self._exports.plane_svg)

    def export_strip(self) -> None:
        """Ask where to save the strip."""
        self._ask_target("Export the strip", "strip", ".png", "PNG", self._exports.strip_png)

    def export_gif(self) -> None:
        """Ask where to save the animation."""
        act = self._exports.animation_gif
        self._ask_target("Export the animation", "interpolation", ".gif", "GIF", act)

    def export_python(self) -> None:
        """Ask where to save the Python that decodes; its weights go beside it."""
        act = self._model_out.write_python
        self._ask_target("Export as Python", "decode", ".py", "Python", act)

    def export_onnx(self) -> None:
        """Ask for the folder of the two ONNX files."""
        title = "Export encoder.onnx and decoder.onnx into a folder"
        dialog = QFileDialog(self._window, title, self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._show(dialog, lambda folder: self._model_out.write_onnx(Path(folder)))

    def export_page_png(self) -> None:
        """Ask where to save the page of the course as a picture."""
        self._ask_target("Export the page", "page", ".png", "PNG", self._exports.page_png)

    def export_page_pdf(self) -> None:
        """Ask where to save it as a handout."""
        self._ask_target("Export the page", "page", ".pdf", "PDF", self._exports.page_pdf)

    def ask_before_closing(self, close: Callable[[], None]) -> None:
        """Ask whether to save unsaved training; `close` unless the user wants to stay."""
        self._ask_before_losing("closeQuestion", "Save it before closing?", close)

    def ask_before_opening(self, go_on: Callable[[], None]) -> None:
        """Likewise before something else takes its place."""
        self._ask_before_losing("openQuestion", "Save it before something else is opened?", go_on)

    def _ask_before_losing(self, name: str, question: str, go_on: Callable[[], None]) -> None:
        box = QMessageBox(self._window)
        box.setObjectName(name)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText("This model was trained since it was last saved.")
        box.setInformativeText(question)
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)

        def answered(result: int) -> None:
            if result == buttons.Save.value:
                self.save_model(go_on)
            elif result == buttons.Discard.value:
                go_on()

        box.finished.connect(answered)
        box.finished.connect(self.answered)
        box.finished.connect(box.deleteLater)
        box.open()

    def _open(self, path: str) -> None:
        self._files.open_path(path)

    def _ask_file(self, title: str, filters: str, act: Callable[[str], None]) -> None:
        dialog = QFileDialog(self._window, title, self._folder, filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._show(dialog, act)

    def _ask_target(
        self, title: str, name: str, suffix: str, kind: str, act: Callable[[Path], None]
    ) -> None:
        dialog = QFileDialog(self._window, title, self._folder, f"{kind} (*{suffix})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        # A name typed without it gets the suffix here, where Qt still asks before overwriting.
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{name}{suffix}")
        self._show(dialog, lambda path: act(Path(path)))

    def _show(self, dialog: QFileDialog, act: Callable[[str], None]) -> None:
        def chosen(path: str) -> None:
            self._folder = str(Path(path).parent)
            act(path)

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
