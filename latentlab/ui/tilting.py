"""Lays planes that run along no axes: what the plane's chooser asks for."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt

from latentlab.app.opening import Opened
from latentlab.app.state import Z_LIMIT, AppState
from latentlab.app.store import Store
from latentlab.core.section import Section
from latentlab.core.tilt import Tilt, plane_of_three, principal_plane
from latentlab.errors import InputError
from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News

_COUNT = 3
_NOT_TRAINING = (
    "A plane is laid through the means of training images, which are not what is shown now: come "
    "back to now, and try again."
)


class Tilting(QObject):
    """Takes three clicked images, and finds planes from the means that are shown.

    The workspace Infer looks along axes, where q(z|x) is diagonal: while it is in front the plane
    is turned to its pair of axes, and afterwards back.
    """

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        choices: Choices,
        controller: Controller,
        news: News,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._choices = choices
        self._news = news
        self._picked: tuple[int, ...] | None = None
        self._turned: Tilt | None = None  # what Infer's plane is turned back to
        chooser = window.section_panel.chooser
        chooser.kindChosen.connect(self.choose)
        chooser.againWanted.connect(self._again)
        chooser.homeWanted.connect(self._go_home)
        window.plane.pointSelected.connect(self._take)
        controller.opened.connect(self._opened)
        store.changed.connect(self._state_changed)
        # Later, when all have heard of the change that it answers.
        store.changed.connect(self._turn, Qt.ConnectionType.QueuedConnection)

    def choose(self, kind: str) -> None:
        """A plane along "axes", along the "principal" components, or through three "images"."""
        section = self._store.state.section
        self._pick(() if kind == "images" else None)
        if kind == "principal" and self._lay("choose the PCA plane", principal_plane):
            self._look_around()
        elif kind == "axes" and section.tilt is not None:
            z = section.lift(self._store.state.z)
            self._choices.lay_plane("choose the axes", Section.at(section.axes, z))

    def _again(self) -> None:
        tilt = self._store.state.section.tilt
        if tilt is not None and tilt.images:
            self._through(tilt.images)
        elif tilt is not None:
            self._lay("choose the PCA plane", principal_plane)

    def _go_home(self) -> None:
        tilt = self._store.state.section.tilt
        if tilt is not None:
            self._choices.move_plane(tilt.home)

    # --- laying one ------------------------------------------------------------------------------

    def _take(self, index: int) -> None:
        """A point that was clicked, while three are asked for."""
        if self._picked is None or index < 0 or index in self._picked:
            return
        picked = (*self._picked, index)
        if len(picked) < _COUNT:
            self._pick(picked)
        else:
            laid = self._through(picked)
            self._pick(None if laid else picked[:-1])
            if laid:
                self._look_around()

    def _pick(self, picked: tuple[int, ...] | None) -> None:
        self._picked = picked
        self._window.section_panel.chooser.show_picks(picked)
        self._mark()

    def _through(self, images: tuple[int, ...]) -> bool:
        return self._lay("lay the plane through three images", partial(_of_three, images))

    def _lay(self, label: str, find: Callable[[npt.NDArray[np.float32]], Tilt]) -> bool:
        """Whether there was such a plane; if not, a sentence says why."""
        cloud, section = self._news.cloud, self._store.state.section
        try:
            if cloud is None or cloud.mu.shape[1] != section.latent_dim:
                raise InputError(_NOT_TRAINING)
            tilt = find(cloud.mu)
        except InputError as error:
            self._window.message_bar.warning(str(error))
            return False
        home = np.clip(tilt.home, -Z_LIMIT, Z_LIMIT)
        self._choices.lay_plane(label, Section.tilted(tilt, home, section.axes))
        return True

    def _look_around(self) -> None:
        """Of other directions all is elsewhere: bring everything into view."""
        self._choices.fit_viewport(self._window.plane.scene.overview())

    # --- what happens ----------------------------------------------------------------------------

    def _opened(self, _opened: Opened) -> None:
        self._turned = None
        self._pick(None)

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if "section" in names:
            self._mark()

    def _mark(self) -> None:
        """Name the points that the plane goes through, or those taken so far."""
        tilt, picked = self._store.state.section.tilt, self._picked
        there = tilt.images if tilt is not None else ()
        self._window.plane.set_marked(there if picked is None else picked)

    def _turn(self, *_: object) -> None:
        state = self._store.state
        section, infers = state.section, state.workspace == "infer"
        if infers and section.tilt is not None:
            self._turned = section.tilt
            z = section.lift(state.z)
            self._choices.lay_plane("", Section.at(section.axes, z), quietly=True)
            first, second = self._store.state.section.names
            self._window.message_bar.info(
                f"Infer looks along two axes, {first} and {second}: there q(z|x) is diagonal on "
                "the slice. In Explore your plane comes back."
            )
        elif not infers and self._turned is not None:
            tilt, self._turned = self._turned, None
            if section.tilt is None:
                plane = Section.tilted(tilt, section.lift(state.z), section.axes)
                self._choices.lay_plane("", plane, quietly=True)


def _of_three(images: tuple[int, ...], mu: npt.NDArray[np.float32]) -> Tilt:
    first, second, third = images
    if max(images) >= len(mu):
        raise InputError(
            f"The plane's images are not among these {len(mu):,}: choose three others."
        )
    return plane_of_three(mu, (first, second, third))
