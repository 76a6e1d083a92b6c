"""What stands in for an engine where a model cannot be trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model
from latentlab.training.engine import Engine
from latentlab.training.frozen import FrozenEngine
from latentlab.training.frozen_words import NOT_SAVED, NOT_TRAINED
from latentlab.training.messages import (
    Begin,
    Branch,
    Dissect,
    EndPlan,
    Failed,
    Noted,
    Open,
    Reset,
    Save,
    SetObjective,
    Settings,
    Snapshot,
    Switch,
    Train,
)
from latentlab.training.plan import Plan


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load_checkpoint(find_model("mnist-2d-live"))


@pytest.fixture(scope="module")
def opened(checkpoint: Checkpoint) -> Open:
    pair = load_bundled("mnist")
    few = replace(
        pair,
        train=replace(pair.train, images=pair.train.images[:600], labels=pair.train.labels[:600]),
        test=replace(pair.test, images=pair.test.images[:100], labels=pair.test.labels[:100]),
    )
    return Open(
        few, checkpoint, checkpoint.architecture, LossWeights(), Likelihood(), Settings(), 7
    )


def rested(engine: FrozenEngine | Engine) -> Snapshot:
    """The newest snapshot when there is nothing more to look at."""
    newest = None
    for _ in range(30):
        engine.tick()
        newest = engine.mailbox.take() or newest
    assert newest is not None
    return newest


def frozen(checkpoint: Checkpoint, opened: Open) -> FrozenEngine:
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    engine = FrozenEngine(model)
    engine.send(replace(opened, checkpoint=None))
    return engine


def test_its_figures_are_those_of_an_engine(checkpoint: Checkpoint, opened: Open) -> None:
    found = rested(frozen(checkpoint, opened))
    engine = Engine()
    engine.send(opened)
    wanted = rested(engine)
    np.testing.assert_allclose(found.cloud.mu, wanted.cloud.mu, atol=1e-5)
    assert found.heldout is not None
    assert wanted.heldout is not None
    assert found.heldout.negative_elbo == pytest.approx(wanted.heldout.negative_elbo, abs=1e-3)
    assert (found.run, found.running, found.unsaved, dict(found.parameters)) == (
        7,
        False,
        False,
        {},
    )
    assert (found.architecture.latent_dim, found.architecture.pixels) == (2, 784)


def test_another_likelihood_is_measured_anew(checkpoint: Checkpoint, opened: Open) -> None:
    engine = frozen(checkpoint, opened)
    before = rested(engine)
    engine.send(SetObjective(LossWeights(), Likelihood("gaussian", 0.05)))
    after = rested(engine)
    assert after.likelihood == Likelihood("gaussian", 0.05)
    assert before.heldout is not None
    assert after.heldout is not None
    assert after.heldout.reconstruction < before.heldout.reconstruction
    # The encoder is given grey images now.
    assert np.abs(after.cloud.mu - before.cloud.mu).max() > 0.01


def test_what_it_cannot_do_is_answered(
    checkpoint: Checkpoint, opened: Open, tmp_path: Path
) -> None:
    engine = frozen(checkpoint, opened)
    rested(engine)
    commands = (
        Train(), Dissect(), Begin(Plan()), EndPlan(), Reset("loaded", 8), Switch(7),
        Branch(checkpoint, 9),
    )  # fmt: skip
    for command in commands:
        engine.send(command)
        engine.tick()
        assert engine.notices.get_nowait() == Noted(NOT_TRAINED), command
    engine.send(Save(tmp_path / "model.safetensors"))
    engine.send(Save(tmp_path / "autosave.safetensors", autosave=True))
    assert not rested(engine).running
    assert engine.notices.get_nowait() == Failed(NOT_SAVED)
    assert engine.notices.empty()
    assert list(tmp_path.iterdir()) == []
