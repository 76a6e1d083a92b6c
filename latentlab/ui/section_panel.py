"""Which plane of a latent space of more than two dimensions is shown: its axes, and where it is."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.core.axes import AxisFigures
from latentlab.core.section import Section, axis_name
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.linear_slider import LinearSlider
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plane_chooser import PlaneChooser
from latentlab.ui.segment import SegmentButton
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

_REACH = 3.0  # standard deviations of the aggregate posterior
_ROWS_SEEN = 6
_ABOUT = (
    "The decoder makes an image of all K coordinates of z. The plane has two of them; the others "
    "are the same for all of it, and stand on these sliders: z, the path and the layers made by "
    "the decoder are on that slice. Points and ellipses are projections: the exact marginals of "
    "q(z|x) on the two axes. A plane along other directions has no sliders: a click moves it"
)


class SectionPanel(QWidget):
    """The plane's two axes to choose, and a slider for each of the other coordinates.

    axesChosen: the first and the second, from 0. coordinateMoved: an axis, where on it, and whether
    the movement is finished. traverseSwitched: whether each axis is to be seen as a strip.
    zerosWanted, meanWanted: all others at 0, or at μ of the selected image.
    """

    axesChosen = Signal(int, int)
    coordinateMoved = Signal(int, float, bool)
    traverseSwitched = Signal(bool)
    zerosWanted = Signal()
    meanWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sectionPanel")
        make_card(self)
        self._theme = LIGHT
        self._section = Section()
        self._figures: AxisFigures | None = None
        self._order: tuple[int, ...] = ()
        self._rows: dict[int, _Row] = {}
        self._open = True
        self._fold = QToolButton(self)
        self._fold.setObjectName("sectionFold")
        self._fold.setAccessibleName("The other coordinates")
        self._fold.setToolTip("Show or hide the sliders of the other coordinates")
        self._fold.setProperty("role", "flat")
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.clicked.connect(self._turn)
        self._axes = tuple(
            ChoiceBox(name, label, "", self)
            for name, label in (
                ("firstAxis", "Axis to the right"),
                ("secondAxis", "Axis upwards"),
            )
        )
        for box in self._axes:
            box.activated.connect(self._choose)
        self.chooser = PlaneChooser(self)
        self._title = ScaledLabel("Slice", self, "heading", 1.0, bold=True)
        self._title.setToolTip(wrapped(_ABOUT))
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("sectionScroll")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = QWidget(self._scroll)
        self._grid = QGridLayout(self._content)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._scroll.setWidget(self._content)
        for part in (self._scroll.viewport(), self._content):
            part.setAutoFillBackground(False)  # the card's own
        self._lay_out()
        self._show_axes()
        self.hide()

    def show_section(self, section: Section) -> None:
        """Show these axes as chosen, and where the plane is on the others."""
        other = section.latent_dim != self._section.latent_dim
        self._section = section
        self.chooser.show_section(section)
        for part in self._of_axes:
            part.setVisible(section.tilt is None)
        self._scroll.setVisible(self._open and section.tilt is None)
        what = "the slice" if section.tilt is not None else "all the other coordinates"
        for button, place in ((self._zeros, "0"), (self._mean, "μ of the selected image")):
            button.setToolTip(f"Move {what} to {place}")
        if other or not self._rows:
            self._figures = None
            self._begin()
        self._show_axes()
        for axis, row in self._rows.items():
            row.set_visible(axis not in section.axes)
            row.show_number(section.origin[axis])
        self._fit_height()

    def show_figures(self, figures: AxisFigures | None) -> None:
        """Sort the axes by their KL, and let the sliders reach over the aggregate posterior."""
        if figures is None or len(figures.kl) != self._section.latent_dim:
            return
        self._figures = figures
        for axis, row in self._rows.items():
            mean, reach = figures.mean[axis], _REACH * figures.sigma[axis]
            row.show_figures(
                figures.kl[axis], figures.active[axis], mean - reach, mean + reach, self._theme
            )
        # What is held must not be moved from under the pointer.
        if not any(row.slider.isSliderDown() for row in self._rows.values()):
            self._sort(figures.order)
        self._show_axes()

    def set_mean_available(self, available: bool) -> None:
        """Say whether an image is selected."""
        self._mean.setEnabled(available)

    def set_traversing(self, on: bool) -> None:
        """Show whether the strips are in view."""
        self._traverse.setChecked(on)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        for row in self._rows.values():
            row.slider.set_theme(theme, None if row.active else theme.prior)
        self._fill_boxes()

    def follow_font(self) -> None:
        """Keep room for some rows."""
        self._fit_height()

    # --- what it is made of ----------------------------------------------------------------------

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.setSpacing(5)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._title)
        head.addStretch(1)
        largest = self._button("largestAxes", "Largest KL", "Show the two axes with the largest KL")
        largest.clicked.connect(self._choose_largest)
        head.addWidget(largest)
        layout.addLayout(head)
        layout.addWidget(self.chooser)
        axes = QHBoxLayout()
        axes.setSpacing(4)
        arrows = [ScaledLabel(text, self, "muted") for text in ("→", "↑")]
        for arrow, box in zip(arrows, self._axes, strict=True):
            axes.addWidget(arrow)
            axes.addWidget(box, 1)
        layout.addLayout(axes)
        # What there is of a plane along axes alone.
        self._of_axes = (largest, *arrows, *self._axes, self._fold)
        others = QHBoxLayout()
        others.setSpacing(4)
        others.addWidget(self._fold)
        others.addStretch(1)
        self._zeros = self._button("sectionZeros", "all 0", "Move all the other coordinates to 0")
        self._mean = self._button(
            "sectionMean", "all μ", "Move all the other coordinates to μ of the selected image"
        )
        self._mean.setEnabled(False)
        self._traverse = SegmentButton(
            "traverseButton",
            "Strips",
            "Strips of the axes",
            "Show each axis as a strip of decoded images, below",
            self,
        )
        self._traverse.setMinimumWidth(self._traverse.sizeHint().width() + 12)
        self._traverse.clicked.connect(self.traverseSwitched)
        for button in (self._traverse, self._zeros, self._mean):
            others.addWidget(button)
        layout.addLayout(others)
        layout.addWidget(self._scroll)
        self._zeros.clicked.connect(self.zerosWanted)
        self._mean.clicked.connect(self.meanWanted)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return button

    def _begin(self) -> None:
        """Rows for another number of axes."""
        for row in self._rows.values():
            row.remove()
        self._rows = {}
        if not self._section.whole:
            for axis in range(self._section.latent_dim):
                row = self._rows[axis] = _Row(axis, self._content)
                row.moved.connect(self.coordinateMoved)
                row.slider.set_theme(self._theme)
        self._order = ()
        self._sort(tuple(self._rows))

    def _sort(self, order: tuple[int, ...]) -> None:
        if order == self._order:
            return
        self._order = order
        for place, axis in enumerate(order):
            self._rows[axis].put(self._grid, place)
        previous: QWidget = self._mean
        for axis in order:
            QWidget.setTabOrder(previous, self._rows[axis].slider)
            previous = self._rows[axis].slider
        self._fill_boxes()

    def _fill_boxes(self) -> None:
        for box in self._axes:
            box.clear()
            for axis in self._order:
                box.addItem("", axis)
        self._show_axes()

    def _show_axes(self) -> None:
        figures = self._figures
        for place, axis in enumerate(self._order):
            text = axis_name(axis)
            ink = self._theme.text
            if figures is not None:
                text = f"{text}  KL {fixed(figures.kl[axis])}"
                if not figures.active[axis]:
                    text, ink = f"{text}, collapsed", self._theme.muted
            for box in self._axes:
                box.setItemText(place, text)
                box.setItemData(place, QColor(ink), Qt.ItemDataRole.ForegroundRole)
        for box, axis, where in zip(
            self._axes, self._section.axes, ("to the right", "upwards"), strict=True
        ):
            box.setCurrentIndex(box.findData(axis))
            box.setToolTip(
                f"The axis that runs {where}. Sorted by KL, the mean over images of "
                "KL(q(z_k|x) ‖ N(0, 1)) in nats; collapsed: Var[μ_k] over images is at most 0.01"
            )
        count = self._section.latent_dim
        self._title.setText(f"Slice of {count} dimensions")
        self._fold.setText(f"{'▾' if self._open else '▸'} the other {max(count - 2, 0)}")

    def _choose(self) -> None:
        first, second = (box.currentData() for box in self._axes)
        self._show_axes()  # until it is so
        if (first, second) != self._section.axes:
            self.axesChosen.emit(first, second)

    def _choose_largest(self) -> None:
        if self._figures is not None and self._section.latent_dim > 2:
            first, second = self._figures.order[:2]
            if (first, second) != self._section.axes:
                self.axesChosen.emit(first, second)

    def _turn(self) -> None:
        self._open = not self._open
        self._scroll.setVisible(self._open and self._section.tilt is None)
        self._show_axes()

    def _fit_height(self) -> None:
        rows = [row for axis, row in self._rows.items() if axis not in self._section.axes]
        if rows:
            height = max(row.needed for row in rows) + self._grid.verticalSpacing()
            self._scroll.setFixedHeight(min(len(rows), _ROWS_SEEN) * height + 2)


class _Row(QObject):
    """One coordinate: the parts of a row of a grid."""

    moved = Signal(int, float, bool)

    def __init__(self, axis: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis = axis
        name = axis_name(axis)
        self.active = True
        self.slider = LinearSlider(f"sectionSlider{axis + 1}", -_REACH, _REACH, parent)
        self.slider.setAccessibleName(f"{name} of the slice")
        self._name = ScaledLabel(name, parent)
        self._number = ScaledLabel("", parent, scale=0.92)
        self._number.setObjectName(f"sectionNumber{axis + 1}")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance("−10.00"))
        self._parts = (self._name, self.slider, self._number)
        self.slider.changed.connect(self._moved)
        self._say(None)

    @property
    def needed(self) -> int:
        """Pixels that it needs."""
        return max(part.sizeHint().height() for part in self._parts)

    def put(self, grid: QGridLayout, place: int) -> None:
        for column, part in enumerate(self._parts):
            grid.addWidget(part, place, column)

    def set_visible(self, visible: bool) -> None:
        for part in self._parts:
            part.setVisible(visible)

    def show_number(self, number: float) -> None:
        if not self.slider.isSliderDown():
            self.slider.set_number(number)
        self._number.setText(fixed(number))

    def show_figures(self, kl: float, active: bool, low: float, high: float, theme: Theme) -> None:
        self.active = active
        if not self.slider.isSliderDown():
            self.slider.set_ends(low, high)
        self.slider.set_theme(theme, None if active else theme.prior)
        self._name.setStyleSheet("" if active else f"color: {theme.muted}")
        self._say(kl)

    def remove(self) -> None:
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self.deleteLater()

    def _moved(self, number: float, finished: bool) -> None:
        self.moved.emit(self._axis, number, finished)

    def _say(self, kl: float | None) -> None:
        name = axis_name(self._axis)
        tip = f"{name} of all of the plane. The slider reaches over the mean ± 3σ of q({name})"
        if kl is not None:
            tip += f"; KL {fixed(kl)} nats{'' if self.active else ', collapsed'}"
        for part in self._parts:
            part.setToolTip(tip)
