"""One regime of page 11: its cloud, its pictures and its three numbers."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from latentlab.app.lessons.regimes import Course, Moment
from latentlab.app.state import Point, Viewport
from latentlab.ui.images import ImageView, tiled
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plane import LatentPlane
from latentlab.ui.theme import LIGHT, Theme

_SIDE = 60
_SMALL = 0.85  # of the usual size of text and dots on a plane
_ROWS = {
    "rec": (
        "reconstruction",
        "−E_q[log p(x|z)], nats per image: mean over the 2,000 test images with one ε for each",
    ),
    "kl": ("KL", "KL(q(z|x) ‖ p(z)), nats per image: mean over the 2,000 test images"),
    "sigma": ("mean σ", "Of the posteriors, latent units: mean over the images and both axes"),
}


class RegimeColumn(QWidget):
    """Shows what it is told of `network`. imageChosen: a point was clicked. zMoved: the
    cross-hair was.
    """

    imageChosen = Signal(int)
    zMoved = Signal(float, float, bool)

    def __init__(self, network: str, name: str, title: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.network = network
        self.setObjectName(f"{name}Column")
        make_card(self)
        self._course: Course | None = None
        self._moment = 0
        self._title = ScaledLabel(title, self, bold=True)
        self._title.setToolTip(tip)
        self.plane = LatentPlane(self, bare=True)
        self.plane.setObjectName(f"{name}Plane")
        self.plane.setAccessibleName(f"Latent plane: {title}")
        self.plane.pointSelected.connect(self.imageChosen)
        self.plane.zMoved.connect(self.zMoved)
        self.pair = ImageView(f"{name}Pair", f"x and its reconstruction: {title}", _SIDE, "", self)
        self.pair.setToolTip(
            "The image x, what this network makes of its mean μ, and what of z, the cross-hair, "
            "which is at the same place on all planes"
        )
        self.samples = ImageView(f"{name}Samples", f"Samples: {title}", _SIDE, "", self)
        self.samples.setToolTip("decoder(z) for z ~ N(0, I), the same z for each network")
        self._names = {key: ScaledLabel(text, self, "muted") for key, (text, _) in _ROWS.items()}
        self._values = {key: ScaledLabel("", self, bold=True) for key in _ROWS}
        for key, (_, tip_of) in _ROWS.items():
            for label in (self._names[key], self._values[key]):
                label.setToolTip(tip_of)
        self._lay_out()
        self.set_theme(LIGHT)

    def show_course(self, course: Course) -> None:
        """How it was trained; shown is the end."""
        self._course = course
        self._moment = len(course.steps) - 1
        self.plane.set_points(course.mu[-1], course.logvar[-1], course.labels)
        self.plane.set_classes(course.class_names)
        self.look_at_all()
        self._say()

    @property
    def course(self) -> Course | None:
        """What is shown."""
        return self._course

    def show_moment(self, index: int, *, exact: bool) -> None:
        """Show the cloud of one of its moments; exact: there is time for all of it."""
        course = self._course
        if course is not None:
            self._moment = index
            self.plane.move_points(course.mu[index], course.logvar[index], exact=exact)
            self._say()

    def show_pictures(self, moment: Moment) -> None:
        """The image, its reconstruction, samples; and the reconstruction's term."""
        self.pair.set_image(tiled(np.stack([moment.x, moment.decoded, moment.at_z]), 3))
        self.samples.set_image(tiled(moment.samples, 4))
        self._values["rec"].setText(f"{fixed(moment.reconstruction.nats, 1)} nats")

    def set_z(self, z: Point) -> None:
        """Move the cross-hair."""
        self.plane.set_z(*z)

    def set_selected(self, index: int) -> None:
        """Mark this image's posterior."""
        self.plane.set_selected(index)

    def look_at_all(self) -> None:
        """Show where the prior is, and the cloud at any moment."""
        self.plane.set_viewport(self.overview())

    def overview(self) -> Viewport:
        """Where they are."""
        course = self._course
        if course is None:
            return Viewport()
        (x_min, y_min), (x_max, y_max) = course.low, course.high
        return Viewport(x_min, x_max, y_min, y_max)

    def look_at(self, view: Viewport) -> None:
        """Show this part."""
        self.plane.set_viewport(view)

    def reading(self, key: str) -> str:
        """The value of "rec", "kl" or "sigma", as it is shown."""
        return self._values[key].text()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (self.plane, self.pair, self.samples):
            part.set_theme(theme)
        for key, colour in (("rec", theme.reconstruction), ("kl", theme.kl)):
            self._values[key].setStyleSheet(f"color: {colour}")

    def set_text_scale(self, factor: float) -> None:
        """For lecture mode."""
        self.plane.set_text_scale(_SMALL * factor)

    def _say(self) -> None:
        course = self._course
        if course is not None:
            self._values["kl"].setText(f"{fixed(float(course.kl[self._moment]))} nats")
            self._values["sigma"].setText(significant(float(course.sigma[self._moment])))

    def _lay_out(self) -> None:
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(6)
        pictures.setVerticalSpacing(0)
        for column, (view, text) in enumerate(
            ((self.pair, "x, decoder(μ), (z)"), (self.samples, "z ~ N(0, I)"))
        ):
            caption = ScaledLabel(text, self, "muted", 0.85)
            pictures.addWidget(view, 0, column)
            pictures.addWidget(caption, 1, column, Qt.AlignmentFlag.AlignHCenter)
            pictures.setColumnStretch(column, 3 + column)
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(6)
        numbers.setVerticalSpacing(0)
        for row, key in enumerate(_ROWS):
            numbers.addWidget(self._names[key], row, 0)
            numbers.addWidget(self._values[key], row, 1, Qt.AlignmentFlag.AlignRight)
        numbers.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 4)
        layout.setSpacing(3)
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.plane, 1)
        layout.addLayout(pictures)
        layout.addLayout(numbers)
