"""What the window offers of its own accord, in the message bar."""

from pathlib import Path

from PySide6.QtCore import QObject

from latentlab.app.opening import Opened
from latentlab.paths import pretrained_models
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.controller import Controller
from latentlab.ui.files import Files
from latentlab.ui.importer import skipped_said
from latentlab.ui.message_bar import MessageBar

_OPEN, _SCRATCH, _RESTORE, _DISCARD = "open ", "scratch", "restore", "discard"
_RESTART, _RESUME = "restart", "resume"
_RESTART_COMPARISON = "restart_comparison"


class Offers(QObject):
    """Offers a fitting model for foreign data, what a crash has left, and another engine."""

    def __init__(
        self, bar: MessageBar, controller: Controller, compare: CompareController, files: Files
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._controller = controller
        self._compare = compare
        self._files = files
        self._foreign = ""
        self._crash = self._crashed_comparison = ""
        self._left_by_crash: Path | None = None
        bar.actionChosen.connect(self._choose)
        controller.opened.connect(self._opened)
        controller.crashed.connect(self._offer_restart)
        controller.restarted.connect(self._take_back_restart)
        compare.crashed.connect(self._offer_comparison)
        compare.restarted.connect(self._take_back_comparison)

    def offer_autosave(self) -> None:
        """Offer what a crash has left, if it has."""
        self._left_by_crash = self._files.autosave_offered()
        if self._left_by_crash is not None:
            self._bar.offer(
                "latentlab did not end properly last time. Its training was kept.",
                [("Open it", _RESTORE), ("Discard it", _DISCARD)],
            )

    def _opened(self, opened: Opened) -> None:
        """Say where a model is among foreign images, or what is open in place of what did not fit.

        Take that back where it no longer is so.
        """
        trained_on = opened.checkpoint.data.get("name") if opened.checkpoint else None
        if trained_on is not None and trained_on != opened.pair.name:
            self._offer_model(opened, trained_on)
        elif opened.note:
            self._note(opened)
        elif self._foreign and self._bar.text == self._foreign:
            self._bar.clear()

    def _note(self, opened: Opened) -> None:
        """Say what did not fit, after what was said of the same images' files."""
        said = self._bar.text
        skipped = opened.pair.skipped and said.startswith(skipped_said(opened.pair))
        self._foreign = f"{said} {opened.note}" if skipped else opened.note
        self._bar.info(self._foreign)

    def _offer_model(self, opened: Opened, trained_on: str) -> None:
        data = opened.pair.name
        self._foreign = f"{opened.title} was trained on {trained_on}: to it, {data} is foreign."
        fitting = [name for name in pretrained_models() if name.startswith(f"{data}-")]
        actions = [(f"Open {name}", f"{_OPEN}{name}") for name in fitting]
        self._bar.offer(self._foreign, [*actions, ("Start from scratch", _SCRATCH)])

    def _offer_restart(self, how: str, step: int) -> None:
        self._crash = f"Training stopped, since its process is gone: {how}."
        actions = [(_from(step), _RESTART)]
        if self._files.plan_is_autosaved:
            actions.insert(0, ("Go on with the long run from its autosave", _RESUME))
        self._bar.offer(self._crash, actions)

    def _take_back_restart(self) -> None:
        if self._bar.text == self._crash:
            self._bar.clear()

    def _offer_comparison(self, how: str, step: int) -> None:
        self._crashed_comparison = f"The comparison stopped, since its process is gone: {how}."
        self._bar.offer(self._crashed_comparison, [(_from(step), _RESTART_COMPARISON)])

    def _take_back_comparison(self) -> None:
        if self._bar.text == self._crashed_comparison:
            self._bar.clear()

    def _choose(self, key: str) -> None:
        if key.startswith(_OPEN):
            self._files.open_model(key.removeprefix(_OPEN))
        elif key == _SCRATCH:
            self._controller.start_from_scratch()
        elif key == _RESTART:
            self._controller.restart()
        elif key == _RESTART_COMPARISON:
            self._compare.restart()
        elif key == _RESUME:
            self._files.resume()
        elif self._left_by_crash is not None:
            if key == _RESTORE:
                self._files.restore_autosave(self._left_by_crash)
            else:
                self._files.discard_autosave(self._left_by_crash)


def _from(step: int) -> str:
    return f"Restart from step {step:,}" if step >= 0 else "Restart"
