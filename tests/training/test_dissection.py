"""A step taken apart is the step it would have been, and its parts add up to it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from latentlab.core.objective import log_likelihood
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import copy_of, parameters_of
from latentlab.data.dataset import DataPair
from latentlab.training.dissected import Dissected
from latentlab.training.dissection import SHOWN, Dissection
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.images import Batch, Images
from latentlab.training.messages import Dissect, Precision, SetObjective, Settings, Train
from latentlab.training.trainer import Trainer
from tests.training.desk import BERNOULLI, BOTH_OFF, Desk, assert_same_numbers, opening


def dissected(trainer: Trainer) -> tuple[Dissected, Batch]:
    batch = trainer.draw()
    dissection = Dissection(trainer, batch)
    before = finish(encode_cloud(trainer.model, trainer.images, trainer.likelihood, 0))
    return dissection.finish(trainer.step_on(batch), before), batch


def trainer_of(
    data: DataPair,
    weights: LossWeights | None = None,
    likelihood: Likelihood = BERNOULLI,
    precision: Precision = "float32",
) -> Trainer:
    opened = opening(data)
    settings = Settings(batch_size=32, precision=precision)
    trainer = Trainer.from_scratch(
        opened.architecture, Images(data.train), weights or LossWeights(), likelihood, settings
    )
    for _ in range(3):
        trainer.step()
    return trainer


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_is_the_same_step_to_the_bit(mnist: DataPair, precision: Precision) -> None:
    plain, apart = (trainer_of(mnist, precision=precision) for _ in range(2))
    dissected(apart)
    plain.step()
    for _ in range(3):
        assert plain.step() == apart.step()
    for name, array in parameters_of(plain.model).items():
        np.testing.assert_array_equal(array, parameters_of(apart.model)[name])


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_its_parts_are_those_of_the_step(mnist: DataPair, name: str) -> None:
    likelihood = replace(BERNOULLI, name=name)
    trainer = trainer_of(mnist, LossWeights(beta=4.0), likelihood)
    before = copy_of(trainer.model)
    step, batch = dissected(trainer)
    shown = step.shown
    assert step.step == 4
    assert step.batch_size == 32
    assert shown.x.shape == shown.decoded.shape == (SHOWN, 28, 28)
    x = batch.x(likelihood)[:SHOWN]
    np.testing.assert_array_equal(shown.x.reshape(SHOWN, -1), (255 * x).round().numpy())
    np.testing.assert_array_equal(shown.eps, batch.eps[:SHOWN].numpy())
    np.testing.assert_allclose(
        shown.z, shown.mu + np.exp(0.5 * shown.logvar) * shown.eps, rtol=1e-5, atol=1e-6
    )
    with torch.no_grad():
        output = before.decode(torch.from_numpy(shown.z))
        np.testing.assert_allclose(
            shown.reconstruction, -log_likelihood(likelihood, output, x).numpy(), rtol=1e-4
        )
        mu, logvar = trainer.model.encode(x)
    np.testing.assert_allclose(shown.mu_after, mu.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(shown.logvar_after, logvar.numpy(), rtol=1e-5, atol=1e-6)
    normal = torch.distributions.Normal(
        torch.from_numpy(shown.mu), torch.exp(0.5 * torch.from_numpy(shown.logvar))
    )
    prior = torch.distributions.Normal(torch.zeros(()), torch.ones(()))
    kl = torch.distributions.kl_divergence(normal, prior).sum(-1)
    np.testing.assert_allclose(shown.kl, kl.numpy(), rtol=1e-4, atol=1e-5)
    assert step.objective == pytest.approx(step.reconstruction + 4 * step.kl)


def test_its_gradients_are_differences_of_the_terms(mnist: DataPair) -> None:
    trainer = trainer_of(mnist, LossWeights(beta=3.0))
    before = copy_of(trainer.model)
    step, batch = dissected(trainer)
    shown, x = step.shown, batch.x(BERNOULLI)[:SHOWN].double()
    decode = before.double().decode
    mu, sigma = shown.mu.astype(float), np.exp(0.5 * shown.logvar.astype(float))

    def loss(moved: np.ndarray) -> np.ndarray:
        z = torch.from_numpy(moved + sigma * shown.eps)
        with torch.no_grad():
            return -log_likelihood(BERNOULLI, decode(z), x).numpy()

    for axis in range(2):
        step_size = np.zeros(2)
        step_size[axis] = 1e-5
        slope = (loss(mu + step_size) - loss(mu - step_size)) / 2e-5
        np.testing.assert_allclose(shown.pull_reconstruction[:, axis], -slope, rtol=2e-3, atol=2e-2)
    np.testing.assert_allclose(shown.pull_kl, -3 * shown.mu, rtol=1e-4, atol=1e-5)


def test_norms_and_the_way_of_the_weights(mnist: DataPair) -> None:
    trainer = trainer_of(mnist)
    before = parameters_of(trainer.model)
    step, _ = dissected(trainer)
    after = parameters_of(trainer.model)
    moved = np.sqrt(sum(((after[n] - before[n]).astype(float) ** 2).sum() for n in before))
    norm = np.sqrt(sum((before[n].astype(float) ** 2).sum() for n in before))
    assert step.moved == pytest.approx(moved, rel=1e-4)
    assert step.norm == pytest.approx(norm, rel=1e-4)
    # KL is of the encoder alone.
    assert step.by_kl.decoder == 0
    assert min(step.by_kl.encoder, step.by_reconstruction.encoder) > 0
    assert step.by_reconstruction.decoder > 0


def test_a_term_that_is_off_pulls_at_nothing(mnist: DataPair) -> None:
    step, _ = dissected(trainer_of(mnist, LossWeights(kl_on=False)))
    assert (step.by_kl.encoder, step.by_kl.decoder) == (0, 0)
    assert not step.shown.pull_kl.any()
    assert step.objective == pytest.approx(step.reconstruction)


def test_the_engine_answers_with_the_step(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    desk.do(Train(2))
    assert desk.do(Dissect()).step == 3
    (step,) = desk.notices()
    assert isinstance(step, Dissected)
    assert step.step == 3
    # And only that step.
    assert desk.do(Train(1)).step == 4
    assert desk.notices() == []


def test_a_step_that_is_refused_draws_nothing(desk: Desk, mnist: DataPair) -> None:
    plain = Desk()
    for each in (desk, plain):
        each.do(opening(mnist))
        each.do(Train(2))
        each.do(SetObjective(BOTH_OFF, BERNOULLI))
    desk.do(Dissect())
    for each in (desk, plain):
        each.do(SetObjective(LossWeights(), BERNOULLI))
    assert_same_numbers(desk.do(Train(2)), plain.do(Train(2)))


def test_the_step_says_where_all_points_were_before_it(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    before = desk.do(Train(20))
    desk.engine.send(Train())
    desk.tick(7)  # while it trains, and the cloud is some steps old
    desk.do(Dissect())
    (step,) = (notice for notice in desk.notices() if isinstance(notice, Dissected))
    assert step.before.step == step.step - 1 > before.step
