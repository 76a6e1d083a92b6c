"""One network of page 5: where its codes are and how wide, and what it makes of a z."""

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from latentlab.app.lessons.latent_codes import Decoded, DecodedWay
from latentlab.app.state import Point, Viewport
from latentlab.ui.learn.figures.network_column import NetworkColumn
from latentlab.ui.number_text import fixed, fixed_tuple, significant_tuple
from latentlab.ui.theme import LIGHT, Theme

_READINGS = {
    "mu": ("μ", "What the encoder says of x: where its code is"),
    "sigma": ("σ", "How wide the code is along each axis, in latent units"),
    "kl": ("KL", "KL(q(z|x) ‖ N(0, I)) in nats: infinite for a point, which has no width"),
    "z": ("z", "What is decoded: the cross-hair. Drag it, or click where it shall be"),
    "rec": ("−log p(x|z)", "How badly z explains x, in nats: the reconstruction's term at this z"),
}
# Around a code that is looked at closely: so many σ of it to each side.
_CLOSE = 6.0


class CodeColumn(NetworkColumn):
    """z is where the user puts it. zMoved: they moved the cross-hair. imageChosen: a code was
    clicked.
    """

    zMoved = Signal()
    imageChosen = Signal(int)

    def __init__(self, network: str, name: str, title: str, tip: str, parent: QWidget) -> None:
        super().__init__(network, name, title, parent, tip=tip, readings=_READINGS)
        self.leave_room({"z": "(−00.00, −00.00)"})
        self.plane.show_way(ends=False)
        self.plane.zMoved.connect(self._move)
        self.plane.pointSelected.connect(self.imageChosen)
        self.set_theme(LIGHT)

    def show_images(self, first: int, second: int) -> None:
        """The image x, whose code is told, and the one the way leads to; z is at x's code."""
        super().show_images(first, second)
        codes = self._codes
        if codes is not None:
            is_point = math.isinf(codes.kl[first])
            sigma = "0, a point" if is_point else significant_tuple(codes.sigma(first), 2)
            self.say("mu", fixed_tuple(codes.mean(first)))
            self.say("sigma", sigma)
            self.say("kl", f"{fixed(float(codes.kl[first]))} nats")

    def draw(self, eps: Point) -> None:
        """Move z to μ + σ·ε."""
        if self._codes is not None:
            mu, sigma = self._codes.mean(self._ends[0]), self._codes.sigma(self._ends[0])
            self.set_z((mu[0] + sigma[0] * eps[0], mu[1] + sigma[1] * eps[1]))

    def show_decoded(self, answer: Decoded) -> None:
        """Show x̂, and how likely x is there."""
        self.decoded.set_image(answer.picture)
        self.say("rec", fixed(answer.reconstruction, 1))

    def show_way(self, answer: DecodedWay) -> None:
        """Show the pictures between the two codes."""
        self.way.show_frames(answer.pictures)

    def look_closely(self, share: float) -> None:
        """Show the part of the plane around x's code, this share of the whole in width."""
        if self._codes is not None:
            (x, y), half = self.ends()[0], share * self._width() / 2
            self.plane.set_viewport(Viewport(x - half, x + half, y - half, y + half))

    def share_of_code(self) -> float:
        """The share of the whole plane that holds six σ of x's code to each side."""
        if self._codes is None:
            return 1.0
        return 2 * _CLOSE * max(self._codes.sigma(self._ends[0])) / self._width()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        super().set_theme(theme)
        for key, colour in (("rec", theme.reconstruction), ("kl", theme.kl)):
            self._readings[key].setStyleSheet(f"color: {colour}")

    def _width(self) -> float:
        """Of what shows every code, latent units."""
        whole = self.plane.scene.overview()
        return max(whole.x_max - whole.x_min, whole.y_max - whole.y_min)

    def _move(self, x: float, y: float, _finished: bool) -> None:
        self.set_z((x, y))
        self.zMoved.emit()
