"""One run as the engine keeps it: its trainer, and what has been seen of it."""

import time
from collections import deque
from collections.abc import Generator

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import copy_of, parameters_of
from latentlab.training.cloud import Cloud
from latentlab.training.course import Course
from latentlab.training.device import computes_in_bfloat16
from latentlab.training.dissected import Dissected
from latentlab.training.dissection import Dissection
from latentlab.training.evaluation import PerImageTerms, encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.judging import judge
from latentlab.training.messages import Open, Settings, Snapshot, Terms
from latentlab.training.rescue import checkpoint_of
from latentlab.training.stored import stored_cloud
from latentlab.training.trainer import DivergedError, Trainer

# Held-out points stand at fixed steps, so that two runs of a seed have the same curve.
HELDOUT_EVERY = 100
# One batch alone says little: figures of training are means over this many steps.
_RECENT_STEPS = 50

Look = Generator[None, None, object]


class PlanEndedError(Exception):
    """The plan has run its course; its best weights are the run's now. Says so in a sentence."""


class Run:
    """A trainer with its newest cloud and terms.

    Looks (at the cloud, at the held-out images) are taken with a copy of the weights of their
    step, a slice at a time; those under way are in `_looks`, and nowhere else. `cloud` may be older
    than the trainer: it says its own step.
    """

    def __init__(
        self,
        trainer: Trainer,
        heldout_images: Images,
        from_file: bool,
        cloud: Cloud | None = None,
        *,
        unsaved: bool = False,
    ) -> None:
        self.trainer = trainer
        self.heldout_images = heldout_images
        self.from_file = from_file
        self._recent: deque[Terms] = deque(maxlen=_RECENT_STEPS)
        self.heldout: Terms | None = None
        self.cloud = cloud or finish(self._encode())
        self._cloud_of = self._shown
        self._saved_version = None if unsaved else trainer.version
        self._looks: deque[Look] = deque()
        self._cloud_look: Look | None = None
        self._heldout_look: Look | None = None
        self._heldout_is_scheduled = False
        self._judgement: Look | None = None
        self._dissects = False
        self.dissected: Dissected | None = None
        self.look_at_heldout()

    @property
    def _shown(self) -> tuple[int, bool]:
        """What the cloud depends on: the weights, and which x is encoded."""
        return self.trainer.version, self.trainer.likelihood.binarises

    @property
    def version(self) -> int:
        """Grows with every change of the weights."""
        return self.trainer.version

    @property
    def images_seen(self) -> int:
        """Since it was opened."""
        return self.trainer.images_seen

    def at_epoch_end(self) -> bool:
        """Whether the next step begins a new epoch."""
        return self.trainer.at_epoch_end()

    @property
    def latest(self) -> Terms | None:
        """The terms of the last steps, at most 50, means over them."""
        count = len(self._recent)
        if not count:
            return None
        return Terms(
            sum(terms.reconstruction for terms in self._recent) / count,
            sum(terms.kl for terms in self._recent) / count,
        )

    @property
    def heldout_is_current(self) -> bool:
        """Whether the held-out images are looked at, or being so, with the weights of now."""
        return self._heldout_of == self.trainer.version

    @property
    def unsaved(self) -> bool:
        """Whether there is training that no file holds."""
        return self.trainer.version != self._saved_version

    @property
    def cloud_is_current(self) -> bool:
        """Whether the cloud is what the trainer's own weights make of its images."""
        return self._cloud_of == self._shown

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return bool(self._looks)

    def step(self) -> None:
        """One optimiser step, and the looks that are due.

        Raises what Trainer.step raises, and PlanEndedError at the end of a plan.
        """
        started = time.perf_counter()
        try:
            self._recent.append(self._step())
        except DivergedError:
            self.look_at_heldout(scheduled=False)
            raise
        self.trainer.seconds += time.perf_counter() - started
        if self.trainer.step_count % HELDOUT_EVERY == 0:
            self.look_at_heldout()
        course = self.trainer.course
        if course is not None and self.trainer.at_epoch_end():
            self._judge(course)
            if course.plan.patience > 0:
                # Whether it goes on hangs on these very weights.
                self._finish(self._judgement)
            if course.ended(self.trainer.step_count):
                self.end_plan()

    def dissect_next(self) -> None:
        """Take the next step apart; `dissected` is what it was made of."""
        self._dissects = True

    def _step(self) -> Terms:
        dissects, self._dissects = self._dissects, False
        # Where there is nothing to minimise it is refused before a batch is drawn.
        if not dissects or self.trainer.weights.nothing:
            return self.trainer.step()
        self.finish_cloud()
        batch = self.trainer.draw()
        dissection = Dissection(self.trainer, batch)
        before, terms = self.cloud, self.trainer.step_on(batch)
        self.dissected = dissection.finish(terms, before)
        return terms

    def end_plan(self) -> None:
        """Leave the plan, with its best weights. Raises PlanEndedError; nothing without a plan."""
        course, trainer = self.trainer.course, self.trainer
        if course is None:
            return
        self._finish(self._judgement)
        if course.best is None:
            finish(judge(trainer, course))
        step = trainer.step_count
        trainer.end_course()
        self.look_at_heldout(scheduled=False)
        raise PlanEndedError(course.summary(step))

    def _judge(self, course: Course) -> None:
        # An epoch that is shorter than a look at the last one's weights waits for it.
        self._finish(self._judgement)
        self._judgement = judge(self.trainer, course)
        self._looks.append(self._judgement)

    def set(self, weights: LossWeights, likelihood: Likelihood, settings: Settings) -> None:
        """Train so from the next step on."""
        other_terms = likelihood != self.trainer.likelihood
        if other_terms or weights != self.trainer.weights:
            self._drop(self._judgement)  # by what is no longer minimised
        self.trainer.set_objective(weights, likelihood)
        self.trainer.settings = settings
        if other_terms:
            self._recent.clear()
            self.look_at_heldout(scheduled=False)

    def leave_device(self) -> None:
        """Go on on the CPU after the device has failed: it may have taken everything with it."""
        self._looks.clear()
        self._heldout_is_scheduled = False
        self.trainer.fall_back()

    def saved(self) -> None:
        """Take note that a file holds the run as it is now."""
        self._saved_version = self.trainer.version

    # --- looks -----------------------------------------------------------------------------------

    def look_around(self, *, running: bool) -> None:
        """Begin the looks that are due; at rest get ready for the first step."""
        if not self.cloud_is_current:
            self.look_at_cloud()
        if not running and not self.heldout_is_current:
            self.look_at_heldout(scheduled=False)
        if not running and not self.looking:
            self.trainer.prepare()

    def look_at_cloud(self) -> None:
        """Encode the cloud with the weights of now, unless a look at it is under way."""
        if self._cloud_look not in self._looks:
            self._cloud_look = self._take_cloud(self._encode(), self._shown)
            self._looks.append(self._cloud_look)

    def finish_cloud(self) -> None:
        """Encode the cloud with the weights of now, to the end."""
        while not self.cloud_is_current:
            self.look_at_cloud()
            self.look_slice()

    def look_at_heldout(self, *, scheduled: bool = True) -> None:
        """Evaluate the held-out images with the weights of now; a `scheduled` look marks the curve.

        A look under way makes room: a `scheduled` one is finished at once, since no point of the
        schedule may be lost, and any other is dropped, since its terms are no longer those of now.
        """
        if self._heldout_is_scheduled:
            self._finish(self._heldout_look)
        self._drop(self._heldout_look)
        self._heldout_is_scheduled = scheduled
        self._heldout_of = self.trainer.version
        trainer = self.trainer
        terms = evaluate_terms(copy_of(trainer.model), self.heldout_images, trainer.likelihood)
        self._heldout_look = self._take_heldout(
            terms, trainer.step_count if scheduled else None, trainer.minimised
        )
        self._looks.append(self._heldout_look)

    def end_looks(self) -> None:
        """Give up all looks under way, as nobody wants the run any more.

        They refer to the run, and it to them: so it would stay in memory until Python, which has
        other things to do, finds that out.
        """
        self._looks.clear()
        self._cloud_look = self._heldout_look = self._judgement = None

    def finish_due_looks(self) -> None:
        """Do the rest of the looks under way whose findings belong to the run itself."""
        self._finish(self._judgement)
        if self._heldout_is_scheduled:
            self._finish(self._heldout_look)

    def look_slice(self) -> None:
        """Do one slice of the looks under way, by turns."""
        if not self._looks:
            return
        look = self._looks.popleft()
        try:
            next(look)
        except StopIteration:
            return
        self._looks.append(look)

    def _finish(self, look: Look | None) -> None:
        """Do the rest of a look, if it is under way; also where it fails it is so no more."""
        if self._drop(look) and look is not None:
            finish(look)

    def _drop(self, look: Look | None) -> bool:
        """Give up a look; whether it was under way."""
        if look is None or look not in self._looks:
            return False
        self._looks.remove(look)
        return True

    def _encode(self) -> Generator[None, None, Cloud]:
        trainer = self.trainer
        return encode_cloud(
            copy_of(trainer.model), trainer.images, trainer.likelihood, trainer.weights_step
        )

    def _take_cloud(
        self, look: Generator[None, None, Cloud], shown: tuple[int, bool]
    ) -> Generator[None, None, None]:
        self.cloud = yield from look
        self._cloud_of = shown

    def _take_heldout(
        self, look: Generator[None, None, PerImageTerms], step: int | None, weights: LossWeights
    ) -> Generator[None, None, None]:
        self.heldout = (yield from look).mean()
        if step is not None:
            self.trainer.curves.add_heldout(step, self.heldout, weights)

    # --- to be seen ------------------------------------------------------------------------------

    def snapshot(self, run: int, version: int, running: bool, images_per_second: float) -> Snapshot:
        """All that can be seen of the run now; shares no memory with it."""
        trainer, course = self.trainer, self.trainer.course
        return Snapshot(
            run=run,
            version=version,
            step=trainer.step_count,
            weights_step=trainer.weights_step,
            epoch=trainer.epochs,
            running=running,
            images_per_second=images_per_second,
            architecture=trainer.model.architecture,
            likelihood=trainer.likelihood,
            weights=trainer.weights,
            settings=trainer.settings,
            parameters=parameters_of(trainer.model),
            cloud=self.cloud,
            curves=trainer.curves.curves(),
            latest=self.latest,
            heldout=self.heldout,
            from_file=self.from_file,
            unsaved=self.unsaved,
            plan=course.progress(trainer.step_count, images_per_second) if course else None,
            bfloat16=computes_in_bfloat16(trainer.settings.precision, trainer.device),
        )


def begin_run(opened: Open, train: Images, heldout: Images, *, from_file: bool) -> Run:
    """A new run of what was opened: its checkpoint if `from_file` and there is one, or scratch.

    A run whose engine is gone goes on from where it was last seen or saved.
    Raises InputError when network, checkpoint and images do not fit together.
    """
    last = opened.last
    if isinstance(last, Snapshot):
        checkpoint: Checkpoint | None = checkpoint_of(last, train.dataset)
    else:
        checkpoint = last or opened.checkpoint
    if not from_file or checkpoint is None:
        trainer = Trainer.from_scratch(
            opened.architecture, train, opened.weights, opened.likelihood, opened.settings
        )
        return Run(trainer, heldout, from_file=False)
    trainer = Trainer.from_checkpoint(
        checkpoint, train, opened.weights, opened.likelihood, opened.settings
    )
    cloud = stored_cloud(checkpoint, train.dataset, opened.likelihood)
    return Run(
        trainer,
        heldout,
        from_file=last.from_file if isinstance(last, Snapshot) else opened.checkpoint is not None,
        cloud=cloud,
        unsaved=last.unsaved if isinstance(last, Snapshot) else last is not None,
    )
