"""A model and images of another shape, however they meet in the window: both shapes are said."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.spec import Architecture
from tests.core.examples import model
from tests.window.conftest import OpenLab
from tests.window.lab import Lab
from tests.window.test_files import drop, wait_for_open

_REPLACED = (
    "mnist-2d-live takes images of 28×28 grey, but mine has 9×8 RGB: in its place is a new "
    "network, K = 2 (Ctrl+N for another K)."
)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Images of 9×8 in RGB, in a file."""
    images = np.random.default_rng(0).integers(0, 256, (40, 9, 8, 3), np.uint8)
    np.savez(tmp_path / "mine.npz", images=images)
    return tmp_path / "mine.npz"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A model of images of 10×10 that nobody has."""
    path = tmp_path / "small.safetensors"
    save_checkpoint(model(Architecture((1, 10, 10), hidden=(4,))), path)
    return path


def test_images_that_do_not_fit_bring_a_new_network_and_the_reason(
    lab: Lab, colours: Path, tmp_path: Path
) -> None:
    wait_for_open(lab, lambda: drop(lab, colours))
    assert lab.said == _REPLACED
    assert lab.window.message_bar.kind == "info"
    assert lab.window.windowTitle() == "new network, K = 2 · mine · latentlab"
    # Colours, binarised, would be eight colours: not in Compare either.
    likelihoods = {one.regime.likelihood.name for one in lab.state.compared}
    assert {lab.state.likelihood.name, *likelihoods} == {"gaussian"}
    # A model that fits no more than the images in front is opened with its own.
    wait_for_open(lab, lambda: lab.choose("modelChoice", "mnist-2d"))
    assert lab.said == (
        "mnist-2d takes images of 28×28 grey, but mine has 9×8 RGB: it is open with mnist in "
        "their place."
    )
    assert {one.regime.likelihood.name for one in lab.state.compared} == {"bernoulli"}
    # And images that fit say nothing of it.
    lab.window.message_bar.clear()
    wait_for_open(lab, lambda: lab.choose("datasetChoice", "fashion-mnist"))
    wait_for_open(lab, lambda: lab.shell.files.open_new(10))
    assert "takes images" not in lab.said
    assert lab.window.windowTitle() == "new network, K = 10 · fashion-mnist · latentlab"


@pytest.mark.parametrize("way", ["drop", "open", "session"])
def test_a_model_without_images_is_refused_and_all_is_as_it_was(
    lab: Lab, small: Path, tmp_path: Path, way: str
) -> None:
    session = tmp_path / "both.latentlab.json"
    lab.shell.files.save_session(session)
    content = json.loads(session.read_text())
    session.write_text(json.dumps({**content, "model": str(small)}))
    ways: dict[str, tuple[Callable[[], None], str]] = {
        "drop": (lambda: drop(lab, small), "open its data first, or train a new network on mnist"),
        "open": (
            lambda: lab.shell.files.open_model(str(small)),
            "open its data first, or train a new network on mnist (Ctrl+N).",
        ),
        "session": (lambda: drop(lab, session), "open just one of the two."),
    }
    act, advice = ways[way]
    present, state = lab.shell.controller.present, lab.state
    act()
    lab.wait_for_words("about the shapes")
    assert f"{small} takes images of 10×10 grey, but mnist has 28×28 grey: {advice}" in lab.said
    assert lab.window.message_bar.kind == "error"
    assert lab.shell.controller.present is present
    assert lab.state == state


def test_a_start_with_a_model_without_images_says_so(open_lab: OpenLab, small: Path) -> None:
    lab = open_lab(str(small))
    assert "small.safetensors takes images of 10×10 grey, but mnist has 28×28 grey" in lab.said
    assert "mnist-2d-live" in lab.window.windowTitle()
