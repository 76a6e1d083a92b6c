"""Keeps the picture of the forces up to date: asks the viewer when what they hang on changes."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from latentlab.app.force_view import ForceAnswer
from latentlab.app.looks import Reply
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.core.spec import LossWeights
from latentlab.errors import told
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.turns import Turns

# At least, between two looks while the view moves or a model trains.
_LOOK_SECONDS = 0.25
# What is looked at, and under which weights the forces cancel, hangs on these.
_COUNT = frozenset(
    (
        *("forces_on", "past", "workspace", "weights"),
        *("section", "viewport", "isolated_class", "selected"),
    )
)


class ForceLooking(QObject):
    """Asks for the forces while they are switched on, and weights them as the switches say now.

    They are those of now: while one looks back, or at another workspace, there are none.
    """

    shown = Signal(object)  # ForceAnswer along the plane's axes | None
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        store: Store,
        bridge: Bridge,
        sample: Callable[[], npt.NDArray[np.int64]],
        turns: Turns,
        parent: QObject | None = None,
    ) -> None:
        """`sample` says which images to look at."""
        super().__init__(parent)
        self._store = store
        self._bridge = bridge
        self._sample = sample
        self._turns = turns
        self._answer: ForceAnswer | None = None
        self._awaited = False
        self._running = False
        self._kl_factor = 1.0
        store.changed.connect(self._state_changed)
        bridge.reply.connect(self._reply_came)

    def take(self, snapshot: Snapshot) -> None:
        """Whether it trains, and what a warm-up makes of the KL term's weight."""
        stopped = self._running and not snapshot.running
        self._running = snapshot.running
        factor = snapshot.plan.kl_factor if snapshot.plan else 1.0
        if factor != self._kl_factor:
            self._kl_factor = factor
            self._show()
        if stopped:
            self.look_again()

    def forget(self) -> None:
        """The images are others: no answer is of these."""
        self._answer = None
        self._awaited = False
        self._show()

    def look_again(self) -> None:
        """The weights are others, or the points, or what is in view."""
        if self._wanted:
            self._turns.ask("forces", self._ask, _LOOK_SECONDS if self._running else 0.0)

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if names & {"forces_on", "past"}:
            self._answer = None
            self._show()
        elif "section" in names and not self._fits(state):
            self._answer = None  # of what was open before
            self._show()
        elif names & {"weights", "section"}:
            self._show()
        if names & _COUNT:
            self.look_again()

    def _fits(self, state: AppState) -> bool:
        answer = self._answer
        return answer is None or answer.sample.mu.shape[1] == state.section.latent_dim

    @property
    def _wanted(self) -> bool:
        state = self._store.state
        return state.forces_on and state.past is None and state.workspace == "explore"

    @property
    def _weights(self) -> LossWeights:
        return self._store.state.weights.warmed(self._kl_factor)

    def _ask(self) -> None:
        state, laboratory = self._store.state, self._bridge.laboratory
        if not self._wanted or laboratory is None or not laboratory.viewer.ready:
            return
        if self._awaited and self._running:
            # A look may take longer than there is between two; the worker has others to answer.
            self.look_again()
            return
        self._awaited = True
        rest_under = None if self._running else self._weights
        laboratory.viewer.request_forces(self._sample(), state.selected, rest_under)

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != "forces":
            return
        self._awaited = False
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The forces could not be computed"))
        elif self._wanted:
            self._answer = reply.value
            self._show()

    def _show(self) -> None:
        answer = self._answer
        section = self._store.state.section
        self.shown.emit(answer.weighted(self._weights).along(section) if answer else None)
