"""Training on images that stay in their file, of which a sample is shown."""

import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.core.checkpoint import load_checkpoint
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair, Dataset
from latentlab.data.open import open_data
from latentlab.data.sample import Limits
from latentlab.errors import InputError
from latentlab.training.images import Images
from latentlab.training.messages import (
    Begin,
    Dissect,
    Open,
    Save,
    Settings,
    Stopped,
    Train,
)
from latentlab.training.plan import Plan, held_back
from latentlab.training.trainer import Trainer
from tests.training.desk import BERNOULLI, Desk, assert_cloud_is_exact, opening

COUNT, SHOWN = 3_000, 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    np.save(tmp_path / "digits.npy", load_bundled("mnist").train.images[:COUNT, 0])
    return tmp_path / "digits.npy"


@pytest.fixture
def digits(path: Path) -> DataPair:
    """2,700 training images, of which 200 are shown, and 50 of 300 held out."""
    return open_data(str(path), limits=Limits(in_memory=0, shown=SHOWN, held_out=50))


def in_memory(train: Dataset) -> Dataset:
    """All images of the split, at once."""
    assert train.drawn is not None
    every = train.drawn.whole.read(np.arange(train.total))
    labels = np.zeros(len(every), np.int64)
    return Dataset("all", "train", every, labels, ("any",), "", "")


def trainer_on(train: Dataset, opened: Open) -> Trainer:
    return Trainer.from_scratch(
        opened.architecture, Images(train), opened.weights, BERNOULLI, Settings(batch_size=64)
    )


def test_the_steps_are_those_that_all_images_in_memory_would_have(digits: DataPair) -> None:
    opened = opening(digits)
    stored, plain = (trainer_on(t, opened) for t in (digits.train, in_memory(digits.train)))
    for step in range(60):  # more than an epoch
        if step == 20:  # after the next batch was begun to be read
            stored.settings = plain.settings = replace(stored.settings, batch_size=50)
        assert stored.step() == plain.step()
    assert stored.epochs == plain.epochs > 1
    assert len(stored.images) == SHOWN


def test_the_sample_is_shown_and_all_images_are_trained_on(desk: Desk, digits: DataPair) -> None:
    shown = desk.do(opening(digits))
    assert_cloud_is_exact(shown, digits)
    assert len(shown.cloud.mu) == SHOWN
    shown = desk.do(Train("epoch"))
    assert (shown.epoch, shown.step) == (1.0, -(-2_700 // 64))


def test_a_file_says_that_its_hash_is_of_a_sample(
    desk: Desk, digits: DataPair, path: Path, tmp_path: Path
) -> None:
    desk.do(opening(digits))
    desk.do(Save(tmp_path / "m.safetensors"))
    checkpoint = load_checkpoint(tmp_path / "m.safetensors")
    assert checkpoint.data == {
        "name": "digits",
        "sha256": digits.train.sha256,
        "n": 2_700,
        "sample": SHOWN,
        "cloud_sha256": digits.train.sha256,
    }
    assert len(checkpoint.cloud["mu"]) == SHOWN


def test_a_run_goes_on_to_the_bit(desk: Desk, digits: DataPair, tmp_path: Path) -> None:
    saved = tmp_path / "m.safetensors"
    desk.do(opening(digits))
    desk.do(Train(5))
    desk.do(Save(saved))
    on = desk.do(Train(5))
    desk.do(opening(digits, run=1, path=saved))
    again = desk.do(Train(5))
    assert on.step == again.step == 10
    for name, value in on.parameters.items():
        np.testing.assert_array_equal(value, again.parameters[name])


def test_a_plan_holds_back_images_of_the_file(desk: Desk, digits: DataPair) -> None:
    desk.do(opening(digits), Begin(Plan(epochs=1, schedule="constant")))
    assert desk.shown.step == -(-(2_700 - held_back(2_700)) // 64)
    assert held_back(10_000_000) == 10_000


def test_held_back_images_are_those_of_their_numbers(digits: DataPair) -> None:
    assert digits.train.drawn is not None
    some = torch.tensor([5, 1_000, 2_699])
    few = Images(digits.train).at(some)
    np.testing.assert_array_equal(few.dataset.images, digits.train.drawn.whole.read(some.numpy()))
    assert few.total == 3


def test_a_step_taken_apart_knows_where_its_images_were(desk: Desk, digits: DataPair) -> None:
    desk.do(opening(digits))
    desk.engine.send(Dissect())
    desk.tick(2)
    (step,) = desk.notices()
    assert step.epoch_images == 2_700
    whole = in_memory(digits.train)
    images = Images(whole.at(step.shown.indices))
    x = images.evaluation_batch(slice(None), BERNOULLI)
    trainer = trainer_on(digits.train, opening(digits))  # as it was before its first step
    expected, _ = trainer.model.encode(x)
    np.testing.assert_allclose(step.shown.mu_before, expected.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("harm", ["shorter", "other"])
def test_a_file_that_changes_stops_training_in_a_sentence_and_the_rest_goes_on(
    desk: Desk, digits: DataPair, path: Path, tmp_path: Path, harm: str
) -> None:
    desk.do(opening(digits))
    desk.do(Train(3))
    if harm == "shorter":
        os.truncate(path, 10_000)
    else:
        path.write_bytes(path.read_bytes()[::-1])
    desk.engine.send(Train())
    desk.tick(5)
    (stopped,) = desk.notices()
    said = f"{path} was changed while it was open, and its images are read from it: open it again."
    assert stopped == Stopped(said)
    # What is in memory is looked at all the same.
    desk.do()
    assert not desk.shown.running
    assert_cloud_is_exact(desk.shown, digits)
    # What was trained is not lost: also on the batch that was read before.
    desk.do(Save(tmp_path / "m.safetensors"))
    assert load_checkpoint(tmp_path / "m.safetensors").training["steps"] == 4


def test_a_file_that_is_gone_is_told_at_the_first_step(digits: DataPair, path: Path) -> None:

    train = pickle.loads(pickle.dumps(digits.train))  # as in a process of its own
    trainer = trainer_on(train, opening(digits))
    path.unlink()
    with pytest.raises(InputError, match=r"digits\.npy can no longer be read \(No such file"):
        trainer.step()
