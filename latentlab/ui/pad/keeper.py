"""Opens the pad, and keeps what it shows and what the plane marks up to date."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QFileDialog

from latentlab.app.drawn_view import DrawnView
from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.app.state import AppState, Workspace
from latentlab.app.store import Store
from latentlab.data.drawing import is_centred
from latentlab.errors import told
from latentlab.training.cloud import Cloud
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News
from latentlab.ui.pad.drawing import Drawing, Stroke
from latentlab.ui.pad.panel import PadPanel
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.drawn_mark import DrawnMark
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.data.photo import PhotoStep
    from latentlab.ui.pad.view import PadView

_LOADING = "The network is being loaded."
_TOO_SOON = "The network is being loaded: open the photo once it is there."
_REPLY = "photo"
# At least, between two looks while training; while drawing there is no such wait.
_LOOK_SECONDS = 0.1
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp);;All files (*)"
_STEPS = (_DRAW, _CLEAR, _PHOTO) = ("draw", "clear the pad", "open a photo")
_Shown = tuple[Drawing, "tuple[PhotoStep, ...]"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the pad can be had, and the plane there. tells: whether it tells of the drawing itself,
    which else the rest of the workspace does."""

    panel: PadPanel
    plane: LatentPlane
    tells: bool


class PadKeeper(QObject):
    """The pad is made when it is first wanted, and goes to the workspace in front. Of a drawing the
    newest state is looked at.

    Strokes are steps of the window's undo.
    """

    looked = Signal(object)  # DrawnView | None: what is on the pad of the workspace in front
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        looking: Looking,
        turns: Turns,
        news: News,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._turns = turns
        self._news = news
        self._view: PadView | None = None
        self._steps: tuple[PhotoStep, ...] = ()
        self._before: _Shown = (Drawing(), ())
        self._as_mnist = True
        self.shown: DrawnView | None = None
        self._folder = str(Path.home())
        self._places: dict[Workspace, _Place] = {}
        self.add_place("explore", window.pad, window.plane, tells=True)
        controller.opened.connect(self._opened)
        looking.step_shown.connect(self._weights_came)
        bridge.reply.connect(self._reply_came)
        bridge.cloud.connect(self._cloud_came)
        store.changed.connect(self._state_changed)
        store.undo_stack.undoTextChanged.connect(self._undo_changed)

    def add_place(
        self, workspace: Workspace, panel: PadPanel, plane: LatentPlane, *, tells: bool
    ) -> None:
        """The pad can be had there."""
        self._places[workspace] = _Place(panel, plane, tells)
        panel.switched.connect(self._switch)
        panel.opened.connect(self._begin)

    @property
    def on(self) -> bool:
        """Whether the pad is open in the workspace in front."""
        return self._front is not None and self._front.panel.is_open

    @property
    def _front(self) -> _Place | None:
        return self._places.get(self._store.state.workspace)

    def _switch(self) -> None:
        """Show the pad, or put it away with its mark on the plane; the drawing stays."""
        front = self._front
        if front is not None and (front.panel.is_open or self._view is not None):
            front.panel.take(self._view or self._made(front.panel))
        self._look()

    def _begin(self) -> None:
        if self._view is not None:
            self._view.canvas.setFocus()

    def open_photo(self, path: Path) -> None:
        """Take a photo to the pad in place of what is there."""
        laboratory = self._bridge.laboratory
        if laboratory is None:
            self.failed.emit(_TOO_SOON, "")
            return
        # A large one takes a second.
        laboratory.reader.forget(_REPLY)
        laboratory.reader.submit(_REPLY, partial(_steps_of, path))

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != _REPLY:
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The photo could not be opened"))
        else:
            self._change(_PHOTO, (Drawing(photo=reply.value[-1].picture), reply.value))

    def take(self, shown: _Shown) -> None:
        """Show this on the pad: what a step of undo leads to."""
        if self._view is None:
            return
        self._before = shown
        drawing, self._steps = shown
        self._view.canvas.set_drawing(drawing)
        self._view.show_photo_steps(self._steps)
        self._look()

    def _made(self, panel: PadPanel) -> "PadView":
        from latentlab.ui.pad.view import PadView  # noqa: PLC0415

        opened = self._controller.present
        if opened is not None:
            self._as_mnist = is_centred(opened.pair.train.images)
        self._view = view = PadView(panel)
        view.set_as_mnist(self._as_mnist)
        view.canvas.drawn.connect(self._drawn)
        view.canvas.stroked.connect(self._stroked)
        view.clearWanted.connect(self._clear)
        view.undoWanted.connect(self._store.undo_stack.undo)
        view.photoWanted.connect(self._ask_for_photo)
        view.photoDropped.connect(self.open_photo)
        view.asMnistSwitched.connect(self._choose_form)
        view.neighbourChosen.connect(self._controller.select)
        return view

    # --- what is drawn ---------------------------------------------------------------------------

    def _drawn(self) -> None:
        self._turns.ask("pad", self._look)

    def _stroked(self, _stroke: Stroke) -> None:
        if self._view is not None:
            self._change(_DRAW, (self._view.canvas.drawing, self._steps))

    def _clear(self) -> None:
        if self._view is not None and not self._view.canvas.is_empty:
            self._change(_CLEAR, (Drawing(), ()))

    def _change(self, label: str, after: _Shown) -> None:
        self._store.undo_stack.push(_Drawn(self, label, self._before, after))

    def _undo_changed(self, text: str) -> None:
        if self._view is not None:
            self._view.set_undo(text in _STEPS)

    def _ask_for_photo(self) -> None:
        dialog = QFileDialog(self._window, "Open a photo of a digit", self._folder, _PICTURES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._photo_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _photo_chosen(self, path: str) -> None:
        self._folder = str(Path(path).parent)
        self.open_photo(Path(path))

    def _choose_form(self, as_mnist: bool) -> None:
        self._as_mnist = as_mnist
        self._look()

    # --- what is made of it ----------------------------------------------------------------------

    def _opened(self, opened: Opened) -> None:
        """Begin with the form that the images of this data set are found to have."""
        if self._view is not None:
            self._as_mnist = is_centred(opened.pair.train.images)
            self._view.set_as_mnist(self._as_mnist)
            self._look()

    def _weights_came(self, _step: int) -> None:
        if self.on:
            self._turns.ask("pad", self._look, _LOOK_SECONDS)

    def _cloud_came(self, _cloud: Cloud, _exact: bool) -> None:
        self._weights_came(0)

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if names & {"past", "likelihood"}:
            self._weights_came(0)
        if "section" in names:
            self._show_mark()
        if "workspace" in names:
            self._switch()

    def _look(self) -> None:
        view = self._view
        if view is None:
            return
        front = self._front
        self.shown, why = self._answer(view) if self.on else (None, "")
        view.show_view(self.shown if front is not None and front.tells else None, why)
        self._show_mark()
        self.looked.emit(self.shown)

    def _show_mark(self) -> None:
        for place in self._places.values():
            place.plane.set_drawn(self._mark() if place is self._front else None)

    def _mark(self) -> DrawnMark | None:
        """Where the drawing is on the plane: its posterior's marginal there."""
        shown, section = self.shown, self._store.state.section
        if shown is None or len(shown.mu) != section.latent_dim:
            return None
        mu, sigma, tilt = section.marginal(shown.mu, shown.sigma)
        return DrawnMark((float(mu[0]), float(mu[1])), (float(sigma[0]), float(sigma[1])), tilt)

    def _answer(self, view: "PadView") -> tuple[DrawnView | None, str]:
        """What the network makes of the drawing, or a sentence that says why nothing."""
        laboratory = self._bridge.laboratory
        if laboratory is None or not laboratory.viewer.ready:
            return None, _LOADING
        # Only now: it needs torch, which is loaded after the window is there.
        from latentlab.app.drawn_look import cannot_draw, drawn_view  # noqa: PLC0415

        sight = laboratory.viewer.sight()
        why = cannot_draw(sight)
        if why or view.canvas.is_empty:
            return None, why
        picture = view.canvas.picture
        return drawn_view(sight, picture, self._news.cloud, as_mnist=self._as_mnist), ""


def _steps_of(path: Path) -> "tuple[PhotoStep, ...]":
    """Called in the reader's thread. Raises InputError."""
    # It needs Pillow, which is no part of the start.
    from latentlab.data.photo import photo_steps, read_photo  # noqa: PLC0415

    return photo_steps(read_photo(path), str(path))


class _Drawn(QUndoCommand):
    """The pad from what was on it to what is."""

    def __init__(self, keeper: PadKeeper, label: str, before: _Shown, after: _Shown) -> None:
        super().__init__(label)
        self._keeper = keeper
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._keeper.take(self._after)

    def undo(self) -> None:
        self._keeper.take(self._before)
