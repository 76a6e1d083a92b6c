"""The window: puts the panels in their places. What they do is elsewhere: intents, news, menus."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QMainWindow,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.state import Workspace
from latentlab.ui.column import Column
from latentlab.ui.curves import LossCurves
from latentlab.ui.data_panel import DataPanel
from latentlab.ui.decoded_panel import DecodedPanel
from latentlab.ui.font_follower import FontFollower
from latentlab.ui.force_panel import ForcePanel
from latentlab.ui.history_bar import HistoryBar
from latentlab.ui.lens import LensPanel
from latentlab.ui.loss_panel import LossPanel
from latentlab.ui.message_bar import MessageBar
from latentlab.ui.pad.panel import PadPanel
from latentlab.ui.plan_panel import PlanPanel
from latentlab.ui.plane import LatentPlane
from latentlab.ui.run_bar import RunBar
from latentlab.ui.section_panel import SectionPanel
from latentlab.ui.selection_panel import SelectionPanel
from latentlab.ui.shortcut_sheet import ShortcutSheet
from latentlab.ui.strip import InterpolationStrip
from latentlab.ui.theme import LIGHT, Theme, Themed
from latentlab.ui.view_panel import ViewPanel

if TYPE_CHECKING:
    from latentlab.app.lesson import BrokenPage, Page
    from latentlab.ui.arithmetic.panel import ArithmeticPanel
    from latentlab.ui.compare.workspace import CompareWorkspace
    from latentlab.ui.infer.workspace import InferWorkspace
    from latentlab.ui.learn.classroom import Classroom
    from latentlab.ui.learn.workspace import LearnWorkspace
    from latentlab.ui.model_card import ModelCard
    from latentlab.ui.slow_motion.panel import SlowMotionPanel
    from latentlab.ui.traversal_panel import TraversalPanel

DEFAULT_SIZE = (1440, 900)
_LEFT_WIDTH = 282
_RIGHT_WIDTH = 288
_LOWER_HEIGHT = 150
_REST = 10_000
_PART = 0.4  # of the height, at most, for slow motion
_GAP = 8
_PROGRESS_WIDTH = 140
_NARROWEST = 160


class MainWindow(QMainWindow):
    """Holds the panels by name; knows nothing of what they mean."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("latentlab")
        self.resize(*DEFAULT_SIZE)
        self._theme = LIGHT  # which every panel begins with
        self._text_scale = 1.0
        self._slow_motion: SlowMotionPanel | None = None
        self._traversal: TraversalPanel | None = None
        self._themed: list[Themed] = []
        FontFollower(self)
        self.run_bar = RunBar(self)
        self.message_bar = MessageBar(self)
        self.plan_panel = PlanPanel(self)
        self.data_panel = DataPanel(self)
        self.loss_panel = LossPanel(self)
        self.view_panel = ViewPanel(self)
        self.plane = LatentPlane(self)
        self.strip = InterpolationStrip(self)
        self.pad = PadPanel("pad", "q(z|x) on the plane", self)
        self.decoded_panel = DecodedPanel(self)
        self.section_panel = SectionPanel(self)
        self.selection_panel = SelectionPanel(self)
        self.force_panel = ForcePanel(self)
        self.lens = LensPanel(self)
        self.curves = LossCurves(self)
        self.compare: CompareWorkspace | None = None
        self.infer: InferWorkspace | None = None
        self.learn: LearnWorkspace | None = None
        self.history_bar = HistoryBar(self)
        self._lay_out()
        self.shortcut_sheet = ShortcutSheet(self)
        self.status_text = QLabel(self)
        self.status_text.setObjectName("statusText")
        self.status_text.setAccessibleName("Status")
        # However long the name of a file in it is, it must not widen the window.
        self.status_text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.status_text.setContentsMargins(_GAP, 0, _GAP, 0)
        self.progress = QProgressBar(self)
        self.progress.setObjectName("progress")
        self.progress.setAccessibleName("Something is being loaded")
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(_PROGRESS_WIDTH, _GAP)
        self.statusBar().addWidget(self.status_text, 1)
        self.statusBar().addPermanentWidget(self.progress)
        self.statusBar().setSizeGripEnabled(False)

    @property
    def theme(self) -> Theme:
        """That of every panel."""
        return self._theme

    def set_theme(self, theme: Theme) -> None:
        """Give every panel this theme."""
        if theme == self._theme:
            return
        self._theme = theme
        for panel in (
            self.run_bar,
            self.message_bar,
            self.plan_panel,
            self.data_panel,
            self.loss_panel,
            self.view_panel,
            self.plane,
            self.strip,
            self.pad,
            self.decoded_panel,
            self.section_panel,
            self.selection_panel,
            self.lens,
            self.curves,
            self.history_bar,
            self.shortcut_sheet,
        ):
            panel.set_theme(theme)
        workspaces = (self.compare, self.infer, self.learn)
        for late in (self._slow_motion, self._traversal, *workspaces, *self._themed):
            if late is not None:
                late.set_theme(theme)

    def keep_themed(self, panel: Themed) -> None:
        """Give a panel that was made when it was first wanted the theme, now and at any change."""
        panel.set_theme(self._theme)
        self._themed.append(panel)

    def set_text_scale(self, factor: float) -> None:
        """For presentation mode: text on the planes this many times its usual size."""
        self._text_scale = factor
        self.plane.set_text_scale(factor)
        for late in (self.compare, self.infer, self.learn):
            if late is not None:
                late.set_text_scale(factor)

    def show_workspace(self, workspace: Workspace) -> None:
        """Bring this one to the front."""
        place = get_args(Workspace).index(workspace)
        if workspace == "explore":
            self._workspaces.setCurrentWidget(self._body)
        elif workspace == "compare":
            self._workspaces.setCurrentWidget(self.make_compare_workspace())
        elif workspace == "infer":
            self._workspaces.setCurrentWidget(self.make_infer_workspace())
        elif self.learn is not None:  # else it is about to be made
            self._workspaces.setCurrentWidget(self.learn)
        self.run_bar.show_workspace(place, plans=workspace == "explore")

    def focus_plane(self, workspace: Workspace) -> None:
        """Let the keyboard speak to the plane there, the first if there are several."""
        if workspace == "compare":
            self.make_compare_workspace().focus_plane()
        elif workspace == "infer":
            self.make_infer_workspace().focus_plane()
        elif self.learn is not None and workspace == "learn":
            self.learn.focus_page()
        else:
            self.plane.setFocus()

    def make_compare_workspace(self) -> "CompareWorkspace":
        """The Compare workspace. It is made when it is first wanted."""
        from latentlab.ui.compare.workspace import CompareWorkspace  # noqa: PLC0415

        if self.compare is None:
            self.compare = CompareWorkspace(self)
            self.compare.set_theme(self._theme)
            self.compare.set_text_scale(self._text_scale)
            self._workspaces.addWidget(self.compare)
        return self.compare

    def make_infer_workspace(self) -> "InferWorkspace":
        """The Infer workspace. It is made when it is first wanted."""
        from latentlab.ui.infer.workspace import InferWorkspace  # noqa: PLC0415

        if self.infer is None:
            self.infer = InferWorkspace(self)
            self.infer.set_theme(self._theme)
            self.infer.set_text_scale(self._text_scale)
            self._workspaces.addWidget(self.infer)
        return self.infer

    def make_learn_workspace(
        self, pages: "Sequence[Page | BrokenPage]", classroom: "Classroom"
    ) -> "LearnWorkspace":
        """The Learn workspace, with these pages, made when it is first wanted; in front."""
        from latentlab.ui.learn.workspace import LearnWorkspace  # noqa: PLC0415

        self.learn = learn = LearnWorkspace(pages, classroom, self)
        learn.set_theme(self._theme)
        learn.set_text_scale(self._text_scale)
        self._workspaces.addWidget(learn)
        self._workspaces.setCurrentWidget(learn)
        return learn

    def make_slow_motion_panel(self) -> "SlowMotionPanel":
        """The panel of slow motion, hidden. It is made when it is first wanted."""
        from latentlab.ui.slow_motion.panel import SlowMotionPanel  # noqa: PLC0415

        panel = SlowMotionPanel(self)
        panel.set_theme(self._theme)
        panel.hide()
        self._work.addWidget(panel)
        self._slow_motion = panel
        return panel

    def show_slow_motion(self, on: bool) -> None:
        """Show slow motion in the place of strip and curves, or these again."""
        if self._slow_motion is not None:
            self._slow_motion.setVisible(on)
            self._lower.setVisible(not on)
            height = min(self._slow_motion.sizeHint().height(), round(_PART * self._work.height()))
            self._work.setSizes([_REST, _LOWER_HEIGHT, height])

    def make_traversal_panel(self) -> "TraversalPanel":
        """The panel of traversals, hidden. It is made when it is first wanted."""
        from latentlab.ui.traversal_panel import TraversalPanel  # noqa: PLC0415

        self._traversal = panel = TraversalPanel(self)
        panel.set_theme(self._theme)
        panel.hide()
        self._lower.insertWidget(0, panel)
        return panel

    def make_arithmetic_panel(self) -> "ArithmeticPanel":
        """The panel of label arithmetic, hidden. It is made when it is first wanted."""
        from latentlab.ui.arithmetic.panel import ArithmeticPanel  # noqa: PLC0415

        panel = ArithmeticPanel(self)
        panel.hide()
        self._right.insert(panel, before=self.decoded_panel)
        self.keep_themed(panel)
        return panel

    def show_arithmetic(self, panel: "ArithmeticPanel", on: bool) -> None:
        """Show label arithmetic, which comes first in its column, or put it away."""
        panel.setVisible(on)
        if on:
            self._right.verticalScrollBar().setValue(0)

    def show_traversal(self, on: bool) -> None:
        """Show the traversals in the place of the strip, with room for some, or that again."""
        if self._traversal is not None:
            self._traversal.setVisible(on)
            self._strip_place.setVisible(not on)
            part = min(self._traversal.sizeHint().height(), round(_PART * self._work.height()))
            self._work.setSizes([_REST, part if on else _LOWER_HEIGHT])

    def make_model_card(self) -> "ModelCard":
        """The model card, hidden. It is made when it is first wanted."""
        from latentlab.ui.model_card import ModelCard  # noqa: PLC0415

        card = ModelCard(self)
        self.keep_themed(card)
        return card

    def open_plan_panel(self, on: bool) -> None:
        """Show the long run's panel, which comes first in its column, or put it away."""
        self.plan_panel.setVisible(on)
        if on:
            self._left.show_top()
        self.run_bar.set_long_run_open(on)

    def scale_columns(self, factor: float) -> None:
        """Make the columns and the lowest row `factor` times as wide and high as usual."""
        self._body.setSizes([round(factor * _LEFT_WIDTH), _REST])
        self._upper.setSizes([_REST, round(factor * _RIGHT_WIDTH)])
        self._work.setSizes([_REST, round(factor * _LOWER_HEIGHT)])

    def _lay_out(self) -> None:
        # From the outside in: what gets another parent is styled anew, with all that it holds.
        central = QWidget(self)
        self.setCentralWidget(central)
        layout = QGridLayout(central)
        layout.setContentsMargins(_GAP, _GAP, _GAP, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self.run_bar, 0, 0)
        self._workspaces = QStackedWidget(central)
        layout.addWidget(self._workspaces, 1, 0)
        layout.setRowStretch(1, 1)
        # Over the panels: a message that comes must not move what one is about to click.
        layout.addWidget(self.message_bar, 1, 0, Qt.AlignmentFlag.AlignTop)
        self.message_bar.raise_()
        self._body = _splitter("bodySplitter", Qt.Orientation.Horizontal)
        self._workspaces.addWidget(self._body)
        self._lay_out_explore()
        self.scale_columns(1.0)

    def _lay_out_explore(self) -> None:
        self._left = Column("leftColumn")
        right_of_left = QWidget(self)
        _put(self._body, self._left, right_of_left)
        self._body.setStretchFactor(1, 1)
        column = QVBoxLayout(right_of_left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._work = _splitter("workSplitter", Qt.Orientation.Vertical)
        column.addWidget(self._work, 1)
        column.addWidget(self.history_bar)
        self._upper = _splitter("upperSplitter", Qt.Orientation.Horizontal)
        self._lower = _splitter("lowerSplitter", Qt.Orientation.Horizontal)
        _put(self._work, self._upper, self._lower)
        self._work.setStretchFactor(0, 1)
        self._right = Column("rightColumn")
        _put(self._upper, self.plane, self._right)
        self._upper.setStretchFactor(0, 1)
        self._strip_place = Sideways(self.strip)
        _put(self._lower, self._strip_place, Sideways(self.curves))
        self._lower.setSizes([618, 382])
        self.plan_panel.hide()
        self._left.hold(self.plan_panel, self.data_panel, self.loss_panel, self.view_panel)
        self._right.hold(
            self.pad,
            self.decoded_panel,
            self.section_panel,
            self.selection_panel,
            self.force_panel,
            self.lens,
        )
        self.pad.opened.connect(self._right.show_top)


def _splitter(name: str, orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(_GAP)
    return splitter


def _put(splitter: QSplitter, *widgets: QWidget) -> None:
    for widget in widgets:
        splitter.addWidget(widget)


class Sideways(QScrollArea):
    """One panel as wide as there is room; where that is too little it scrolls sideways."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self._panel = panel
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(panel)

    def minimumSizeHint(self) -> QSize:
        """As high as the panel needs."""
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(_NARROWEST, self._panel.minimumSizeHint().height() + bar)
