"""The model the app opens on, as a lesson looks at it."""

import pytest

from latentlab.app.lesson_model import LessonModel
from latentlab.app.lessons.exact import Exact
from latentlab.app.opening import Opened
from latentlab.app.sight import Sight
from latentlab.core.vae import VAE, vae_from_parameters


@pytest.fixture(scope="package")
def vae(live: Opened) -> VAE:
    assert live.checkpoint is not None
    return vae_from_parameters(live.checkpoint.architecture, live.checkpoint.parameters)


@pytest.fixture(scope="package")
def lesson(live: Opened, vae: VAE) -> LessonModel:
    """As the classroom shows it to a question."""
    assert live.checkpoint is not None
    return LessonModel(vae, live.checkpoint.likelihood, live.pair.train, live.pair.test, 0, 0)


@pytest.fixture(scope="package")
def sight(live: Opened, vae: VAE) -> Sight:
    assert live.checkpoint is not None
    return Sight(vae, live.checkpoint.likelihood, live.pair.train, 7)


@pytest.fixture(scope="package")
def one(sight: Sight) -> Exact:
    return Exact(sight, 5)
