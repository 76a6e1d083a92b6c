"""Page 5: x → z → x̂ in a plain autoencoder and in a VAE, side by side."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from latentlab.app.lessons.latent_codes import (
    AUTOENCODER,
    VAE,
    AllCodes,
    AskCodes,
    DecodeAt,
    Decoded,
    DecodedWay,
    DecodeWay,
)
from latentlab.ui.images import ImageView
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figures.code_column import CodeColumn
from latentlab.ui.learn.figures.image_choice import ImageChoice
from latentlab.ui.learn.figures.shipped import ShippedFigure
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.wheel_guard import WheelGuard

_FIRST, _SECOND = 0, 1
_SIDE = 44
_STEPS = 100
_FAR = 1e3  # latent units: farther than any code


class CodesFigure(ShippedFigure):
    """Two planes with a z each: at x's code, drawn from q, between two codes, or dragged."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._codes: AllCodes | None = None
        self._random = np.random.default_rng(5)
        self._closely = False
        self._first = ImageChoice("codesFirst", "x", self)
        self._second = ImageChoice("codesSecond", "x₂", self)
        self._first.chosen.connect(self._choose)
        self._second.chosen.connect(self._choose)
        self._views = tuple(
            ImageView(f"codesImage{place}", name, _SIDE, "", self)
            for place, name in ((1, "The image x"), (2, "The image x₂"))
        )
        self._views[0].setToolTip("x, a test image, binarised as both networks are given it")
        self._views[1].setToolTip("x₂, to whose code the way leads")
        self.columns = {
            AUTOENCODER: CodeColumn(
                AUTOENCODER,
                "codesPoint",
                "Autoencoder: a code is a point",
                "Trained on the reconstruction alone, and without noise: z = μ",
                self,
            ),
            VAE: CodeColumn(
                VAE,
                "codesGaussian",
                "VAE: a code is a distribution",
                "Trained on reconstruction + KL, with z = μ + σ·ε",
                self,
            ),
        }
        for network, column in self.columns.items():
            column.zMoved.connect(partial(self._decode, network))
            column.imageChosen.connect(self._choose_first)
            column.wayChosen.connect(self._go_along)
        self._t = QSlider(Qt.Orientation.Horizontal, self)
        self._said = ScaledLabel("loading the networks…", self, "muted")
        self._buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self.ask("codes", AskCodes())

    def hear(self, answer: object) -> None:
        """Show what came."""
        if isinstance(answer, AllCodes):
            self._show_codes(answer)
        elif isinstance(answer, Decoded):
            self.columns[answer.asked.network].show_decoded(answer)
        elif isinstance(answer, DecodedWay):
            self.columns[answer.asked.network].show_way(answer)

    def reset(self) -> None:
        """The first two images, z at the code of x, and every code in view."""
        self._random = np.random.default_rng(5)
        self._look_closely(False)
        for choice in (self._first, self._second):
            choice.forget_class()
        self._show_first_images()

    def extremes(self) -> Iterable[Callable[[], None]]:
        """z far from any code, on either plane."""
        return [
            partial(self._put, network, z)
            for network in self.columns
            for z in ((_FAR, _FAR), (-_FAR, 0.0), (0.0, 0.0))
        ]

    # --- inside ----------------------------------------------------------------------------------

    def _show_codes(self, codes: AllCodes) -> None:
        self._codes = codes
        for choice in (self._first, self._second):
            choice.set_images(codes.labels, codes.class_names)
        for column in self.columns.values():
            column.show_codes(codes)
        for control in (*self._buttons.values(), self._t):
            control.setEnabled(True)
        self._show_first_images()

    def _show_first_images(self) -> None:
        if self._codes is None:
            return
        self._first.show_image(_FIRST)
        other = np.flatnonzero(self._codes.labels != self._codes.labels[_FIRST])
        self._second.show_image(int(other[_SECOND]))
        self._choose()

    def _choose_first(self, index: int) -> None:
        self._first.show_image(index)
        self._choose()

    def _choose(self, _index: int = 0) -> None:
        codes = self._codes
        if codes is None:
            return
        first, second = self._first.index, self._second.index
        for view, index in zip(self._views, (first, second), strict=True):
            view.set_image(codes.x[index])
        for network, column in self.columns.items():
            column.show_images(first, second)
            self.ask(f"way {network}", DecodeWay(network, *column.ends()))
        if self._closely:
            self._look_closely(True)
        self._take_code()

    def _take_code(self) -> None:
        for column in self.columns.values():
            column.go_along(0.0)
        self._moved("z is the code of x: μ", t=0.0)

    def _draw(self) -> None:
        first, second = self._random.standard_normal(2).tolist()
        for column in self.columns.values():
            column.draw((first, second))
        self._moved(f"z = μ + σ·ε, ε = ({first:.2f}, {second:.2f}); σ = 0 stays".replace("-", "−"))

    def _go_along(self, t: float) -> None:
        for column in self.columns.values():
            column.go_along(t)
        self._moved(f"z(t) = (1−t)·z₁ + t·z₂, t = {t:.2f}", t=t)

    def _slide(self, position: int) -> None:
        self._go_along(position / _STEPS)

    def _moved(self, said: str, *, t: float | None = None) -> None:
        self._said.setText(said)
        if t is not None:
            with QSignalBlocker(self._t):
                self._t.setValue(round(_STEPS * t))
        for network in self.columns:
            self._decode(network)

    def _decode(self, network: str) -> None:
        if self._codes is not None:
            column = self.columns[network]
            self.ask(f"z {network}", DecodeAt(network, column.z, self._first.index))

    def _put(self, network: str, z: tuple[float, float]) -> None:
        self.columns[network].set_z(z)
        self._decode(network)

    def _look_closely(self, on: bool) -> None:
        self._closely = on
        self._buttons["close"].setChecked(on)
        share = self.columns[VAE].share_of_code()
        for column in self.columns.values():
            if on:
                column.look_closely(share)
            else:
                column.look_at_all()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        for choice, view in zip((self._first, self._second), self._views, strict=True):
            view.setFixedSize(_SIDE, _SIDE)
            top.addWidget(view)
            top.addWidget(choice)
        top.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(6)
        for key, text, tip, slot in (
            ("code", "z = μ", "Put z at the code of x, on both planes", self._take_code),
            ("draw", "Draw z", "z = μ + σ·ε with ε ~ N(0, I): a draw of q(z|x)", self._draw),
            ("close", "Closely", "Look at the code of x closely, on both planes alike", None),
        ):
            button = QPushButton(text, self)
            button.setObjectName(f"codes{key.title()}")
            button.setAccessibleName(tip)
            button.setToolTip(tip)
            button.setEnabled(False)
            if slot is None:
                button.setCheckable(True)
                button.clicked.connect(self._look_closely)
            else:
                button.clicked.connect(slot)
            self._buttons[key] = button
            below.addWidget(button)
        self._t.setObjectName("codesT")
        self._t.setAccessibleName("t, from the code of x to that of x₂")
        self._t.setToolTip("z(t) = (1−t)·z₁ + t·z₂, from the code of x to that of x₂")
        self._t.setRange(0, _STEPS)
        self._t.setPageStep(10)
        self._t.setEnabled(False)
        self._t.valueChanged.connect(self._slide)
        WheelGuard(self._t)
        below.addWidget(self._t, 1)
        planes = QHBoxLayout()
        planes.setSpacing(8)
        for column in self.columns.values():
            planes.addWidget(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(planes, 1)
        layout.addLayout(below)
        layout.addWidget(self._said)
