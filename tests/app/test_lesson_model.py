"""What the figures of a lesson look at."""

import numpy as np
import pytest

from latentlab.app.lesson_model import DEFAULT_IMAGE, LessonModel, lesson_model
from latentlab.app.opening import open_model
from latentlab.app.sight import Sight
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from latentlab.paths import find_model


@pytest.fixture(scope="module")
def sight() -> Sight:
    opened = open_model("mnist-2d-live")
    checkpoint = opened.checkpoint
    assert checkpoint is not None
    vae = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    return Sight(vae, checkpoint.likelihood, opened.pair.train, checkpoint.weights_step)


@pytest.fixture(scope="module")
def model(sight: Sight) -> LessonModel:
    return lesson_model(sight, sight.dataset, 7)


def test_it_is_what_is_looked_at(sight: Sight, model: LessonModel) -> None:
    assert model.vae is sight.model
    assert (model.selected, model.step) == (7, sight.step)
    assert lesson_model(sight, sight.dataset, None).selected == DEFAULT_IMAGE
    assert lesson_model(sight, sight.dataset, 10**6).selected == len(sight.dataset) - 1


def test_a_shipped_model_is_read_once_and_looks_at_the_same_image(model: LessonModel) -> None:
    one = model.shipped("compare-autoencoder")
    assert one.selected == 7
    assert one.vae is model.shipped("compare-autoencoder").vae
    parameters = load_checkpoint(find_model("compare-autoencoder")).parameters
    assert all(
        np.array_equal(value.numpy(), parameters[name])
        for name, value in one.vae.state_dict().items()
    )
    with pytest.raises(InputError, match="neither a file nor a shipped model"):
        model.shipped("no-such-model")
