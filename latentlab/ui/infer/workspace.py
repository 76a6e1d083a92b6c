"""The Infer workspace: assembles its panels."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from latentlab.app.infer_view import Inferred
from latentlab.core.section import Section
from latentlab.ui.column import Column
from latentlab.ui.infer.account_panel import AccountPanel
from latentlab.ui.infer.bayes import BayesStrip
from latentlab.ui.infer.image_panel import ImagePanel
from latentlab.ui.infer.improve_panel import ImprovePanel
from latentlab.ui.infer.ladder_plot import LadderPanel
from latentlab.ui.infer.modes_panel import ModesPanel
from latentlab.ui.infer.posterior_line import PosteriorLine
from latentlab.ui.infer.posterior_plane import PosteriorPlane
from latentlab.ui.infer.words import quality, quality_tip, why_off
from latentlab.ui.pad.panel import PadPanel
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plane import LatentPlane
from latentlab.ui.theme import LIGHT, Theme

_LEFT, _RIGHT = 286, 400
_REST = 10_000
_LOWEST, _HIGHEST = 210, 400  # pixels of the overview, and of its card
_GAP = 8
_OVERVIEW_TIP = (
    "All posterior means of the training images. Click or drag: the image whose mean is the "
    "nearest is the one that is inferred"
)


class InferWorkspace(QWidget):
    """Holds the panels; knows nothing of what they mean."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("inferWorkspace")
        self._theme = LIGHT
        self.pad = PadPanel("inferPad", "its true posterior as you draw", self)
        self.image_panel = ImagePanel(self)
        self.overview = LatentPlane(self, bare=True)
        self.overview.setMinimumHeight(_LOWEST)
        self.overview.setObjectName("inferOverview")
        self.overview.setAccessibleName("Posterior means, to choose an image")
        self.improve_panel = ImprovePanel(self)
        self.plane = PosteriorPlane(self)
        self.line = PosteriorLine(self)
        self.line.hide()  # beside the plane there would be no room for it
        self.bayes = BayesStrip(self)
        self.account = AccountPanel(self)
        self.modes = ModesPanel(self)
        self.ladder = LadderPanel(self)
        self._quality = ScaledLabel("", self, bold=True)
        self._quality.setObjectName("inferQuality")
        self._why_off = ScaledLabel("", self, "muted")
        self._why_off.setObjectName("inferWhyOff")
        self._why_off.setWordWrap(True)
        self._why_off.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._why_off.hide()
        self._step = ScaledLabel("", self, "muted")
        self._step.setObjectName("inferStep")
        self._step.setToolTip("The training step of the weights that everything here is of")
        self.fit_button = QPushButton("Fit", self)
        self.fit_button.setObjectName("inferFit")
        self.fit_button.setAccessibleName("Fit the view to the mass")
        self.fit_button.setToolTip("Show where the posterior's mass and q are (Home)")
        self._lay_out()
        self.set_theme(LIGHT)

    def show_searching(self, on: bool) -> None:
        """Say that an ambiguous image is looked for."""
        self.image_panel.show_searching(on)
        if on and not self._step.text():
            self._quality.setText("looking for an ambiguous image…")

    def show_nothing(self) -> None:
        """Nothing is to come, and why is said elsewhere."""
        if not self._step.text():
            self._quality.setText("")

    def show_section(self, section: Section) -> None:
        """Say why log p(x) is not exact where there are more than two latent dimensions."""
        self._why_off.setVisible(section.part)
        self._why_off.setText(why_off(section) if section.part else "")
        for part in (self.plane, self.bayes, self.fit_button):
            part.setHidden(section.line)
        self.line.setVisible(section.line)
        self.account.setHidden(section.part)
        self.improve_panel.setHidden(section.part)
        self.image_panel.set_searchable(section.whole)
        self.overview.set_section(section)
        self.plane.set_section(section)
        self.bayes.show_section(section)

    def show_quality(self, inferred: Inferred | None) -> None:
        """Say whether it is a preview or exact, and of which weights."""
        self._quality.setText(quality(inferred) if inferred else "computing p(z|x)…")
        self._quality.setToolTip(quality_tip(inferred) if inferred else "")
        self._step.setText(f"step {inferred.step:,}" if inferred else "")
        good = inferred is not None and inferred.exact and not inferred.problem
        ink = self._theme.accent if good else self._theme.kl
        self._quality.setStyleSheet(f"color: {ink}")

    def focus_plane(self) -> None:
        """Let the keyboard speak to the picture in the middle."""
        (self.plane if self.line.isHidden() else self.line).setFocus()

    def scale_columns(self, factor: float) -> None:
        """Make the columns `factor` times as wide as usual."""
        self._body.setSizes([round(factor * _LEFT), _REST, round(factor * _RIGHT)])

    def set_text_scale(self, factor: float) -> None:
        """For presentation mode."""
        self.plane.set_text_scale(factor)
        self.line.set_text_scale(factor)
        self.overview.set_text_scale(factor)
        self.image_panel.set_text_scale(factor)
        self.scale_columns(factor)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        for panel in (
            self.pad,
            self.image_panel,
            self.overview,
            self.plane,
            self.line,
            self.bayes,
            self.account,
            self.ladder,
        ):
            panel.set_theme(theme)

    def _lay_out(self) -> None:
        overview = QWidget(self)
        overview.setObjectName("inferOverviewCard")
        overview.setMaximumHeight(_HIGHEST)
        make_card(overview)
        box = QVBoxLayout(overview)
        box.setContentsMargins(8, 6, 8, 6)
        box.setSpacing(2)
        heading = ScaledLabel("Drag to choose an image", self, "heading")
        heading.setToolTip(_OVERVIEW_TIP)
        box.addWidget(heading)
        box.addWidget(self.overview, 1)
        left, right = Column("inferLeft"), Column("inferRight")
        left.hold(self.pad, self.image_panel, overview, self.improve_panel, stretched=overview)
        right.hold(self.account, self.modes, self.ladder, stretched=self.ladder)
        self.pad.opened.connect(left.show_top)
        middle = QWidget(self)
        middle.setObjectName("inferMiddle")
        make_card(middle)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._quality)
        head.addWidget(self._step)
        head.addStretch(1)
        head.addWidget(self.fit_button)
        column = QVBoxLayout(middle)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._why_off)
        column.addWidget(self.plane, 3)
        column.addWidget(self.line, 3)
        column.addWidget(self.bayes, 1)
        self._body = QSplitter(Qt.Orientation.Horizontal)
        self._body.setObjectName("inferSplitter")
        self._body.setChildrenCollapsible(False)
        self._body.setHandleWidth(_GAP)
        for widget in (left, middle, right):
            self._body.addWidget(widget)
        self._body.setStretchFactor(1, 1)
        self.scale_columns(1.0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._body)
