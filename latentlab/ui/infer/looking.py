"""Keeps the true posterior up to date: asks for it when the image, the weights or q change."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from latentlab.app.infer_view import Field, Improved, Inferred, Normal, Question
from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.app.subject import Drawn, Subject
from latentlab.errors import told
from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.infer.view_keeper import ViewKeeper
from latentlab.ui.looking import Looking
from latentlab.ui.turns import Turns

if TYPE_CHECKING:
    from latentlab.app.inference import Inference

_TURN = "infer"
_RARE = 10  # while it trains, a look may take a tenth of the time
_FIRST = 1_000  # images, of which one that is ambiguous is looked for to begin with


def by_choice(names: frozenset[str]) -> bool:
    """Whether what is selected has changed, but not because something was opened."""
    return "selected" in names and "run" not in names


class InferLooking(QObject):
    """Asks while its workspace is in front; the newest question wins.

    First a preview, then, unless it trains, the exact posterior in its place, then the ladder.
    """

    shown = Signal(object)  # Inferred | None
    field = Signal(object)  # Field: of the view as it is now
    ladder = Signal(object)  # rungs, of what was shown last
    improved = Signal(object)  # Improved
    improving = Signal(bool)  # whether q climbs
    searching = Signal(bool)  # whether an ambiguous image is looked for
    arrived = Signal(object)  # Inferred: exact, of the image that was searched for
    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        store: Store,
        bridge: Bridge,
        *,
        controller: Controller,
        looking: Looking,
        view: ViewKeeper,
        turns: Turns,
        chosen: bool,
    ) -> None:
        """chosen: whether somebody has chosen the image that is selected."""
        super().__init__(view)
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._view = view
        self._turns = turns
        self._means: npt.NDArray[np.float32] | None = None
        self._inferred: Inferred | None = None
        self._question: Question | None = None  # what was asked last
        self._q: Normal | None = None  # the improved one
        self._drawn: Drawn | None = None  # looked at in place of what is selected
        self._improving = False
        self._running = controller.running
        self._taken = 0.0  # by the last preview while it trained, in seconds
        self._chosen = chosen
        self._finds_first = False  # whether a search is under way that nobody asked for
        self._found: int | None = None  # by that
        self._searched: int | None = None  # what the last search found, until it is shown
        store.changed.connect(self._state_changed)
        controller.opened.connect(self._forget)
        controller.snapshot.connect(self._snapshot_came)
        looking.step_shown.connect(self._weights_changed)
        bridge.reply.connect(self._reply_came)
        view.rested.connect(self._view_moved)

    def take_means(self, mu: npt.NDArray[np.float32]) -> None:
        """Where the training images' posteriors are, (N, K)."""
        self._means = mu

    def take_drawn(self, drawn: Drawn | None) -> None:
        """Look at this in place of what is selected, or at that again."""
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._look_at_another()
        if self._subject is None:
            self._look_first()

    @property
    def drawn(self) -> Drawn | None:
        """The drawing that is looked at."""
        return self._drawn

    @property
    def inferred(self) -> Inferred | None:
        """What was shown last."""
        return self._inferred

    @property
    def q_is_the_encoder_s(self) -> bool:
        """Whether nobody has improved it."""
        return self._q is None

    @property
    def active(self) -> bool:
        """Whether the workspace is in front."""
        return self._store.state.workspace == "infer"

    # --- what the user wants ---------------------------------------------------------------------

    def search(self) -> None:
        """Select the next ambiguous image."""
        inference, question = self._inference, self._asked(rough=False)
        if inference is not None and question is not None and question.section.whole:
            self._improve(False)
            self.searching.emit(True)
            selected = self._store.state.selected
            question = replace(question, subject=-1 if selected is None else selected, q=None)
            inference.search(question, len(question.sight.dataset))

    def improve(self, on: bool) -> None:
        """Let q climb its ELBO, or stop; then what is shown becomes exact for where it is."""
        was = self._improving
        self._improve(on and not self._store.state.section.part)
        if was and not on:
            self._look()

    def reset_q(self) -> None:
        """Back to the encoder's."""
        self._improve(False)
        self._q = None
        self._look()

    # --- what happens ----------------------------------------------------------------------------

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        if "selected" in names:
            self._chosen = self._chosen or state.selected != self._found
            if by_choice(names):
                self._drawn = None
            self._look_at_another()
        elif "workspace" in names:
            if state.workspace == "infer":
                self.begin()
            else:
                self._stop()

    def begin(self) -> None:
        """The workspace has come to the front."""
        self._store.set_quietly(past=None)  # it shows nothing of the past
        self._look_first()

    def _look_first(self) -> None:
        question = self._asked(rough=False)
        free = not self._chosen and self._found is None and self._drawn is None
        first = free and self._store.state.section.whole
        if first and question is not None and self._inference is not None:
            # Nobody has chosen an image: begin with one that shows what there is to see.
            self._finds_first = True
            self.searching.emit(True)
            self._inference.search(replace(question, subject=-1), _FIRST)
        else:
            self._look()

    def _show_nothing(self) -> None:
        self._stop()
        self._inferred = self._question = None
        self.shown.emit(None)

    def _forget(self, _opened: Opened) -> None:
        self._show_nothing()
        self._means = self._drawn = None  # which may be of another form now, and is told again
        self._chosen = not self._controller.view_is_free  # a session has its own
        self._found = None

    def _stop(self) -> None:
        self._improve(False)
        self._finds_first = False
        self.searching.emit(False)
        if self._inference is not None:
            self._inference.stop()

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        stopped = self._running and not snapshot.running
        self._running = snapshot.running
        if stopped:
            self._look()

    def _weights_changed(self, _step: int) -> None:
        if not self.active or self._has_asked:
            return
        self._improve(False)
        self._q = None
        if self._running:
            self._turns.ask(_TURN, self._look, _RARE * self._taken)
        elif not self._finds_first:
            self._look_first()

    @property
    def _has_asked(self) -> bool:
        """Whether what is selected was asked about under these very weights: the engine begins by
        telling those of the file."""
        asked, laboratory = self._question, self._bridge.laboratory
        return (
            asked is not None
            and not asked.rough
            and laboratory is not None
            and laboratory.viewer.ready
            and asked.subject == self._subject
            and asked.sight.step == laboratory.viewer.step
            and asked.sight.same_weights(laboratory.viewer.sight())
        )

    @property
    def _subject(self) -> Subject | None:
        """What is looked at."""
        return self._store.state.selected if self._drawn is None else self._drawn

    def _look_at_another(self) -> None:
        """Another image, under weights that may be decoded already."""
        asked, subject = self._question, self._subject
        self._improve(False)
        self._q = None
        if subject is None:
            self._show_nothing()
        elif self._running and asked is not None:
            self._ask(replace(asked, subject=subject, q=None, area=self._view.area))
        else:
            self._look()

    def _look(self) -> None:
        question = self._asked(rough=self._running)
        if question is not None and self._subject is not None:
            self._ask(question)

    def _ask(self, question: Question) -> None:
        inference = self._inference
        if inference is not None and self.active:
            self._improve(False)  # the worker does one or the other
            self._question = question
            self._finds_first = False
            self.searching.emit(False)
            inference.preview(question)

    def _asked(self, *, rough: bool) -> Question | None:
        """The question about what is selected now; None where there are no weights to ask."""
        laboratory, subject = self._bridge.laboratory, self._subject
        if laboratory is None or not laboratory.viewer.ready or not self.active:
            return None
        return Question(
            laboratory.viewer.sight(),
            subject if subject is not None else -1,
            self._q,
            self._view.area if rough or not self._view.follows else None,
            self._view.shape,
            rough,
            self._means,
            self._store.state.section,
        )

    def _view_moved(self) -> None:
        """Decode over the part of the plane that is in view now."""
        inference, question = self._inference, self._question
        if inference is None or question is None or not self.active or self._inferred is None:
            return
        if question.section.line:
            return  # it is not in view
        self._question = replace(question, area=self._view.area)
        if not self._running:
            inference.field(self._question)

    # --- what comes back -------------------------------------------------------------------------

    def _reply_came(self, reply: Reply) -> None:
        if not reply.kind.startswith("infer "):
            return
        if isinstance(reply.value, Exception):
            self.failed.emit(*told(reply.value, "The true posterior could not be computed"))
        elif reply.kind == "infer search":
            self._search_ended(reply.value)
        elif self.active and reply.value is not None:
            getattr(self, f"_take_{reply.kind.removeprefix('infer ')}")(reply.value)

    def _take_preview(self, inferred: Inferred) -> None:
        inference, question = self._inference, self._question
        self._show(inferred)
        if inference is None or question is None or self._running:
            self._taken = inferred.seconds
            return
        if inferred.subject == question.subject:
            self._question = replace(question, area=self._view.area)
            inference.exact(self._question)

    def _take_exact(self, inferred: Inferred) -> None:
        inference, question = self._inference, self._question
        self._show(inferred)
        if self._searched == inferred.subject:
            self.arrived.emit(inferred)
        self._searched = None
        if inference is not None and question is not None:
            inference.ladder(question)

    def _show(self, inferred: Inferred) -> None:
        self._inferred = inferred
        # z is on the plane that is seen, which goes through the image's mean.
        self._store.set_quietly(section=inferred.section)
        self._view.adopt(inferred.area)
        self.shown.emit(inferred)

    def _take_field(self, field: Field) -> None:
        self.field.emit(field)

    def _take_ladder(self, rungs: object) -> None:
        self.ladder.emit(rungs)

    def _take_improve(self, improved: Improved) -> None:
        self._q = improved.q
        self.improved.emit(improved)
        question, inference = self._question, self._inference
        if question is None or inference is None or not self._improving:
            return
        self._question = replace(question, q=improved.q)
        if improved.done:
            self.improve(False)
        else:
            inference.improve(self._question)

    def _search_ended(self, index: int | None) -> None:
        first, self._finds_first = self._finds_first, False
        self._searched = index
        self.searching.emit(False)
        if first:
            self._found, self._chosen = index, index is None
        if index is None or index == self._store.state.selected:
            self._look()
        elif first:
            self._store.set_quietly(selected=index)
        else:
            self._controller.select(index)

    def _improve(self, on: bool) -> None:
        question, inference, inferred = self._question, self._inference, self._inferred
        known = (
            question is not None and inferred is not None and inferred.subject == question.subject
        )
        self._improving = on and known
        self.improving.emit(self._improving)
        if self._improving and question and inference and inferred:
            inference.give_up()
            self._question = replace(question, q=self._q or inferred.q)
            inference.improve(self._question)

    @property
    def _inference(self) -> "Inference | None":
        laboratory = self._bridge.laboratory
        return laboratory.inference if laboratory is not None else None
