"""Where the posteriors of each network are drawn: gliding to the newest, or at a moment."""

import time
from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QObject, QTimer

from latentlab.app.compared_past import Glance
from latentlab.app.glide import Glide
from latentlab.app.store import Store
from latentlab.data.dataset import DataPair, Split
from latentlab.training.cloud import Cloud
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.compare.workspace import CompareWorkspace
from latentlab.ui.turns import Turns

_FRAME_MILLISECONDS = 33
_SETTLE_MILLISECONDS = 150  # after the last moment of the past
_TURN = "compared clouds"


class CompareClouds(QObject):
    """Points glide as in the other workspace; while they do, only the newest cloud of each is kept.

    While moments of the past are shown, nothing of now is.
    """

    def __init__(
        self,
        workspace: CompareWorkspace,
        *,
        store: Store,
        turns: Turns,
        running: Callable[[], bool],
    ) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._store = store
        self._turns = turns
        self._running = running
        self._pair: DataPair | None = None
        self._glides: dict[int, Glide] = {}
        self._drawn: dict[int, tuple[Cloud, bool]] = {}
        self._splits: dict[int, Split] = {}  # of which the points on each plane are
        self._looks_back = False
        self._waiting: dict[int, Cloud] = {}  # by number, what waits to be placed, oldest first
        self._timer = QTimer(self, interval=_FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._draw)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._settle)

    def begin(self, pair: DataPair) -> None:
        """Forget all that was: these are the images now."""
        self._pair, self._looks_back = pair, False
        self._glides.clear()
        self._drawn.clear()
        self._waiting.clear()
        for panel in self._workspace.panels.values():
            self._clear(panel)

    def aim(self, number: int, cloud: Cloud, *, at_once: bool) -> None:
        """Let the points of `number` glide there, or jump."""
        glide = self._glides.setdefault(number, Glide())
        glide.aim(cloud, time.monotonic(), at_once=at_once)
        self._timer.start()
        if number not in self._drawn:
            self._draw()

    def draw_anew(self, number: int) -> None:
        """Its plane is new."""
        self._drawn.pop(number, None)
        self._splits.pop(number, None)
        self._timer.start()

    def show_past(self, glances: Mapping[int, Glance]) -> None:
        """Show each network as it was, and nothing of those of which nothing is kept."""
        self._looks_back = True
        self._drawn.clear()
        self._waiting.clear()
        for number, panel in self._workspace.panels.items():
            glance = glances.get(number)
            if glance is None:
                self._clear(panel)
            else:
                self._place(panel, glance.cloud, glance.split)
        self._settling.start()

    def show_now(self) -> None:
        """Show the newest again."""
        self._looks_back = False
        self._settling.stop()
        self._timer.start()
        self._draw()

    def show_selected(self, panel: ComparePanel) -> None:
        """Mark the selected training image, where it is on the plane."""
        of_training = self._splits.get(panel.number) == "train"
        panel.plane.set_selected(self._store.state.selected if of_training else None)

    def show_colours(self, panel: ComparePanel) -> None:
        """Colour the points by class, or by the factor that is chosen."""
        split = self._splits.get(panel.number)
        if self._pair is not None and split is not None:
            data, count = self._pair.of(split), len(panel.plane.scene.cloud)
            panel.plane.set_factor(data.factor(self._store.state.colour_by, count))

    # --- inside ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        now = time.monotonic()
        moving = False
        for number, glide in self._glides.items():
            cloud = glide.at(now)
            moving = moving or glide.moving(now)
            exact = not (glide.moving(now) or self._running())
            if cloud is None or self._looks_back or number not in self._workspace.panels:
                continue
            drawn = self._drawn.get(number)
            if drawn is not None and drawn[0] is cloud and drawn[1] == exact:
                continue
            self._drawn[number] = (cloud, exact)
            if drawn is None or exact:
                self._waiting.pop(number, None)
                self._place(self._workspace.panels[number], cloud, "train", exact=exact)
            else:
                self._waiting[number] = cloud
                self._turns.ask(_TURN, self._place_next)
        if not moving:
            self._timer.stop()

    def _place_next(self) -> None:
        """One plane in a turn: all of them together take no more of the time than one might."""
        number = next(iter(self._waiting), None)
        if number is None:
            return
        cloud, panel = self._waiting.pop(number), self._workspace.panels.get(number)
        if panel is not None:
            self._place(panel, cloud, "train")
        if self._waiting:
            self._turns.ask(_TURN, self._place_next)

    def _place(
        self, panel: ComparePanel, cloud: Cloud, split: Split, *, exact: bool = False
    ) -> None:
        if self._pair is None:
            return
        plane, of_training = panel.plane, split == "train"
        images = self._pair.shown(split, len(cloud.mu)).replace("training ", "")
        # First: points that have moved are painted at once, and the note with them.
        plane.set_note(f"{images} · step {cloud.step:,}")
        if self._splits.get(panel.number) == split and len(plane.scene.cloud) == len(cloud.mu):
            plane.move_points(cloud.mu, cloud.logvar, exact=exact)
        else:
            self._splits[panel.number] = split
            labels = self._pair.of(split).labels[: len(cloud.mu)]
            # Only training images can be looked at.
            plane.set_points(cloud.mu, cloud.logvar, labels, pickable=of_training)
            self.show_selected(panel)
            self.show_colours(panel)

    def _clear(self, panel: ComparePanel) -> None:
        self._splits.pop(panel.number, None)
        panel.plane.set_points(_NO_POINTS, _NO_POINTS, _NO_LABELS)
        panel.plane.set_note("")

    def _settle(self) -> None:
        for panel in self._workspace.panels.values():
            panel.plane.settle()


_NO_POINTS = np.empty((0, 2), np.float32)
_NO_LABELS = np.empty(0, np.int64)
