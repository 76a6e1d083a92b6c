"""What is named in a session, or was open last, is opened just so."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from latentlab.app.opening import Opened, open_model
from latentlab.app.profile import Preferences, Profile
from latentlab.app.session import Session, load_session, save_session
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.core.checkpoint import save_checkpoint
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.files import Files
from tests.app.examples import write_images, write_model


class Desk:
    """What opens files, before there is an engine."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        self.bridge = Bridge()
        self.profile = Profile(folder)
        self.controller = Controller(self.store, self.bridge)
        self.files = Files(self.controller, self.store, self.bridge, self.profile)
        self.failures: list[str] = []
        self.files.failed.connect(self._failed)

    @property
    def present(self) -> Opened:
        assert self.controller.present is not None
        return self.controller.present

    def _failed(self, message: str, _report: str) -> None:
        self.failures.append(message)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Generator[Desk]:
    Profile(tmp_path / "profile").remember(Preferences())
    desk = Desk(tmp_path / "profile")
    yield desk
    desk.files.stop()
    assert desk.failures == []


@pytest.fixture
def own(tmp_path: Path) -> tuple[str, str]:
    """A model of one's own 4×4 images, and those."""
    model = write_model(tmp_path / "own.safetensors", side=4)
    return str(model), str(write_images(tmp_path / "dots"))


def test_a_session_of_ones_own_images_is_opened(
    desk: Desk, own: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "a.latentlab.json"
    save_session(Session(*own, AppState(z=(1.0, 2.0))), path)
    desk.files.open_first(str(path))
    assert (desk.present.model, desk.present.data) == own
    assert desk.store.state.z == (1.0, 2.0)


def test_the_last_model_is_opened_with_its_own_images(desk: Desk, own: tuple[str, str]) -> None:
    desk.profile.remember(Preferences(last_model=own[0], last_data=own[1]))
    desk.files.open_first(None)
    assert (desk.present.model, desk.present.data) == own


def test_a_last_model_whose_data_are_not_known_brings_its_own(desk: Desk) -> None:
    desk.profile.remember(Preferences(last_model="mnist-2d-live"))
    desk.files.open_first(None)
    assert (desk.present.model, desk.present.data) == ("mnist-2d-live", "mnist")


@pytest.mark.parametrize("gone", [{"last_model": "x" * 5_000}, {"last_data": "/no/where"}])
def test_a_last_model_or_data_that_is_gone_is_no_reason_not_to_start(
    desk: Desk, gone: dict[str, str]
) -> None:
    last = Preferences(last_model="mnist-2d-live", last_data="fashion-mnist")
    desk.profile.remember(replace(last, **gone))  # type: ignore[arg-type]
    desk.files.open_first(None)
    assert (desk.present.model, desk.present.data) == ("mnist-2d-live", "mnist")


def test_what_a_file_says_of_its_training_stays_within_what_the_window_offers(
    desk: Desk, tmp_path: Path
) -> None:
    """And so a session of it can be opened again."""
    checkpoint = open_model("mnist-2d-live").checkpoint
    assert checkpoint is not None
    for rate, size in ((0, 0), (1e15, 1 << 40)):
        path = tmp_path / f"{size}.safetensors"
        training = {**checkpoint.training, "learning_rate": rate, "batch_size": size}
        save_checkpoint(replace(checkpoint, training=training), path)
        desk.files.open_first(str(path))
        session = tmp_path / "a.latentlab.json"
        save_session(Session(str(path), "mnist", desk.store.state), session)
        state = load_session(session).state
        assert state == replace(desk.store.state, run=0)
        assert 0 < state.learning_rate <= 1
        assert 0 < state.batch_size < 10_000
