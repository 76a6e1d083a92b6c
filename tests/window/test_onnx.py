"""An encoder and a decoder from ONNX files in the window: asked, explored, inferred, refused."""

import importlib.util
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import helper
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialogButtonBox,
    QTabBar,
    QTextBrowser,
)

from latentlab.app.infer_view import Inferred
from latentlab.cli import main
from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate
from latentlab.core.exponential import Decoder
from latentlab.core.spec import Likelihood
from latentlab.training.frozen_words import (
    NOT_COMPARED,
    NOT_IMPROVED,
    NOT_PULLED,
    NOT_SAVED,
    NOT_TRAINED,
)
from latentlab.training.onnx_vae import OnnxVAE
from latentlab.ui.frozen import ACTIONS, WIDGETS
from latentlab.ui.onnx_dialog import OnnxDialog
from tests.bad_files.onnx_models import decoder, encoder, initial, linear, make_onnx
from tests.core.foreign import Trained, train_example
from tests.training.onnx_example import export
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, NONE, Lab
from tests.window.test_files import drop

_FLOAT = 1  # ONNX's number for float32


@pytest.fixture(scope="module")
def example() -> Trained:
    return train_example()


@pytest.fixture(scope="module")
def folder(example: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("onnx")
    export(example.network, made)
    return made


def both(folder: Path) -> list[str]:
    return [str(folder / "encoder.onnx"), str(folder / "decoder.onnx")]


def asked(lab: Lab) -> bool:
    return lab.window.findChild(OnnxDialog, "onnxDialog") is not None


def wait_for_question(lab: Lab) -> OnnxDialog:
    lab.wait(lambda: asked(lab) or bool(lab.said))
    assert asked(lab), lab.said
    return lab.child("onnxDialog", OnnxDialog)


def answer(lab: Lab, button: QDialogButtonBox.StandardButton) -> None:
    box = lab.child("onnxDialog", OnnxDialog).findChild(QDialogButtonBox)
    assert box is not None
    box.button(button).click()
    lab.wait(lambda: not asked(lab))
    lab.window.activateWindow()
    lab.wait(lab.window.isActiveWindow)


def accept(lab: Lab) -> OnnxVAE:
    """Open what is asked about, as it is shown."""
    answer(lab, QDialogButtonBox.StandardButton.Open)
    lab.wait(lambda: lab.shell.controller.heard and lab.snapshot.heldout is not None)
    model = lab.shell.controller.present.onnx
    assert model is not None
    return model


def explore(lab: Lab, folder: Path) -> OnnxVAE:
    """Open both files as they are guessed."""
    lab.window.message_bar.clear()
    lab.shell.onnx.ask(both(folder))
    wait_for_question(lab)
    return accept(lab)


def enabled(lab: Lab) -> dict[str, bool]:
    """Of all that a model without weights switches off."""
    names = [name for group in WIDGETS.values() for name in group]
    found = {name: lab.window.findChild(QAbstractButton, name) for name in names}
    known = {name: widget.isEnabled() for name, widget in found.items() if widget is not None}
    for name in (name for group in ACTIONS.values() for name in group):
        action = lab.window.findChild(QAction, f"{name}Action")
        assert action is not None, name
        known[name] = action.isEnabled()
    return known


def test_points_and_pictures_are_torchs(lab: Lab, example: Trained, folder: Path) -> None:
    model = explore(lab, folder)
    assert model.likelihood.name == "bernoulli"
    x, z = lab.viewer.sight().x(np.arange(200)), torch.tensor([[0.5, -0.25]])
    with torch.no_grad():
        mu, logvar = example.network.encode(x)
        image = torch.sigmoid(example.network.decode(z))
    np.testing.assert_allclose(lab.snapshot.cloud.mu[:200], mu, atol=1e-5)
    np.testing.assert_allclose(lab.snapshot.cloud.logvar[:200], logvar, atol=1e-5)
    np.testing.assert_allclose(torch.sigmoid(model.decode(z)), image, atol=1e-5)
    lab.wait(lambda: len(lab.plane.scene.cloud) == len(lab.snapshot.cloud.mu))
    lab.press(0.5, -0.25)
    lab.release(0.5, -0.25)
    with torch.no_grad():
        there = torch.sigmoid(example.network.decode(torch.tensor([lab.state.z])))
    wanted = (255 * there.numpy().reshape(28, 28)).round()
    assert np.abs(lab.decoded().astype(int) - wanted).max() <= 1
    # The lab's other looks work, too.
    view = lab.viewer.explain(3)
    np.testing.assert_allclose(view.mu, mu[3], atol=1e-5)
    assert np.isfinite(view.negative_elbo)
    lab.shell.choices.choose_layer("uncertainty")
    lab.shell.choices.choose_layer("likelihood")
    lab.shell.model_out.show_card()
    card = lab.child("modelCardText", QTextBrowser).toPlainText()
    for process in (model.encoder, model.decoder):
        assert process.sha256 in card
    assert "mu N × 2, logvar N × 2" in card
    assert "opset" in card
    assert not lab.said


def test_what_cannot_be_known_is_asked(lab: Lab, folder: Path) -> None:
    present = lab.shell.controller.present
    lab.shell.onnx.ask(both(folder))
    dialog = wait_for_question(lab)
    assert not dialog.isModal()
    boxes = dialog.findChildren(QComboBox)
    assert [box.currentText() for box in boxes] == [
        "mu", "logvar", "log σ²", "image", "the image itself", "Bernoulli",
    ]  # fmt: skip
    lab.choose("onnxLikelihood", "Gaussian")
    lab.wait(lambda: "Gaussian, σ² = 0.0" in lab.text("onnxSays"))
    lab.choose("onnxSpread", "σ")
    lab.wait(lambda: "not above 0, so it is no sigma" in lab.text("onnxSays"))
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    assert not buttons.button(QDialogButtonBox.StandardButton.Open).isEnabled()
    process = dialog.offer.model.encoder
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    lab.wait(lambda: not asked(lab))
    assert process.ended
    assert lab.shell.controller.present == present
    assert not lab.said


def test_both_are_chosen_from_the_menu(lab: Lab, folder: Path) -> None:
    lab.trigger("openOnnxAction")
    first, second = (Path(path) for path in both(folder))
    lab.answer_file_dialog(f'"{first}" "{second}"')
    assert wait_for_question(lab).offer.model.decoder.path == second
    answer(lab, QDialogButtonBox.StandardButton.Cancel)


def test_both_may_be_dropped_in_any_order_or_one_and_then_the_other(lab: Lab, folder: Path) -> None:
    first, second = (Path(path) for path in both(folder))
    drop(lab, second, first)
    assert wait_for_question(lab).offer.model.encoder.path == first
    answer(lab, QDialogButtonBox.StandardButton.Cancel)
    drop(lab, second)
    lab.answer_file_dialog(first)
    assert wait_for_question(lab).offer.model.decoder.path == second
    assert accept(lab).likelihood == Likelihood("bernoulli", lab.state.likelihood.variance)
    # It stays for other images of its shape.
    lab.shell.files.open_data("fashion-mnist")
    lab.wait(lambda: lab.shell.controller.present.data == "fashion-mnist")
    lab.wait(lambda: lab.shell.controller.heard and lab.snapshot.heldout is not None)
    assert lab.shell.controller.present.onnx is not None
    drop(lab, first, second, first)
    assert "these are 3: choose two" in lab.said


def test_both_may_be_dropped_with_the_files_that_hold_their_weights(
    lab: Lab, example: Trained, tmp_path: Path
) -> None:
    folder = tmp_path / "exported"
    folder.mkdir()
    export(example.network, folder, inside=False)
    drop(lab, *sorted(folder.iterdir()))
    wait_for_question(lab)
    model = accept(lab)
    assert model.encoder.path == folder / "encoder.onnx"
    assert model.decoder.size > (folder / "decoder.onnx").stat().st_size
    (folder / "encoder.onnx.data").unlink()
    drop(lab, folder / "encoder.onnx", folder / "decoder.onnx")
    lab.wait(lambda: "encoder.onnx.data does not exist: put both into one folder" in lab.said)
    assert lab.shell.controller.present.onnx is model


def test_what_needs_weights_is_off_and_says_why_until_there_are_some(
    lab: Lab, folder: Path
) -> None:
    lab.shell.choices.switch_forces(True)
    before = enabled(lab)
    explore(lab, folder)
    assert not any(enabled(lab).values())
    assert not lab.state.forces_on
    for name, why in (
        ("trainButton", NOT_TRAINED), ("klToggle", NOT_TRAINED), ("forcesToggle", NOT_PULLED),
    ):  # fmt: skip
        assert lab.child(name, QAbstractButton).toolTip() == why
        lab.window.message_bar.clear()
        lab.click(name)
        assert lab.said == why
    for key, modifier, why in (
        ("t", NONE, NOT_TRAINED),
        ("s", CTRL, NOT_SAVED),
        (Qt.Key.Key_F6, NONE, NOT_COMPARED),
    ):
        lab.window.message_bar.clear()
        lab.plane.setFocus()
        lab.key(key, modifier)
        assert lab.said == why
    assert lab.state.workspace == "explore"
    tabs = lab.child("workspaceTabs", QTabBar)
    lab.window.message_bar.clear()
    QTest.mouseClick(tabs, LEFT, NONE, tabs.tabRect(1).center())
    assert (lab.said, lab.state.workspace) == (NOT_COMPARED, "explore")
    # Whatever asks all the same is answered.
    lab.window.message_bar.clear()
    lab.shell.controller.train(True)
    lab.wait(lambda: lab.said == NOT_TRAINED)
    lab.shell.model_out.copy_z()
    assert lab.said == NOT_SAVED

    lab.shell.files.open_model("mnist-2d-live")
    lab.wait(lambda: lab.shell.controller.present.onnx is None)
    lab.wait(lambda: lab.shell.controller.heard)
    assert enabled(lab) == before
    assert not lab.said
    assert lab.child("trainButton", QAbstractButton).toolTip() != NOT_TRAINED
    begun = lab.snapshot.step
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == begun + 1)


def test_the_true_posterior_is_torchs(lab: Lab, example: Trained, folder: Path) -> None:
    explore(lab, folder)
    lab.shell.controller.select(5)
    lab.shell._workspaces.choose("infer")
    found: list[Inferred] = []
    looking = lab.shell.infer.looking
    assert looking is not None
    looking.shown.connect(lambda shown: found.append(shown) if shown and shown.exact else None)
    lab.wait(lambda: bool(found) and found[-1].subject == 5)
    sight = lab.viewer.sight()
    grid = Grid(Decoder(example.network.decode, Likelihood(), 2))
    q = sight.encoded(5)
    with torch.no_grad():
        (wanted,) = integrate(grid, sight.x(5), q.mean[None], q.sigma[None])
    assert found[-1].account.log_evidence == pytest.approx(wanted.log_evidence, abs=2e-3)
    button = lab.child("improveButton", QAbstractButton)
    assert (button.isEnabled(), button.toolTip()) == (False, NOT_IMPROVED)
    lab.window.message_bar.clear()
    lab.key("i")
    assert lab.said == NOT_IMPROVED


def test_a_process_that_dies_is_told_in_a_sentence_and_can_be_reopened(
    lab: Lab, folder: Path
) -> None:
    model = explore(lab, folder)
    lab.shell.choices.move_z(0.5, 0.5)
    shown = lab.decoded()
    model.decoder._process.kill()
    model.decoder._process.wait()
    lab.press(-1.0, 1.0)
    lab.drag_to(-1.2, 1.0)
    lab.release(-1.2, 1.0)
    lab.wait(lambda: "decoder.onnx answers no more" in lab.said)
    np.testing.assert_array_equal(lab.decoded(), shown)
    explore(lab, folder)
    lab.shell.choices.move_z(0.7, 0.5)
    np.testing.assert_array_equal(lab.decoded(), lab.expected())
    assert not lab.said


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="only there can it be held up so")
def test_a_model_that_does_not_answer_holds_nobody_up(lab: Lab, folder: Path) -> None:
    model = explore(lab, folder)
    shown = lab.decoded()
    model.decoder._process.send_signal(signal.SIGSTOP)
    lab.shell.choices.move_z(0.9, 0.5)
    lab.shell.controller.select(5)
    np.testing.assert_array_equal(lab.decoded(), shown)
    assert lab.shell.looking.point is None
    # Nothing has given it up yet: it goes on as soon as it can.
    model.decoder._process.send_signal(signal.SIGCONT)
    lab.wait(lambda: lab.shell.looking.point is not None)
    lab.wait(lambda: not np.array_equal(lab.decoded(), shown))
    np.testing.assert_array_equal(lab.decoded(), lab.expected())
    assert not lab.said


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="only there can it be held up so")
@pytest.mark.parametrize("then", ["close", "open"])
def test_one_that_is_never_loaded_is_given_up(lab: Lab, folder: Path, then: str) -> None:
    laboratory = lab.shell.bridge.laboratory
    assert laboratory is not None
    lab.shell.onnx.ask(both(folder))
    lab.wait(lambda: bool(laboratory._loading))
    loading = laboratory._loading[0]._process
    loading.send_signal(signal.SIGSTOP)
    if then == "close":
        lab.window.close()
        assert lab.shell.ended
    else:
        lab.shell.files.open_model("fashion-mnist-2d")
        lab.wait(lambda: "fashion-mnist-2d" in lab.window.windowTitle(), timeout=10_000)
        assert not asked(lab)
        assert not lab.said
    assert loading.poll() is not None


def test_values_that_are_not_finite_are_told_where_they_are(lab: Lab, tmp_path: Path) -> None:
    weight = np.full((2, 784), 0.01, np.float32)
    nodes = [
        helper.make_node("Add", ["x", "twenty"], ["shifted"]),
        helper.make_node("Sqrt", ["shifted"], ["root"]),
        helper.make_node("MatMul", ["root", "w"], ["mu"]),
    ]
    content = encoder(
        nodes, [initial("w", weight), initial("twenty", np.float32(20))],
        inputs=(("x", _FLOAT, ("N", 2)),),
    )  # fmt: skip
    (tmp_path / "encoder.onnx").write_bytes(linear(0.001))
    (tmp_path / "decoder.onnx").write_bytes(content)
    explore(lab, tmp_path)
    lab.shell.choices.move_z(0.5, 0.5)
    shown = lab.decoded()
    lab.shell.choices.move_z(-20.5, 0.0)
    lab.wait(lambda: "its output mu holds values that are not finite" in lab.said)
    np.testing.assert_array_equal(lab.decoded(), shown)
    lab.shell.choices.move_z(0.6, 0.5)
    np.testing.assert_array_equal(lab.decoded(), lab.expected())


def test_bad_files_are_refused_in_a_sentence_and_leave_all_as_it_was(
    lab: Lab, tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(decoder())
    present = lab.shell.controller.present
    museum = {bad.name: bad for bad in make_onnx(tmp_path / "museum")}
    for name in (
        "text",
        "outside-anywhere",
        "4-tb",
        "nan",
        "gives-float64",
        "larger-images",
        "no-spread",
    ):
        bad = museum[f"onnx-{name}"]
        lab.window.message_bar.clear()
        lab.shell.onnx.ask([str(bad.path), str(other)])
        lab.wait_for_words(f"about {name}")
        assert str(bad.path) in lab.said
        assert lab.window.message_bar.kind == "error"
    assert not asked(lab)
    assert lab.shell.controller.present == present


def test_a_window_is_started_on_both(open_lab: OpenLab, folder: Path) -> None:
    lab = open_lab(onnx=tuple(both(folder)))
    wait_for_question(lab)
    accept(lab)
    assert lab.window.windowTitle().startswith("encoder + decoder")


def test_without_onnxruntime_it_says_how_to_get_it(
    lab: Lab, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    with monkeypatch.context() as without:
        without.setattr(
            importlib.util,
            "find_spec",
            lambda name: None if name == "onnxruntime" else real(name),
        )
        lab.shell.onnx.ask(both(folder))
        lab.wait_for_words("about onnxruntime")
    assert 'pip install "latentlab[onnx]"' in lab.said


@pytest.mark.parametrize(
    "given", [("--encoder", "E.onnx"), ("--encoder", "E.onnx", "--decoder", "D.onnx", "mnist-2d")]
)
def test_half_of_a_model_opens_no_window(
    given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(given) == 2
    assert "give both alone" in capsys.readouterr().err
