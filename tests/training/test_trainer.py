"""One run, step by step, on real images."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from latentlab.core.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import parameters_of
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError
from latentlab.training.evaluation import encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import DivergedError, NothingToMinimiseError, Trainer

SMALL = Architecture(hidden=(64,))
KL_ONLY = LossWeights(reconstruction_on=False)
NO_KL = LossWeights(kl_on=False)
BOTH_OFF = LossWeights(reconstruction_on=False, kl_on=False)
ABSURD_RATE = 1e30


def trainer_on(
    pair: DataPair,
    *,
    seed: int = 0,
    weights: LossWeights | None = None,
    likelihood: Likelihood | None = None,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
) -> Trainer:
    return Trainer.from_scratch(
        SMALL,
        Images(pair.train),
        weights or LossWeights(),
        likelihood or Likelihood(),
        Settings(learning_rate, batch_size, seed),
    )


def take(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        trainer.step()


def same_parameters(a: Trainer, b: Trainer) -> bool:
    ours, theirs = parameters_of(a.model), parameters_of(b.model)
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


def mean_sigma(trainer: Trainer) -> float:
    logvar = finish(encode_cloud(trainer.model, trainer.images, trainer.likelihood, 0)).logvar
    return float(np.exp(0.5 * logvar).mean())


def weights_of(network: torch.nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy(network.state_dict())


def test_the_same_seed_gives_the_same_run(mnist: DataPair) -> None:
    a, b, other = trainer_on(mnist), trainer_on(mnist), trainer_on(mnist, seed=1)
    for trainer in (a, b, other):
        take(trainer, 20)
    assert same_parameters(a, b)
    assert a.curves.to_arrays()["train"].tobytes() == b.curves.to_arrays()["train"].tobytes()
    assert not same_parameters(a, other)


def test_looking_never_changes_a_run(mnist: DataPair) -> None:
    alone, watched = trainer_on(mnist), trainer_on(mnist)
    heldout = Images(mnist.test)
    for step in range(12):
        alone.step()
        watched.step()
        torch.manual_seed(step)  # the views' own draws
        finish(encode_cloud(watched.model, watched.images, watched.likelihood, step))
        finish(evaluate_terms(watched.model, heldout, watched.likelihood, samples=2))
        watched.checkpoint()
        watched.curves.curves()
    assert same_parameters(alone, watched)


def test_a_step_returns_the_terms_of_the_weights_before_it(mnist: DataPair) -> None:
    # Standing still, the terms of a run are those of its first weights.
    trainer = trainer_on(mnist, learning_rate=0.0, batch_size=1000)
    terms = [trainer.step() for _ in range(3)]
    true = finish(evaluate_terms(trainer.model, trainer.images, trainer.likelihood)).mean()
    for each in terms:
        assert each.reconstruction == pytest.approx(true.reconstruction, rel=0.01)
        assert each.kl == pytest.approx(true.kl, rel=0.05)


def test_without_kl_the_posteriors_narrow_to_half_within_100_steps(mnist: DataPair) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 300)
    before = mean_sigma(trainer)
    trainer.set_objective(NO_KL, trainer.likelihood)
    take(trainer, 100)
    assert mean_sigma(trainer) < 0.5 * before


def test_without_reconstruction_the_decoder_stays_and_the_kl_falls(mnist: DataPair) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 200)
    decoder, encoder = weights_of(trainer.model.decoder), weights_of(trainer.model.encoder)
    trainer.set_objective(KL_ONLY, trainer.likelihood)
    before = trainer.step().kl
    take(trainer, 199)
    after = trainer.step().kl
    assert before > 2
    assert after < 0.1 * before
    # Bitwise: Adam's old momentum must not move it either.
    for name, value in trainer.model.decoder.state_dict().items():
        assert torch.equal(value, decoder[name])
    for name, value in trainer.model.encoder.state_dict().items():
        assert not torch.equal(value, encoder[name])


def test_with_both_terms_off_there_is_nothing_to_minimise(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, weights=BOTH_OFF)
    before = parameters_of(trainer.model)
    with pytest.raises(NothingToMinimiseError):
        trainer.step()
    assert trainer.step_count == 0
    for name, value in parameters_of(trainer.model).items():
        np.testing.assert_array_equal(value, before[name])


def test_divergence_brings_the_last_good_weights_back_and_training_goes_on(
    mnist: DataPair,
) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 100)
    good = parameters_of(trainer.model)
    good_settings = trainer.settings
    version = trainer.version
    trainer.settings = replace(good_settings, learning_rate=ABSURD_RATE)
    with pytest.raises(DivergedError, match="The weights of step 100 are back"):
        take(trainer, 10)
    for name, value in parameters_of(trainer.model).items():
        np.testing.assert_array_equal(value, good[name])
    assert trainer.version > version

    trainer.settings = good_settings
    first = trainer.step().negative_elbo
    take(trainer, 100)
    assert math.isfinite(first)
    assert trainer.step().negative_elbo < first


def test_a_second_divergence_is_undone_as_wholly_as_the_first(mnist: DataPair) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 100)
    good = trainer.checkpoint()
    trainer.settings = replace(trainer.settings, learning_rate=ABSURD_RATE)
    for _ in range(2):
        with pytest.raises(DivergedError):
            take(trainer, 10)
    back = trainer.checkpoint()
    assert set(back.optimizer) == set(good.optimizer)
    for name, value in good.optimizer.items():
        np.testing.assert_array_equal(back.optimizer[name], value)
    for name, value in good.parameters.items():
        np.testing.assert_array_equal(back.parameters[name], value)


def test_divergence_in_the_first_steps_goes_back_to_the_start(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, learning_rate=ABSURD_RATE)
    fresh = parameters_of(trainer.model)
    with pytest.raises(DivergedError):
        take(trainer, 10)
    assert all(np.array_equal(v, fresh[n]) for n, v in parameters_of(trainer.model).items())
    assert trainer.checkpoint().optimizer == {}


def test_batch_size_and_learning_rate_change_between_steps(mnist: DataPair) -> None:
    trainer = trainer_on(mnist)
    trainer.step()
    before = parameters_of(trainer.model)
    trainer.settings = Settings(learning_rate=0.0, batch_size=10)
    trainer.step()
    # Nothing moved, so the learning rate counted at once; and 64 + 10 images were seen.
    for name, value in parameters_of(trainer.model).items():
        np.testing.assert_array_equal(value, before[name])
    assert trainer.images_seen == 74
    trainer.settings = Settings(learning_rate=1e-3, batch_size=2000)
    trainer.step()
    assert trainer.images_seen == 1000
    assert trainer.at_epoch_end()


def test_epochs_count_exactly(mnist: DataPair) -> None:
    # Shares such as 64/1000 added up would miss whole numbers.
    trainer = trainer_on(mnist, batch_size=48)
    per_epoch = math.ceil(1000 / 48)
    for epoch in range(1, 8):
        for step in range(per_epoch):
            assert trainer.at_epoch_end() == (step == 0)
            trainer.step()
        assert trainer.epochs == epoch


def test_every_image_is_seen_once_an_epoch(mnist: DataPair) -> None:
    grey = Likelihood("gaussian")
    trainer = trainer_on(mnist, likelihood=grey)
    seen = torch.cat([trainer.draw().x(grey) for _ in range(math.ceil(1000 / 64))])
    assert trainer.at_epoch_end()
    ours = seen.sum(1).sort().values
    torch.testing.assert_close(ours, (trainer.images.grey.float() / 255).sum(1).sort().values)


def test_training_images_are_binarised_anew_with_the_right_mean(mnist: DataPair) -> None:
    images = Images(mnist.train)
    generator = torch.Generator().manual_seed(0)
    rows = torch.arange(100)
    draws = torch.stack(
        [
            images.training_batch(rows, 2, generator, binarise=True).x(Likelihood())
            for _ in range(200)
        ]
    )
    assert set(draws.unique().tolist()) == {0.0, 1.0}
    assert not torch.equal(draws[0], draws[1])
    grey = images.grey[:100].float() / 255
    assert torch.equal(draws.mean(0)[grey == 0], torch.zeros(int((grey == 0).sum())))
    assert torch.equal(draws.mean(0)[grey == 1], torch.ones(int((grey == 1).sum())))
    # For each grey level the share of ones, in standard errors of a binomial share.
    for level in images.grey[:100].unique().tolist():
        if level in (0, 255):
            continue
        share = draws[:, images.grey[:100] == level]
        p = level / 255
        error = math.sqrt(p * (1 - p) / share.numel())
        assert abs(share.mean().item() - p) < 5 * error, level


@pytest.mark.parametrize("name", ["gaussian", "continuous_bernoulli"])
def test_other_likelihoods_see_grey_images(mnist: DataPair, name: str) -> None:
    images = Images(mnist.train)
    for binarise in (False, True):  # for another in lockstep
        batch = images.training_batch(torch.tensor([3, 7]), 2, torch.Generator(), binarise=binarise)
        expected = mnist.train.images[[3, 7]].reshape(2, -1) / np.float32(255)
        seen = batch.x(Likelihood(name))  # type: ignore[arg-type]
        np.testing.assert_array_equal(seen.numpy(), expected)


def test_images_take_read_only_arrays_without_a_warning(mnist: DataPair) -> None:
    array = mnist.train.images.copy()
    array.flags.writeable = False
    images = Images(replace(mnist.train, images=array))
    np.testing.assert_array_equal(images.grey.numpy().reshape(array.shape), array)


def test_a_network_for_other_images_is_refused(mnist: DataPair) -> None:
    with pytest.raises(InputError, match=r"\(1, 28, 28\)"):
        Trainer.from_scratch(
            Architecture(image_shape=(1, 14, 56)),
            Images(mnist.train),
            LossWeights(),
            Likelihood(),
            Settings(),
        )


# --- checkpoints ---------------------------------------------------------------------------------


def reopened(trainer: Trainer, checkpoint: Checkpoint) -> Trainer:
    return Trainer.from_checkpoint(
        checkpoint, trainer.images, trainer.weights, trainer.likelihood, trainer.settings
    )


def test_a_checkpoint_goes_on_where_it_stood(mnist: DataPair, tmp_path) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 40)
    trainer.set_objective(LossWeights(beta=4), trainer.likelihood)
    take(trainer, 5)
    save_checkpoint(trainer.checkpoint(), tmp_path / "m.safetensors")
    again = reopened(trainer, load_checkpoint(tmp_path / "m.safetensors"))

    assert same_parameters(trainer, again)
    assert (again.step_count, again.epochs) == (45, trainer.epochs)
    ours, theirs = trainer.checkpoint(), again.checkpoint()
    assert len(ours.optimizer) == 3 * len(ours.parameters)
    assert set(ours.optimizer) == set(theirs.optimizer)
    for name, value in ours.optimizer.items():
        np.testing.assert_array_equal(theirs.optimizer[name], value)
    np.testing.assert_array_equal(ours.curves["train"], theirs.curves["train"])
    assert again.curves.curves().marks == trainer.curves.curves().marks

    # And the optimiser uses them: the next step, on one batch of both, is the same step.
    for each in (trainer, again):
        each.generator.manual_seed(7)
        each.order = torch.arange(1000)
        each.step()
    assert same_parameters(trainer, again)


def test_a_checkpoint_shares_nothing_with_the_run(mnist: DataPair) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 3)
    checkpoint = trainer.checkpoint()
    kept = copy.deepcopy(checkpoint)
    again = reopened(trainer, checkpoint)
    take(trainer, 3)
    take(again, 3)
    for group in ("parameters", "optimizer"):
        for name, value in getattr(kept, group).items():
            np.testing.assert_array_equal(getattr(checkpoint, group)[name], value)


def test_absurd_moments_are_left_out(mnist: DataPair) -> None:
    trainer = trainer_on(mnist)
    take(trainer, 2)
    checkpoint = trainer.checkpoint()
    moments = dict(checkpoint.optimizer)
    name = "encoder.0.weight"
    moments[f"exp_avg_sq.{name}"] = -np.ones_like(moments[f"exp_avg_sq.{name}"])
    moments["exp_avg.encoder.0.bias"] = np.zeros(3, np.float32)
    moments["step.decoder.0.bias"] = np.float32(-1).reshape(())
    again = reopened(trainer, replace(checkpoint, optimizer=moments))
    kept = set(again.checkpoint().optimizer)
    left_out = ("encoder.0.weight", "encoder.0.bias", "decoder.0.bias")
    assert kept == {key for key in moments if not key.endswith(left_out)}
    take(again, 3)
