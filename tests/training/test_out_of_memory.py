"""The engine where memory runs out: a sentence, nothing lost, and on it goes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.data.dataset import DataPair
from latentlab.errors import InputError, memory_ran_out, told
from latentlab.training.messages import Failed, Train
from tests.check import ROOT
from tests.training.desk import Desk, opening


@pytest.mark.skipif(sys.platform != "linux", reason="only there memory can be taken away so")
def test_memory_may_run_out_at_any_moment_of_a_step(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.training.out_of_memory", str(tmp_path)],
        cwd=ROOT,
        # So that what is freed is given back, and every tensor has to be asked for anew.
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    failed = [line for line in lines if line["said"]]
    assert len(failed) > 5
    assert len(failed) < len(lines), "in the end there was memory enough"
    for line in failed:
        [notice] = line["said"]
        assert notice["message"] == (
            "Training stopped because memory ran out: close other programs, then try again."
        )
        assert notice["report"] == ""
    moments = [text for text in result.stderr.split("the engine failed") if "_init_group" in text]
    assert moments, "memory ran out in the midst of the optimiser, too"
    for line in lines:
        # A step is taken whole or not at all, and the run can be saved and trained as ever.
        assert line["moved"] == (line["steps"] > 0), line
        assert line["saved"] == line["steps"], line
        assert line["steps_after"] == 3, line
        assert line["said_after"] == [], line


def test_steps_that_are_lost_in_the_optimiser_are_told(
    desk: Desk, mnist: DataPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(opening(mnist))
    kept = desk.do(Train(100)).parameters
    desk.do(Train(50))

    def move_some(optimizer: torch.optim.Optimizer) -> None:
        optimizer.param_groups[0]["params"][0].data.zero_()
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    with monkeypatch.context() as broken:
        broken.setattr(torch.optim.AdamW, "step", move_some)
        shown = desk.do(Train(1))
    (notice,) = desk.notices()
    assert notice == Failed(
        "Training stopped because memory ran out: close other programs, then try again. The "
        "weights of step 100 are back."
    )
    assert (shown.step, shown.weights_step) == (150, 100)
    for name, value in kept.items():
        np.testing.assert_array_equal(shown.parameters[name], value)
    assert desk.do(Train(1)).weights_step == 151


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"
        ),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("could not create a primitive"),
    ],
)
def test_want_of_memory_is_known_by_its_words(error: Exception) -> None:
    assert memory_ran_out(error)
    sentence, report = told(error, "The map could not be drawn")
    assert sentence.startswith("The map could not be drawn because memory ran out")
    assert report == ""


def test_what_is_unexpected_has_a_report() -> None:
    for error in (RuntimeError("shapes differ"), ValueError("out of memory lane")):
        assert not memory_ran_out(error)
        sentence, report = told(error, "Training stopped")
        assert sentence == "Training stopped because of an unexpected error."
        assert str(error) in report
    assert told(InputError("The file is empty."), "Opening failed") == ("The file is empty.", "")
