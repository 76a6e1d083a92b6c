import pytest

from latentlab.app.lesson_model import LessonModel
from latentlab.app.opening import open_model
from latentlab.core.vae import vae_from_parameters


@pytest.fixture(scope="session")
def lesson() -> LessonModel:
    """The live model's file, as the classroom shows it to a question."""
    opened = open_model("mnist-2d-live")
    checkpoint = opened.checkpoint
    assert checkpoint is not None
    vae = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    pair = opened.pair
    return LessonModel(vae, checkpoint.likelihood, pair.train, pair.test, 0, 0)
