"""The model's card, and the model written for other programs, in the real window."""

import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QAction, QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QTextBrowser, QToolButton

from latentlab.core.interpolate import path
from latentlab.paths import find_model
from latentlab.ui.model_card import ModelCard
from tests.core.test_snippet import images_of
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, SHIFT, Lab, rgb
from tests.window.test_training import take_steps

CTRL_ALT = CTRL | Qt.KeyboardModifier.AltModifier


def open_card(lab: Lab) -> QTextBrowser:
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_F4)
    lab.wait(lab.child("modelCard", ModelCard).isVisible)
    return lab.child("modelCardText", QTextBrowser)


def test_the_card_opens_by_key_and_button_and_closes_by_escape(lab: Lab) -> None:
    text = open_card(lab)
    card = lab.child("modelCard", ModelCard)
    assert text.hasFocus()
    assert "mnist-2d-live" in text.toPlainText()
    assert "held-out ELBO" in text.toPlainText()
    assert "As shipped" in text.toPlainText()
    for name in ("modelCardCopy", "modelCardClose", "modelCardText"):
        lab.key(Qt.Key.Key_Tab)
        assert lab.window.focusWidget().objectName() == name
    lab.key(Qt.Key.Key_Backtab, SHIFT)
    assert lab.window.focusWidget().objectName() == "modelCardClose"
    lab.key(Qt.Key.Key_Escape)
    assert card.isHidden()
    assert lab.plane.hasFocus()
    lab.click("cardButton")
    assert card.isVisible()
    # In the window, whose panels it covers, at any size.
    assert card.geometry() == lab.window.rect()
    lab.window.resize(1280, 720)
    lab.wait(lambda: card.geometry() == lab.window.rect())
    lab.click("modelCardClose")
    assert card.isHidden()
    assert lab.child("cardButton", QToolButton).hasFocus()


def test_the_card_follows_the_run_but_not_into_a_selection(lab: Lab) -> None:
    text = open_card(lab)
    step = lab.snapshot.step
    assert f"{step:,}" in text.toPlainText()
    lab.shell.controller.step()
    lab.wait(lambda: f"{step + 1:,}" in text.toPlainText())
    # Somebody is about to copy this: it stays while it is selected.
    text.selectAll()
    lab.shell.controller.step()
    lab.wait(lambda: lab.snapshot.step == step + 2)
    lab.wait_until_exact()
    assert text.textCursor().hasSelection()
    assert f"{step + 2:,}" not in text.toPlainText()
    QTest.keyClick(text, Qt.Key.Key_C, CTRL)
    assert "held-out ELBO" in QGuiApplication.clipboard().text()
    cursor = text.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.Start)
    text.setTextCursor(cursor)
    lab.wait(lambda: f"{step + 2:,}" in text.toPlainText())
    # While it trains, too.
    lab.shell.controller.train(True)
    lab.wait(lambda: _steps(text) > step + 20)
    lab.shell.controller.train(False)
    lab.wait_until_exact()
    lab.wait(lambda: _steps(text) == lab.snapshot.step)


def _steps(text: QTextBrowser) -> int:
    found = re.search(r"steps\s+([\d,]+)", text.toPlainText())
    assert found is not None
    return int(found[1].replace(",", ""))


def test_the_card_is_copied_whole(lab: Lab) -> None:
    open_card(lab)
    lab.click("modelCardCopy")
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("# mnist-2d-live\n")
    assert "| encoder.0 | linear | weight 400 × 784, bias 400 | 314,000 |" in copied


def test_its_curves_are_drawn_in_both_themes(lab: Lab) -> None:
    open_card(lab)
    curves = lab.child("modelCard", ModelCard)._curves
    for theme in ("dark", "light"):
        lab.shell.presentation.choose_theme(theme)
        picture = rgb(curves.grab().toImage())
        colour = curves._theme.kl
        wanted = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)])
        assert (np.abs(picture - wanted).max(axis=2) < 24).any()


def test_z_is_copied_as_python_that_decodes_it(lab: Lab, tmp_path: Path) -> None:
    lab.drag((0.0, 0.0), (0.8, -1.1))
    lab.key(Qt.Key.Key_C, CTRL_ALT)
    lab.wait(lambda: "Copied Python" in lab.status)
    code = QGuiApplication.clipboard().text()
    assert str(find_model("mnist-2d-live")) in code
    found = images_of(tmp_path, code)
    # The window's picture of it has 256 greys.
    np.testing.assert_allclose(255 * found[0, 0], lab.expected(), atol=0.51)

    lab.trigger("copyPathAction")
    found = images_of(tmp_path, QGuiApplication.clipboard().text())
    state = lab.state
    points = path(state.z1, state.z2, state.strip_count, state.spherical).astype(np.float32)
    np.testing.assert_allclose(255 * found[:, 0], lab.viewer.decode(points), atol=0.51)


def test_weights_that_no_file_holds_are_not_copied_as_another_files(lab: Lab) -> None:
    QGuiApplication.clipboard().setText("before")
    take_steps(lab, 1)
    menu = lab.child("copyButton", QToolButton).menu()
    assert menu is not None
    action = menu.findChild(QAction, "copyPython")
    assert action is not None
    action.trigger()
    lab.wait_for_words("about weights in no file")
    assert "save the model" in lab.said
    assert QGuiApplication.clipboard().text() == "before"


def test_python_is_exported_with_the_weights_of_now(lab: Lab, tmp_path: Path) -> None:
    take_steps(lab, 3)
    lab.wait(lambda: lab.viewer.step == lab.snapshot.step)
    target = tmp_path / "mine.py"
    lab.trigger("exportPythonAction")
    lab.answer_file_dialog(target)
    lab.wait(lambda: str(target) in lab.status)
    # Beside the weights, since it finds them there.
    found = images_of(
        tmp_path, target.read_text(encoding="utf-8").replace("__file__", repr(str(target)))
    )
    np.testing.assert_allclose(255 * found[0, 0], lab.expected(), atol=0.51)

    target.unlink()
    lab.trigger("exportPythonAction")
    lab.answer_file_dialog(target)
    lab.wait_for_words("about the weights that are there")
    assert "would be replaced" in lab.said
    assert not target.exists()

    lab.trigger("exportPythonAction")
    lab.answer_file_dialog(tmp_path / "with.dot")
    lab.wait((tmp_path / "with.dot.py").exists)
    assert (tmp_path / "with.dot.weights.safetensors").exists()


def test_onnx_is_exported_by_a_process_while_the_window_goes_on(lab: Lab, tmp_path: Path) -> None:
    lab.trigger("exportOnnxAction")
    lab.answer_file_dialog(tmp_path)
    assert "to ONNX" in lab.status
    lab.trigger("exportOnnxAction")
    lab.answer_file_dialog(tmp_path)
    lab.wait_for_words("about the other export")
    assert "under way" in lab.said
    lab.wait(lambda: "decoder.onnx" in lab.status, timeout=120_000)
    session = onnxruntime.InferenceSession(
        tmp_path / "decoder.onnx", providers=["CPUExecutionProvider"]
    )
    (image,) = session.run(["image"], {"z": np.array([lab.state.z], np.float32)})
    np.testing.assert_allclose(255 * image.reshape(28, 28), lab.expected(), atol=0.51)

    lab.trigger("exportOnnxAction")
    lab.answer_file_dialog(tmp_path)
    lab.wait(lambda: "exists: choose another folder" in lab.said)


def test_closing_during_an_export_ends_its_process(lab: Lab, tmp_path: Path) -> None:
    lab.shell.model_out.write_onnx(tmp_path)
    (process,) = lab.shell.model_out.findChildren(QProcess)
    lab.wait(lambda: process.state() is QProcess.ProcessState.Running)
    lab.shell.close_at_once()
    assert process.state() is QProcess.ProcessState.NotRunning
    assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_network_from_scratch_has_a_card(open_lab: OpenLab, theme: str) -> None:
    lab = open_lab("fashion-mnist")
    lab.shell.presentation.choose_theme(theme)
    text = open_card(lab).toPlainText()
    assert "new network, K = 2" in text
    assert "fashion-mnist: " in text
    assert "As shipped" not in text
    button = lab.child("modelCardClose", QAbstractButton)
    QTest.mouseClick(button, LEFT)
