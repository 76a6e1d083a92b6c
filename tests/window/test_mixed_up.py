"""One model, its data, runs and files are never mixed up with another's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from latentlab.app.opening import DEFAULT_MODEL, Opened, open_images, open_model
from latentlab.app.session import Session, save_session
from latentlab.app.state import AppState
from latentlab.core.checkpoint import load_checkpoint
from latentlab.paths import pretrained_models
from latentlab.training.messages import RUNS_KEPT, Saved, Snapshot
from latentlab.ui.images import ImageView
from tests.bad_files.checkpoints import make_checkpoints
from tests.bad_files.idx import idx
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LONG, SHIFT, Lab
from tests.window.test_files import drop, save_as, wait_for_open
from tests.window.test_museum import fault_of
from tests.window.test_training import same, take_steps

FEW = 54
FASHION = next(name for name in pretrained_models() if "fashion" in name)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder of few images of three classes, which the shipped model takes."""
    folder = tmp_path / "few"
    folder.mkdir()
    content = np.random.default_rng(0).integers(0, 255, FEW * 28 * 28, dtype=np.uint8).tobytes()
    labels = (np.arange(FEW, dtype=np.uint8) % 3).tobytes()
    (folder / "train-images-idx3-ubyte").write_bytes(idx(FEW, 28, 28, content=content))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(FEW, content=labels))
    return folder


def present(lab: Lab) -> Opened:
    opened = lab.shell.controller.present
    assert opened is not None
    return opened


def saved_while(lab: Lab, act: Callable[[], None], path: Path) -> list[Saved]:
    """What was written until the user's model was whole at `path`."""
    written: list[Saved] = []

    def take(notice: object) -> None:
        if isinstance(notice, Saved):
            written.append(notice)

    notice = lab.shell.bridge.notice
    notice.connect(take)
    act()
    lab.wait(lambda: any(saved.path == path for saved in written))
    notice.disconnect(take)
    return written


def bad_model(folder: Path) -> Path:
    """A file that is whole, of a network that its tensors do not make."""
    made = make_checkpoints(folder)
    return next(bad.path for bad in made if bad.name == "model-shapes-wider")


# --- opening -------------------------------------------------------------------------------------


def test_a_session_of_many_images_opens_over_a_few(lab: Lab, tmp_path: Path, few: Path) -> None:
    wait_for_open(lab, lambda: drop(lab, few))
    assert len(present(lab).pair.train) <= FEW
    path = tmp_path / "many.latentlab.json"
    state = replace(AppState(), selected=5000, z=(1.0, -0.5))
    save_session(Session(DEFAULT_MODEL, "mnist", state), path)
    wait_for_open(lab, lambda: drop(lab, path))
    assert lab.error_dialog.text == ""
    assert lab.said == ""
    assert (present(lab).model, present(lab).data) == (DEFAULT_MODEL, "mnist")
    assert lab.state.selected == 5000
    assert lab.plane.scene.selected == 5000
    point = lab.shell.looking.point
    assert point is not None
    assert point.index == 5000
    assert np.array_equal(lab.decoded(), lab.expected())


def test_nothing_of_the_last_images_is_shown_under_the_new_names(lab: Lab, few: Path) -> None:
    frames, decoded = lab.child("stripFrames", QWidget), lab.child("decodedImage", ImageView)
    assert len(lab.plane.scene.cloud) == 10_000
    assert frames.accessibleDescription() == f"{lab.state.strip_count} images"
    assert decoded.image is not None
    seen: list[tuple[object, ...]] = []

    def look() -> None:
        scene = lab.plane.scene
        seen.append(
            (len(scene.names), len(scene.cloud), decoded.image, frames.accessibleDescription())
        )
        # It is also painted so.
        lab.window.grab()

    lab.shell.controller.opened.connect(look)
    wait_for_open(lab, lambda: drop(lab, few))
    assert seen == [(3, 0, None, "0 images")]
    assert len(lab.plane.scene.cloud) == len(present(lab).pair.train)
    assert np.array_equal(lab.decoded(), lab.expected())
    lab.wait(lambda: frames.accessibleDescription() == f"{lab.state.strip_count} images")


def test_an_image_that_is_not_there_cannot_be_selected(lab: Lab, few: Path) -> None:
    wait_for_open(lab, lambda: drop(lab, few))
    lab.plane.pointSelected.emit(7)
    before = lab.state
    assert before.selected == 7
    for index in (len(present(lab).pair.train), 5000):
        lab.plane.pointSelected.emit(index)
    assert lab.error_dialog.text == ""
    assert lab.state == before
    lab.plane.pointSelected.emit(-1)
    assert lab.state.selected is None


def test_no_posterior_is_sampled_before_the_new_weights_are_there(lab: Lab) -> None:
    # No file has them: the engine makes them.
    lab.shell.controller.show(open_images("fashion-mnist"))
    z = lab.state.z
    # Not by its key, which turns the event loop: the weights might come.
    lab.trigger("samplePosteriorAction")
    assert not lab.viewer.ready
    assert lab.state.z == z
    assert lab.text("sampleEps").strip() == ""
    assert lab.error_dialog.text == ""
    lab.wait(lambda: lab.viewer.ready)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, SHIFT)
    assert lab.state.z != z
    assert "ε = " in lab.text("sampleEps")


def test_a_model_that_cannot_work_is_no_reason_not_to_start(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    path = bad_model(tmp_path / "museum")
    lab = open_lab(str(path))
    assert fault_of(lab.said, path) == ""
    assert lab.window.message_bar.kind == "error"
    assert present(lab).model == DEFAULT_MODEL
    assert DEFAULT_MODEL in lab.window.windowTitle()
    assert np.array_equal(lab.decoded(), lab.expected())
    take_steps(lab, 1)


def test_a_bad_file_opened_at_once_does_not_keep_the_first_from_working(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    path = bad_model(tmp_path / "museum")
    lab = open_lab(settle=False)

    # Before the first model has been checked.
    def open_it() -> None:
        lab.shell.files.open_model(str(path))

    with lab.qtbot.waitSignal(lab.shell.settled, timeout=LONG):
        if lab.shell.bridge.laboratory is None:
            lab.shell.bridge.ready.connect(open_it)
        else:
            open_it()
    lab.wait_for_words("of the bad file")
    assert fault_of(lab.said, path) == ""
    assert present(lab).model == DEFAULT_MODEL
    take_steps(lab, 1)


# --- saving --------------------------------------------------------------------------------------


def test_what_was_saved_of_another_model_does_not_rename_this_one(lab: Lab, tmp_path: Path) -> None:
    shipped = pretrained_models()[FASHION]
    before = shipped.read_bytes()
    take_steps(lab, 2)
    trained, path = lab.parameters(), tmp_path / "mine.safetensors"

    def save_and_open_another() -> None:
        lab.shell.files.save_model(path)
        lab.shell.controller.show(open_model(FASHION))

    saved_while(lab, save_and_open_another, path)
    lab.wait_until_exact()
    assert present(lab).model == FASHION
    assert FASHION in lab.window.windowTitle()
    assert lab.shell.files.own_file is None
    assert lab.profile.preferences.last_model != str(path)
    assert same(dict(load_checkpoint(path).parameters), trained)

    # Ctrl+S then asks where.
    content = path.read_bytes()
    take_steps(lab, 1)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL)
    lab.answer_file_dialog(tmp_path / "another.safetensors", accept=False)
    assert path.read_bytes() == content
    assert shipped.read_bytes() == before


def test_a_suffix_that_was_not_typed_replaces_no_model(lab: Lab, tmp_path: Path) -> None:
    there = tmp_path / "v1.2.safetensors"
    there.write_bytes(b"of someone")
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL | SHIFT)
    lab.answer_file_dialog(tmp_path / "v1.2")
    lab.wait(lambda: lab.said != "")
    assert fault_of(lab.said, there) == ""
    # Were it written, that would be before this.
    save_as(lab, tmp_path / "other.safetensors")
    assert there.read_bytes() == b"of someone"
    save_as_new = tmp_path / "v1.3.safetensors"
    lab.shell.files.save_model(tmp_path / "v1.3")
    lab.wait(lambda: lab.status == f"Saved {save_as_new}")
    assert load_checkpoint(save_as_new).architecture == lab.snapshot.architecture


def test_a_suffix_that_was_not_typed_replaces_no_session(lab: Lab, tmp_path: Path) -> None:
    there = tmp_path / "v1.2.latentlab.json"
    there.write_bytes(b"of someone")
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL | Qt.KeyboardModifier.AltModifier)
    lab.answer_file_dialog(tmp_path / "v1.2")
    assert fault_of(lab.said, there) == ""
    assert there.read_bytes() == b"of someone"
    lab.shell.files.save_session(tmp_path / "v1.3")
    assert lab.status == f"Saved {tmp_path / 'v1.3.latentlab.json'}"


def test_only_what_is_new_is_autosaved_and_not_kept_beside_a_saved_model(
    lab: Lab, tmp_path: Path
) -> None:
    path, folder, files = tmp_path / "mine.safetensors", lab.profile.autosave, lab.shell.files

    def autosave_thrice() -> None:
        take_steps(lab, 1)
        files.autosave()
        files.autosave()
        take_steps(lab, 1)
        files.autosave()
        files.save_model(path)

    written = saved_while(lab, autosave_thrice, path)
    assert [saved.autosave for saved in written] == [True, True, False]
    assert not folder.exists()
    lab.wait(lambda: not lab.snapshot.unsaved)
    take_steps(lab, 1)
    files.autosave()
    lab.wait((folder / "session.json").is_file)


# --- undo ----------------------------------------------------------------------------------------


def test_a_run_that_is_no_longer_kept_is_not_gone_back_to(lab: Lab) -> None:
    first = lab.state.run
    for _ in range(10):
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_R)
    assert lab.state.run == first + 10
    lab.wait(lambda: lab.snapshot.run == lab.state.run)
    while lab.shell.store.undo_stack.canUndo():
        lab.key(Qt.Key.Key_Z, CTRL)
    assert lab.said == "That run is no longer kept, so it cannot be brought back."
    assert lab.window.message_bar.kind == "error"
    oldest = first + 10 - RUNS_KEPT + 1
    assert lab.state.run == oldest
    lab.wait(lambda: lab.snapshot.run == oldest)
    lab.click("trainButton")
    lab.wait(lambda: lab.shell.controller.running)
    assert lab.snapshot.run == lab.state.run == oldest
    lab.wait_for_steps(2)


# --- what is shown -------------------------------------------------------------------------------


def test_the_spread_of_the_posteriors_is_that_of_each_new_cloud(lab: Lab) -> None:
    faults: list[str] = []
    clouds = {lab.snapshot.cloud.step}

    def compare(snapshot: Snapshot) -> None:
        mean = float(np.exp(0.5 * snapshot.cloud.logvar).mean())
        shown = float(lab.text("meanSigma"))
        clouds.add(snapshot.cloud.step)
        if abs(shown - mean) > 0.0006:
            faults.append(f"step {snapshot.cloud.step}: {shown} is shown for {mean}")

    lab.click("klToggle")
    lab.shell.controller.snapshot.connect(compare)
    lab.click("trainButton")
    lab.wait(lambda: len(clouds) > 5)
    assert lab.snapshot.running
    assert faults == []


def test_the_noise_of_a_sample_is_shown_only_where_it_led(lab: Lab) -> None:
    def sample() -> None:
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_S, SHIFT)
        assert "ε = " in lab.text("sampleEps")

    sample()
    lab.key(Qt.Key.Key_Z, CTRL)
    assert lab.text("sampleEps").strip() == ""
    sample()
    lab.drag(lab.state.z, (1.0, -2.0))
    assert lab.text("sampleEps").strip() == ""


def test_nothing_is_said_to_be_copied_before_anything_is_decoded(lab: Lab, few: Path) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("as it was")
    lab.shell.controller.show(open_images(str(few)))
    # Not by its key, which turns the event loop: the image might come.
    lab.trigger("copyImageAction")
    assert lab.child("decodedImage", ImageView).image is None
    assert not lab.status.startswith("Copied")
    assert "nothing was copied" in lab.said
    assert clipboard.text() == "as it was"
    lab.wait(lambda: lab.child("decodedImage", ImageView).image is not None)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_I, CTRL)
    assert lab.status == "Copied the decoded image"
    assert not clipboard.image().isNull()
