"""Opening an encoder and a decoder from ONNX files: found, looked into, and asked about."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.errors import told
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.files import ONNX_SUFFIX, Files

if TYPE_CHECKING:
    from latentlab.app.onnx_model import OnnxOffer
    from latentlab.training.onnx_vae import OnnxReading
    from latentlab.ui.onnx_dialog import OnnxDialog

_OFFER, _TRIAL = "onnx", "onnx trial"


class OnnxOpening(QObject):
    """Their processes end with what is open, and where the question is answered by Cancel."""

    failed = Signal(str, str)  # a sentence; a report, or ""

    def __init__(
        self,
        window: QWidget,
        *,
        bridge: Bridge,
        controller: Controller,
        files: Files,
        dialogs: Dialogs,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._controller = controller
        self._files = files
        self._dialogs = dialogs
        self._dialog: OnnxDialog | None = None
        files.onnx.connect(self.ask)
        controller.opened.connect(self._opened)
        bridge.reply.connect(self._reply_came)

    def among(self, paths: Sequence[str]) -> list[str]:
        """The models in these files; none where there is more than them and what is called after
        them, as their weights are."""
        models = [path for path in paths if path.endswith(ONNX_SUFFIX)]
        return models if all(path.startswith(tuple(models)) for path in paths) else []

    def ask(self, paths: Sequence[str]) -> None:
        """Have two files looked into, in either order; of one, ask for the other. The question how
        they are to be read follows."""
        from latentlab.app.onnx_model import onnx_offer  # noqa: PLC0415

        laboratory, present = self._bridge.laboratory, self._controller.present
        if laboratory is None:
            self.failed.emit("Still starting: try again in a moment.", "")
        elif len(paths) == 1:
            first = paths[0]
            self._dialogs.open_other_onnx(Path(first), lambda other: self.ask([first, other]))
        elif len(paths) > 2:
            self.failed.emit(
                f"An encoder and a decoder are two ONNX files, but these are {len(paths)}: choose "
                "two.",
                "",
            )
        else:
            first_path, second_path = (Path(path) for path in paths)
            self._files.busy.emit(f"Looking into {first_path.name} and {second_path.name}…")
            laboratory.look_into_onnx(partial(onnx_offer, first_path, second_path, present))

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind == _OFFER:
            self._files.busy.emit("")
            if isinstance(reply.value, Exception):
                self.failed.emit(*told(reply.value, "The ONNX models could not be read"))
            else:
                self._show(reply.value)
        elif reply.kind == _TRIAL and self._dialog is not None:
            if isinstance(reply.value, Exception):
                self._dialog.show_problem(told(reply.value, "It could not be read so")[0])
            else:
                self._dialog.show_offer(*reply.value)

    def _show(self, offer: "OnnxOffer") -> None:
        from latentlab.ui.onnx_dialog import OnnxDialog  # noqa: PLC0415

        if self._dialog is not None:
            self._dialog.finished.disconnect(self._closed)
            self._dialog.reject()
        self._dialog = dialog = OnnxDialog(self._window, offer)
        dialog.changed.connect(self._try)
        dialog.finished.connect(self._closed)
        dialog.show()

    def _try(self, reading: "OnnxReading") -> None:
        from latentlab.app.onnx_model import read_otherwise  # noqa: PLC0415

        laboratory = self._bridge.laboratory
        if laboratory is not None and self._dialog is not None:
            of = self._dialog.offer
            laboratory.reader.submit(_TRIAL, lambda: (read_otherwise(of, reading), reading))

    def _closed(self, accepted: int) -> None:
        dialog, self._dialog = self._dialog, None
        laboratory, present = self._bridge.laboratory, self._controller.present
        if dialog is None or laboratory is None:
            return
        if accepted:
            self._files.show(dialog.offer.opened)
        else:
            laboratory.end_onnx(present.onnx if present else None)

    def _opened(self, _opened: Opened) -> None:
        """What was asked about has ended with what was open."""
        if self._dialog is not None:
            self._dialog.reject()
