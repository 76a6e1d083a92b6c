"""A file larger than what is read into memory, in the real window."""

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from latentlab.app.profile import EngineKind
from latentlab.data.bundled import load_bundled
from latentlab.data.sample import LIMITS
from tests.window.conftest import OpenLab
from tests.window.lab import LONG, Lab
from tests.window.test_infer import Inferring

COPIES = 80
COUNT = 10_000 * COPIES
TRAINED_ON = COUNT * 9 // 10


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """10,000 images of 16×16: the middles of the digits."""
    return np.ascontiguousarray(load_bundled("mnist").train.images[:, 0, 6:22, 6:22])


@pytest.fixture
def path(tmp_path: Path, digits: np.ndarray) -> Path:
    """800,000 images, 205 MB."""
    path = tmp_path / "middles.npy"
    with path.open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (COUNT, 16, 16)}
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(COPIES):
            file.write(digits.data)
    assert path.stat().st_size > LIMITS.in_memory
    return path


def open_large(lab: Lab, path: Path) -> None:
    run = lab.snapshot.run
    lab.shell.files.open_path(str(path))
    lab.wait(lambda: lab.snapshot.run != run, timeout=2 * LONG)
    lab.wait_until_exact()


def test_a_sample_is_shown_and_says_so_and_its_images_have_their_numbers(
    open_lab: OpenLab, path: Path, digits: np.ndarray
) -> None:
    lab = open_lab()
    open_large(lab, path)
    sample = f"a sample of 60,000 of {TRAINED_ON:,} training images"
    assert lab.plane.scene.note.startswith(sample)
    said = lab.text("modelSummary")
    assert f"{TRAINED_ON:,} training, 10,000 of {COUNT - TRAINED_ON:,} held-out images" in said
    assert "The plane shows a sample of 60,000" in said
    assert len(lab.snapshot.cloud.mu) == 60_000

    lab.shell.controller.select(59_000)
    lab.wait(lambda: "image" in lab.text("selectionTitle"))
    present = lab.shell.controller.present
    assert present is not None
    number = int(present.pair.train.numbers[59_000])
    assert number > 700_000, "it lies towards the end of the file"
    assert lab.text("selectionTitle") == f"unlabelled · image {number}"
    np.testing.assert_array_equal(lab.viewer.explain(59_000).grey, digits[number % 10_000])

    lab.key(Qt.Key.Key_F7)
    lab.wait(lambda: lab.state.workspace == "infer")
    inferring = Inferring(lab)
    inferring.plane.setFocus()
    lab.key("N")
    lab.wait(lambda: lab.state.selected == 59_001)
    following = int(present.pair.train.numbers[59_001])
    lab.wait(lambda: lab.text("inferTitle").startswith(f"Image {following:,}, "))


@pytest.mark.parametrize("engine", ["thread", "process"])
def test_a_file_that_becomes_shorter_while_it_trains_is_told_and_the_window_goes_on(
    open_lab: OpenLab, path: Path, engine: EngineKind
) -> None:
    lab = open_lab(engine=engine)
    open_large(lab, path)
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running and lab.snapshot.step > 20)
    os.truncate(path, 1_000_000)
    lab.wait(lambda: "was changed while it was open" in lab.said)
    assert lab.said.count(".") <= 3
    lab.wait(lambda: not lab.snapshot.running)
    lab.wait_until_exact()
    assert np.array_equal(lab.decoded(), lab.expected())

    # It can be trained no more, which is said again; other data can.
    steps = lab.snapshot.step
    lab.shell.files.save_model(path.with_suffix(".safetensors"))
    lab.wait(lambda: not lab.snapshot.unsaved)
    run = lab.snapshot.run
    lab.shell.files.open_path("mnist-2d-live")
    lab.wait(lambda: lab.snapshot.run != run)
    assert steps > 20
