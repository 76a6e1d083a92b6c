"""Several networks on the same batches and the same noise."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from latentlab.core.objective import kl_to_prior, log_likelihood
from latentlab.core.regime import PRESETS, Regime
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import parameters_of, vae_from_parameters
from latentlab.data.dataset import DataPair
from latentlab.training.images import Images
from latentlab.training.lockstep import Lockstep
from latentlab.training.messages import NETWORKS_KEPT, Compared, Entrant, Member, Settings
from latentlab.training.trainer import Trainer
from tests.training.desk import SMALL

SETTINGS = Settings(batch_size=128, seed=3, precision="float32")
NAMES = ("reconstruction only", "KL only", "both")
GAUSSIAN = Likelihood("gaussian", 0.05)


def entrants(*names: str) -> list[Entrant]:
    return [Entrant(number, PRESETS[name]) for number, name in enumerate(names)]


def lockstep(pair: DataPair, taking_part: Sequence[Entrant]) -> Lockstep:
    return Lockstep(Images(pair.train), SMALL, taking_part, SETTINGS)


def take(runs: Lockstep, steps: int) -> None:
    for _ in range(steps):
        runs.step()


def looked_at(runs: Lockstep) -> Compared:
    while not runs.exact:
        runs.look_around(running=False)
        runs.look_slice()
    return runs.snapshot(0, running=False, images_per_second=0.0)


def assert_same(a: Member, b: Member) -> None:
    assert a.step == b.step
    assert a.parameters.keys() == b.parameters.keys()
    for name, array in a.parameters.items():
        np.testing.assert_array_equal(array, b.parameters[name])
    assert a.figures == b.figures


# --- the same batches and noise ------------------------------------------------------------------


def test_equal_seeds_are_equal_to_the_bit(mnist: DataPair) -> None:
    seen = []
    for _ in range(2):
        runs = lockstep(mnist, entrants(*NAMES, "autoencoder"))
        take(runs, 20)
        seen.append(looked_at(runs))
    for a, b in zip(seen[0].members, seen[1].members, strict=True):
        assert_same(a, b)


def test_all_begin_with_the_same_weights(mnist: DataPair) -> None:
    first, *others = looked_at(lockstep(mnist, entrants(*NAMES))).members
    for other in others:
        for name, array in first.parameters.items():
            np.testing.assert_array_equal(array, other.parameters[name])


@pytest.mark.parametrize("name", NAMES)
def test_each_is_trained_as_if_it_were_alone(mnist: DataPair, name: str) -> None:
    """Over the end of an epoch, 8 steps: the company changes neither batches nor noise."""
    runs = lockstep(mnist, entrants(*NAMES))
    take(runs, 20)
    regime = PRESETS[name]
    alone = Trainer.from_scratch(
        SMALL, Images(mnist.train), regime.weights, regime.likelihood, SETTINGS
    )
    for _ in range(20):
        alone.step()
    trainer = runs.trainers[NAMES.index(name)]
    for ours, theirs in zip(
        parameters_of(trainer.model).values(), parameters_of(alone.model).values(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_likelihood_that_does_not_binarise_leaves_the_others_their_noise(
    mnist: DataPair,
) -> None:
    both = Entrant(1, PRESETS["both"])
    mixed = lockstep(mnist, [Entrant(0, Regime(likelihood=GAUSSIAN)), both])
    plain = lockstep(mnist, [Entrant(0, PRESETS["KL only"]), both])
    for runs in (mixed, plain):
        take(runs, 12)
    assert_same(looked_at(mixed).members[1], looked_at(plain).members[1])


def test_who_leads_may_leave_and_come_back(mnist: DataPair) -> None:
    """The others go on with the batches and the noise that were to come."""
    all_along, some_left = (lockstep(mnist, entrants(*NAMES)) for _ in range(2))
    take(all_along, 15)
    take(some_left, 5)
    some_left.set_entrants(entrants(*NAMES)[1:])
    take(some_left, 10)
    some_left.set_entrants(entrants(*NAMES))
    (left, *ours), (_, *theirs) = looked_at(some_left).members, looked_at(all_along).members
    assert left.step == 5
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b)


def test_one_who_joins_begins_where_all_began(mnist: DataPair) -> None:
    runs = lockstep(mnist, entrants("both", "KL only"))
    begun = looked_at(runs).members[0]
    take(runs, 5)
    runs.set_entrants(entrants("both", "KL only", "β = 100"))
    newest = looked_at(runs).members[2]
    assert newest.step == 0
    for name, array in begun.parameters.items():
        np.testing.assert_array_equal(array, newest.parameters[name])


# --- what is minimised ---------------------------------------------------------------------------


def test_a_regime_counts_from_the_next_step_on(mnist: DataPair) -> None:
    switched, reference = (lockstep(mnist, entrants("both", "both")) for _ in range(2))
    for runs in (switched, reference):
        take(runs, 6)
    switched.set_entrants([Entrant(0, PRESETS["both"]), Entrant(1, PRESETS["KL only"])])
    for runs in (switched, reference):
        take(runs, 6)
    ours, theirs = looked_at(switched).members, looked_at(reference).members
    assert_same(ours[0], theirs[0])
    assert ours[1].figures is not None
    assert theirs[1].figures is not None
    assert ours[1].figures.kl < theirs[1].figures.kl


def test_without_noise_z_is_the_mean(mnist: DataPair) -> None:
    """Then σ plays no part: it gets no gradient, and the encoder's half for it stays as it was."""
    runs = lockstep(mnist, entrants("autoencoder", "both"))
    before = looked_at(runs).members[0].parameters["encoder.2.weight"]
    take(runs, 10)
    member = looked_at(runs).members[0]
    after = member.parameters["encoder.2.weight"]
    np.testing.assert_array_equal(after[2:], before[2:])
    assert (after[:2] != before[:2]).any()
    x = Images(mnist.train).evaluation_batch(slice(None), Likelihood())
    with torch.inference_mode():
        model = vae_from_parameters(SMALL, member.parameters)
        mu, _ = model.encode(x)
        loss = -log_likelihood(Likelihood(), model.decode(mu), x).mean()
    assert member.figures is not None
    assert member.figures.reconstruction == pytest.approx(loss.item(), rel=1e-5)


def test_the_reconstruction_off_leaves_the_decoder_as_it_was(mnist: DataPair) -> None:
    runs = lockstep(mnist, entrants("KL only", "both"))
    before = looked_at(runs).members[0].parameters
    take(runs, 10)
    after = looked_at(runs).members[0].parameters
    for name, array in after.items():
        assert np.array_equal(array, before[name]) == name.startswith("decoder"), name


# --- when one cannot go on -----------------------------------------------------------------------


def test_one_that_diverges_stands_still_and_the_others_go_on(mnist: DataPair) -> None:
    runs, reference = (lockstep(mnist, entrants(*NAMES)) for _ in range(2))
    for each in (runs, reference):
        take(each, 4)
    with torch.no_grad():
        next(runs.trainers[0].model.parameters()).mul_(math.inf)
    for each in (runs, reference):
        take(each, 4)
    ours, theirs = looked_at(runs).members, looked_at(reference).members
    assert "reconstruction is nan" in ours[0].ended
    assert all(np.isfinite(array).all() for array in ours[0].parameters.values())
    for a, b in zip(ours[1:], theirs[1:], strict=True):
        assert a.ended == ""
        assert_same(a, b)


def test_one_with_nothing_to_minimise_waits_for_something(mnist: DataPair) -> None:
    nothing = Regime(LossWeights(reconstruction_on=False, kl_on=False))
    runs = lockstep(mnist, [Entrant(0, nothing), Entrant(1, PRESETS["both"])])
    take(runs, 3)
    idle, busy = looked_at(runs).members
    assert (idle.step, busy.step) == (0, 3)
    assert "nothing to minimise" in idle.ended
    runs.set_entrants(entrants("both", "both"))
    take(runs, 2)
    assert [(m.step, m.ended) for m in looked_at(runs).members] == [(2, ""), (5, "")]


def test_nobody_is_no_comparison(mnist: DataPair) -> None:
    with pytest.raises(ValueError, match="someone to compare"):
        lockstep(mnist, [])


# --- what is seen --------------------------------------------------------------------------------


def test_figures_are_of_all_training_images_and_the_weights_of_now(mnist: DataPair) -> None:
    runs = lockstep(mnist, entrants("both", "autoencoder"))
    take(runs, 16)
    both, points = looked_at(runs).members
    assert both.figures is not None
    assert both.cloud is not None
    assert both.figures.step == both.cloud.step == both.step == 16
    assert both.figures.count == len(mnist.train)
    x = Images(mnist.train).evaluation_batch(slice(None), Likelihood())
    with torch.inference_mode():
        mu, logvar = vae_from_parameters(SMALL, both.parameters).encode(x)
        kl = kl_to_prior(mu, logvar).mean().item()
    np.testing.assert_allclose(both.cloud.mu, mu.numpy(), rtol=1e-4, atol=1e-5)
    assert both.figures.kl == pytest.approx(kl, rel=1e-4)
    assert both.figures.kl == pytest.approx(
        both.figures.kl_aggregate + both.figures.mutual_information, abs=1e-6
    )
    assert points.figures is not None
    assert points.figures.kl == points.figures.kl_aggregate == math.inf
    assert points.figures.mean_sigma == 0
    assert points.figures.mutual_information == pytest.approx(math.log(1000), abs=0.02)


def test_looking_does_not_change_the_run(mnist: DataPair) -> None:
    looked, unseen = (lockstep(mnist, entrants(*NAMES)) for _ in range(2))
    for _ in range(12):
        looked.step()
        looked.look_around(running=True)
        looked.look_slice()
        unseen.step()
    for a, b in zip(looked_at(looked).members, looked_at(unseen).members, strict=True):
        assert_same(a, b)


def test_everyone_is_looked_at_in_turn(mnist: DataPair) -> None:
    runs = lockstep(mnist, entrants(*NAMES))
    seen: list[set[int]] = []
    for _ in range(120):
        runs.step()
        runs.look_around(running=True)
        runs.look_slice()
        snapshot = runs.snapshot(0, running=True, images_per_second=0.0)
        seen.append({m.number for m in snapshot.members if m.figures is not None})
    assert seen[-1] == {0, 1, 2}
    assert not runs.exact


def test_all_are_seen_at_the_same_steps(mnist: DataPair) -> None:
    runs = lockstep(mnist, entrants(*NAMES))
    seen = set()
    for _ in range(120):
        runs.step()
        runs.look_around(running=True)
        runs.look_slice()
        members = runs.snapshot(0, running=True, images_per_second=0.0).members
        steps = {m.cloud.step if m.cloud else None for m in members}
        assert len(steps) == 1
        seen |= steps
    assert len(seen) > 3


def test_of_those_that_left_only_the_last_are_kept(mnist: DataPair) -> None:
    stays = entrants("both", "KL only")
    runs = lockstep(mnist, [*stays, Entrant(2, PRESETS["both"])])
    take(runs, 1)
    for number in range(3, 3 + NETWORKS_KEPT - 3):
        runs.set_entrants([*stays, Entrant(number, PRESETS["both"])])
    runs.set_entrants([*stays, Entrant(2, PRESETS["both"])])
    assert runs.trainers[2].step_count == 1, "it was still kept"
    for number in range(100, 100 + NETWORKS_KEPT):
        runs.set_entrants([*stays, Entrant(number, PRESETS["both"])])
    runs.set_entrants([*stays, Entrant(2, PRESETS["both"])])
    assert runs.trainers[2].step_count == 0
    assert [trainer.step_count for trainer in runs.trainers[:2]] == [1, 1]


def test_a_shipped_network_begins_at_its_own_step(mnist: DataPair) -> None:
    first = lockstep(mnist, entrants("both", "KL only"))
    take(first, 7)
    checkpoint = first.trainers[0].checkpoint()
    runs = lockstep(mnist, [replace(entrants("both")[0], checkpoint=checkpoint)])
    (member,) = looked_at(runs).members
    assert member.step == 7
    for name, array in parameters_of(first.trainers[0].model).items():
        np.testing.assert_array_equal(member.parameters[name], array)
