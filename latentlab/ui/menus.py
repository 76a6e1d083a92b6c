"""The menu bar, and what can be done from it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from latentlab import __version__
from latentlab.app.profile import EngineKind
from latentlab.app.state import ELLIPSE_SCALES, AppState, LayerName
from latentlab.app.store import Store
from latentlab.training.messages import Snapshot
from latentlab.ui.choices import Choices
from latentlab.ui.commands import SEPARATOR, MenuCommand, add_menu
from latentlab.ui.controller import Controller
from latentlab.ui.dialogs import Dialogs
from latentlab.ui.download.downloads import Downloads
from latentlab.ui.exports import Exports
from latentlab.ui.files import Files
from latentlab.ui.infer.opener import InferOpener
from latentlab.ui.layer_names import LAYERS
from latentlab.ui.learn.opener import LearnOpener
from latentlab.ui.main_window import MainWindow
from latentlab.ui.model_out import ModelOut
from latentlab.ui.presentation import Presentation
from latentlab.ui.workspaces import TITLES, Workspaces

_LAYERS = {layer: words for layer, words in LAYERS.items() if layer != "none"}
# Commands that only the workspace Explore has a place for.
_EXPLORING = (
    "longRun", "reconstruction", "kl", "regime1", "regime2", "regime3", "log", "swap",
    *(f"{layer}Layer" for layer in _LAYERS),
)  # fmt: skip
# And those of Infer.
_INFERRING = ("nextImage", "previousImage", "ambiguous", "improve", "resetQ")
# And those of Learn.
_LEARNING = ("nextPage", "previousPage", "dataFlow", "resetFigures", "pagePng", "pagePdf")
_PLANE_KEYS = (
    ("Left button", "Click or drag: decode there; on a point: select it"),
    ("Arrows", "Nudge z by 0.1, with Shift by 0.01"),
    ("Enter", "Select the point nearest to z"),
    ("Wheel or + −", "Zoom"),
    ("Right button", "Drag: pan; also Space and drag, or Ctrl+Arrows"),
    ("Ctrl+Drag", "Choose points with a lasso; Ctrl+Click on a class: its points"),
    ("… with Shift, Alt", "Choose more, choose fewer; on a point, too"),
    ("Double click", "Reset the view"),
    ("Esc", "Choose no points; put the lasso down; show all classes again"),
)
_POSTERIOR_KEYS = (
    ("← →", "The image before, the image after"),
    ("1 to 9", "Decode that mode of the posterior"),
    ("Left button", "Click or drag: decode there; on a mode: decode that"),
    ("Wheel or + −", "Zoom; pan with the right button, or Ctrl+Arrows"),
)
_LECTURE_KEYS = (
    ("→ or PgDown", "The next step of a figure, the next figure, the next page"),
    ("← or PgUp", "Back again"),
)


class Menus(QObject):
    """Builds the menus and keeps their switches true."""

    engine_chosen = Signal(str)  # an EngineKind, for the next start

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        choices: Choices,
        controller: Controller,
        files: Files,
        dialogs: Dialogs,
        downloads: Downloads,
        exports: Exports,
        model_out: ModelOut,
        presentation: Presentation,
        workspaces: Workspaces,
        infer: InferOpener,
        learn: LearnOpener,
    ) -> None:
        super().__init__(window)
        self._infer = infer
        self._learn = learn
        self._workspaces = workspaces
        self._window = window
        self._store = store
        self._choices = choices
        self._controller = controller
        self._files = files
        self._dialogs = dialogs
        self._downloads = downloads
        self._exports = exports
        self._model_out = model_out
        self._presentation = presentation
        self._actions: dict[str, QAction] = {}
        self._recent = QMenu("Open recent", window)
        self._add_file_menu()
        self._add_edit_menu()
        self._add_train_menu()
        self._add_view_menu()
        self._add_infer_menu()
        self._add_learn_menu()
        self._add_help_menu()
        store.changed.connect(self._state_changed)
        controller.snapshot.connect(self._snapshot_came)
        workspaces.changed.connect(self._workspace_changed)
        self._actions["endPlan"].setEnabled(False)
        self._workspace_changed(store.state.workspace)
        files.recent_changed.connect(self.show_recent)
        self._state_changed(store.state, frozenset())

    def show_recent(self, paths: tuple[str, ...]) -> None:
        """Fill File → Open recent."""
        self._recent.clear()
        self._recent.setEnabled(bool(paths))
        for path in paths:
            action = self._recent.addAction(Path(path).name)
            action.setToolTip(path)
            action.setData(path)

    def _open_recent(self, action: QAction) -> None:
        self._files.open_path(action.data())

    def _add(self, title: str, *entries: MenuCommand | None) -> QMenu:
        menu, actions = add_menu(self._window, title, entries)
        self._actions |= actions
        return menu

    def _add_file_menu(self) -> None:
        d, want_film = self._dialogs, self._window.history_bar.filmWanted.emit
        want_image = self._window.pad.imageWanted.emit
        menu = self._add(
            "&File",
            MenuCommand("open", "&Open…", d.open_model, ["Ctrl+O"], "A model or a session"),
            MenuCommand("openData", "Open &data folder…", d.open_data, ["Ctrl+Shift+O"]),
            MenuCommand(
                "openImage", "Open i&mage…", want_image, ["Ctrl+Alt+O"],
                "One picture: its posterior, its reconstruction, the images near it",
            ),
            MenuCommand(
                "openOnnx", "Open ONN&X encoder and decoder…", d.open_onnx, [],
                "A VAE that another program has exported: two files",
            ),
            MenuCommand(
                "downloadData",
                "Do&wnload data…",
                self._downloads.open,
                [],
                "MNIST, Fashion-MNIST and KMNIST, whole",
            ),
            SEPARATOR,
            MenuCommand("save", "&Save model", d.save_model, ["Ctrl+S"]),
            MenuCommand("saveAs", "Save model &as…", d.save_model_as, ["Ctrl+Shift+S"]),
            MenuCommand("saveSession", "Save s&ession…", d.save_session, ["Ctrl+Alt+S"]),
            SEPARATOR,
            MenuCommand("planePng", "Export plane as &PNG…", d.export_plane_png, ["Ctrl+E"]),
            MenuCommand("planeSvg", "Export plane as S&VG…", d.export_plane_svg),
            MenuCommand("stripPng", "Export s&trip as PNG…", d.export_strip),
            MenuCommand("stripGif", "Export animation as &GIF…", d.export_gif),
            MenuCommand("historyFilm", "Export &history as a film…", want_film),
            SEPARATOR,
            MenuCommand(
                "exportPython", "Export model as P&ython…", d.export_python, [],
                "Lines that decode with torch and safetensors alone, and their weights beside them",
            ),
            MenuCommand(
                "exportOnnx", "Export model as &ONNX…", d.export_onnx, [],
                "encoder.onnx: x to mu, logvar; decoder.onnx: z to image, logits",
            ),
            SEPARATOR,
            MenuCommand("quit", "&Quit", self._window.close, ["Ctrl+Q"]),
        )  # fmt: skip
        menu.insertMenu(self._actions["openData"], self._recent)
        self._recent.triggered.connect(self._open_recent)
        self._recent.setToolTipsVisible(True)

    def _add_edit_menu(self) -> None:
        menu = self._add(
            "&Edit",
            MenuCommand("copyZ", "Copy &z", self._exports.copy_z, ["Ctrl+Shift+C"]),
            MenuCommand("copyImage", "Copy decoded &image", self._exports.copy_image, ["Ctrl+I"]),
            MenuCommand("copyPython", "Copy z as P&ython", self._model_out.copy_z, ["Ctrl+Alt+C"]),
            MenuCommand("copyPath", "Copy z1 to z2 as Py&thon", self._model_out.copy_path),
            MenuCommand(
                "pasteImage",
                "P&aste image",
                self._window.pad.pasteWanted.emit,
                ["Ctrl+V"],
                "See the posterior of an image that was copied here or in another program",
            ),
            SEPARATOR,
            MenuCommand("samplePrior", "Sample the &prior", self._choices.sample_prior, ["S"]),
            MenuCommand(
                "samplePosterior",
                "Sample the selected p&osterior",
                self._choices.sample_posterior,
                ["Shift+S"],
            ),
            MenuCommand("swap", "S&wap z1 and z2", self._choices.swap_ends, ["X"]),
            MenuCommand("unselect", "Select &nothing", self._select_nothing, ["Shift+Esc"]),
        )
        stack = self._store.undo_stack
        first = self._actions["copyZ"]
        for make, keys, name in (
            (stack.createUndoAction, ["Ctrl+Z"], "undo"),
            (stack.createRedoAction, ["Ctrl+Shift+Z", "Ctrl+Y"], "redo"),
        ):
            action = make(self._window)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setObjectName(f"{name}Action")
            menu.insertAction(first, action)
        menu.insertSeparator(first)

    def _add_train_menu(self) -> None:
        c, choices, w = self._controller, self._choices, self._workspaces
        self._add(
            "&Train",
            MenuCommand("train", "&Train or pause", w.toggle_training, ["T"]),
            MenuCommand("step", "One &step", w.step, ["."]),
            MenuCommand("slow", "Slow &motion", self._window.run_bar.click_slow_motion, ["W"]),
            MenuCommand("epoch", "To the &end of the epoch", w.epoch, ["E"]),
            SEPARATOR,
            MenuCommand("longRun", "&Long run…", self._window.run_bar.click_long_run, ["Shift+T"]),
            MenuCommand("branches", "&Branches…", self._window.history_bar.branchesWanted.emit),
            MenuCommand("endPlan", "End the long r&un, keep the best", c.end_plan),
            SEPARATOR,
            MenuCommand("reset", "&Back to loaded", w.reset, ["R"]),
            MenuCommand("scratch", "Start from s&cratch", w.start_from_scratch, ["Shift+R"]),
            MenuCommand(
                "newNetwork", "&New network…", self._dialogs.new_network, ["Ctrl+N"],
                "From scratch, with another number of latent dimensions K",
            ),
            SEPARATOR,
            MenuCommand(
                "reconstruction", "&Reconstruction term", choices.switch_reconstruction, ["D"],
                "Data fidelity: −E_q[log p(x|z)]", checked=True,
            ),
            MenuCommand(
                "kl", "&KL term", choices.switch_kl, ["K"], "KL(q(z|x)‖p(z))", checked=True
            ),
            SEPARATOR,
            MenuCommand("regime1", "Reconstruction only", self._reconstruction_only, ["1"]),
            MenuCommand("regime2", "KL only", self._kl_only, ["2"]),
            MenuCommand("regime3", "Both", self._both, ["3"]),
            SEPARATOR,
            MenuCommand(
                "ownProcess", "Train in a process of its &own", self._choose_engine, [],
                "Steadier frames and faster training, and the window outlives its crash; "
                "else it runs in a thread of the window. From the next start on", checked=False,
            ),
        )  # fmt: skip

    def show_engine(self, kind: EngineKind) -> None:
        """Show where training runs at the next start."""
        self._actions["ownProcess"].setChecked(kind == "process")

    def _choose_engine(self, own: bool) -> None:
        self.engine_chosen.emit("process" if own else "thread")

    def _add_view_menu(self) -> None:
        c, p = self._choices, self._presentation
        workspaces = [
            MenuCommand(
                name, f"&{title}", _call(self._workspaces.choose, name), [f"F{key}"], checked=False
            )
            for key, (title, name) in enumerate(TITLES.items(), start=5)
        ]
        scales = [
            MenuCommand(
                f"ellipses{n}", f"Ellipses × {n}", _call(c.set_ellipse_scale, n), checked=False
            )
            for n in ELLIPSE_SCALES
        ]
        layers = [
            MenuCommand(
                f"{layer}Layer", f"Layer: {words.name}", self._layer_switch(layer),
                ["M"] if layer == "decoded" else [], words.tip, checked=False,
            )
            for layer, words in _LAYERS.items()
        ]  # fmt: skip
        themes = {
            choice: MenuCommand(name, text, _call(p.choose_theme, choice), checked=False)
            for choice, name, text in (
                ("", "themeDesktop", "Theme of the &desktop"),
                ("light", "themeLight", "L&ight theme"),
                ("dark", "themeDark", "D&ark theme"),
            )
        }
        self._add(
            "&View",
            *workspaces,
            SEPARATOR,
            *layers,
            SEPARATOR,
            MenuCommand(
                "forces", "&Forces", c.switch_forces, ["F"],
                "Where each term of the loss pulls the posteriors", checked=False,
            ),
            MenuCommand(
                "pad", "Draw your o&wn", self._draw, ["H"], "Draw an image and see its posterior",
            ),
            MenuCommand("log", "Lo&garithmic curves", c.switch_log, ["L"], checked=False),
            SEPARATOR,
            *scales,
            SEPARATOR,
            MenuCommand("resetView", "&Reset view", self._reset_view, ["Home"]),
            MenuCommand(
                "modelCard", "&Model card", self._model_out.show_card, ["F4"],
                "Parameters, data, objective, training and figures of the open model",
            ),
            SEPARATOR,
            *themes.values(),
            SEPARATOR,
            MenuCommand(
                "presentation", "&Presentation mode", p.switch, ["F11"],
                "Everything larger, for the last row", checked=False,
            ),
        )  # fmt: skip
        p.switched.connect(self._actions["presentation"].setChecked)
        p.theme_used.connect(lambda choice: self._actions[themes[choice].name].setChecked(True))
        for either in (workspaces, scales, themes.values()):
            group = QActionGroup(self)
            for entry in either:
                group.addAction(self._actions[entry.name])

    def _add_infer_menu(self) -> None:
        infer = self._infer
        self._add(
            "&Infer",
            MenuCommand("nextImage", "&Next image", infer.next_image, ["N"]),
            MenuCommand("previousImage", "&Previous image", infer.previous_image, ["P"]),
            MenuCommand("ambiguous", "Next &ambiguous image", infer.next_ambiguous, ["A"]),
            SEPARATOR,
            MenuCommand("improve", "&Improve q", infer.improve, ["I"]),
            MenuCommand("resetQ", "&Reset q", infer.reset_q),
        )

    def _add_learn_menu(self) -> None:
        learn, d = self._learn, self._dialogs
        self._add(
            "L&earn",
            MenuCommand("nextPage", "&Next page", learn.go_on, ["Alt+Right"]),
            MenuCommand("previousPage", "Page &before", learn.go_back, ["Alt+Left"]),
            SEPARATOR,
            MenuCommand("dataFlow", "&Data flow", learn.switch_flow, ["Ctrl+D"]),
            MenuCommand("resetFigures", "&Reset the figures", learn.reset_figures),
            SEPARATOR,
            MenuCommand("pagePng", "Export page as P&NG…", d.export_page_png),
            MenuCommand("pagePdf", "Export page as &PDF…", d.export_page_pdf, ["Ctrl+P"]),
        )

    def _reset_view(self) -> None:
        """In Infer: to where the mass is."""
        if self._store.state.workspace == "infer":
            self._infer.fit()
        else:
            self._window.plane.reset_view()

    def _draw(self) -> None:
        """On the pad of the workspace in front."""
        if self._store.state.workspace == "infer":
            self._infer.draw()
        else:
            self._window.pad.click()

    def _add_help_menu(self) -> None:
        self._add(
            "&Help",
            MenuCommand("shortcuts", "&Shortcuts", self.show_shortcuts, ["?", "F1"]),
            MenuCommand("about", "&About latentlab", self._about),
        )

    def _layer_switch(self, layer: LayerName) -> Callable[[bool], None]:
        def switch(on: bool) -> None:
            self._choices.choose_layer(layer if on else "none")

        return switch

    def show_shortcuts(self) -> None:
        """Show the sheet of shortcuts."""
        self._window.shortcut_sheet.open()

    def shortcuts(self) -> list[tuple[str, str, str]]:
        """(menu, keys, what) of every command that has keys."""
        rows = [("Plane", keys, what) for keys, what in _PLANE_KEYS]
        for menu in self._window.menuBar().findChildren(QMenu):
            for action in menu.actions():
                keys = [key.toString(QKeySequence.SequenceFormat.NativeText)
                        for key in action.shortcuts()]  # fmt: skip
                if keys:
                    what = action.text().replace("&", "").removesuffix("…")
                    rows.append((menu.title().replace("&", ""), " or ".join(keys), what))
        rows += [("Lecture (F11 in Learn)", keys, what) for keys, what in _LECTURE_KEYS]
        return rows + [("Posterior", keys, what) for keys, what in _POSTERIOR_KEYS]

    def _about(self) -> None:
        self._window.message_bar.info(
            f"latentlab {__version__}: a desktop laboratory for variational autoencoders."
        )

    def _select_nothing(self) -> None:
        self._controller.select(-1)

    def _reconstruction_only(self) -> None:
        self._choices.choose_regime("reconstruction")

    def _kl_only(self) -> None:
        self._choices.choose_regime("kl")

    def _both(self) -> None:
        self._choices.choose_regime("both")

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        self._actions["endPlan"].setEnabled(snapshot.plan is not None)

    def _workspace_changed(self, workspace: str) -> None:
        """What is of one workspace alone does nothing, unseen, from the other."""
        for name in _EXPLORING:
            self._actions[name].setEnabled(workspace == "explore")
        for name in _INFERRING:
            self._actions[name].setEnabled(workspace == "infer")
        self._actions["pad"].setEnabled(workspace in ("explore", "infer"))
        for name in _LEARNING:
            self._actions[name].setEnabled(workspace == "learn")
        self._state_changed(self._store.state, frozenset())

    def _state_changed(self, state: AppState, _names: frozenset[str]) -> None:
        self._actions["reconstruction"].setChecked(state.weights.reconstruction_on)
        self._actions["kl"].setChecked(state.weights.kl_on)
        self._actions[state.workspace].setChecked(True)
        self._actions[f"ellipses{state.ellipse_scale}"].setChecked(True)
        for layer in _LAYERS:
            self._actions[f"{layer}Layer"].setChecked(state.layer == layer)
        self._actions["forces"].setChecked(state.forces_on)
        self._actions["log"].setChecked(state.log_curves)
        self._actions["samplePosterior"].setEnabled(state.selected is not None)
        self._actions["unselect"].setEnabled(state.selected is not None)


def _call(act: Callable[..., object], value: object) -> Callable[[], None]:
    def call() -> None:
        act(value)

    return call
