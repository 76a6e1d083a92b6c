"""Keeps every picture up to date: asks the viewer when the state or the weights change."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from latentlab.app.looks import Reply
from latentlab.app.point_view import PointView
from latentlab.app.state import AppState, Point
from latentlab.app.store import Store
from latentlab.app.timeline import Kept
from latentlab.core.interpolate import path, point
from latentlab.errors import BusyError, told
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.turns import Turns

_PATH_POINTS = 65
# At least, between two looks of a kind while training; the decoded image comes with all weights.
_LOOK_SECONDS = 0.2


class Looking(QObject):
    """Signals carry pictures as arrays, (H, W) or (H, W, 3) of uint8, for the panels to show."""

    decoded = Signal(object)  # image at z
    failed = Signal(str, str)  # a sentence, a report
    passing = Signal(float, float)  # where the animation along the path is
    step_shown = Signal(int)  # the step whose weights every picture uses
    point_shown = Signal(object, bool)  # PointView | None; whether it is only hovered
    strip = Signal(object)  # images (count, H, W[, 3])
    path = Signal(object, object)  # points (M, 2), midpoint (2,)

    def __init__(
        self,
        store: Store,
        bridge: Bridge,
        turns: Turns,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._turns = turns
        self._store = store
        self._bridge = bridge
        self._hovered: int | None = None
        self._point: PointView | None = None
        self._playhead: float | None = None
        store.changed.connect(self._state_changed)
        bridge.reply.connect(self._reply_came)

    def take(self, snapshot: Snapshot) -> None:
        """Look with these weights from now on: in their turn while newer ones are on their way."""
        self._turns.ask_if(snapshot.running, "weights", partial(self._take, snapshot))

    def _take(self, snapshot: Snapshot) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is None or not laboratory.viewer.take(snapshot):
            return
        if not laboratory.viewer.looks_back:
            self._look_again(passing=snapshot.running)

    def look_back(self, kept: Kept) -> None:
        """Look with weights of the past, of which there are soon others."""
        laboratory = self._bridge.laboratory
        if laboratory is not None and laboratory.viewer.look_back(kept):
            self._look_again(passing=True)

    def look_at_now(self) -> None:
        """Look with the newest weights again."""
        laboratory = self._bridge.laboratory
        if laboratory is not None and laboratory.viewer.looks_back:
            laboratory.viewer.look_at_now()
            self._look_again(passing=False)

    @property
    def point(self) -> PointView | None:
        """The point that is explained now: the one hovered over, else the selected one."""
        return self._point

    def hover(self, index: int) -> None:
        """Show the point under the mouse; −1 for none."""
        self._hovered = index if index >= 0 else None
        self._show_point()

    def play(self, t: float) -> None:
        """Decode at `t` of the path, 0 to 1, without moving z."""
        self._playhead = t
        z = self.on_path(t)
        self._decode(z)
        self.passing.emit(*z)

    def stop_playing(self) -> Point | None:
        """Where the animation was, if there was one; it is over."""
        if self._playhead is None:
            return None
        reached = self.on_path(self._playhead)
        self._playhead = None
        return reached

    def on_path(self, t: float) -> Point:
        """The point at `t` of the path from z1 to z2."""
        state = self._store.state
        x, y = point(state.z1, state.z2, t, state.spherical)
        return (float(x), float(y))

    def look_again(self) -> None:
        """Ask for every picture anew: what was opened has other weights."""
        self._look_again(passing=False)

    def _look_again(self, *, passing: bool) -> None:
        """Ask for every picture anew: the weights are others. passing: soon they will be again."""
        laboratory = self._bridge.laboratory
        if laboratory is None or not laboratory.viewer.ready:
            return
        state = self._store.state
        self._decode(self.on_path(self._playhead) if self._playhead is not None else state.z)
        self.step_shown.emit(laboratory.viewer.step)
        self._turns.ask_if(passing, "strip", self._look_at_strip, _LOOK_SECONDS)
        self._turns.ask_if(passing, "point", self._show_point, _LOOK_SECONDS)

    def _look_at_strip(self) -> None:
        if self._playhead is None:
            self._ask_strip(self._store.state)

    def show_decoded(self) -> None:
        """Say what z decodes to."""
        self._decode(self._store.state.z)

    def forget_point(self) -> None:
        """The images are others: no index means what it did."""
        self._hovered = None
        self._point = None

    def show_path(self) -> None:
        """Say where the path runs."""
        state = self._store.state
        points = path(state.z1, state.z2, _PATH_POINTS, state.spherical)
        self.path.emit(points, points[_PATH_POINTS // 2])

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if names & {"z", "section"}:
            self._playhead = None
            self._decode(state.z)
        if names & {"z1", "z2", "spherical"}:
            self.show_path()
        if names & {"section", "z1", "z2", "spherical", "strip_count"}:
            self._ask_strip(state)
        if "selected" in names:
            self._show_point()

    def _decode(self, z: Point) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is None or not laboratory.viewer.ready:
            return
        try:
            image = laboratory.viewer.decode(self._store.state.section.lift([z]))[0]
        except BusyError:
            self._turns.ask("decoded", self.show_decoded, _LOOK_SECONDS)
        else:
            self.decoded.emit(image)

    def _ask_strip(self, state: AppState) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is not None and laboratory.viewer.ready:
            laboratory.viewer.request_strip(
                state.section, state.z1, state.z2, state.strip_count, state.spherical
            )

    def _show_point(self) -> None:
        laboratory = self._bridge.laboratory
        index = self._hovered if self._hovered is not None else self._store.state.selected
        if index is None:
            self._point = None
        elif laboratory is not None and laboratory.viewer.ready:
            try:
                self._point = laboratory.viewer.explain(index)
            except BusyError:
                self._point = None
                self._turns.ask("point", self._show_point, _LOOK_SECONDS)
        self.point_shown.emit(self._point, self._hovered is not None)

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != "strip":
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The strip could not be drawn"))
        else:
            self.strip.emit(reply.value.images)
