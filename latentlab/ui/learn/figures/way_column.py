"""One network of page 12: the way between two codes, and how q is along it."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from latentlab.app.lessons.between_images import Way
from latentlab.app.state import Point
from latentlab.ui.learn.figures.network_column import NetworkColumn
from latentlab.ui.learn.figures.way_plot import WayPlot
from latentlab.ui.number_text import fixed, fixed_tuple, significant
from latentlab.ui.theme import LIGHT, Theme

_READINGS = {
    "z": ("z(t)", "Where z is on the way from z₁ to z₂"),
    "q": ("log q", "log q(z(t)), nats: the aggregate posterior of the 10,000 training images"),
    "p": ("log p", "log p(z(t)), nats: the prior N(0, I)"),
    "away": ("nearest", "From z(t) to the nearest code of a training image, latent units"),
    "holes": ("in holes", "The share of the way where q is lower than at 99 % of its own draws"),
}
# Pictures of the strip.
_SHOWN = 9


class WayColumn(NetworkColumn):
    """z is on the way. tWanted: the user dragged z, to there along it. endWanted: an end (0 or 1)
    was dragged to the code of that image.
    """

    tWanted = Signal(float)
    endWanted = Signal(int, int)

    def __init__(self, network: str, name: str, title: str, tip: str, parent: QWidget) -> None:
        super().__init__(network, name, title, parent, tip=tip, readings=_READINGS)
        self.leave_room({"z": "(−00.00, −00.00)", "q": "−000 000"})
        self._answer: Way | None = None
        self._t = 0.0
        self.plot = WayPlot(f"{name}Plot", self)
        self.add_below(self.plot, 1)
        self.plane.show_way(ends=True)
        self.plane.zMoved.connect(self._move)
        self.plane.z1Moved.connect(self._move_first)
        self.plane.z2Moved.connect(self._move_second)
        self.set_theme(LIGHT)

    @property
    def answer(self) -> Way | None:
        """The way that is shown."""
        return self._answer

    def show_way(self, way: Way, nats: tuple[float, float]) -> None:
        """Its pictures and its densities, on an axis over these nats."""
        self._answer = way
        self.plot.show_way(way, nats)
        every = np.linspace(0, len(way.pictures) - 1, _SHOWN).round().astype(int)
        self.way.show_frames(way.pictures[every])
        self.say("holes", f"{100 * way.share_in_holes:.0f} %")
        self.go_along(self._t)

    def go_along(self, t: float) -> None:
        """Move z to z(t), and tell of it."""
        super().go_along(t)
        self._t = t
        self.plot.show_t(t)
        way = self._answer
        if way is None:
            return
        self.say("z", fixed_tuple(self.z))
        at = round(t * (len(way.t) - 1))
        for key, values in (("q", way.log_q), ("p", way.log_p)):
            self.say(key, _nats(float(values[at])))
        self.say("away", significant(float(way.distance[at]), 2))
        self.decoded.set_image(way.pictures[round(t * (len(way.pictures) - 1))])

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        self.plot.set_theme(theme)
        for key, colour in (("q", theme.accent), ("p", theme.prior), ("holes", theme.warning)):
            self._readings[key].setStyleSheet(f"color: {colour}")

    def _move(self, x: float, y: float, _finished: bool) -> None:
        if self._codes is None:
            return
        start, end = (np.array(z) for z in self.ends())
        along = end - start
        length = float(along @ along)
        t = float((np.array([x, y]) - start) @ along) / length if length > 0 else 0.0
        self.tWanted.emit(min(max(t, 0.0), 1.0))

    def _move_first(self, x: float, y: float, _finished: bool) -> None:
        self._move_end(0, (x, y))

    def _move_second(self, x: float, y: float, _finished: bool) -> None:
        self._move_end(1, (x, y))

    def _move_end(self, end: int, to: Point) -> None:
        if self._codes is not None:
            square = ((self._codes.mu - np.array(to, np.float32)) ** 2).sum(axis=1)
            self.endWanted.emit(end, int(np.argmin(square)))


def _nats(value: float) -> str:
    return fixed(value, 1) if value > -100 else f"−{-value:,.0f}"
