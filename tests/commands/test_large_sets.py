"""The command line on images that stay in their file."""

import os
from pathlib import Path

import numpy as np
import pytest

from latentlab.commands.arguments import tell_sample
from latentlab.data.bundled import load_bundled
from latentlab.data.open import open_data
from latentlab.data.sample import Limits
from latentlab.training.plan import Plan
from tests.commands.test_loop import At, loop
from tests.training.test_resume import fresh


@pytest.mark.parametrize("plan", [None, Plan(epochs=4)])
def test_what_was_trained_is_kept_where_the_file_becomes_shorter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], plan: Plan | None
) -> None:
    path = tmp_path / "digits.npy"
    np.save(path, load_bundled("mnist").train.images[:1_000, 0])
    pair = open_data(str(path), limits=Limits(in_memory=0, shown=50, held_out=20))
    trainer = fresh(pair)
    if plan is not None:
        trainer.begin(plan)
    assert not loop(
        trainer, tmp_path / "m.safetensors", At(trainer, 3, lambda: os.truncate(path, 999))
    ).run()
    # One more step where the next batch had been read by then.
    assert trainer.step_count in (3, 4)
    assert "digits.npy was changed while it was open" in capsys.readouterr().err


def test_a_sample_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "digits.npy", load_bundled("mnist").train.images[:1_000, 0])
    for limits in (Limits(), Limits(in_memory=0, shown=50, held_out=20)):
        pair = open_data(str(tmp_path / "digits.npy"), limits=limits)
        tell_sample(pair.train)
        tell_sample(pair.test)
    assert capsys.readouterr().err.splitlines() == [
        f"latentlab: digits stays in its file: figures are of a sample of {sample} images"
        for sample in ("50 of 900 training", "20 of 100 test")
    ]
