"""Opening another program's state dict: the question, what each answer shows, and the file."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from latentlab.app.looks import Reply
from latentlab.errors import told
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.files import Files

if TYPE_CHECKING:
    from latentlab.app.importing import Offer
    from latentlab.core.foreign_reading import Reading
    from latentlab.ui.foreign_dialog import ForeignDialog

_OFFER, _TRIAL, _SAVED = "foreign", "foreign trial", "foreign saved"


class Foreign(QObject):
    """Reads and tries in the background; what is saved is then opened like any model."""

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
        self._dialog: ForeignDialog | None = None
        self._to_save: tuple[Offer, Reading] | None = None
        files.foreign.connect(self.ask)
        bridge.reply.connect(self._reply_came)

    def ask(self, path: Path) -> None:
        """Have the file looked into; the question follows."""
        from latentlab.app.importing import offer  # noqa: PLC0415

        laboratory, present = self._bridge.laboratory, self._controller.present
        if laboratory is not None:
            pair = present.pair if present else None
            laboratory.reader.submit(_OFFER, lambda: offer(path, pair))

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind not in (_OFFER, _TRIAL, _SAVED):
            return
        value = reply.value
        if isinstance(value, Exception):
            self.failed.emit(*told(value, "The model could not be read"))
        elif reply.kind == _OFFER:
            self._show(value)
        elif reply.kind == _SAVED:
            self._files.open_model(str(value))
        elif self._dialog is not None and value.model is self._dialog.offer.model:
            self._dialog.show_offer(value)

    def _show(self, of: "Offer") -> None:
        from latentlab.ui.foreign_dialog import ForeignDialog  # noqa: PLC0415

        if self._dialog is not None:
            self._dialog.reject()
        self._dialog = dialog = ForeignDialog(self._window, of)
        dialog.changed.connect(self._try)
        dialog.accepted.connect(self._ask_where)
        dialog.finished.connect(self._closed)
        dialog.show()

    def _closed(self) -> None:
        self._dialog = None

    def _try(self, reading: "Reading") -> None:
        from latentlab.app.importing import read_otherwise  # noqa: PLC0415

        laboratory = self._bridge.laboratory
        if laboratory is not None and self._dialog is not None:
            of = self._dialog.offer
            laboratory.reader.submit(_TRIAL, lambda: read_otherwise(of, reading))

    def _ask_where(self) -> None:
        if self._dialog is not None:
            of = self._dialog.offer
            self._to_save = of, self._dialog.reading
            name = f"{of.model.path.stem}-latentlab"
            self._dialogs.save_foreign(name, self._save)

    def _save(self, path: Path) -> None:
        from latentlab.app.importing import save_offer  # noqa: PLC0415

        laboratory, to_save = self._bridge.laboratory, self._to_save
        if laboratory is not None and to_save is not None:
            laboratory.reader.submit(_SAVED, lambda: save_offer(*to_save, path))
