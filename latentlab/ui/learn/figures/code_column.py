"""One network of page 5: its plane with all codes, what it makes of z, and of the way between."""

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from latentlab.app.lessons.latent_codes import AllCodes, Decoded, DecodedWay, NetworkCodes
from latentlab.app.state import Point, Viewport
from latentlab.core.interpolate import point
from latentlab.ui.images import ImageView
from latentlab.ui.number_text import fixed, fixed_tuple, significant_tuple
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plane import LatentPlane
from latentlab.ui.strip_frames import FrameRow
from latentlab.ui.theme import LIGHT, Theme

_SIDE = 84
_GAP, _MARGIN = 3, 8
_TALL = 1.25  # times as high as wide, the readings have their place beneath the plane
_SMALL = 0.85  # of the usual size of text and dots on a plane
_READINGS = {
    "mu": ("μ", "What the encoder says of x: where its code is"),
    "sigma": ("σ", "How wide the code is along each axis, in latent units"),
    "kl": ("KL", "KL(q(z|x) ‖ N(0, I)) in nats: infinite for a point, which has no width"),
    "z": ("z", "What is decoded: the cross-hair. Drag it, or click where it shall be"),
    "rec": ("−log p(x|z)", "How badly z explains x, in nats: the reconstruction's term at this z"),
}
# Around a code that is looked at closely: so many σ of it to each side.
_CLOSE = 6.0


class CodeColumn(QWidget):
    """Shows what it is told of `network`; z is its own, in its own latent units.

    zMoved: the user moved the cross-hair. imageChosen: a code was clicked. wayChosen: t, by a
    click on a picture of the way.
    """

    zMoved = Signal()
    imageChosen = Signal(int)
    wayChosen = Signal(float)

    def __init__(self, network: str, name: str, title: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.network = network
        self.z: Point = (0.0, 0.0)
        self.setObjectName(f"{name}Column")
        make_card(self)
        self._codes: NetworkCodes | None = None
        self._ends = (0, 0)
        self._title = ScaledLabel(title, self, bold=True)
        self._title.setToolTip(tip)
        self.plane = LatentPlane(self, bare=True)
        self.plane.setObjectName(f"{name}Plane")
        self.plane.setAccessibleName(f"Latent plane: {title}")
        self.plane.show_way(ends=False)
        self.plane.zMoved.connect(self._move)
        self.plane.pointSelected.connect(self.imageChosen)
        self.decoded = ImageView(f"{name}Decoded", f"Decoded z: {title}", _SIDE, "", self)
        self.decoded.setToolTip("x̂: what the decoder makes of z")
        self._readings = {key: ScaledLabel("", self) for key in _READINGS}
        # So that the planes stand still while the numbers change.
        self._readings["z"].setMinimumWidth(
            self._readings["z"].fontMetrics().horizontalAdvance("z (−00.00, −00.00)")
        )
        for key, (_, tip_of) in _READINGS.items():
            self._readings[key].setToolTip(tip_of)
        self.way = FrameRow(self)
        self.way.setObjectName(f"{name}Way")
        self.way.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.way.setAccessibleName(f"Decoded images between the two codes: {title}")
        self.way.frameChosen.connect(self.wayChosen)
        self._lay_out()
        self.set_theme(LIGHT)

    def show_codes(self, codes: AllCodes) -> None:
        """All of them, and of which class each image is."""
        self._codes = codes.networks[self.network]
        self.plane.set_points(self._codes.mu, self._codes.logvar, codes.labels)
        self.plane.set_classes(codes.class_names)
        self.look_at_all()

    def show_images(self, first: int, second: int) -> None:
        """The image x, whose code is marked, and the one the way leads to; z is at x's code."""
        codes = self._codes
        if codes is None:
            return
        self._ends = first, second
        self.plane.set_selected(first)
        self.plane.set_hovered(second)
        self.plane.set_z1(*codes.mean(first))
        self.plane.set_z2(*codes.mean(second))
        self._say("mu", fixed_tuple(codes.mean(first)))
        is_point = math.isinf(codes.kl[first])
        self._say("sigma", "0, a point" if is_point else significant_tuple(codes.sigma(first), 2))
        self._say("kl", f"{fixed(float(codes.kl[first]))} nats")
        self.set_z(codes.mean(first))

    def set_z(self, z: Point) -> None:
        """Move the cross-hair."""
        self.z = z
        self.plane.set_z(*z)
        self._say("z", fixed_tuple(z))
        self.way.show_playhead(None)

    def go_along(self, t: float) -> None:
        """Move z to z(t) = (1−t)·z1 + t·z2, between the two codes."""
        if self._codes is not None:
            first, second = (self._codes.mean(index) for index in self._ends)
            x, y = point(first, second, t, spherical_path=False).tolist()
            self.set_z((x, y))
            self.way.show_playhead(t)

    def draw(self, eps: Point) -> None:
        """Move z to μ + σ·ε."""
        if self._codes is not None:
            mu, sigma = self._codes.mean(self._ends[0]), self._codes.sigma(self._ends[0])
            self.set_z((mu[0] + sigma[0] * eps[0], mu[1] + sigma[1] * eps[1]))

    def ends(self) -> tuple[Point, Point]:
        """The codes of the two images."""
        assert self._codes is not None
        return self._codes.mean(self._ends[0]), self._codes.mean(self._ends[1])

    def show_decoded(self, answer: Decoded) -> None:
        """Show x̂, and how likely x is there."""
        self.decoded.set_image(answer.picture)
        self._say("rec", fixed(answer.reconstruction, 1))

    def show_way(self, answer: DecodedWay) -> None:
        """Show the pictures between the two codes."""
        self.way.show_frames(answer.pictures)

    def look_at_all(self) -> None:
        """Show every code."""
        self.plane.set_viewport(self.plane.scene.overview())

    def look_closely(self, share: float) -> None:
        """Show the part of the plane around x's code, this share of the whole in width."""
        if self._codes is not None:
            x, y = self._codes.mean(self._ends[0])
            whole = self.plane.scene.overview()
            half = share * max(whole.x_max - whole.x_min, whole.y_max - whole.y_min) / 2
            self.plane.set_viewport(Viewport(x - half, x + half, y - half, y + half))

    def share_of_code(self) -> float:
        """The share of the whole plane that holds six σ of x's code to each side."""
        if self._codes is None:
            return 1.0
        whole = self.plane.scene.overview()
        width = max(whole.x_max - whole.x_min, whole.y_max - whole.y_min)
        return 2 * _CLOSE * max(self._codes.sigma(self._ends[0])) / width

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (self.plane, self.decoded, self.way):
            part.set_theme(theme)
        for key, colour in (("rec", theme.reconstruction), ("kl", theme.kl)):
            self._readings[key].setStyleSheet(f"color: {colour}")

    def set_text_scale(self, factor: float) -> None:
        """For lecture mode."""
        self.plane.set_text_scale(_SMALL * factor)

    def _say(self, key: str, value: str) -> None:
        self._readings[key].setText(f"{_READINGS[key][0]} {value}")

    def _move(self, x: float, y: float, _finished: bool) -> None:
        self.set_z((x, y))
        self.zMoved.emit()

    def minimumSizeHint(self) -> QSize:
        """With the readings beside the plane, where the least height is enough."""
        readings = [label.sizeHint() for label in self._readings.values()]
        beside = max(size.width() for size in readings)
        height = sum(size.height() + _GAP for size in readings)
        height = max(self.plane.minimumHeight(), height + self.decoded.minimumSizeHint().height())
        ends = (self._title, self.way)
        return QSize(
            self.plane.minimumWidth() + 2 * _GAP + beside + 2 * _MARGIN,
            height + sum(part.minimumSizeHint().height() + _GAP for part in ends) + 2 * _GAP,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the readings where they leave the plane the most."""
        super().resizeEvent(event)
        tall = self.height() > _TALL * self.width()
        ways = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        outer, inner = ways if tall else ways[::-1]
        self._middle.setDirection(outer)
        self._beside.setDirection(inner)

    def _lay_out(self) -> None:
        readings = QVBoxLayout()
        readings.setSpacing(_GAP)
        for reading in self._readings.values():
            readings.addWidget(reading)
        readings.addStretch(1)
        self._beside = QHBoxLayout()
        self._beside.setSpacing(2 * _GAP)
        self._beside.addWidget(self.decoded)
        self._beside.addLayout(readings)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(2 * _GAP)
        self._middle.addWidget(self.plane, 1)
        self._middle.addLayout(self._beside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _GAP, _MARGIN, _GAP)
        layout.setSpacing(_GAP)
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(self._middle, 1)
        layout.addWidget(self.way)
