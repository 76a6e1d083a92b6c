"""The forces on the selected posterior in numbers: as it is encoded, and where they cancel."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.app.force_view import ForceAnswer, ForceView, Rest
from latentlab.core.section import Section, axis_name
from latentlab.ui.number_text import coordinate_tuple, signed, significant_tuple
from latentlab.ui.panel_style import ScaledLabel, make_card

_COLUMNS = 4
_ROWS = {"reconstruction": "reconstruction", "KL": "kl", "sum": ""}  # and the colour of each
_OF_NOW = "The forces are those of now,\nnot of a moment of the past."
_TIP = (
    "Minus the gradient of each term for this image, by its weight: where one step of descent "
    "would move its posterior.<br>On μ in nats per latent unit, on log σ² in nats per unit; above "
    "0, σ would grow.<br>KL: −β·μ and ½·β·(1 − σ²). Reconstruction: through the decoder, the mean "
    "over fixed samples of ε."
)
_TILTED = (
    "The plane runs along no axis: on μ they are components along its two directions, and s₁, s₂ "
    "are the half-axes of the projected ellipse, the longer first: their log changes so, to first "
    "order, when every log σ_k² goes along its pull."
)
_REST_TIP = (
    "This posterior let go alone, downhill from where it is, until the forces on it cancel.<br>"
    "The encoder serves all images at once, so it leaves a single one near that place, not at it."
)


class ForceTable(QWidget):
    """Three rows of four numbers."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(0)
        self._rows: list[list[ScaledLabel]] = []
        self._heads: list[ScaledLabel] = []
        for place in range(1, _COLUMNS + 1):
            head = ScaledLabel("", self, "muted", 0.88)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._heads.append(head)
            grid.addWidget(head, 0, place)
            grid.setColumnStretch(place, 1)
        for row, (text, role) in enumerate(_ROWS.items(), 1):
            labels = [ScaledLabel(text, self, role, 0.92)]
            for _ in self._heads:
                number = ScaledLabel("", self, role, 0.92, bold=True)
                number.setAlignment(Qt.AlignmentFlag.AlignRight)
                labels.append(number)
            for place, label in enumerate(labels):
                grid.addWidget(label, row, place)
            self._rows.append(labels)
        self.show_section(Section())

    def show_section(self, section: Section) -> None:
        """Name the columns."""
        mus = [axis_name(axis, "μ") for axis in section.axes]
        logs = [f"log {axis_name(axis, 'σ')}²" for axis in section.axes]
        if section.tilt is not None:
            mus, logs = list(section.names), ["log s₁²", "log s₂²"]
        self.setToolTip(f"{_TIP}<br>{_TILTED}" if section.tilt is not None else _TIP)
        beside = [""] * (2 - len(mus))  # of a line there is nothing along another axis
        columns = (*mus, *beside, *logs, *beside)
        for place, (head, column) in enumerate(zip(self._heads, columns, strict=True), 1):
            head.setText(column)
            for row, text in zip(self._rows, _ROWS, strict=True):
                row[place].setAccessibleName(f"{text} on {column}")
                row[place].setHidden(not column)

    def show_forces(self, view: ForceView | None) -> None:
        """Those on its one posterior; None: not known."""
        for index, labels in enumerate(self._rows):
            values = _values(view)[index] if view else [None] * _COLUMNS
            for value, label in zip(values, labels[1:], strict=True):
                label.setText("–" if value is None else signed(value))


class ForcePanel(QWidget):
    """The selected posterior's forces; to be shown while they are switched on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("forcePanel")
        make_card(self)
        self._title = ScaledLabel("", self, bold=True)
        self._title.setObjectName("forceTitle")
        self._noise = ScaledLabel("", self, "muted", 0.88)
        self._here = ForceTable("forcesHere", self)
        self._place = ScaledLabel("", self, "muted", 0.88)
        self._place.setObjectName("restText")
        self._there = ForceTable("forcesAtRest", self)
        self._place.setToolTip(_REST_TIP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        heading = QHBoxLayout()
        heading.addWidget(self._title)
        heading.addStretch(1)
        heading.addWidget(self._noise)
        layout.addLayout(heading)
        for part in (self._here, self._place, self._there):
            layout.addWidget(part)
        self._looks_back = False
        self._axes = 2
        self.show_forces(None)
        self.hide()

    def show_forces(self, answer: ForceAnswer | None) -> None:
        """The numbers of the selected posterior."""
        view = answer.selected if answer else None
        rest = answer.rest if answer else None
        number = answer.number if answer else None
        if number is None and view is not None:
            number = int(view.indices[0])
        self._title.setText("Forces" if view is None else f"Forces on image {number}")
        self._noise.setText("" if view is None else f"{view.samples} noise samples")
        self._here.show_forces(view)
        self._there.show_forces(rest.there if rest else None)
        self._place.setText(_OF_NOW if self._looks_back else _place(view, rest, self._axes))

    def show_section(self, section: Section) -> None:
        """Say along which axes they are."""
        self._axes = len(section.axes)
        for table in (self._here, self._there):
            table.show_section(section)

    def set_looking_back(self, back: bool) -> None:
        """Say that there are none of the past, while one looks at that."""
        if back != self._looks_back:
            self._looks_back = back
            self.show_forces(None)


def _place(view: ForceView | None, rest: Rest | None, axes: int) -> str:
    if view is None:
        return "Click a point to see\nthe forces on it in numbers."
    if view.weights.kl == 0:
        return "They cancel nowhere: without KL\nnothing stops σ from shrinking."
    if rest is None:
        return "Where they cancel is found\nwhile training is paused."
    if rest.there is None:
        return "Downhill from here no place was\nfound where they cancel."
    mu, sigma = rest.there.mu[0, :axes], np.exp(0.5 * rest.there.logvar[0, :axes])
    return f"They cancel at μ = {coordinate_tuple(mu)},\nσ = {significant_tuple(sigma)}:"


def _values(view: ForceView) -> list[list[float]]:
    """The rows' numbers."""
    terms = (view.reconstruction, view.kl, view.total)
    return [[*pulls.mu[0].tolist(), *pulls.logvar[0].tolist()] for pulls in terms]
