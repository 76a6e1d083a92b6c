"""Opens the sheet, and keeps it at what is chosen and at the newest weights."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.errors import told
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.images import picture_of
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.ui.choosing.sheet import Sheet

_REPLY = "sheet"
_SECONDS = 0.5  # at least, between two looks while training
_PIXELS = 1 << 22  # of the images that are reconstructed at once


class SheetKeeper(QObject):
    """exportWanted: what is chosen is to be written to files."""

    failed = Signal(str, str)  # a sentence, a report
    exportWanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        looking: Looking,
        turns: Turns,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._turns = turns
        self._sheet: Sheet | None = None
        store.changed.connect(self._state_changed)
        looking.step_shown.connect(self._weights_came)
        controller.opened.connect(self._opened)
        bridge.reply.connect(self._reply_came)

    def open(self) -> None:
        """Show the sheet."""
        if self._sheet is None:
            from latentlab.ui.choosing.sheet import Sheet  # noqa: PLC0415

            self._sheet = sheet = Sheet(self._window)
            self._window.keep_themed(sheet)
            sheet.pointed.connect(self._point)
            sheet.reconstructionsWanted.connect(self._ask)
            sheet.exportWanted.connect(self.exportWanted)
        self._sheet.show()
        self._sheet.raise_()
        self._sheet.activateWindow()
        self._show()

    @property
    def _open(self) -> bool:
        return self._sheet is not None and self._sheet.isVisible()

    def _show(self) -> None:
        """What is chosen, where that can be seen; it is shown anew when the sheet is opened."""
        opened, chosen = self._controller.present, self._store.state.chosen
        if self._sheet is None or not self._open:
            return
        images = None if opened is None else opened.pair.of(chosen.split)
        self._sheet.show_images(images, chosen.array, can_point=chosen.split == "train")
        self._sheet.show_selected(self._store.state.selected)

    def _opened(self, _opened: Opened) -> None:
        self._show()

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "chosen" in names:
            self._show()
        elif "selected" in names and self._sheet is not None and state.chosen.split == "train":
            self._sheet.show_selected(state.selected)

    def _point(self, image: int) -> None:
        """Select its point. Only training images can be looked at."""
        if self._store.state.chosen.split == "train":
            self._controller.select(image)

    # --- reconstructions -------------------------------------------------------------------------

    def _weights_came(self, _step: int) -> None:
        if self._open:
            self._turns.ask(_REPLY, self._look_again, _SECONDS)

    def _look_again(self) -> None:
        if self._sheet is not None:
            self._sheet.look_again()

    def _ask(self, indices: list[int]) -> None:
        laboratory, opened = self._bridge.laboratory, self._controller.present
        if laboratory is None or opened is None or not laboratory.viewer.ready:
            return
        # Only now: it needs torch, which is loaded after the window is there.
        from latentlab.app.reconstructed import reconstructed  # noqa: PLC0415

        images = opened.pair.of(self._store.state.chosen.split)
        some = indices[: max(1, _PIXELS // picture_of(images.images[0]).size)]
        sight = laboratory.viewer.sight()
        laboratory.worker.submit(_REPLY, partial(reconstructed, sight, images, some))

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != _REPLY or self._sheet is None:
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The images could not be reconstructed"))
            return
        found, opened, chosen = reply.value, self._controller.present, self._store.state.chosen
        if opened is not None and found.images is opened.pair.of(chosen.split):
            self._sheet.show_reconstructions(found.step, found.indices, found.pictures)
