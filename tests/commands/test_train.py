"""What `latentlab train --resume` goes on with, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from latentlab.commands.loop import autosave_of
from latentlab.commands.train import run_train
from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError
from latentlab.training.plan import Plan, held_back
from tests.training.conftest import first
from tests.training.test_resume import fresh

PLAN = ["--schedule", "cosine", "--average"]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> DataPair:
    pair = load_bundled("mnist")
    found = DataPair(first(pair.train, 400), first(pair.test, 10))
    monkeypatch.setattr("latentlab.commands.train.open_data", lambda _name: found)
    return found


def arguments(out: Path, *more: object) -> list[str]:
    given = ["--data", "mnist", "--hidden", "32", "--out", out, "--epochs", 3, *more]
    return [str(argument) for argument in given]


@pytest.fixture
def out(few: DataPair, tmp_path: Path) -> Path:
    """Where a long run that was stopped in its second epoch is to be saved."""
    out = tmp_path / "m.safetensors"
    trainer = fresh(few)
    trainer.begin(Plan(epochs=3, schedule="cosine"))
    for _ in range(9):
        trainer.step()
    save_checkpoint(trainer.checkpoint(), autosave_of(out))
    return out


@pytest.mark.parametrize(
    "options",
    [[], ["--average"], [*PLAN, "--patience", "2"], [*PLAN, "--epochs", "4"]],
    ids=" ".join,
)
def test_another_plan_is_refused(out: Path, options: list[str]) -> None:
    with pytest.raises(InputError, match="is of a run with another plan") as refused:
        run_train(arguments(out, "--resume", *options))
    assert str(autosave_of(out)) in str(refused.value)
    assert autosave_of(out).exists()
    assert not out.exists()


def test_a_plan_where_there_was_none_is_refused(few: DataPair, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    save_checkpoint(fresh(few).checkpoint(), autosave_of(out))
    with pytest.raises(InputError, match="is of a run with another plan"):
        run_train(arguments(out, "--resume", *PLAN))


def test_other_images_or_another_network_than_the_autosave_s_are_refused(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError) as refused:
        run_train(arguments(out, "--resume", *PLAN, "--hidden", "8"))
    assert "is of a network 784-" in str(refused.value)
    assert "but these options make 784-8-2-8-784: give the options" in str(refused.value)
    images = np.random.default_rng(0).integers(0, 256, (40, 9, 8), np.uint8)
    np.save(tmp_path / "mine.npy", images)
    monkeypatch.undo()
    with pytest.raises(InputError) as refused:
        run_train(arguments(out, "--resume", *PLAN, "--data", tmp_path / "mine.npy"))
    assert str(refused.value) == (
        f"{autosave_of(out)} takes images of 28×28 grey, but --data has 9×8 grey: give the data "
        "that the run was begun with."
    )


@pytest.mark.parametrize("options", [[], PLAN], ids=["steady", "planned"])
def test_a_plan_that_cannot_go_on_is_refused(
    out: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    other = load_bundled("fashion-mnist")
    monkeypatch.setattr("latentlab.commands.train.open_data", lambda _name: other)
    with pytest.raises(InputError, match="cannot go on with these images"):
        run_train(arguments(out, "--resume", *options))


@pytest.mark.parametrize("batch_size", [64, 20, 150])
def test_another_batch_size_leaves_the_plan_and_what_it_holds_back(
    out: Path, few: DataPair, batch_size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_train(arguments(out, "--resume", "--batch-size", batch_size, *PLAN)) == 0
    training = load_checkpoint(out).training
    assert training["epochs"] == 3
    trained_on = 400 - held_back(400)
    taken = 9 - -(-trained_on // 64)  # of the second epoch
    steps = [-(-images // batch_size) for images in (trained_on - 64 * taken, trained_on)]
    assert training["steps"] == 9 + sum(steps)
    assert "held back" in capsys.readouterr().err
    assert not autosave_of(out).exists()
