"""A million images of 28×28 in a .npy of 784 MB, opened in the window and trained on.

speed_ratio: images a second in training, without a window, from the file against the same network
and batches from memory; cold_ratio: the same where the system has forgotten the file, for the first
steps. grown_mb: by how many megabytes the resident memory of all processes of the app grows at most
from mnist to the file, opened and trained on: the sample, and some 25 bytes for each image of the
file. first_points: seconds from opening it to points on the plane, the file forgotten by
the system.
"""

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from latentlab.core.spec import LIVE_ARCHITECTURE, Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import Dataset
from latentlab.data.open import open_data
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import Trainer
from tests.bench.desk import let_work, open_desk
from tests.bench.memory import resident_mb
from tests.bench.result import Figure, Options, Result, at_least, at_most

_SIDE = 28
_SHIFTS = [(down, right) for down in range(-5, 5) for right in range(-5, 5)]


def run(options: Options) -> Result:
    copies, steps, rounds, seconds = (27, 20, 1, 1.0) if options.quick else (100, 400, 5, 20.0)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="latentlab-bench-") as folder:
        path = Path(folder) / "digits.npy"
        write_digits(path, copies)
        stored = open_data(str(path)).train
        assert stored.drawn is not None
        speeds: dict[str, list[float]] = {"memory": [], "file": [], "cold": []}
        for _ in range(rounds):
            speeds["memory"].append(_speed(load_bundled("mnist").train, steps))
            speeds["file"].append(_speed(stored, steps))
            forget(path)
            speeds["cold"].append(_speed(stored, steps // 4))
        forget(path)
        grown, points, opening = _in_window(path, options, seconds)
        megabytes = path.stat().st_size / 1e6
    memory = np.array(speeds["memory"])
    return Result(
        [
            Figure("speed_ratio", (np.array(speeds["file"]) / memory).tolist(), at_least(0.9)),
            Figure("cold_ratio", (np.array(speeds["cold"]) / memory).tolist(), at_least(0.5)),
            Figure("grown_mb", [grown], at_most(500)),
            Figure("first_points", [opening], at_most(5)),
        ],
        {
            "images": copies * 10_000,
            "file MB": round(megabytes),
            "points": points,
            "img/s": {name: round(float(np.median(each))) for name, each in speeds.items()},
        },
    )


def write_digits(path: Path, copies: int) -> None:
    """The bundled digits `copies` times (100 at most), each time shifted otherwise."""
    digits = load_bundled("mnist").train.images[:, 0]
    shape = (copies * len(digits), _SIDE, _SIDE)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )
        for shift in _SHIFTS[:copies]:
            file.write(np.roll(digits, shift, (1, 2)).data)
        file.flush()
        os.fsync(file.fileno())


def forget(path: Path) -> None:
    """Have the system forget what it has in memory of a file, where it can be told to."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _speed(dataset: Dataset, steps: int) -> float:
    trainer = Trainer.from_scratch(
        LIVE_ARCHITECTURE, Images(dataset), LossWeights(), Likelihood("bernoulli"), Settings()
    )
    trainer.step()
    start = time.perf_counter()
    for _ in range(steps):
        trainer.step()
    return steps * trainer.settings.batch_size / (time.perf_counter() - start)


def _in_window(path: Path, options: Options, seconds: float) -> tuple[float, int, float]:
    """Megabytes grown at most, points shown, and seconds to the first of them."""
    with open_desk("mnist-2d-live", options.engine) as desk:
        before, run = resident_mb("tests.bench.hand"), desk.snapshot.run
        start = time.monotonic()
        desk.shell.files.open_path(str(path))
        desk.wait(lambda: desk.points not in (0, 10_000), "points")
        opening = time.monotonic() - start
        desk.wait(lambda: desk.snapshot.run != run, "the engine")
        most = resident_mb("tests.bench.hand")
        desk.train()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            let_work(100)
            most = max(most, resident_mb("tests.bench.hand"))
        desk.pause()
        return most - before, desk.points, opening
