"""Which news reaches which panel: the state, snapshots, clouds, pictures."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from latentlab.app.glide import same
from latentlab.app.opening import Opened
from latentlab.app.point_view import PointView
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.app.timeline import Moment
from latentlab.core.axes import axis_figures
from latentlab.core.section import Section
from latentlab.core.spec import LossWeights
from latentlab.data.dataset import Split
from latentlab.data.named import names_here
from latentlab.paths import pretrained_models
from latentlab.training.cloud import Cloud
from latentlab.training.messages import PlanProgress, Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.force_looking import ForceLooking
from latentlab.ui.layer_looking import LayerLooking
from latentlab.ui.lens_geometry import neighbours
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.model_words import described
from latentlab.ui.plan_words import shown_factor
from latentlab.ui.plane_points import PlanePoints
from latentlab.ui.turns import Turns

_SETTLE_MILLISECONDS = 150  # after the last moment of the past
# At least, between two updates while training.
_CURVES_SECONDS = 0.25
_AXES_SECONDS = 0.5
_NO_POINTS = np.empty((0, 2), np.float32)
_NO_IMAGES = np.empty((0, 1, 1), np.uint8)


class News(QObject):
    """Tells the panels what has changed. Panels know neither the controller nor each other."""

    axes = Signal(object)  # AxisFigures | None: of the posteriors on the plane, where K > 2

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        choices: Choices,
        controller: Controller,
        looking: Looking,
        forces: ForceLooking,
        layers: LayerLooking,
        turns: Turns,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._choices = choices
        self._controller = controller
        self._bridge = bridge
        self._looking = looking
        self._forces = forces
        self._layers = layers
        self._turns = turns
        self._measured: Cloud | None = None
        self._mean_sigma = 0.0
        self._cloud: Cloud | None = None
        self._points = PlanePoints(window.plane, store)
        self._explained: tuple[PointView | None, bool] = (None, False)
        self._labels = np.empty(0, dtype=np.int64)
        self._plan: PlanProgress | None = None
        self._today: Cloud | None = None  # what is shown where nobody looks back
        self._split: Split = "train"  # of which the points on the plane are
        self._held: Cloud | None = None  # shown instead of newer ones
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(window.plane.settle)
        controller.opened.connect(self._show_opened)
        controller.renamed.connect(self.show_names)
        controller.snapshot.connect(self._show_progress)
        controller.snapshot.connect(self._show_snapshot)
        controller.computing.connect(window.data_panel.show_computing)
        controller.snapshot.connect(looking.take)
        controller.snapshot.connect(forces.take)
        controller.snapshot.connect(layers.take)
        controller.decodable.connect(looking.look_again)
        choices.eps.connect(window.decoded_panel.show_eps)
        bridge.cloud.connect(self._show_cloud)
        looking.decoded.connect(window.decoded_panel.show_image)
        looking.passing.connect(self._show_passing)
        looking.step_shown.connect(self._show_step)
        looking.point_shown.connect(self._show_point)
        looking.strip.connect(window.strip.show_frames)
        looking.path.connect(window.plane.set_path)
        looking.step_shown.connect(forces.look_again)
        looking.step_shown.connect(layers.take_weights)
        layers.shown.connect(window.plane.set_layer)
        forces.shown.connect(window.plane.set_forces)
        forces.shown.connect(window.force_panel.show_forces)
        store.changed.connect(self._show_state)
        window.run_bar.set_ready(False)
        window.plan_panel.set_ready(False)
        bridge.ready.connect(self._be_ready)

    def show_everything(self) -> None:
        """Tell the panels the whole state: what they show before anything has changed."""
        everything = frozenset(AppState.__dataclass_fields__)
        self._show_state(self._store.state, everything)
        self._looking.show_path()

    def show_names(self) -> None:
        """Say what is open, also where something else was chosen that could not be opened."""
        opened = self._controller.present
        if opened is None:
            return
        panel = self._window.data_panel
        self._window.setWindowTitle(f"{opened.title} · {opened.pair.name} · latentlab")
        panel.set_datasets(_with(names_here(), opened.data), opened.data)
        model = opened.title if opened.onnx else opened.model or f"new, K = {opened.latent_dim}"
        panel.set_models(_with(tuple(pretrained_models()), model), model)

    def _show_opened(self, opened: Opened) -> None:
        self._turns.forget_all()
        window, train = self._window, opened.pair.train
        self._labels = train.labels
        self._cloud = self._today = self._points.cloud = None
        self._explained = (None, False)
        self._split = "train"
        self._looking.forget_point()
        self._forces.forget()
        self._layers.forget()
        self.show_names()
        window.plane.set_points(_NO_POINTS, _NO_POINTS, train.labels[:0])
        window.plane.set_classes(train.class_names, train.numbers)
        window.view_panel.set_factors([factor.name for factor in train.factors])
        window.decoded_panel.show_image(None)
        window.strip.show_frames(_NO_IMAGES)
        checkpoint = opened.checkpoint
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
        window.plan_panel.show_images(train.total)
        window.selection_panel.show_point(None, False)
        window.lens.clear()
        self.show_everything()

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        self._show_soon("figures", self._show_figures, snapshot)
        new = self._measured is None or not same(snapshot.cloud, self._measured)
        if new and self._shows_today:
            self._show_stats(snapshot.cloud)
        self._show_soon("curves", self._show_curves, snapshot, _CURVES_SECONDS)

    def _show_soon(
        self, name: str, show: Callable[[Snapshot], None], snapshot: Snapshot, every: float = 0.0
    ) -> None:
        """In its turn while training goes on and a newer one is on its way; else at once."""
        if snapshot.running:
            self._turns.ask(name, partial(show, snapshot), every)
        else:
            self._turns.do_now(name, partial(show, snapshot))

    def _show_figures(self, snapshot: Snapshot) -> None:
        self._window.loss_panel.show_terms(snapshot.latest, snapshot.heldout)
        self._window.data_panel.show_model(*described(snapshot, self._controller.present))

    def _note(self, cloud: Cloud) -> None:
        """What the plane shows, and how narrow the posteriors are, where the panel is not seen."""
        opened = self._controller.present
        images = opened.pair.shown(self._split, len(cloud.mu)) if opened else ""
        sigma = f"mean σ {self._mean_sigma:.3f}"
        where = self._store.state.section.where
        self._window.plane.set_note(f"{images}{where} · step {cloud.step:,} · {sigma}")

    def _show_stats(self, cloud: Cloud) -> None:
        """Of the posteriors themselves, not of where they glide."""
        self._measured = cloud
        self._mean_sigma = float(np.exp(0.5 * cloud.logvar).mean())
        self._window.view_panel.show_posterior_stats(cloud.mu, cloud.logvar)
        self._layers.take_cloud(cloud, self._split)
        self._note(cloud)
        if self._store.state.section.latent_dim > 2:
            show = partial(self._show_axes, cloud)
            if self._controller.running:
                self._turns.ask("axes", show, _AXES_SECONDS)
            else:
                self._turns.do_now("axes", show)

    def _show_axes(self, cloud: Cloud) -> None:
        figures = axis_figures(cloud.mu, cloud.logvar)
        self._window.section_panel.show_figures(figures)
        self.axes.emit(figures)

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

    def _show_step(self, step: int) -> None:
        self._window.decoded_panel.show_step(f"weights of step {step:,}")

    def show_moment(self, moment: Moment) -> None:
        """Show the posteriors of a moment of the past: the weights are there already."""
        # In place of posteriors of today that wait for their turn.
        self._turns.do_now("cloud", partial(self._paint_moment, moment))

    def _paint_moment(self, moment: Moment) -> None:
        opened, plane, cloud = self._controller.present, self._window.plane, moment.cloud
        if opened is None:
            return
        if moment.split != self._split or len(cloud.mu) != len(plane.scene.cloud):
            self._split = moment.split
            labels = getattr(opened.pair, moment.split).labels[: len(cloud.mu)]
            # Only training images can be looked at.
            self._points.put(cloud, labels, pickable=moment.split == "train")
            self._show_colour_by(self._store.state)
            self._show_chosen(self._store.state)
        else:
            self._points.move(cloud, exact=False)
        trained_on = moment.split == "train"
        self._cloud = cloud if trained_on else None
        plane.set_selected(self._store.state.selected if trained_on else None)
        self._window.curves.show_moment(moment.step)
        self._show_stats(cloud)
        self._settling.start()

    @property
    def _shows_today(self) -> bool:
        """Whether the newest posteriors are to be on the plane."""
        return self._held is None and self._store.state.past is None

    @property
    def cloud(self) -> Cloud | None:
        """The posteriors of the training images that are on the plane; None where others are."""
        return self._cloud

    @property
    def split(self) -> Split:
        """Of which images the posteriors on the plane are."""
        return self._split

    def hold_cloud(self, cloud: Cloud | None) -> None:
        """Show these posteriors of today's run and no others, until it is None."""
        before, self._held = self._held, cloud
        if cloud is before or self._store.state.past is not None:
            return
        if cloud is None:
            self.show_now()
        elif cloud is not self._cloud:
            self._show_instead(cloud)

    def show_now(self) -> None:
        """Show the newest posteriors again."""
        self._settling.stop()
        self._window.curves.show_moment(None)
        if self._today is None:
            return
        if self._split != "train":
            self._split = "train"
            self._show_points(self._today)
        self._show_instead(self._today)

    def _show_instead(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._show_stats(cloud)
        # In place of others that wait for their turn.
        self._turns.do_now("cloud", partial(self._move_cloud, cloud, True))

    def _show_cloud(self, cloud: Cloud, exact: bool) -> None:
        self._today = cloud
        if not self._shows_today:
            return
        first = self._cloud is None
        self._cloud = cloud
        if first:
            self._show_first(cloud)
        elif exact:
            self._turns.do_now("cloud", partial(self._move_cloud, cloud, True))
        else:
            self._turns.ask("cloud", partial(self._move_cloud, cloud, False))
        if first or exact:
            self._forces.look_again()

    def _show_points(self, cloud: Cloud) -> None:
        self._points.put(cloud, self._labels)
        self._show_colour_by(self._store.state)
        self._show_chosen(self._store.state)
        self._window.plane.set_selected(self._store.state.selected)

    def _show_first(self, cloud: Cloud) -> None:
        if self._controller.view_is_free:
            self._choose_axes(cloud)
        self._show_points(cloud)
        if self._controller.view_is_free:
            self._choices.fit_viewport(self._window.plane.scene.overview())
        self._show_stats(cloud)

    def _choose_axes(self, cloud: Cloud) -> None:
        """Begin with the axes that say most of an image."""
        section = self._store.state.section
        figures = axis_figures(cloud.mu, cloud.logvar) if section.latent_dim > 2 else None
        if figures is not None:
            first, second = figures.order[:2]
            self._choices.fit_section(Section.at((first, second), section.origin))

    def _move_cloud(self, cloud: Cloud, exact: bool) -> None:
        self._note(cloud)
        self._points.move(cloud, exact=exact)

    def _show_passing(self, x: float, y: float) -> None:
        self._window.plane.set_z(x, y)
        self._window.decoded_panel.show_z((x, y))

    def _show_point(self, view: PointView | None, hovered: bool) -> None:
        window = self._window
        window.selection_panel.show_point(view, hovered)
        window.plane.set_hovered(view.index if view and hovered else None)
        self._explained = view, hovered
        self._show_lens(view)

    def _show_lens(self, view: PointView | None) -> None:
        lens, section = self._window.lens, self._store.state.section
        if view is None or self._cloud is None or len(view.mu) != section.latent_dim:
            lens.clear()
            return
        place, sigma, tilt = section.marginal(view.mu, view.sigma)
        near = neighbours(section.project(self._cloud.mu), tuple(place.tolist()), view.index)
        logs = self._cloud.logvar[near]
        mu, logvar = section.posteriors(self._cloud.mu[near], logs)
        lens.show_posterior(
            tuple(place.tolist()),
            tuple(sigma.tolist()),
            int(self._labels[view.index]),
            correlation=tilt,
            neighbours_mu=mu,
            neighbours_sigma=np.exp(0.5 * logvar),
            neighbour_correlations=section.correlation(logs),
            neighbour_colours=self._labels[near],
        )

    def _be_ready(self) -> None:
        self._window.run_bar.set_ready(True)
        self._window.plan_panel.set_ready(True)
        if self._bridge.laboratory is not None:
            self._window.data_panel.set_devices(self._bridge.laboratory.devices)

    def _show_state(self, state: AppState, names: frozenset[str]) -> None:
        for name in names:
            show = getattr(self, f"_show_{name}", None)
            if show is not None:
                show(state)

    def _show_z(self, state: AppState) -> None:
        self._window.strip.set_playing(False)
        self._window.strip.show_playhead(None)
        self._window.plane.set_z(*state.z)
        self._window.decoded_panel.show_z(state.z)
        self._window.decoded_panel.show_eps(None)

    def _show_section(self, state: AppState) -> None:
        window, section, cloud = self._window, state.section, self._points.cloud
        turned = not section.is_parallel(window.plane.scene.section)
        window.section_panel.setVisible(section.latent_dim > 2)
        # Of a line it would show an ellipse without a height.
        window.lens.setVisible(not section.line)
        if section.latent_dim > 2:
            window.section_panel.show_section(section)
        for panel in (window.decoded_panel, window.strip, window.force_panel, window.lens):
            panel.show_section(section)
        window.plane.set_section(section)
        window.decoded_panel.show_eps(None)
        if turned and cloud is not None and cloud.mu.shape[1] == section.latent_dim:
            self._points.move(cloud, exact=True)
            self._note(cloud)
            self._show_lens(self._explained[0])

    def _show_z1(self, state: AppState) -> None:
        self._window.plane.set_z1(*state.z1)
        self._window.strip.show_ends(state.z1, state.z2)

    def _show_z2(self, state: AppState) -> None:
        self._window.plane.set_z2(*state.z2)
        self._window.strip.show_ends(state.z1, state.z2)

    def _show_selected(self, state: AppState) -> None:
        self._window.plane.set_selected(state.selected)
        self._window.decoded_panel.set_posterior_available(state.selected is not None)
        self._window.section_panel.set_mean_available(state.selected is not None)

    def _show_chosen(self, state: AppState) -> None:
        chosen = state.chosen
        self._window.plane.set_chosen(chosen.array if chosen.split == self._split else None)

    def _show_weights(self, state: AppState) -> None:
        self._window.loss_panel.show_weights(state.weights)
        self._window.curves.show_objective(self._minimised(state.weights))

    def _show_likelihood(self, state: AppState) -> None:
        self._window.loss_panel.show_likelihood(state.likelihood)

    def _show_learning_rate(self, state: AppState) -> None:
        self._window.data_panel.show_settings(state.learning_rate, state.batch_size)

    _show_batch_size = _show_learning_rate

    def _show_viewport(self, state: AppState) -> None:
        self._window.plane.set_viewport(state.viewport)

    def _show_isolated_class(self, state: AppState) -> None:
        self._window.plane.set_isolated(state.isolated_class)

    def _show_ellipse_scale(self, state: AppState) -> None:
        self._window.plane.set_ellipse_scale(state.ellipse_scale)
        self._window.view_panel.set_ellipse_scale(state.ellipse_scale)

    def _show_layer(self, state: AppState) -> None:
        self._window.view_panel.set_layer(state.layer)

    def _show_colour_by(self, state: AppState) -> None:
        """Of the images whose points are on the plane: of some of the held-out ones, maybe."""
        opened, plane = self._controller.present, self._window.plane
        self._window.view_panel.set_colour(state.colour_by)
        if opened is None:
            return
        data = getattr(opened.pair, self._split)
        plane.set_factor(data.factor(state.colour_by, len(plane.scene.cloud)))

    def _show_forces_on(self, state: AppState) -> None:
        self._window.view_panel.set_forces(state.forces_on)
        self._window.force_panel.setVisible(state.forces_on)

    def _show_past(self, state: AppState) -> None:
        self._window.force_panel.set_looking_back(state.past is not None)

    def _show_strip_count(self, state: AppState) -> None:
        self._window.strip.set_count(state.strip_count)

    def _show_spherical(self, state: AppState) -> None:
        self._window.strip.set_spherical(state.spherical)

    def _show_log_curves(self, state: AppState) -> None:
        self._window.curves.set_log(state.log_curves)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)
