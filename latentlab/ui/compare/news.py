"""What reaches the panels of a comparison: the state, clouds, pictures and figures."""

from collections.abc import Mapping

from PySide6.QtCore import QObject

from latentlab.app.compared_past import Glance
from latentlab.app.state import BY_CLASS, AppState
from latentlab.app.store import Store
from latentlab.core.checkpoint import Checkpoint
from latentlab.data.dataset import DataPair, Dataset
from latentlab.training.messages import Compared, Figures
from latentlab.training.stored import stored_cloud
from latentlab.ui.bridge import Bridge
from latentlab.ui.compare.clouds import CompareClouds
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.compare.looks import CompareLooks
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.compare.workspace import CompareWorkspace
from latentlab.ui.turns import Turns


class CompareNews(QObject):
    """Tells the panels what has changed, and has each network look at what is looked at."""

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
        self._controller = controller
        self._train: Dataset | None = None
        self._looks_back = False
        self._clouds = CompareClouds(
            workspace, store=store, turns=turns, running=lambda: controller.running
        )
        self._looks = CompareLooks(workspace, store=store, bridge=bridge, turns=turns)
        controller.begun.connect(self._begin)
        controller.joined.connect(self._join)
        controller.compared.connect(self._show)
        store.changed.connect(self._state_changed)
        workspace.samplesWanted.connect(self._looks.sample_again)
        workspace.panelAdded.connect(self.show_state)

    def catch_up(self) -> None:
        """Tell the workspace, which is new, the whole state."""
        self._state_changed(self._store.state, frozenset(AppState.__dataclass_fields__))

    def hover(self, index: int) -> None:
        """The image under the pointer in one plane is shown in all."""
        for panel in self._panels():
            panel.plane.set_hovered(index if index >= 0 else None)

    # --- who takes part --------------------------------------------------------------------------

    def _begin(self, pair: DataPair, checkpoints: dict[int, Checkpoint]) -> None:
        self._train = pair.train
        self._workspace.set_classes(pair.train.class_names, pair.train.numbers)
        self._workspace.set_isolated(self._store.state.isolated_class)
        self._workspace.show_settings(self._controller.settings)
        self._clouds.begin(pair)
        self._looks.begin(pair.train)
        for panel in self._panels():
            panel.show_figures(None)
            panel.pictures.clear()
        self._join(checkpoints)

    def _join(self, checkpoints: dict[int, Checkpoint]) -> None:
        """Show what their files hold until the engine says more."""
        if self._train is None:
            return
        regimes = {c.number: c.regime for c in self._store.state.compared}
        for number, checkpoint in checkpoints.items():
            cloud = stored_cloud(checkpoint, self._train, checkpoint.likelihood)
            if cloud is not None:
                self._clouds.aim(number, cloud, at_once=True)
            panel = self._workspace.panels.get(number)
            if panel is not None and number in regimes:
                step = int(checkpoint.training.get("steps", 0))
                panel.show_step(regimes[number], step, "")
            self._looks.take_opened(number, checkpoint)

    def _show(self, compared: Compared) -> None:
        self._looks.take(compared)
        for member in compared.members:
            panel = self._workspace.panels.get(member.number)
            if panel is None:
                continue
            if member.cloud is not None:
                self._clouds.aim(member.number, member.cloud, at_once=compared.exact)
            if not self._looks_back:
                panel.show_step(member.regime, member.step, member.ended)
                panel.show_figures(member.figures)

    # --- back and forth --------------------------------------------------------------------------

    def show_past(self, glances: Mapping[int, Glance]) -> None:
        """Show each network as it was, as far as that is kept; its figures follow."""
        first, self._looks_back = not self._looks_back, True
        self._looks.look_back({number: glance.kept for number, glance in glances.items()})
        self._clouds.show_past(glances)
        for panel in self._panels():
            glance = glances.get(panel.number)
            if glance is None:
                panel.show_nothing_kept()
            else:
                panel.show_past(glance.regime, glance.cloud.step, glance.kept.step)
            if first:
                panel.show_figures(None)

    def show_past_figures(self, figures: Mapping[int, Figures]) -> None:
        """Of a moment that is looked back at, or was just now: they say of which step they are."""
        for panel in self._panels():
            panel.show_figures(figures.get(panel.number), past=True)

    def show_now(self) -> None:
        """Show the newest of all again."""
        if not self._looks_back:
            return
        self._looks_back = False
        self._looks.look_at_now()
        self._clouds.show_now()
        if self._controller.newest is not None:
            self._show(self._controller.newest)

    # --- the state -------------------------------------------------------------------------------

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "compared" in names:
            self._workspace.set_contenders(state.compared)
        if "compare_view" in names:
            self._workspace.set_viewport(state.compare_view)
        if "isolated_class" in names:
            self._workspace.set_isolated(state.isolated_class)
        if "colour_by" in names:
            self._workspace.set_coloured(state.colour_by == BY_CLASS)
        for panel in self._panels():
            plane = panel.plane
            if "z" in names:
                plane.set_z(*state.z)
                self._looks.show_decoded(panel)
            if "selected" in names and self._controller.under_way:
                self._clouds.show_selected(panel)
                self._looks.show_pair(panel)
            if "colour_by" in names:
                self._clouds.show_colours(panel)
            if "ellipse_scale" in names:
                plane.set_ellipse_scale(state.ellipse_scale)

    def show_state(self, panel: ComparePanel) -> None:
        """Tell a panel that is new what the others were told; its network may have come back."""
        state, plane, number = self._store.state, panel.plane, panel.number
        plane.set_z(*state.z)
        plane.set_isolated(state.isolated_class)
        plane.set_ellipse_scale(state.ellipse_scale)
        self._clouds.draw_anew(number)
        self._looks.look(number)

    def _panels(self) -> list[ComparePanel]:
        return list(self._workspace.panels.values())
