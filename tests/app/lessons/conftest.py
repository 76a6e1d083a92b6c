"""The model the app opens on, as a lesson looks at it."""

import pytest

from latentlab.app.lessons.exact import Exact
from latentlab.app.opening import Opened
from latentlab.app.sight import Sight
from latentlab.core.vae import vae_from_parameters


@pytest.fixture(scope="package")
def sight(live: Opened) -> Sight:
    checkpoint = live.checkpoint
    assert checkpoint is not None
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    return Sight(model, checkpoint.likelihood, live.pair.train, 7)


@pytest.fixture(scope="package")
def one(sight: Sight) -> Exact:
    return Exact(sight, 5)
