"""A run that stopped goes on: bit for bit from a clean pause, from the last autosave otherwise."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latentlab.core.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import parameters_of
from latentlab.data.dataset import DataPair
from latentlab.training.evaluation import finish
from latentlab.training.images import Images
from latentlab.training.judging import judge
from latentlab.training.messages import Settings
from latentlab.training.plan import Plan
from latentlab.training.trainer import Trainer

SMALL = Architecture(hidden=(32,))


def fresh(pair: DataPair, **settings: Any) -> Trainer:
    return Trainer.from_scratch(
        SMALL, Images(pair.train), LossWeights(), Likelihood(), Settings(**settings)
    )


def reopened(trainer: Trainer, path: Path, pair: DataPair | None = None) -> Trainer:
    """The run as another process finds it."""
    save_checkpoint(trainer.checkpoint(), path)
    images = Images(pair.train) if pair else trainer.images
    found = load_checkpoint(path)
    return Trainer.from_checkpoint(found, images, found.weights, found.likelihood, trainer.settings)


def go_on(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        if trainer.course is not None and trainer.course.ended(trainer.step_count):
            trainer.end_course()
        trainer.step()
        if trainer.course is not None and trainer.at_epoch_end():
            finish(judge(trainer, trainer.course))


def assert_same_run(one: Trainer, other: Trainer) -> None:
    ours, theirs = one.checkpoint(), other.checkpoint()
    for group in ("parameters", "optimizer", "progress"):
        found, expected = getattr(ours, group), getattr(theirs, group)
        assert set(found) == set(expected)
        for name, value in expected.items():
            np.testing.assert_array_equal(found[name], value)
    for known in ("steps", "epochs", "course"):
        assert ours.training.get(known) == theirs.training.get(known)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("steps", [7, 16, 40])
def test_a_run_goes_on_bit_for_bit(
    mnist: DataPair, tmp_path: Path, steps: int, precision: Any
) -> None:
    """From the middle of an epoch, from its end, and from a later one."""
    whole = fresh(mnist, precision=precision)
    go_on(whole, steps)
    again = reopened(whole, tmp_path / "m.safetensors")
    go_on(whole, 30)
    go_on(again, 30)
    assert_same_run(again, whole)


@pytest.mark.parametrize("steps", [5, 25])
def test_a_plan_goes_on_bit_for_bit(mnist: DataPair, tmp_path: Path, steps: int) -> None:
    whole = fresh(mnist, weight_decay=0.1)
    whole.begin(Plan(epochs=4, kl_warm_up=2))
    go_on(whole, steps)
    again = reopened(whole, tmp_path / "m.safetensors")
    assert again.course is not None
    # Past the plan's end, where the best weights come back.
    go_on(whole, 40)
    go_on(again, 40)
    assert whole.course is None
    assert_same_run(again, whole)


def test_the_loss_is_that_of_the_run_that_never_stopped(mnist: DataPair, tmp_path: Path) -> None:
    whole = fresh(mnist)
    whole.set_objective(LossWeights(beta=4), whole.likelihood)
    go_on(whole, 10)
    again = reopened(whole, tmp_path / "m.safetensors")
    assert [whole.step() for _ in range(5)] == [again.step() for _ in range(5)]


def test_on_other_images_the_run_begins_an_epoch_of_its_own(
    mnist: DataPair, tmp_path: Path
) -> None:
    trainer = fresh(mnist)
    trainer.begin(Plan(epochs=4))
    go_on(trainer, 5)
    rows = np.arange(400)
    fewer = DataPair(mnist.train.at(rows), mnist.test)
    again = reopened(trainer, tmp_path / "m.safetensors", fewer)
    assert again.course is None
    assert again.at_epoch_end()
    go_on(again, 10)


def _broken(**arrays: Any) -> Any:
    return lambda checkpoint: replace(checkpoint, progress={**checkpoint.progress, **arrays})


def _course(**changed: Any) -> Any:
    def change(checkpoint: Checkpoint) -> Checkpoint:
        course = {**checkpoint.training["course"], **changed}
        return replace(checkpoint, training={**checkpoint.training, "course": course})

    return change


@pytest.mark.parametrize(
    "change",
    [
        _broken(order=np.array([0, 10**6])),
        _broken(order=np.array([-1])),
        _broken(order=np.zeros((2, 2), np.int64)),
        _broken(order=np.zeros(3)),
        _broken(random=np.zeros(3, np.int64)),
        _broken(random=np.full(632, -1)),
        _broken(random=np.zeros(632)),
        _course(plan={"epochs": -1}),
        _course(start="soon"),
        _course(epoch_steps=0),
        _course(best=[1, 2]),
        _course(best=None),
        lambda c: replace(c, training={**c.training, "course": ["no"]}),
        _broken(**{"best.decoder.0.weight": np.zeros(1, np.float32)}),
    ],
)
def test_progress_that_makes_no_sense_is_left_out(mnist: DataPair, change: Any) -> None:
    """The weights are sound, so the run goes on; a plan or an epoch may begin anew."""
    trainer = fresh(mnist)
    trainer.begin(Plan(epochs=4))
    go_on(trainer, 20)
    checkpoint = change(trainer.checkpoint())
    again = Trainer.from_checkpoint(
        checkpoint, trainer.images, trainer.weights, trainer.likelihood, trainer.settings
    )
    for name, value in parameters_of(again.model).items():
        np.testing.assert_array_equal(value, checkpoint.parameters[name])
    go_on(again, 30)


# A process that has torch already forks: a hundred starts of Python would take minutes.
KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import torch
from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.plan import Plan
from latentlab.training.trainer import Trainer
import numpy as np

torch.set_num_threads(1)
path, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
images = Images(load_bundled("mnist").train.at(np.arange(300)))
run = (images, LossWeights(), Likelihood(), Settings())

def child(saved):
    if path.exists():
        trainer = Trainer.from_checkpoint(load_checkpoint(path), *run)
    else:
        trainer = Trainer.from_scratch(Architecture(hidden=(100,)), *run)
        trainer.begin(Plan(epochs=100_000))
    while True:
        trainer.step()
        save_checkpoint(trainer.checkpoint(), path)
        os.write(saved, b"!")

steps = [0]
for kill in range(kills):
    heard, saved = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(saved)
    os.close(saved)
    for save in range(chance.randrange(3)):
        assert os.read(heard, 1), f"the run of kill {kill} ended by itself"
    time.sleep(chance.uniform(0.0, 0.05))
    os.close(heard)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"the run of kill {kill} ended by itself: {status}"
    if path.exists():
        checkpoint = load_checkpoint(path)
        assert checkpoint.training["steps"] >= steps[-1]
        assert "course" in checkpoint.training
        steps.append(checkpoint.training["steps"])
print(len(steps) - 1, steps[-1], len(set(steps)) - 1)
"""


@pytest.mark.timeout(900)  # beside other work it has taken more than the usual 300 s
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_100_kills_while_saving_and_training_leave_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(path), "100", "0"],
        capture_output=True,
        encoding="utf-8",
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded, steps, advances = map(int, done.stdout.split())
    # The first kills may come before the first save, and any before the next one.
    assert loaded >= 80
    assert steps >= advances >= 50
    # What a kill leaves behind beside the file is at most one unfinished part each.
    assert {p.suffix for p in tmp_path.iterdir()} <= {".safetensors", ".part"}
