"""The open model told to people and to other programs: its card, Python, ONNX."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QObject, QProcess, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from latentlab.app.opening import Opened
from latentlab.app.store import Store
from latentlab.core.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from latentlab.core.interpolate import path
from latentlab.errors import InputError, not_written, told
from latentlab.paths import find_model
from latentlab.training.frozen_words import NOT_SAVED
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.exports import Exports
from latentlab.ui.main_window import MainWindow

if TYPE_CHECKING:
    from latentlab.ui.model_card import ModelCard

_CARD_MILLISECONDS = 300
# With the parent's own path: it imports the very latentlab that the parent runs.
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from latentlab.cli import main; sys.exit(main(['export', *sys.argv[1:]]))"
)


class ModelOut(QObject):
    """Shows the card, which follows the run, and writes the model; `done` or `failed` follows."""

    done = Signal(str)
    failed = Signal(str, str)
    busy = Signal(str)  # what is being written; "" when done

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        exports: Exports,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._card: ModelCard | None = None
        self._snapshot: Snapshot | None = None
        self._process: QProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_CARD_MILLISECONDS)
        self._soon.timeout.connect(self._show_card)
        window.data_panel.cardWanted.connect(self.show_card)
        window.decoded_panel.copyPythonWanted.connect(self.copy_z)
        controller.opened.connect(self._opened)
        controller.renamed.connect(self._show_card)
        controller.snapshot.connect(self._snapshot_came)
        self.done.connect(exports.done)
        self.failed.connect(exports.failed)
        self.busy.connect(exports.busy)

    # --- the card --------------------------------------------------------------------------------

    def show_card(self) -> None:
        """Open the card over the window."""
        if self._card is None:
            self._card = self._window.make_model_card()
            self._card.opened.connect(self._fill_card)
            self._card.copied.connect(self.done)
        self._card.open()

    def _opened(self, _opened: Opened) -> None:
        self._snapshot = None
        self._show_card()

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        if not snapshot.running:
            self._show_card()
        elif self._card is not None and self._card.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _show_card(self) -> None:
        self._soon.stop()
        if self._card is not None and self._card.isVisible():
            self._fill_card()

    def _fill_card(self) -> None:
        from latentlab.app.model_card import model_card  # noqa: PLC0415

        opened = self._controller.present
        if opened is not None and self._card is not None:
            curves = self._snapshot.curves if self._snapshot is not None else None
            self._card.show_card(model_card(opened, self._snapshot), curves)

    # --- Python ----------------------------------------------------------------------------------

    def copy_z(self) -> None:
        """Python that decodes z, on the clipboard."""
        state = self._store.state
        self._copy([state.section.lift(state.z)], "that decodes z")

    def copy_path(self) -> None:
        """Python that decodes the path from z1 to z2, on the clipboard."""
        state = self._store.state
        points = path(state.z1, state.z2, state.strip_count, state.spherical)
        self._copy(list(state.section.lift(points)), "that decodes z1 to z2")

    def write_python(self, target: Path) -> None:
        """The same in a file, for z, with the weights beside it."""
        self._try(f"{target} could not be written", lambda: self._write_python(target), target)

    def _copy(self, points: list[npt.NDArray[np.float64]], what: str) -> None:
        def copy() -> None:
            from latentlab.core.snippet import checkpoint_snippet  # noqa: PLC0415

            checkpoint, title = self._model()
            text = checkpoint_snippet(
                checkpoint, title, self._file(checkpoint), [point.tolist() for point in points]
            )
            QGuiApplication.clipboard().setText(text)
            self.done.emit(f"Copied Python {what}")

        self._try("Nothing could be copied", copy)

    def _write_python(self, target: Path) -> None:
        from latentlab.core.snippet import WEIGHTS_SUFFIX, write_python  # noqa: PLC0415

        checkpoint, title = self._model()
        if target.suffix != ".py":
            # Qt has asked about the name without it.
            target = target.with_name(f"{target.name}.py")
            if target.exists():
                raise InputError(f"{target} exists: choose it by its whole name to replace it.")
        weights = target.with_name(target.stem + WEIGHTS_SUFFIX)
        if weights.exists() and not target.exists():
            raise InputError(f"{weights} exists, and would be replaced: choose another name.")
        state = self._store.state
        write_python(checkpoint, title, target, [state.section.lift(state.z).tolist()])
        self.done.emit(f"Saved {target} and {weights.name}")

    def _file(self, checkpoint: Checkpoint) -> Path:
        """The file that holds just these weights. Raises InputError where there is none."""
        opened = self._controller.present
        if self._store.state.past is not None:
            raise InputError(
                "The weights of the past are in no file, so that Python could not read them: "
                "come back to now, or branch off there and save the model (Ctrl+S)."
            )
        if opened is not None and opened.model is not None:
            file = find_model(opened.model).absolute()
            found, wanted = load_checkpoint(file).parameters, checkpoint.parameters
            same = found.keys() == wanted.keys()
            if same and all(np.array_equal(found[name], wanted[name]) for name in found):
                return file
        raise InputError(
            "These weights are in no file, so that Python could not read them: save the model "
            "(Ctrl+S), or use File, Export as Python, which writes them beside."
        )

    # --- ONNX ------------------------------------------------------------------------------------

    def write_onnx(self, folder: Path) -> None:
        """encoder.onnx and decoder.onnx, by a process of its own: torch takes seconds for it."""
        self._try(f"{folder} could not be written", lambda: self._begin_onnx(folder), folder)

    def stop(self) -> None:
        """Give up what is being written."""
        if self._process is not None:
            self._process.finished.disconnect(self._ended)
            self._process.kill()
            self._process.waitForFinished()
            self._forget_process()

    def _begin_onnx(self, folder: Path) -> None:
        if self._process is not None:
            raise InputError("Another export is under way: try again when it is done.")
        for name in ("encoder.onnx", "decoder.onnx"):
            if (folder / name).exists():
                raise InputError(f"{folder / name} exists: choose another folder.")
        checkpoint, title = self._model()
        self._folder = tempfile.TemporaryDirectory(prefix="latentlab-")
        model = Path(self._folder.name) / "model.safetensors"
        save_checkpoint(checkpoint, model)
        self._process = process = QProcess(self)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._not_started)
        arguments = ["-c", _CHILD, json.dumps(sys.path), str(model)]
        arguments += [f"--onnx={folder.absolute()}", f"--title={title}"]
        self.busy.emit(f"Exporting {title} to ONNX…")
        process.start(sys.executable, arguments)

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        assert self._process is not None
        out = _text(self._process.readAllStandardOutput())
        told_why = _text(self._process.readAllStandardError()).strip()
        self._forget_process()
        if status is QProcess.ExitStatus.NormalExit and code == 0:
            self.done.emit(f"Saved {' and '.join(out.splitlines())}")
        elif code == 2 and "\n" not in told_why:  # as the command line says it of bad input
            self.failed.emit(told_why.removeprefix("latentlab: "), "")
        else:
            self.failed.emit("The export to ONNX failed.", told_why or "Its process crashed.")

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # any other ends in `finished`
            self._forget_process()
            self.failed.emit("The export to ONNX failed: its process could not be started.", "")

    def _forget_process(self) -> None:
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self.busy.emit("")

    # --- inside ----------------------------------------------------------------------------------

    def _model(self) -> tuple[Checkpoint, str]:
        """The network as it is now, and its name. Raises InputError where there is none yet."""
        opened, seen = self._controller.present, self._snapshot
        if opened is None or self._bridge.laboratory is None:
            raise InputError("Still starting: try again in a moment.")
        if opened.onnx is not None:
            raise InputError(NOT_SAVED)
        if seen is not None:
            now = Checkpoint(seen.architecture, seen.likelihood, seen.weights, seen.parameters)
            return now, opened.title
        if opened.checkpoint is None:
            raise InputError("There is no network yet: try again in a moment.")
        return opened.checkpoint, opened.title

    def _try(self, otherwise: str, act: Callable[[], None], target: Path | None = None) -> None:
        try:
            act()
        except OSError as error:
            self._give_up()
            where = target if target is not None else Path(error.filename or "")
            self.failed.emit(not_written(where, error), "")
        except (InputError, MemoryError, RuntimeError) as error:
            self.failed.emit(*told(error, otherwise))

    def _give_up(self) -> None:
        """What an export that did not begin has left."""
        if self._folder is not None and self._process is None:
            self._folder.cleanup()
            self._folder = None


def _text(said: QByteArray) -> str:
    return bytes(said.data()).decode(errors="replace")
