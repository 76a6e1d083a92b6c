"""What the plane runs along: two axes, two principal components, or three images' means."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.core.section import Section, axis_name
from latentlab.core.tilt import Tilt
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, named
from latentlab.ui.segment import SegmentButton
from latentlab.ui.tip_text import wrapped

LETTERS = "ABC"
_KINDS = (
    ("axes", "planeAxes", "Axes", "The plane along two axes of the latent space"),
    (
        "principal",
        "planePrincipal",
        "PCA",
        "The plane through the mean of all means μ, along the two directions in which they vary "
        "most: their principal components. It stays as it is while training, until it is made anew",
    ),
    (
        "images",
        "planeImages",
        "3 images",
        "The plane through the means μ of three images, which are clicked one after another. "
        "For three others, press it again",
    ),
)
_SLICE = (
    "Points and ellipses are projections. z, the path and the decoder's layers are on the slice; "
    "a click on a point takes it to that mean."
)
_LOADINGS = 4


class PlaneChooser(QWidget):
    """kindChosen: "axes", "principal" or "images". againWanted: the same kind of plane for the
    means as they are now. homeWanted: the slice back to where the plane was laid.
    """

    kindChosen = Signal(str)
    againWanted = Signal()
    homeWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._section = Section()
        self._picked: tuple[int, ...] | None = None
        self._words: _Words | None = None
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(3)
        self._kinds: dict[str, SegmentButton] = {}
        for kind, name, text, tip in _KINDS:
            button = SegmentButton(name, text, f"Plane: {text}", tip, self)
            button.clicked.connect(lambda _on=False, kind=kind: self._choose(kind))
            self._kinds[kind] = button
            row.addWidget(button, 1)
        layout.addLayout(row)
        self._show()

    def show_section(self, section: Section) -> None:
        """Say what this plane is, if it runs along no axes."""
        self._section = section
        self._show()

    def show_picks(self, picked: tuple[int, ...] | None) -> None:
        """Say which images have been taken so far for a plane to come; None: none is to come."""
        self._picked = picked
        self._show()

    def _choose(self, kind: str) -> None:
        self._show()  # until it is so
        self.kindChosen.emit(kind)

    def _show(self) -> None:
        tilt, picked = self._section.tilt, self._picked
        shown = "images" if picked is not None else "axes" if tilt is None else tilt.kind
        for kind, button in self._kinds.items():
            button.setChecked(kind == shown)
        if picked is None and tilt is None:
            if self._words is not None:
                self._words.hide()
            return
        if self._words is None:
            self._words = words = _Words(self)
            words.again.clicked.connect(self.againWanted)
            words.home.clicked.connect(self.homeWanted)
            self._layout.addWidget(words)
        self._words.show_plane(self._section, picked)
        self._words.show()


class _Words(QWidget):
    """What the plane is, in words, and what can be done with it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = ScaledLabel("", self, scale=0.92)
        self.text.setObjectName("planeWords")
        self.where = ScaledLabel("", self, "muted", 0.88)
        self.where.setObjectName("planeWhere")
        for label in (self.text, self.where):
            label.setWordWrap(True)
        self.again = self._button("planeAgain", "Lay the plane anew", "Anew", "")
        self.home = self._button(
            "planeHome", "The slice back", "", "Take the slice back to where the plane was laid"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.text)
        layout.addWidget(self.where)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.again, self.home):
            row.addWidget(button)
        row.addStretch(1)
        layout.addLayout(row)

    def show_plane(self, section: Section, picked: tuple[int, ...] | None) -> None:
        """A plane, or what is still missing of one."""
        tilt = section.tilt
        for button in (self.again, self.home):
            button.setVisible(picked is None)
        self.where.setVisible(picked is None)
        self.text.setToolTip("")
        if picked is not None:
            self.text.setText(_asking(picked))
        elif tilt is not None:
            self.text.setText(_about(tilt))
            self.text.setToolTip(wrapped(_directions(tilt)))
            self.where.setText(f"{_where(section, tilt)} {_SLICE}")
            self.again.setToolTip(
                "Lay it through the three means as they are now"
                if tilt.images
                else "Find the principal components of the means as they are now"
            )
            self.home.setText("Through A, B, C" if tilt.images else "Through the mean")

    def _button(self, name: str, label: str, text: str, tip: str) -> QPushButton:
        button = named(QPushButton(text, self), name, label, tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button


def _asking(picked: tuple[int, ...]) -> str:
    taken = ", ".join(
        f"{letter}: image {index}" for letter, index in zip(LETTERS, picked, strict=False)
    )
    which = ("a first", "a second", "a third")[len(picked)]
    return f"Click {which} image's point on the plane.{f' {taken}.' if taken else ''}"


def _about(tilt: Tilt) -> str:
    first, second = (f"{100 * share:.0f} %" for share in tilt.shares)
    if not tilt.images:
        return (
            "PCA: the two directions in which the means μ vary most about their mean. "
            f"PC 1 has {first} of their variance, PC 2 {second}."
        )
    images = ", ".join(
        f"{letter} (image {index})" for letter, index in zip(LETTERS, tilt.images, strict=True)
    )
    return (
        f"Through the means of {images}. u runs from A to B, v at a right angle to it towards C. "
        f"They have {first} and {second} of the variance of all means."
    )


def _where(section: Section, tilt: Tilt) -> str:
    away = np.linalg.norm(np.subtract(section.origin, tilt.beside(tilt.home)))
    through = "the three" if tilt.images else "the mean of the means"
    if away < 1e-4:
        return f"The slice goes through {through}."
    return f"The slice is {fixed(float(away))} beside {through}."


def _directions(tilt: Tilt) -> str:
    """What each is made of, the largest components first."""
    lines = []
    for name, row in zip(tilt.names, tilt.rows, strict=True):
        largest = sorted(range(len(row)), key=lambda axis: -abs(row[axis]))[:_LOADINGS]
        terms = " ".join(
            f"{'−' if row[axis] < 0 else '+'} {abs(row[axis]):.2f}·{axis_name(axis)}"
            for axis in largest
        )
        more = " + …" if len(row) > _LOADINGS else ""
        lines.append(f"{name} = {terms.removeprefix('+ ')}{more}")
    return "<br>".join(lines)
