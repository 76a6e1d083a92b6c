"""Opening and saving: models, sessions, data, and what cannot be opened."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QSpinBox

from latentlab.app.state import AppState
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import LIVE_CONVOLUTIONS
from latentlab.paths import pretrained_models
from latentlab.ui.layer_names import LAYERS
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, NONE, SHIFT, Lab
from tests.window.test_training import finish_epoch, same, take_steps

ALT = Qt.KeyboardModifier.AltModifier


def wait_for_open(lab: Lab, act: Callable[[], None]) -> None:
    """Do what opens something, until its decoder, cloud and strip are there."""
    run = lab.snapshot.run
    act()
    lab.wait(lambda: lab.snapshot.run > run)
    lab.wait_until_exact()
    lab.wait(lambda: lab.viewer.ready and lab.viewer.step == lab.snapshot.step)


def drop(lab: Lab, *paths: Path) -> None:
    """Drag files over the window and let them go there."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(600, 400), copy, mime, LEFT, NONE)
    QApplication.sendEvent(lab.window, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(600, 400), copy, mime, LEFT, NONE, QEvent.Type.Drop)
    QApplication.sendEvent(lab.window, event)
    assert event.isAccepted()


def save_as(lab: Lab, path: Path) -> None:
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL | SHIFT)
    lab.answer_file_dialog(path)
    lab.wait(lambda: lab.status == f"Saved {path}")


def open_with_dialog(lab: Lab, path: Path) -> None:
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_O, CTRL)
    lab.answer_file_dialog(path)


def test_a_model_is_saved_and_reopened_the_same(lab: Lab, tmp_path: Path) -> None:
    take_steps(lab, 5)
    lab.wait_until_exact()
    trained, step, curves = lab.parameters(), lab.snapshot.step, lab.snapshot.curves
    cloud = lab.snapshot.cloud
    lab.key(Qt.Key.Key_Home)
    picture, decoded = lab.plane.plane_image(), lab.decoded()
    path = tmp_path / "mine.safetensors"
    assert lab.snapshot.unsaved
    save_as(lab, path)
    lab.wait(lambda: not lab.snapshot.unsaved)
    assert "mine" in lab.window.windowTitle()
    assert same(dict(load_checkpoint(path).parameters), trained)

    # Ctrl+S then writes over it, without a question; a shipped model is never written over.
    take_steps(lab, 1)
    lab.wait(lambda: lab.snapshot.unsaved)
    lab.key(Qt.Key.Key_S, CTRL)
    lab.wait(lambda: not lab.snapshot.unsaved)
    assert int(load_checkpoint(path).training["steps"]) == step + 1
    lab.key(Qt.Key.Key_Z, CTRL)

    save_as(lab, tmp_path / "later.safetensors")
    path = tmp_path / "later.safetensors"
    later = lab.parameters()
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    assert not same(lab.parameters(), trained)
    wait_for_open(lab, lambda: open_with_dialog(lab, path))
    assert same(lab.parameters(), later)
    assert lab.snapshot.step == step + 1
    assert lab.snapshot.from_file
    assert not lab.snapshot.unsaved
    assert "later" in lab.window.windowTitle()
    assert np.array_equal(lab.plane.scene.cloud.mu, lab.snapshot.cloud.mu)
    assert lab.snapshot.curves.train.step[-1] == curves.train.step[-1] + 1
    assert len(lab.snapshot.cloud.mu) == len(cloud.mu)
    assert (picture.size(), decoded.shape) == (lab.plane.plane_image().size(), lab.decoded().shape)


def test_a_reopened_model_paints_the_same_plane(lab: Lab, tmp_path: Path) -> None:
    finish_epoch(lab)
    path = tmp_path / "mine.safetensors"
    save_as(lab, path)
    parameters = lab.parameters()

    def seen() -> object:
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_Home)
        lab.plane.set_note("")
        lab.park_pointer()
        return lab.plane.plane_image(), lab.decoded().tobytes()

    before = seen()
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    assert seen() != before
    wait_for_open(lab, lambda: drop(lab, path))
    assert same(lab.parameters(), parameters)
    assert seen() == before


def test_a_session_brings_everything_back(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab()
    model, session = tmp_path / "mine.safetensors", tmp_path / "lecture.latentlab.json"
    take_steps(lab, 3)
    save_as(lab, model)
    parameters = lab.parameters()
    lab.drag((0.5, 0.7), (1.0, -2.0))
    lab.drag(lab.state.z1, (-1.0, -2.0))
    lab.drag(lab.state.z2, (2.0, 2.0))
    lab.key(Qt.Key.Key_Return)
    lab.key("+")
    lab.key("+")
    lab.click("klToggle")
    lab.type("betaValue", "3")
    lab.choose("layerChoice", LAYERS["decoded"].name)
    lab.click("ellipseScale3")
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL | ALT)
    lab.answer_file_dialog(session)
    assert lab.status == f"Saved {session}"
    state, view, decoded = lab.state, lab.plane.viewport(), lab.decoded()

    wait_for_open(lab, lambda: lab.choose("datasetChoice", "fashion-mnist"))
    lab.type("betaValue", "1")
    assert lab.state != state
    wait_for_open(lab, lambda: drop(lab, session))
    present = lab.shell.controller.present
    assert present is not None
    assert (present.model, present.data) == (str(model), "mnist")
    for name in AppState.__dataclass_fields__:
        if name != "run":
            assert getattr(lab.state, name) == getattr(state, name), name
    assert lab.plane.viewport() == view
    assert same(lab.parameters(), parameters)
    assert lab.snapshot.weights == state.weights
    assert np.array_equal(lab.decoded(), decoded)
    assert lab.plane.scene.selected == state.selected
    assert lab.plane.scene.handles.z1 == state.z1
    lab.wait(lambda: lab.plane.scene.layer is not None)
    lab.shell.close_at_once()

    # The command line takes it, too.
    again = open_lab(str(session))
    assert again.state == replace(state, run=again.state.run)
    assert same(again.parameters(), parameters)
    assert np.array_equal(again.decoded(), decoded)


def test_recent_models_and_the_last_one_are_remembered(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab()
    path = tmp_path / "mine.safetensors"
    take_steps(lab, 2)
    save_as(lab, path)
    parameters = lab.parameters()
    menu = next(menu for menu in lab.window.findChildren(QMenu) if menu.title() == "Open recent")
    assert [action.data() for action in menu.actions()] == [str(path)]
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    wait_for_open(lab, menu.actions()[0].trigger)
    assert same(lab.parameters(), parameters)
    # No larger than the screen that the tests have, or Qt would make it smaller.
    height = min(lab.app.primaryScreen().availableSize().height() - 40, 760)
    assert lab.window.height() != height
    lab.window.resize(lab.window.width(), height)
    lab.shell.close_at_once()
    again = open_lab()
    assert "mine" in again.window.windowTitle()
    assert same(again.parameters(), parameters)
    assert again.window.height() == height
    # A last model that is gone is no reason not to start.
    again.shell.close_at_once()
    path.unlink()
    third = open_lab()
    assert "mnist-2d-live" in third.window.windowTitle()


def test_other_images_and_every_shipped_model(lab: Lab) -> None:
    assert lab.plane.scene.names[0] == "0"
    wait_for_open(lab, lambda: lab.choose("datasetChoice", "fashion-mnist"))
    present = lab.shell.controller.present
    assert present is not None
    assert (present.model, present.data) == ("mnist-2d-live", "fashion-mnist")
    assert "T-shirt" in lab.plane.scene.names[0]
    assert len(lab.plane.scene.cloud.mu) == 10_000
    assert np.array_equal(lab.decoded(), lab.expected())
    take_steps(lab, 1)
    lab.drag((0.5, 0.5), (-1.0, 1.0))
    assert np.array_equal(lab.decoded(), lab.expected())
    lab.key(Qt.Key.Key_R)
    lab.wait(lambda: not lab.snapshot.unsaved)
    models = list(pretrained_models())
    assert "mnist-2d-live" in models
    for name in [*models, "mnist-2d-live"]:
        present = lab.shell.controller.present
        assert present is not None
        if present.model != name:
            wait_for_open(lab, lambda name=name: lab.choose("modelChoice", name))
        assert name in lab.window.windowTitle()
        trained_on = load_checkpoint(pretrained_models()[name]).data["name"]
        assert lab.child("datasetChoice", QComboBox).currentText() == trained_on
        assert np.array_equal(lab.decoded(), lab.expected())
    assert lab.plane.scene.names[0] == "0"
    take_steps(lab, 1)


def test_a_start_with_a_bad_path_says_so(open_lab: OpenLab, tmp_path: Path) -> None:
    path = tmp_path / "notes.safetensors"
    path.write_text("These are no weights.")
    lab = open_lab(str(path))
    assert str(path) in lab.said
    assert "mnist-2d-live" in lab.window.windowTitle()


def test_a_folder_of_images_without_labels_is_learned_from_scratch(
    lab: Lab, tmp_path: Path
) -> None:
    from tests.bad_files.idx import idx

    rng = np.random.default_rng(0)
    content = rng.integers(0, 255, 60 * 36, dtype=np.uint8).tobytes()
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(60, 6, 6, content=content))
    wait_for_open(lab, lambda: drop(lab, tmp_path / "train-images-idx3-ubyte"))
    assert lab.snapshot.architecture.image_shape == (1, 6, 6)
    assert lab.decoded().shape == (6, 6)
    take_steps(lab, 2)
    lab.key(Qt.Key.Key_R)
    lab.wait(lambda: lab.snapshot.step == 0)
    action = lab.window.findChild(QAction, "saveAction")
    assert action is not None
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    assert lab.decoded().shape == (28, 28)


def test_a_new_network_of_ten_dimensions_is_trained_on_the_data_in_front(
    lab: Lab, tmp_path: Path
) -> None:
    def ask() -> None:
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_N, CTRL)
        box = lab.window.findChild(QSpinBox, "latentDims")
        assert box is not None
        assert (box.minimum(), box.maximum(), box.value()) == (1, 64, 2)
        lab.wait(box.window().isActiveWindow)
        box.selectAll()
        QTest.keyClicks(box, "10")
        QTest.keyClick(box, Qt.Key.Key_Return)

    wait_for_open(lab, ask)
    assert lab.snapshot.architecture.latent_dim == lab.state.section.latent_dim == 10
    assert lab.snapshot.architecture.image_shape == (1, 28, 28)
    lab.window.activateWindow()
    lab.wait(lab.window.isActiveWindow)
    session = tmp_path / "ten.latentlab.json"
    lab.shell.files.save_session(session)
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    assert lab.state.section.latent_dim == 2
    wait_for_open(lab, lambda: lab.shell.files.open_session(session))
    assert lab.snapshot.architecture.latent_dim == lab.state.section.latent_dim == 10
    take_steps(lab, 2)


def test_a_new_network_may_be_convolutional(lab: Lab, tmp_path: Path) -> None:
    def ask() -> None:
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_N, CTRL)
        box = lab.window.findChild(QComboBox, "networkKind")
        assert box is not None
        assert box.currentText() == "dense"
        lab.wait(box.window().isActiveWindow)
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        QTest.keyClick(box, Qt.Key.Key_Return)

    wait_for_open(lab, ask)
    assert lab.snapshot.architecture == LIVE_CONVOLUTIONS
    lab.window.activateWindow()
    lab.wait(lab.window.isActiveWindow)
    session = tmp_path / "conv.latentlab.json"
    lab.shell.files.save_session(session)
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    wait_for_open(lab, lambda: lab.shell.files.open_session(session))
    assert lab.snapshot.architecture == LIVE_CONVOLUTIONS
    take_steps(lab, 1)


@pytest.mark.parametrize("where", ["nowhere", "a-file"])
def test_a_model_that_cannot_be_written_says_so(lab: Lab, tmp_path: Path, where: str) -> None:
    (tmp_path / "a-file").write_text("")
    target = tmp_path / where / "mine.safetensors"
    lab.shell.files.save_model(target)
    lab.wait(lambda: str(target) in lab.said)
    assert lab.window.message_bar.kind == "error"
