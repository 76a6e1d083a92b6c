"""Opens the pad, and keeps what it shows and what the plane marks up to date."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from latentlab.app.drawn_view import DrawnView, cannot_draw
from latentlab.app.opening import Opened
from latentlab.app.state import AppState, Workspace
from latentlab.app.store import Store
from latentlab.data.drawing import is_centred
from latentlab.errors import BusyError
from latentlab.training.cloud import Cloud
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News
from latentlab.ui.pad.drawing import Drawing, Stroke
from latentlab.ui.pad.panel import PadPanel
from latentlab.ui.pad.single import SingleImages
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.drawn_mark import DrawnMark
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.data.photo import PhotoStep
    from latentlab.data.single_image import SingleImage
    from latentlab.ui.pad.view import PadView

_LOADING = "The network is being loaded."
# At least, between two looks while training; while drawing there is no such wait.
_LOOK_SECONDS = 0.1
_STEPS = (_DRAW, _CLEAR, _OPEN) = ("draw", "clear the pad", "open an image")
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
        single: SingleImages,
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
        self._places: dict[Workspace, _Place] = {}
        self.add_place("explore", window.pad, window.plane, tells=True)
        self._single = single
        single.came.connect(self._image_came)
        controller.opened.connect(self._opened)
        looking.step_shown.connect(self._weights_came)
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

    def _image_came(self, image: "SingleImage") -> None:
        """Show it on the pad in place of what is there; in Explore, if no pad is in front."""
        if self._front is None:
            self._store.set_quietly(workspace="explore")
        front = self._front
        if front is not None and not front.panel.is_open:
            front.panel.click()
        self._change(_OPEN, (Drawing(photo=image.picture, in_form=image.in_form), image.steps))

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
        view.photoWanted.connect(self._single.ask)
        view.photoDropped.connect(self._single.open)
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

    def _choose_form(self, as_mnist: bool) -> None:
        self._as_mnist = as_mnist
        self._look()

    @property
    def _in_form(self) -> bool:
        """Whether what was opened has the form of the images of the data that are open now."""
        opened, drawing = self._controller.present, self._before[0]
        if opened is None or drawing.photo is None or not drawing.in_form:
            return False
        channels, height, width = opened.pair.train.image_shape
        return drawing.photo.shape == ((height, width) if channels == 1 else (height, width, 3))

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
        view.set_centring_possible(not self._in_form)
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
        from latentlab.app.drawn_look import drawn_view  # noqa: PLC0415

        sight = laboratory.viewer.sight_at_once()
        why = cannot_draw(sight.model.architecture.image_shape)
        if why or view.canvas.is_empty:
            return None, why
        drawing, in_form = view.canvas.drawing, self._in_form
        # What has the form already is given as it is, until something is drawn over it.
        as_it_is = drawing.photo if in_form and not view.canvas.is_drawn_on else None
        picture = view.canvas.picture if as_it_is is None else as_it_is
        as_mnist = self._as_mnist and not in_form
        try:
            return drawn_view(sight, picture, self._news.cloud, as_mnist=as_mnist), ""
        except BusyError as busy:
            self._turns.ask("pad", self._look, _LOOK_SECONDS)
            return None, str(busy)


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
