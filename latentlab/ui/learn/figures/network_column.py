"""One network of a figure: its plane with all codes, what it makes of z, and of a way."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from latentlab.app.lessons.latent_codes import AllCodes, NetworkCodes
from latentlab.app.state import Point
from latentlab.core.interpolate import point
from latentlab.ui.images import ImageView
from latentlab.ui.number_text import fixed_tuple
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.plane import LatentPlane
from latentlab.ui.strip_frames import FrameRow
from latentlab.ui.theme import Theme

_SIDE = 84
_GAP, _MARGIN = 3, 8
_TALL = 1.25  # times as high as wide, the readings have their place beneath the plane
_SMALL = 0.85  # of the usual size of text and dots on a plane

Readings = Mapping[str, tuple[str, str]]
"""By key: what stands before the value, and a tooltip."""


class NetworkColumn(QWidget):
    """Shows what it is told of `network`; z is its own, in its own latent units.

    wayChosen: t, by a click on a picture of the way.
    """

    wayChosen = Signal(float)

    def __init__(
        self,
        network: str,
        name: str,
        title: str,
        parent: QWidget,
        *,
        tip: str,
        readings: Readings,
    ) -> None:
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
        self.decoded = ImageView(f"{name}Decoded", f"Decoded z: {title}", _SIDE, "", self)
        self.decoded.setToolTip("x̂: what the decoder makes of z")
        self._named = dict(readings)
        self._readings = {key: ScaledLabel("", self) for key in readings}
        for key, (_, tip_of) in readings.items():
            self._readings[key].setToolTip(tip_of)
        self.way = FrameRow(self)
        self.way.setObjectName(f"{name}Way")
        self.way.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.way.setAccessibleName(f"Decoded images between the two codes: {title}")
        self.way.frameChosen.connect(self.wayChosen)
        self._below: list[QWidget] = [self.way]
        self._lay_out()

    def show_codes(self, codes: AllCodes) -> None:
        """All of them, and of which class each image is."""
        self._codes = codes.networks[self.network]
        self.plane.set_points(self._codes.mu, self._codes.logvar, codes.labels)
        self.plane.set_classes(codes.class_names)
        self.look_at_all()

    def show_images(self, first: int, second: int) -> None:
        """The images at whose codes the way begins and ends; z is at the first."""
        codes = self._codes
        if codes is not None:
            self._ends = first, second
            self.plane.set_selected(first)
            self.plane.set_hovered(second)
            self.plane.set_z1(*codes.mean(first))
            self.plane.set_z2(*codes.mean(second))
            self.set_z(codes.mean(first))

    def ends(self) -> tuple[Point, Point]:
        """The codes of the two images."""
        assert self._codes is not None
        return self._codes.mean(self._ends[0]), self._codes.mean(self._ends[1])

    def set_z(self, z: Point) -> None:
        """Move the cross-hair."""
        self.z = z
        self.plane.set_z(*z)
        self.say("z", fixed_tuple(z))
        self.way.show_playhead(None)

    def go_along(self, t: float) -> None:
        """Move z to z(t) = (1−t)·z1 + t·z2, between the two codes."""
        if self._codes is not None:
            x, y = point(*self.ends(), t, spherical_path=False).tolist()
            self.set_z((x, y))
            self.way.show_playhead(t)

    def look_at_all(self) -> None:
        """Show every code."""
        self.plane.set_viewport(self.plane.scene.overview())

    def say(self, key: str, value: str) -> None:
        """Write the value of a reading."""
        self._readings[key].setText(f"{self._named[key][0]} {value}")

    def reading(self, key: str) -> str:
        """What a reading says."""
        return self._readings[key].text()

    def leave_room(self, widest: Mapping[str, str]) -> None:
        """So that the planes stand still while the numbers change; widest: by key, a value."""
        for key, value in widest.items():
            label = self._readings[key]
            text = f"{self._named[key][0]} {value}"
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(text))

    def add_below(self, widget: QWidget, stretch: int = 0) -> None:
        """One more part beneath the way."""
        self._below.append(widget)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(widget, stretch)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (self.plane, self.decoded, self.way):
            part.set_theme(theme)

    def set_text_scale(self, factor: float) -> None:
        """For lecture mode."""
        self.plane.set_text_scale(_SMALL * factor)

    def minimumSizeHint(self) -> QSize:
        """With the readings beside the plane, where the least height is enough."""
        readings = [label.sizeHint() for label in self._readings.values()]
        beside = max(
            max(size.width(), label.minimumWidth())
            for size, label in zip(readings, self._readings.values(), strict=True)
        )
        height = sum(size.height() + _GAP for size in readings)
        height = max(self.plane.minimumHeight(), height + self.decoded.minimumSizeHint().height())
        others = (self._title, *self._below)
        return QSize(
            self.plane.minimumWidth() + 2 * _GAP + beside + 2 * _MARGIN,
            height + sum(part.minimumSizeHint().height() + _GAP for part in others) + 2 * _GAP,
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
        layout.addLayout(self._middle, 3)
        layout.addWidget(self.way)
