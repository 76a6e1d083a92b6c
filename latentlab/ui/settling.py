"""When the window shows all that it is going to show."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from latentlab.app.state import Workspace
from latentlab.app.store import Store
from latentlab.training.messages import Compared, Snapshot
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.controller import Controller
from latentlab.ui.infer.opener import InferOpener
from latentlab.ui.learn.opener import LearnOpener
from latentlab.ui.looking import Looking

# Layouts make room for what has come in a later turn of the event loop.
_LAYOUT_MILLISECONDS = 50


class Settling(QObject):
    """Says once that decoded image, strip, selected point and held-out terms have all come, and
    what is the last to come of a workspace that the window begins with: the figures of a
    comparison, the ladder of bounds, or the answers to a lesson's figures."""

    settled = Signal()

    def __init__(
        self,
        store: Store,
        controller: Controller,
        looking: Looking,
        *,
        compare: CompareController,
        infer: InferOpener,
        learn: LearnOpener,
        parent: QObject,
        workspace: Workspace,
        picture: SignalInstance | None = None,
    ) -> None:
        """workspace: which the window begins with. picture: says that one to open has come."""
        super().__init__(parent)
        self._store = store
        self._missing = {"decoded", "strip", "point", "heldout"}
        last = {"compare": "compared", "infer": "inferred", "learn": "learned"}
        if workspace in last:
            self._missing.add(last[workspace])
        if picture is not None:
            self._missing.add("picture")
            picture.connect(partial(self._came, "picture"))
        # A child, so that it ends with a window that is closed meanwhile.
        self._layout = QTimer(self, singleShot=True, interval=_LAYOUT_MILLISECONDS)
        self._layout.timeout.connect(self.settled)
        controller.snapshot.connect(self._snapshot_came)
        compare.compared.connect(self._compared_came)
        infer.settled.connect(self._inferred)
        learn.settled.connect(self._learned)
        looking.decoded.connect(self._decoded)
        looking.strip.connect(self._strip_came)
        looking.point_shown.connect(self._point_came)

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        if snapshot.heldout is not None:
            self._came("heldout")

    def _compared_came(self, compared: Compared) -> None:
        if compared.exact:
            self._came("compared")

    def _inferred(self) -> None:
        self._came("inferred")

    def _learned(self) -> None:
        self._came("learned")

    def _decoded(self, _image: object) -> None:
        self._came("decoded")

    def _strip_came(self, _images: object) -> None:
        self._came("strip")

    def _point_came(self, view: object, _hovered: bool) -> None:
        if view is not None or self._store.state.selected is None:
            self._came("point")

    def _came(self, what: str) -> None:
        if what in self._missing:
            self._missing.discard(what)
            if not self._missing:
                # Counted from when what has come is taken in: that alone can take as long.
                QTimer.singleShot(0, self._layout, self._layout.start)
