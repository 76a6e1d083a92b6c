"""Which news of the run reaches which panel: its terms, its curves, its speed, and its plan."""

from functools import partial

from PySide6.QtCore import QObject

from latentlab.app.opening import Opened
from latentlab.app.store import Store
from latentlab.core.spec import LossWeights
from latentlab.training.messages import PlanProgress, Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.main_window import MainWindow
from latentlab.ui.model_words import described
from latentlab.ui.plan_words import shown_factor
from latentlab.ui.turns import Turns

_CURVES_SECONDS = 0.25  # at least, between two updates while training


class RunNews(QObject):
    """Tells the panels of the run how it goes; nothing of its posteriors."""

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        turns: Turns,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._turns = turns
        self._plan: PlanProgress | None = None
        controller.snapshot.connect(self._show_progress)
        controller.snapshot.connect(self._show_snapshot)
        controller.computing.connect(window.data_panel.show_computing)
        window.run_bar.set_ready(False)
        window.plan_panel.set_ready(False)
        bridge.ready.connect(self._be_ready)

    def begin(self, opened: Opened) -> None:
        """Show what is known of another run before its first snapshot."""
        window, checkpoint = self._window, opened.checkpoint
        window.run_bar.set_reset_means(checkpoint is not None or opened.onnx is not None)
        training = checkpoint.training if checkpoint else {}
        steps = training.get("steps")
        window.run_bar.show_run(False, training.get("epochs", 0.0), steps or 0, 0.0)
        self._show_plan(None)
        window.curves.show_since(steps)
        window.curves.show_curves(None, self._store.state.weights)
        window.loss_panel.show_terms(None, None)
        window.data_panel.show_speed(0.0, "cpu", False)
        window.plan_panel.show_speed(0.0)
        window.plan_panel.show_images(opened.pair.train.total)

    def show_weights(self, weights: LossWeights) -> None:
        """Show what is minimised from now on."""
        self._window.loss_panel.show_weights(weights)
        self._window.curves.show_objective(self._minimised(weights))

    def _be_ready(self) -> None:
        self._window.run_bar.set_ready(True)
        self._window.plan_panel.set_ready(True)
        if self._bridge.laboratory is not None:
            self._window.data_panel.set_devices(self._bridge.laboratory.devices)

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        soon = partial(self._turns.ask_if, snapshot.running)
        soon("figures", partial(self._show_figures, snapshot))
        soon("curves", partial(self._show_curves, snapshot), _CURVES_SECONDS)

    def _show_figures(self, snapshot: Snapshot) -> None:
        self._window.loss_panel.show_terms(snapshot.latest, snapshot.heldout)
        self._window.data_panel.show_model(*described(snapshot, self._controller.present))

    def _show_curves(self, snapshot: Snapshot) -> None:
        self._window.curves.show_curves(snapshot.curves, self._minimised(snapshot.weights))

    def _show_plan(self, plan: PlanProgress | None) -> None:
        """How far a long run is, and what it makes of the objective."""
        window = self._window
        if plan is not None and self._plan is None:
            window.open_plan_panel(True)
        self._plan = plan
        window.plan_panel.show_plan(plan)
        window.run_bar.show_long_run(plan is not None)
        window.loss_panel.show_kl_factor(plan.kl_factor if plan else 1.0)

    def _show_progress(self, snapshot: Snapshot) -> None:
        """Of a long run, and how fast it goes."""
        self._show_plan(snapshot.plan)
        window = self._window
        speed = snapshot.images_per_second
        if speed > 0:
            window.plan_panel.show_speed(speed)
            window.data_panel.show_speed(speed, snapshot.settings.device, snapshot.bfloat16)

    def _minimised(self, weights: LossWeights) -> LossWeights:
        """What is minimised where the switches say `weights`, in round figures."""
        return weights.warmed(shown_factor(self._plan.kl_factor)) if self._plan else weights
