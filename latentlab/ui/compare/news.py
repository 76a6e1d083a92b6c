"""What reaches the panels of a comparison: the state, clouds, pictures and figures."""

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from latentlab.app.glide import Glide
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.app.timeline import Kept, Moment
from latentlab.core.checkpoint import Checkpoint
from latentlab.data.dataset import DataPair, Dataset, Split
from latentlab.training.messages import Cloud, Compared, Member
from latentlab.training.stored import stored_cloud
from latentlab.ui.bridge import Bridge
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.compare.past import moment_note
from latentlab.ui.compare.workspace import CompareWorkspace
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.app.viewer import Viewer

_FRAME_MILLISECONDS = 33
_SAMPLES = 8
_SETTLE_MILLISECONDS = 200


class CompareNews(QObject):
    """Tells the panels what has changed, and has each network look at what is looked at.

    Points glide as in the other workspace; while they do, only the newest cloud of each is kept.
    """

    def __init__(
        self,
        workspace: CompareWorkspace,
        *,
        store: Store,
        bridge: Bridge,
        controller: CompareController,
        turns: Turns,
    ) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._turns = turns
        self._pair: DataPair | None = None
        self._train: Dataset | None = None
        self._viewers: dict[int, Viewer] = {}
        self._glides: dict[int, Glide] = {}
        self._drawn: dict[int, tuple[Cloud, bool]] = {}
        self._splits: dict[int, Split] = {}  # of which images the points are
        self._samples: list[tuple[float, float]] = []
        self._random = np.random.default_rng(0)
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._draw)
        # After a film, or while the slider rests, all ellipses and names.
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._settle)
        controller.begun.connect(self._begin)
        controller.joined.connect(self._join)
        controller.compared.connect(self._show)
        store.changed.connect(self._state_changed)
        workspace.samplesWanted.connect(self.sample_again)
        workspace.panelAdded.connect(self.show_state)
        self._wanted = False  # whether the workspace has been in front: before, it has no panels
        self.sample_again()

    def sample_again(self) -> None:
        """Other z ~ N(0, I), the same for every network."""
        drawn = self._random.standard_normal((_SAMPLES, 2))
        self._samples = [(float(x), float(y)) for x, y in drawn]
        for number in self._viewers:
            self._show_samples(number)

    def hover(self, index: int) -> None:
        """The image under the pointer in one plane is shown in all."""
        for panel in self._panels():
            panel.plane.set_hovered(index if index >= 0 else None)

    # --- who takes part --------------------------------------------------------------------------

    def _begin(self, pair: DataPair, checkpoints: dict[int, Checkpoint]) -> None:
        self._pair, self._train = pair, pair.train
        self._viewers.clear()
        self._glides.clear()
        self._drawn.clear()
        self._workspace.set_classes(pair.train.class_names)
        self._workspace.set_isolated(self._store.state.isolated_class)
        self._workspace.show_settings(self._controller.settings)
        for panel in self._panels():
            panel.show_figures(None)
            panel.pictures.clear()
            panel.plane.set_points(_NO_POINTS, _NO_POINTS, pair.train.labels[:0])
        self._join(checkpoints)

    def _join(self, checkpoints: dict[int, Checkpoint]) -> None:
        """Show what their files hold until the engine says more."""
        train, laboratory = self._train, self._bridge.laboratory
        if train is None:
            return
        regimes = {c.number: c.regime for c in self._store.state.compared}
        for number, checkpoint in checkpoints.items():
            cloud = stored_cloud(checkpoint, train, checkpoint.likelihood)
            if cloud is not None:
                self._aim(number, cloud, at_once=True)
            panel = self._workspace.panels.get(number)
            if panel is not None and number in regimes:
                step = int(checkpoint.training.get("steps", 0))
                panel.show_step(regimes[number], step, "")
            if laboratory is not None:
                viewer = self._viewers[number] = laboratory.new_viewer(train)
                viewer.take_opened(checkpoint, checkpoint.likelihood)
                self._look(number)

    def _show(self, compared: Compared) -> None:
        for member in compared.members:
            panel = self._workspace.panels.get(member.number)
            if panel is not None and not self._looks_back:
                panel.show_step(member.regime, member.step, member.ended)
                panel.show_figures(member.figures)
                self._take(member, compared)

    def _take(self, member: Member, compared: Compared) -> None:
        number, train, laboratory = member.number, self._train, self._bridge.laboratory
        if member.cloud is not None:
            self._aim(number, member.cloud, at_once=compared.exact)
        if train is None or laboratory is None:
            return
        viewer = self._viewers.get(number)
        if viewer is None:
            viewer = self._viewers[number] = laboratory.new_viewer(train)
        if viewer.take_member(member, compared.run):
            if compared.running:
                self._turns.ask(f"look{number}", partial(self._look, number))
            else:
                self._turns.do_now(f"look{number}", partial(self._look, number))

    # --- the past --------------------------------------------------------------------------------

    @property
    def _looks_back(self) -> bool:
        return self._store.state.compared_past is not None

    def show_moment(self, number: int, moment: Moment, kept: Kept) -> None:
        """Show a network as it was."""
        panel, viewer = self._workspace.panels.get(number), self._viewers.get(number)
        pair = self._pair
        if panel is None or pair is None:
            return
        self._turns.do_now(f"compared{number}", partial(self._paint_moment, panel, moment))
        panel.plane.set_note(moment_note(moment, kept))
        for contender in self._store.state.compared:
            if contender.number == number:
                panel.show_step(contender.regime, moment.step, "")
        panel.show_moment(moment.step)
        if viewer is not None and viewer.look_back(kept):
            self._turns.ask(f"look{number}", partial(self._look, number))

    def _paint_moment(self, panel: ComparePanel, moment: Moment) -> None:
        pair, cloud = self._pair, moment.cloud
        if pair is None:
            return
        trained_on = moment.split == "train"
        same = self._splits.get(panel.number) == moment.split
        self._splits[panel.number] = moment.split
        if same and len(panel.plane.scene.cloud) == len(cloud.mu):
            panel.plane.move_points(cloud.mu, cloud.logvar)
        else:
            labels = getattr(pair, moment.split).labels[: len(cloud.mu)]
            # Only training images can be looked at.
            panel.plane.set_points(cloud.mu, cloud.logvar, labels, pickable=trained_on)
        panel.plane.set_selected(self._store.state.selected if trained_on else None)
        self._settling.start()

    def _settle(self) -> None:
        for panel in self._panels():
            panel.plane.settle()

    def show_now(self) -> None:
        """Show all of them as they are again."""
        self._settling.stop()
        self._drawn.clear()
        for number, viewer in self._viewers.items():
            if viewer.looks_back:
                viewer.look_at_now()
                self._look(number)
        if self._controller.newest is not None:
            self._show(self._controller.newest)
        self._timer.start()

    # --- pictures --------------------------------------------------------------------------------

    def _look(self, number: int) -> None:
        self._show_decoded(number)
        self._show_pair(number)
        self._show_samples(number)

    def _show_decoded(self, number: int) -> None:
        panel, viewer = self._workspace.panels.get(number), self._viewers.get(number)
        if panel is not None and viewer is not None and viewer.ready:
            panel.pictures.show_decoded(viewer.decode([self._store.state.z])[0])

    def _show_samples(self, number: int) -> None:
        panel, viewer = self._workspace.panels.get(number), self._viewers.get(number)
        if panel is not None and viewer is not None and viewer.ready:
            panel.pictures.show_samples(viewer.decode(self._samples))

    def _show_pair(self, number: int) -> None:
        panel, viewer = self._workspace.panels.get(number), self._viewers.get(number)
        index = self._store.state.selected
        if panel is None or viewer is None or not viewer.ready:
            return
        if index is None:
            panel.pictures.show_pair(None, None, "no image selected")
            return
        view = viewer.explain(index)
        x = view.grey if view.x is None else view.x
        panel.pictures.show_pair(x, view.reconstruction_image, f"x, decoder(μ)  ·  image {index}")

    # --- clouds ----------------------------------------------------------------------------------

    def _aim(self, number: int, cloud: Cloud, *, at_once: bool) -> None:
        glide = self._glides.setdefault(number, Glide())
        glide.aim(cloud, time.monotonic(), at_once=at_once)
        self._timer.start()
        if number not in self._drawn:
            self._draw()

    def _draw(self) -> None:
        if self._looks_back:
            self._timer.stop()
            return
        now = time.monotonic()
        moving = False
        running = self._controller.running
        for number, glide in self._glides.items():
            cloud = glide.at(now)
            moving = moving or glide.moving(now)
            exact = not (glide.moving(now) or running)
            if cloud is None or number not in self._workspace.panels:
                continue
            drawn = self._drawn.get(number)
            if drawn is not None and drawn[0] is cloud and drawn[1] == exact:
                continue
            first = drawn is None
            self._drawn[number] = (cloud, exact)
            move = partial(self._move, number, cloud, exact, first)
            if first or exact:
                self._turns.do_now(f"compared{number}", move)
            else:
                self._turns.ask(f"compared{number}", move)
        if not moving:
            self._timer.stop()

    def _move(self, number: int, cloud: Cloud, exact: bool, first: bool) -> None:
        panel, train = self._workspace.panels.get(number), self._train
        if panel is None or train is None:
            return
        plane = panel.plane
        if first or len(plane.scene.cloud) != len(cloud.mu):
            self._splits[number] = "train"
            plane.set_points(cloud.mu, cloud.logvar, train.labels)
            plane.set_selected(self._store.state.selected)
        else:
            plane.move_points(cloud.mu, cloud.logvar, exact=exact)
        plane.set_note(f"{len(cloud.mu):,} images · step {cloud.step:,}")

    # --- the state -------------------------------------------------------------------------------

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        first = state.workspace == "compare" and not self._wanted
        self._wanted = self._wanted or first
        if self._wanted and (first or "compared" in names):
            self._workspace.set_contenders(state.compared)
        if first or "compare_view" in names:
            self._workspace.set_viewport(state.compare_view)
        if "isolated_class" in names:
            self._workspace.set_isolated(state.isolated_class)
        for panel in self._panels():
            plane = panel.plane
            if "z" in names:
                plane.set_z(*state.z)
                self._show_decoded(panel.number)
            if "selected" in names:
                plane.set_selected(state.selected)
                self._show_pair(panel.number)
            if "ellipse_scale" in names:
                plane.set_ellipse_scale(state.ellipse_scale)

    def show_state(self, panel: ComparePanel) -> None:
        """Tell a panel that is new what the others were told; its network may have come back."""
        state, plane, number = self._store.state, panel.plane, panel.number
        plane.set_z(*state.z)
        plane.set_isolated(state.isolated_class)
        plane.set_ellipse_scale(state.ellipse_scale)
        self._drawn.pop(number, None)
        self._timer.start()
        self._look(number)

    def _panels(self) -> list[ComparePanel]:
        return list(self._workspace.panels.values())


_NO_POINTS = np.empty((0, 2), np.float32)
