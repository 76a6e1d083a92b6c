"""What reaches the panels of the Infer workspace, and which of its intents goes where."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from latentlab.app.drawn_view import DrawnView
from latentlab.app.infer_view import Field, Improved, Inferred
from latentlab.app.opening import Opened
from latentlab.app.point_view import PointView
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.app.subject import Drawn, Subject
from latentlab.training.cloud import Cloud
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.infer.looking import InferLooking, by_choice
from latentlab.ui.infer.view_keeper import ViewKeeper
from latentlab.ui.infer.words import other_mode
from latentlab.ui.infer.workspace import InferWorkspace
from latentlab.ui.looking import Looking
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.core.importance import Rung

_TURN = "infer cloud"


class InferNews(QObject):
    """Tells the panels what has changed, and hands on what the user wants of them."""

    def __init__(
        self,
        workspace: InferWorkspace,
        *,
        store: Store,
        bridge: Bridge,
        choices: Choices,
        controller: Controller,
        explored: Looking,
        looking: InferLooking,
        view: ViewKeeper,
        turns: Turns,
    ) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._store = store
        self._choices = choices
        self._controller = controller
        self._explored = explored
        self._looking = looking
        self._view = view
        self._turns = turns
        self._cloud: Cloud | None = None
        self._subject: Subject | None = None  # of what is shown
        controller.opened.connect(self._show_opened)
        bridge.cloud.connect(self._take_cloud)
        store.changed.connect(self._state_changed)
        explored.decoded.connect(workspace.image_panel.show_decoded)
        explored.point_shown.connect(self._show_point)
        looking.shown.connect(self._show)
        looking.field.connect(self._show_field)
        looking.ladder.connect(self._show_ladder)
        looking.arrived.connect(self._show_other)
        looking.improved.connect(self._show_improved)
        looking.improving.connect(workspace.improve_panel.set_improving)
        looking.searching.connect(workspace.show_searching)
        looking.failed.connect(workspace.show_nothing)
        self._connect_intents(workspace)

    def catch_up(self, cloud: Cloud | None) -> None:
        """Show what has come before: the workspace is new."""
        opened, state = self._controller.present, self._store.state
        if opened is not None:
            self._show_opened(opened)
        if cloud is not None:
            self._take_cloud(cloud, True)
        self._show_point(self._explored.point, False)
        self._workspace.plane.set_z(state.z)
        self._workspace.line.set_z(state.z[0])
        self._workspace.overview.set_z(*state.z)
        self._explored.show_decoded()

    def step(self, by: int) -> None:
        """Select the image so many further, and round again."""
        opened, selected = self._controller.present, self._store.state.selected
        if opened is not None:
            count = len(opened.pair.train)
            self._select(0 if selected is None else (selected + by) % count)

    def show_drawn(self, view: DrawnView | None) -> None:
        """What is on the pad, in place of an image of the data."""
        if not self._looking.active:
            return  # that pad is in another workspace
        self._looking.take_drawn(view.drawn if view else None)
        if view is None:
            self._show_point(self._explored.point, False)
        else:
            self._workspace.image_panel.show_drawn(view)
        self._show_selected()

    # --- what the user wants ---------------------------------------------------------------------

    def _connect_intents(self, workspace: InferWorkspace) -> None:
        panel, plane, overview = workspace.image_panel, workspace.plane, workspace.overview
        panel.stepWanted.connect(self.step)
        panel.ambiguousWanted.connect(self._search)
        plane.stepWanted.connect(self.step)
        plane.zMoved.connect(self._choices.move_z)
        plane.modeChosen.connect(self._go_to_mode)
        line = workspace.line
        line.stepWanted.connect(self.step)
        line.zMoved.connect(self._choices.move_z)
        line.modeChosen.connect(self._go_to_mode)
        workspace.modes.modeChosen.connect(self._go_to_mode)
        workspace.fit_button.clicked.connect(self._view.fit)
        workspace.improve_panel.improveSwitched.connect(self._looking.improve)
        workspace.improve_panel.resetWanted.connect(self._looking.reset_q)
        overview.zMoved.connect(self._choose_nearest)
        overview.pointSelected.connect(self._select)

    def _select(self, index: int) -> None:
        """Infer this image of the data, even if it is selected already: after a drawing."""
        self._controller.select(index)
        self._workspace.pad.close_pad()

    def _search(self) -> None:
        self._workspace.pad.close_pad()
        self._looking.search()

    def _go_to_mode(self, number: int) -> None:
        inferred = self._looking.inferred
        if inferred is not None and number < len(inferred.modes):
            self._choices.move_z(*inferred.modes[number].z)
            self._mark(number)

    def _show_other(self, inferred: Inferred) -> None:
        """Decode what else the image could have been."""
        place = other_mode(self._own(inferred) or "", inferred.modes)
        if place is not None:
            self._store.set_quietly(z=inferred.modes[place].z)
            self._mark(place)

    def _choose_nearest(self, x: float, y: float, finished: bool) -> None:
        """Select the image whose mean is the nearest, all of a drag in one step of undo."""
        if self._cloud is None or not len(self._cloud.mu):
            return
        section = self._store.state.section
        distance = np.square(section.project(self._cloud.mu) - (x, y)).sum(axis=1)
        nearest = int(np.nanargmin(distance))
        self._store.change(
            "choose an image",
            merge=True,
            selected=nearest,
            z=(x, 0.0 if section.line else y),
            section=section.through(self._cloud.mu[nearest]),
        )
        self._workspace.pad.close_pad()
        if finished:
            self._store.end_gesture()

    # --- what has changed ------------------------------------------------------------------------

    def _show_opened(self, opened: Opened) -> None:
        overview = self._workspace.overview
        self._workspace.show_section(self._store.state.section)
        self._cloud = None
        overview.set_points(_NO_POINTS, _NO_POINTS, opened.pair.train.labels[:0])
        overview.set_classes(opened.pair.train.class_names, opened.pair.train.numbers)

    def _take_cloud(self, cloud: Cloud, exact: bool) -> None:
        first = self._cloud is None
        self._cloud = cloud
        self._looking.take_means(cloud.mu)
        if not self._looking.active:
            return
        self._turns.ask_if(not (first or exact), _TURN, self._show_cloud)

    @property
    def _cloud_fits(self) -> bool:
        """Whether it is of what is open: that is said a little later than the state."""
        cloud, section = self._cloud, self._store.state.section
        return cloud is not None and cloud.mu.shape[1] == section.latent_dim

    def _show_cloud(self) -> None:
        overview, cloud, opened = self._workspace.overview, self._cloud, self._controller.present
        if cloud is None or opened is None:
            return
        section = self._store.state.section
        mu, logvar = section.posteriors(cloud.mu, cloud.logvar)
        if len(overview.scene.cloud) == len(mu):
            overview.move_points(mu, logvar, exact=True)
        else:
            overview.set_points(mu, logvar, opened.pair.train.labels)
            overview.set_viewport(overview.scene.overview())
            self._show_colours(opened)
        self._show_selected()

    def _show_selected(self) -> None:
        drawn = self._looking.drawn
        self._workspace.overview.set_selected(self._store.state.selected if drawn is None else None)

    def _show_colours(self, opened: Opened) -> None:
        overview, name = self._workspace.overview, self._store.state.colour_by
        overview.set_factor(opened.pair.train.factor(name, len(overview.scene.cloud)))

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        workspace = self._workspace
        if "selected" in names:
            if by_choice(names):
                workspace.pad.close_pad()
            self._show_selected()
        if "colour_by" in names and self._controller.present is not None:
            self._show_colours(self._controller.present)
        if "section" in names:
            turned = not state.section.is_parallel(workspace.overview.scene.section)
            workspace.show_section(state.section)
            if turned and self._looking.active and self._cloud_fits:
                self._show_cloud()
        if "workspace" in names and state.workspace == "infer":
            self._show_cloud()
        if "z" in names:
            workspace.plane.set_z(state.z)
            workspace.line.set_z(state.z[0])
            workspace.overview.set_z(*state.z)
            self._mark(None)

    def _show_point(self, view: PointView | None, hovered: bool) -> None:
        if not hovered and self._looking.drawn is None:
            self._workspace.image_panel.show_point(view)

    def _show(self, inferred: Inferred | None) -> None:
        workspace = self._workspace
        subject = inferred.subject if inferred else None
        if subject != self._subject:
            self._subject = subject
            self._mark(None)  # z is at a mode of another image
        # Each is in view only where the other has nothing to show.
        line = inferred is not None and inferred.section.line
        workspace.plane.show_inferred(None if line else inferred)
        workspace.line.show_inferred(inferred if line else None)
        workspace.bayes.show_field(
            inferred.field if inferred and not line else None, self._view.area
        )
        workspace.show_quality(inferred)
        workspace.modes.show_modes(inferred, self._own(inferred))
        workspace.account.show_account(inferred.account if inferred else None)
        if inferred is None:
            workspace.ladder.show_ladder((), None, None)
            workspace.improve_panel.show_encoder(None)
            return
        account = inferred.account
        workspace.account.show_likelihood(inferred.likelihood)
        if inferred.section.part:
            workspace.ladder.show_ladder((), None, None)
        else:
            workspace.ladder.show_ladder((), account.elbo, account.log_evidence)
        if self._looking.q_is_the_encoder_s:
            workspace.improve_panel.show_encoder(account.elbo)

    def _show_field(self, field: Field) -> None:
        self._workspace.plane.show_field(field)
        self._workspace.bayes.show_field(field, self._view.area)

    def _show_ladder(self, rungs: "tuple[Rung, ...]") -> None:
        inferred = self._looking.inferred
        if inferred is None or not rungs:
            return
        elbo, evidence = inferred.account.elbo, inferred.account.log_evidence
        if inferred.section.part:
            # Those of the slice are not the image's. A bound of one draw is the ELBO, on average.
            self._workspace.ladder.show_ladder(rungs, rungs[0].mean, None)
        else:
            self._workspace.ladder.show_ladder(rungs, elbo, evidence)

    def _show_improved(self, improved: Improved) -> None:
        workspace, inferred = self._workspace, self._looking.inferred
        if inferred is None:
            return
        workspace.plane.show_q(improved.q)
        workspace.line.show_q(improved.q)
        workspace.improve_panel.show_improved(improved, inferred.account.best_elbo)
        account = replace(
            inferred.account,
            log_likelihood=improved.log_likelihood,
            kl=improved.kl,
            kl_to_posterior=None,
        )
        workspace.account.show_account(account)
        workspace.ladder.show_ladder((), account.elbo, account.log_evidence)

    def _mark(self, number: int | None) -> None:
        self._workspace.plane.set_chosen(number)
        self._workspace.line.set_chosen(number)
        self._workspace.modes.set_chosen(number)

    def _own(self, inferred: Inferred | None) -> str | None:
        """The class of its image; None: of a drawing, which has none."""
        opened = self._controller.present
        if opened is None or inferred is None:
            return ""
        if isinstance(inferred.subject, Drawn):
            return None
        train = opened.pair.train
        return train.class_names[int(train.labels[inferred.subject])]


_NO_POINTS = np.empty((0, 2), np.float32)
