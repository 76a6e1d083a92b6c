"""How good the weights of a plan are: by the training images that it holds back from the steps."""

from collections.abc import Generator

from latentlab.core.spec import LossWeights
from latentlab.core.vae import copy_of
from latentlab.training.course import Course, State
from latentlab.training.evaluation import PerImageTerms, evaluate_terms
from latentlab.training.messages import Terms
from latentlab.training.trainer import Trainer

# Of z for each image: with fewer, chance would decide between weights that are about as good.
_SAMPLES = 4


def judge(trainer: Trainer, course: Course) -> Generator[None, None, Terms]:
    """Keep the weights of this moment if they are the best of `course`, the trainer's, so far.

    The weights are copied now; then it yields after each slice of looking, and returns their terms.
    """
    weights = course.candidate(trainer.model)
    model = copy_of(trainer.model)
    model.load_state_dict(weights)
    look = evaluate_terms(model, course.judged_on, trainer.likelihood, _SAMPLES)
    return _judge(course, weights, look, trainer.weights, trainer.weights_step)


def _judge(
    course: Course,
    weights: State,
    look: Generator[None, None, PerImageTerms],
    objective: LossWeights,
    step: int,
) -> Generator[None, None, Terms]:
    terms = (yield from look).mean()
    course.judge(weights, terms, objective, step)
    return terms
