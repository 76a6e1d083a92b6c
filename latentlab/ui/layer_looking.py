"""Keeps what lies behind the points up to date: asks the viewer when what it hangs on changes."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from latentlab.app.layer_view import LikelihoodMap, NoLayer, UncertaintyMap
from latentlab.app.looks import Reply
from latentlab.app.state import AppState, Viewport
from latentlab.app.store import Store
from latentlab.data.dataset import Split
from latentlab.errors import told
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.turns import Turns

# Cells along the plane's height: of images, and of a heat map at first, and once all is at rest.
_IMAGES = 22
_COARSE = 32
_FINE = 48
# While training, at least between two looks, and so many times what the last one took.
_LOOK_SECONDS = 0.2
_SHARE = 10
_NO_IMAGE = "Select an image, by clicking its point, to see how likely it is from each z."


class LayerLooking(QObject):
    """Asks for the chosen layer, and says what comes."""

    shown = Signal(object)  # LayerAnswer | None
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        store: Store,
        bridge: Bridge,
        visible: Callable[[], Viewport],
        turns: Turns,
        parent: QObject | None = None,
    ) -> None:
        """`visible` says what the plane shows: the state's viewport, widened to its shape."""
        super().__init__(parent)
        self._store = store
        self._bridge = bridge
        self._visible = visible
        self._turns = turns
        self._cloud: tuple[Cloud, Split] | None = None
        self._running = False
        self._seconds = 0.0  # that the last one took
        self._fine = False  # whether the coarse heat map is there
        store.changed.connect(self._state_changed)
        bridge.ready.connect(self.look_again)
        bridge.reply.connect(self._reply_came)

    def take(self, snapshot: Snapshot) -> None:
        """Whether it trains."""
        stopped = self._running and not snapshot.running
        self._running = snapshot.running
        if stopped:
            self.look_again()

    def take_cloud(self, cloud: Cloud, split: Split) -> None:
        """The posteriors that are shown, of these images."""
        self._cloud = (cloud, split)
        if self._store.state.layer == "aggregate":
            self._follow()

    def take_weights(self) -> None:
        """The weights that are looked with are others."""
        if self._store.state.layer not in ("none", "aggregate"):
            self._follow()

    def forget(self) -> None:
        """What is open is another model, or the images are others: no answer is of these."""
        self._cloud = None
        self._stop()

    def look_again(self) -> None:
        """What the layer is of has changed, or what is in view."""
        self._fine = False
        self._turns.ask("layer", self._ask)

    def _follow(self) -> None:
        """The weights are others, or the points: while it trains, soon they will be again."""
        if self._running:
            self._fine = False
            every = max(_LOOK_SECONDS, _SHARE * self._seconds)
            self._turns.ask("layer in training", self._ask, every)
        else:
            self.look_again()

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "layer" in names:
            self._stop()
        chosen = "selected" in names and state.layer == "likelihood"
        if chosen or names & {"layer", "section", "viewport", "workspace"}:
            self.look_again()

    def _stop(self) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is not None:
            laboratory.worker.forget("layer")
        self._seconds = 0.0
        self.shown.emit(None)

    def _ask(self) -> None:
        state, laboratory = self._store.state, self._bridge.laboratory
        if state.workspace != "explore" or laboratory is None:
            return
        viewer, view, section = laboratory.viewer, self._visible(), state.section
        if state.layer == "aggregate" and self._cloud is not None:
            viewer.request_aggregate(section, *self._cloud, view)
        elif state.layer == "likelihood" and state.selected is None:
            self._stop()
            self.shown.emit(NoLayer(_NO_IMAGE))
        elif viewer.ready:
            if state.layer == "decoded":
                viewer.request_map(section, view, *_shape(view, _IMAGES))
            elif state.layer == "likelihood" and state.selected is not None:
                viewer.request_likelihood(section, state.selected, view, *self._heat_shape(view))
            elif state.layer == "uncertainty":
                viewer.request_uncertainty(section, view, *self._heat_shape(view))

    def _heat_shape(self, view: Viewport) -> tuple[int, int]:
        return _shape(view, _FINE if self._fine else _COARSE)

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != "layer":
            return
        self._seconds = reply.seconds
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The layer behind the points could not be drawn"))
            return
        self.shown.emit(reply.value)
        decoded = isinstance(reply.value, LikelihoodMap | UncertaintyMap)
        if decoded and not (self._fine or self._running):
            self._fine = True
            self._turns.ask("layer", self._ask)


def _shape(view: Viewport, cells: int) -> tuple[int, int]:
    """Columns and rows of square cells, about so many along the height."""
    shape = (view.x_max - view.x_min) / (view.y_max - view.y_min)
    columns = max(2, round(cells * min(shape, 3.0)))
    return columns, max(2, round(columns / shape))
