"""One regime of page 11: its cloud, its pictures and its three numbers."""

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.app.lessons.regimes import Course, Moment
from latentlab.app.state import Point, Viewport
from latentlab.ui.images import ImageView, tiled
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plane import LatentPlane
from latentlab.ui.theme import LIGHT, Theme

_SIDE = 44
_GAP, _MARGIN = 3, 8
_TALL = 1.9  # times as high as wide, the pictures stand beneath each other
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
        self._say()

    @property
    def course(self) -> Course | None:
        """What is shown."""
        return self._course

    def show_moment(self, index: int, view: Viewport, *, exact: bool) -> None:
        """Show the cloud of one of its moments in this part of the plane; exact: there is time for
        all of it.
        """
        course = self._course
        if course is not None:
            self._moment = index
            self.plane.set_viewport(view, passing=not exact)
            if exact:
                self.plane.rest()
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

    def overview(self, index: int) -> Viewport:
        """Where the prior is, the cloud at this moment, and the last one."""
        course = self._course
        if course is None:
            return Viewport()
        x_min, y_min = np.minimum(course.low[index], course.low[-1]).tolist()
        x_max, y_max = np.maximum(course.high[index], course.high[-1]).tolist()
        return Viewport(x_min, x_max, y_min, y_max)

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pictures the room that the plane cannot use."""
        super().resizeEvent(event)
        tall = self.height() > _TALL * self.width()
        ways = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._pictures.setDirection(ways[0] if tall else ways[1])
        for view in (self.pair, self.samples):
            view.setFixedHeight(self._height_of(view) if tall else _SIDE)

    def minimumSizeHint(self) -> QSize:
        """With the pictures beside each other, where the least height is enough."""
        texts = (self._title, self._caption, *self._values.values())
        height = self.plane.minimumHeight() + _SIDE + 2 * _MARGIN
        return QSize(
            max(self.plane.minimumWidth(), super().minimumSizeHint().width()),
            height + sum(text.sizeHint().height() + _GAP for text in texts),
        )

    def _height_of(self, view: ImageView) -> int:
        """Of a view that has the whole width."""
        across, down = (3, 1) if view is self.pair else (4, 2)
        return round((self.width() - 2 * _MARGIN) * down / across)

    def _lay_out(self) -> None:
        self._caption = ScaledLabel("x, μ, z decoded", self, "muted", 0.85)
        under = ScaledLabel("z ~ N(0, I)", self, "muted", 0.85)
        self._pictures = QHBoxLayout()
        self._pictures.setSpacing(2 * _GAP)
        for view, caption, share in ((self.pair, self._caption, 1), (self.samples, under, 1)):
            part = QVBoxLayout()
            part.setSpacing(0)
            part.addWidget(view)
            part.addWidget(caption, 0, Qt.AlignmentFlag.AlignHCenter)
            self._pictures.addLayout(part, share)
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(6)
        numbers.setVerticalSpacing(0)
        for row, key in enumerate(_ROWS):
            numbers.addWidget(self._names[key], row, 0)
            numbers.addWidget(self._values[key], row, 1, Qt.AlignmentFlag.AlignRight)
        numbers.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _GAP, _MARGIN, _GAP)
        layout.setSpacing(_GAP)
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.plane, 1)
        layout.addLayout(self._pictures)
        layout.addLayout(numbers)
