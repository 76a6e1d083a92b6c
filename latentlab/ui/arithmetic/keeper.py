"""Opens label arithmetic, and keeps it at z, at the newest weights and posteriors."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.core.label_arithmetic import LabelDifference, label_difference
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.controller import Controller
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News
from latentlab.ui.plane.labels import shortened
from latentlab.ui.plane.sum_mark import SumMark
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.ui.arithmetic.panel import ArithmeticPanel

_TURN = "arithmetic"
_SECONDS = 0.2  # at least, between two looks while training
_NOT_YET = "The network is being loaded."
_NOT_HERE = "The plane shows test images of the past: come back to now for the training images."
_NO_CLASSES = "It takes two classes, and these images have but one."
_EMPTY = "One of these classes has no image."


class Arithmetic(QObject):
    """Shows z + t·(A − B) on the plane and decoded, and moves z there."""

    switched = Signal(bool)  # whether it is open

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        choices: Choices,
        controller: Controller,
        looking: Looking,
        turns: Turns,
        news: News,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._choices = choices
        self._controller = controller
        self._turns = turns
        self._news = news
        self._panel: ArithmeticPanel | None = None
        self._on = False
        store.changed.connect(self._state_changed)
        looking.step_shown.connect(self._look_soon)
        bridge.cloud.connect(self._look_soon)
        controller.opened.connect(self._opened)

    def switch(self, on: bool) -> None:
        """Open it, or put it away with its arrow on the plane."""
        self._on = on
        if on and self._panel is None:
            self._panel = panel = self._window.make_arithmetic_panel()
            panel.changed.connect(self._look)
            panel.sumWanted.connect(self._go)
            panel.closed.connect(self._close)
            self._offer_classes()
        if self._panel is not None:
            self._window.show_arithmetic(self._panel, on)
        self._look()
        self.switched.emit(on)

    def _close(self) -> None:
        self.switch(False)

    def _opened(self, _opened: Opened) -> None:
        self._offer_classes()
        self._look_soon()

    def _offer_classes(self) -> None:
        opened = self._controller.present
        if self._panel is not None and opened is not None:
            self._panel.set_classes(opened.pair.train.class_names)

    def _state_changed(self, _state: AppState, names: frozenset[str]) -> None:
        if not self._on:
            return
        if names & {"z", "section"}:
            self._turns.ask(_TURN, self._look)
        elif "past" in names:
            self._look_soon()

    def _look_soon(self, *_: object) -> None:
        if self._on:
            self._turns.ask(_TURN, self._look, _SECONDS)

    def _look(self) -> None:
        panel = self._panel
        if panel is None:
            return
        found = self._difference(panel) if self._on else ""
        if isinstance(found, str):
            panel.show_nothing(found)
            self._window.plane.set_sum(None)
            return
        laboratory, cloud = self._bridge.laboratory, self._news.cloud
        assert laboratory is not None
        assert cloud is not None
        # Only now, as is the panel.
        from latentlab.ui.arithmetic.panel import REACH, STEPS  # noqa: PLC0415

        times = np.array([0.0, panel.t, *np.linspace(-REACH, REACH, STEPS)])
        points = self._z + times[:, None] * found.step
        panel.show_sum(laboratory.viewer.decode(points), found, len(cloud.mu))
        x, y = self._store.state.section.project(panel.t * found.step).tolist()
        self._window.plane.set_sum(SumMark((x, y), self._words(panel)))

    def _difference(self, panel: "ArithmeticPanel") -> LabelDifference | str:
        """A − B, or a sentence that says why there is none."""
        opened, laboratory, cloud = (
            self._controller.present,
            self._bridge.laboratory,
            self._news.cloud,
        )
        if opened is None or laboratory is None or not laboratory.viewer.ready:
            return _NOT_YET
        if cloud is None:
            return _NOT_HERE if self._news.split == "test" else _NOT_YET
        if len(opened.pair.train.class_names) < 2:
            return _NO_CLASSES
        labels = opened.pair.train.labels[: len(cloud.mu)]
        return label_difference(cloud.mu, labels, *panel.classes) or _EMPTY

    @property
    def _z(self) -> npt.NDArray[np.float64]:
        state = self._store.state
        return state.section.lift(state.z)

    def _words(self, panel: "ArithmeticPanel") -> str:
        names = self._window.plane.scene.names
        plus, minus = (shortened(names[label]) for label in panel.classes)
        sign = "−" if panel.t < 0 else "+"
        return f"z {sign} {abs(panel.t):.2f}·({plus} − {minus})"

    def _go(self) -> None:
        found = self._difference(self._panel) if self._panel is not None else ""
        if self._panel is not None and isinstance(found, LabelDifference):
            self._choices.go_to((self._z + self._panel.t * found.step).tolist())
