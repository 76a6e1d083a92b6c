"""The model's reconstruction gradient, against finite differences of its expectation."""

import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from latentlab.app.lesson_model import LessonModel
from latentlab.app.lessons.gradient_draws import DRAWS, GradientDraws, GradientDrawsQuestion
from latentlab.app.opening import DEFAULT_MODEL
from latentlab.core.objective import gauss_hermite, log_likelihood
from latentlab.core.spec import Architecture
from latentlab.core.vae import new_vae


@cache
def lesson_model(selected: int) -> LessonModel:
    nothing = LessonModel(None, None, None, None, selected, 0)  # type: ignore[arg-type]
    return nothing.shipped(DEFAULT_MODEL)


@cache
def answer(selected: int) -> GradientDraws:
    return GradientDrawsQuestion(0, 3).answer(lesson_model(selected))


def expected_loss(model: LessonModel, mu: np.ndarray, sigma: np.ndarray) -> float:
    """E_q[−log p(x|z)] in float64, with more nodes than the lesson takes."""
    nodes, weights = gauss_hermite(40, 2, torch.float64)
    vae = copy.deepcopy(model.vae).double()
    image = torch.from_numpy(model.train.images[model.selected].reshape(1, -1))
    x = image.double() / 255
    if model.likelihood.binarises:
        from latentlab.data.binarise import binarise_fixed

        x = torch.from_numpy(binarise_fixed(image.numpy())).double()
    with torch.no_grad():
        logits = vae.decode(torch.from_numpy(mu) + torch.from_numpy(sigma) * nodes)
        return float(-(weights @ log_likelihood(model.likelihood, logits, x)))


@pytest.mark.parametrize("selected", [0, 17])
def test_the_true_gradient_is_the_slope_of_the_expected_loss(selected: int) -> None:
    model, found = lesson_model(selected), answer(selected)
    expected = expected_loss(model, found.mu, found.sigma)
    assert found.expected == pytest.approx(expected, rel=1e-4)
    for axis in range(2):
        step = 0.01 * found.sigma[axis] * np.eye(2)[axis]
        higher = expected_loss(model, found.mu + step, found.sigma)
        lower = expected_loss(model, found.mu - step, found.sigma)
        slope = (higher - lower) / (2 * step[axis])
        assert found.true[axis] == pytest.approx(slope, rel=2e-3, abs=0.02)


@pytest.mark.parametrize("selected", [0, 17])
@pytest.mark.parametrize("axis", [0, 1])
def test_both_estimators_have_that_mean_and_reinforce_varies_more(selected: int, axis: int) -> None:
    found = answer(selected).estimates(axis, DRAWS)
    for each in (found.pathwise, found.score):
        assert len(each.draws) == DRAWS
        assert abs(each.mean - found.true) < 5 * each.standard_error
    assert found.ratio > 10


def test_the_draws_are_those_of_the_seed_and_come_in_one_order() -> None:
    again = GradientDrawsQuestion(0, 3).answer(lesson_model(0))
    other = GradientDrawsQuestion(0, 4).answer(lesson_model(0))
    np.testing.assert_array_equal(again.score, answer(0).score)
    assert not np.array_equal(other.score, again.score)
    np.testing.assert_array_equal(other.true, again.true)
    np.testing.assert_array_equal(again.estimates(1, 7).score.draws, again.score[:7, 1])


def test_the_image_after_the_selected_one_is_the_next() -> None:
    after = GradientDrawsQuestion(1, 3).answer(lesson_model(16))
    assert after.title == answer(17).title
    np.testing.assert_array_equal(after.pathwise, answer(17).pathwise)


def test_a_shipped_model_stands_in_for_one_without_a_plane() -> None:
    model = lesson_model(0)
    vae = new_vae(Architecture(latent_dim=3, hidden=(4,)), torch.Generator().manual_seed(0))
    found = GradientDrawsQuestion(0, 3).answer(replace(model, vae=vae))
    assert found.title == f"{answer(0).title} ({DEFAULT_MODEL})"
    np.testing.assert_array_equal(found.pathwise, answer(0).pathwise)
