"""What each network makes of the z's and the image that all of them are asked about."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from latentlab.app.store import Store
from latentlab.app.timeline import Kept
from latentlab.core.checkpoint import Checkpoint
from latentlab.data.dataset import Dataset
from latentlab.training.messages import Compared, Member
from latentlab.ui.bridge import Bridge
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.compare.workspace import CompareWorkspace
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.app.viewer import Viewer

_SAMPLES = 8


class CompareLooks:
    """Has a viewer for each network, with its newest weights or with kept ones of the past."""

    def __init__(
        self, workspace: CompareWorkspace, *, store: Store, bridge: Bridge, turns: Turns
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._bridge = bridge
        self._turns = turns
        self._train: Dataset | None = None
        self._viewers: dict[int, Viewer] = {}
        self._random = np.random.default_rng(0)
        self._samples = self._drawn()

    def begin(self, train: Dataset) -> None:
        """Forget all that was: these are the images now."""
        self._train = train
        self._viewers.clear()

    def take_opened(self, number: int, checkpoint: Checkpoint) -> None:
        """Look with the weights of a file until the engine has some."""
        viewer = self._viewer(number)
        if viewer is not None:
            viewer.take_opened(checkpoint, checkpoint.likelihood)
            self.look(number)

    def take(self, compared: Compared) -> None:
        """Look with these weights from now on; in their turn while newer ones are on their way."""
        for member in compared.members:
            take = partial(self._take, member, compared)
            self._turns.ask_if(compared.running, f"weights{member.number}", take)

    def _take(self, member: Member, compared: Compared) -> None:
        number, viewer = member.number, self._viewer(member.number)
        if viewer is None or not viewer.take_member(member, compared.run) or viewer.looks_back:
            return
        self._turns.ask_if(compared.running, f"look{number}", partial(self.look, number))

    def look_back(self, kept: Mapping[int, Kept]) -> None:
        """Look with weights of the past, of which there are soon others."""
        for number, weights in kept.items():
            viewer = self._viewer(number)
            if viewer is not None and viewer.look_back(weights):
                self._turns.ask(f"look{number}", partial(self.look, number))

    def look_at_now(self) -> None:
        """Look with the newest weights again."""
        for number, viewer in self._viewers.items():
            if viewer.looks_back:
                viewer.look_at_now()
                self._turns.do_now(f"look{number}", partial(self.look, number))

    def sample_again(self) -> None:
        """Other z ~ N(0, I), the same for every network."""
        self._samples = self._drawn()
        for panel in self._workspace.panels.values():
            self._show_samples(panel)

    def look(self, number: int) -> None:
        """Show all that a panel shows of its network."""
        panel = self._workspace.panels.get(number)
        if panel is not None:
            self.show_decoded(panel)
            self.show_pair(panel)
            self._show_samples(panel)

    def show_decoded(self, panel: ComparePanel) -> None:
        """Show decoder(z)."""
        viewer = self._ready(panel)
        if viewer is not None:
            panel.pictures.show_decoded(viewer.decode([self._store.state.z])[0])

    def show_pair(self, panel: ComparePanel) -> None:
        """Show the selected image and its reconstruction."""
        viewer, index = self._ready(panel), self._store.state.selected
        if viewer is None:
            return
        if index is None:
            panel.pictures.show_pair(None, None, "no image selected")
            return
        view = viewer.explain(index)
        x = view.grey if view.x is None else view.x
        panel.pictures.show_pair(
            x, view.reconstruction_image, f"x, decoder(μ)  ·  image {view.number}"
        )

    # --- inside ----------------------------------------------------------------------------------

    def _show_samples(self, panel: ComparePanel) -> None:
        viewer = self._ready(panel)
        if viewer is not None:
            panel.pictures.show_samples(viewer.decode(self._samples))

    def _drawn(self) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in self._random.standard_normal((_SAMPLES, 2))]

    def _ready(self, panel: ComparePanel) -> "Viewer | None":
        viewer = self._viewers.get(panel.number)
        return viewer if viewer is not None and viewer.ready else None

    def _viewer(self, number: int) -> "Viewer | None":
        laboratory = self._bridge.laboratory
        if self._train is None or laboratory is None:
            return None
        if number not in self._viewers:
            self._viewers[number] = laboratory.new_viewer(self._train)
        return self._viewers[number]
