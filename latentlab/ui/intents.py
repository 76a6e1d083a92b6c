"""Which intent of which panel goes where."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.exports import Exports
from latentlab.ui.files import Files
from latentlab.ui.force_looking import ForceLooking
from latentlab.ui.layer_looking import LayerLooking
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.workspaces import Workspaces


class Intents(QObject):
    """Hands what the user wants to whoever does it."""

    def __init__(
        self,
        window: MainWindow,
        *,
        choices: Choices,
        controller: Controller,
        looking: Looking,
        forces: ForceLooking,
        layers: LayerLooking,
        files: Files,
        dialogs: Dialogs,
        exports: Exports,
        workspaces: Workspaces,
    ) -> None:
        super().__init__(window)
        self._workspaces = workspaces
        self._window = window
        self._choices = choices
        self._controller = controller
        self._looking = looking
        self._forces = forces
        self._layers = layers
        self._connect_left(window, files, dialogs)
        self._connect_middle(window, dialogs)
        self._connect_right(window)
        window.decoded_panel.copyZWanted.connect(exports.copy_z)
        window.decoded_panel.copyImageWanted.connect(exports.copy_image)

    def _connect_left(self, window: MainWindow, files: Files, dialogs: Dialogs) -> None:
        choices, controller = self._choices, self._controller
        bar, workspaces = window.run_bar, self._workspaces
        bar.trainToggled.connect(workspaces.train)
        bar.stepWanted.connect(workspaces.step)
        bar.epochWanted.connect(workspaces.epoch)
        bar.longRunWanted.connect(self._open_long_run)
        bar.resetWanted.connect(workspaces.reset)
        bar.scratchWanted.connect(workspaces.start_from_scratch)

        plan = window.plan_panel
        plan.beginWanted.connect(controller.begin)
        plan.endWanted.connect(controller.end_plan)
        plan.closed.connect(self._close_long_run)

        data = window.data_panel
        data.datasetChosen.connect(files.open_data)
        data.folderWanted.connect(dialogs.open_data)
        data.modelChosen.connect(files.open_model)
        data.modelFileWanted.connect(dialogs.open_model)
        data.learningRateChanged.connect(choices.set_learning_rate)
        data.batchSizeChanged.connect(choices.set_batch_size)
        data.deviceChosen.connect(controller.choose_device)
        data.precisionChosen.connect(controller.choose_precision)

        loss = window.loss_panel
        loss.reconstructionSwitched.connect(choices.switch_reconstruction)
        loss.klSwitched.connect(choices.switch_kl)
        loss.betaChanged.connect(choices.set_beta)
        loss.likelihoodChosen.connect(choices.choose_likelihood)
        loss.varianceChanged.connect(choices.set_variance)
        loss.regimeChosen.connect(choices.choose_regime)

        view = window.view_panel
        view.ellipseScaleChosen.connect(choices.set_ellipse_scale)
        view.layerChosen.connect(choices.choose_layer)
        view.colourChosen.connect(choices.colour_by)
        view.forcesSwitched.connect(choices.switch_forces)
        window.curves.logSwitched.connect(choices.switch_log)

    def _connect_middle(self, window: MainWindow, dialogs: Dialogs) -> None:
        choices, plane = self._choices, window.plane
        plane.zMoved.connect(choices.move_z)
        plane.z1Moved.connect(choices.move_z1)
        plane.z2Moved.connect(choices.move_z2)
        plane.pointHovered.connect(self._looking.hover)
        plane.pointSelected.connect(self._controller.select)
        plane.viewportChanged.connect(choices.set_viewport)
        plane.shapeChanged.connect(self._layers.look_again)
        plane.shapeChanged.connect(self._forces.look_again)
        plane.classIsolated.connect(choices.isolate)

        strip = window.strip
        strip.countChanged.connect(choices.set_strip_count)
        strip.sphericalSwitched.connect(choices.switch_spherical)
        strip.z1Typed.connect(choices.move_z1)
        strip.z2Typed.connect(choices.move_z2)
        strip.playheadMoved.connect(self._looking.play)
        strip.playingSwitched.connect(self._play)
        strip.frameChosen.connect(self._choose_frame)
        strip.swapWanted.connect(choices.swap_ends)
        strip.savePngWanted.connect(dialogs.export_strip)
        strip.saveGifWanted.connect(dialogs.export_gif)

    def _connect_right(self, window: MainWindow) -> None:
        choices, decoded = self._choices, window.decoded_panel
        decoded.zTyped.connect(choices.move_z)
        decoded.samplePriorWanted.connect(choices.sample_prior)
        decoded.samplePosteriorWanted.connect(choices.sample_posterior)

        section = window.section_panel
        section.axesChosen.connect(choices.choose_axes)
        section.coordinateMoved.connect(choices.set_coordinate)
        section.zerosWanted.connect(choices.centre_plane)
        section.meanWanted.connect(self._plane_to_mean)

        selection = window.selection_panel
        selection.setZ1Wanted.connect(self._set_z1)
        selection.setZ2Wanted.connect(self._set_z2)
        selection.zToMuWanted.connect(self._set_z)

    def _open_long_run(self, on: bool) -> None:
        self._window.open_plan_panel(on)
        if on:
            self._window.plan_panel.setFocus()

    def _close_long_run(self) -> None:
        self._window.open_plan_panel(False)

    def _play(self, on: bool) -> None:
        reached = None if on else self._looking.stop_playing()
        if reached is not None:
            self._choices.move_z(*reached)

    def _choose_frame(self, t: float) -> None:
        self._choices.move_z(*self._looking.on_path(t))
        self._window.strip.show_playhead(t)

    def _plane_to_mean(self) -> None:
        point = self._looking.point
        if point is not None:
            self._choices.move_plane(point.mu)

    def _set_z1(self) -> None:
        self._at_mean(self._choices.move_z1)

    def _set_z2(self) -> None:
        self._at_mean(self._choices.move_z2)

    def _set_z(self) -> None:
        point = self._looking.point
        if point is not None:
            self._choices.go_to(point.mu)

    def _at_mean(self, move: Callable[[float, float], None]) -> None:
        """Move an end to where the plane shows the mean of the posterior that is explained."""
        point = self._looking.point
        if point is not None:
            move(*self._choices.on_plane(point.mu))
