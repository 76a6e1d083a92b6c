"""What is chosen written to files, from the real window."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
)

from latentlab.app.chosen import Chosen
from latentlab.data.dataset import Dataset
from latentlab.ui.choosing.export_dialog import ExportDialog
from tests.faults import full_disk
from tests.window.lab import CTRL, LEFT, SHIFT, Lab
from tests.window.reach import ambiguous, unexplained

SOME = tuple(range(100, 140))


def dialog(lab: Lab, kind: str) -> ExportDialog:
    """The open dialog, with this kind chosen."""
    lab.trigger("exportPointsAction")
    found = lab.child("exportPointsDialog", ExportDialog)
    lab.wait(found.isVisible)
    box = lab.child("exportKind", QComboBox)
    box.setCurrentIndex(box.findData(kind))
    return found


def save(lab: Lab, kind: str, target: Path) -> None:
    """Say where, as one does; an export is then under way."""
    button(dialog(lab, kind), QDialogButtonBox.StandardButton.Save).click()
    asked = [d for d in lab.window.findChildren(QFileDialog) if d.isVisible()]
    assert len(asked) == 1
    line = asked[0].findChild(QLineEdit, "fileNameEdit")
    assert line is not None
    line.setCompleter(None)
    line.setText(str(target))
    asked[0].accept()


def button(of: ExportDialog, which: QDialogButtonBox.StandardButton) -> QPushButton:
    box = of.findChild(QDialogButtonBox)
    assert box is not None
    return box.button(which)


def closed(lab: Lab) -> bool:
    return lab.window.findChild(ExportDialog, "exportPointsDialog") is None


def train(lab: Lab) -> Dataset:
    opened = lab.shell.controller.present
    assert opened is not None
    return opened.pair.train


def test_a_table_says_what_the_panel_says(lab: Lab, tmp_path: Path) -> None:
    lab.shell.store.change("choose", chosen=Chosen("train", SOME))
    target = tmp_path / "points.csv"
    save(lab, "table", target)
    lab.wait(lambda: closed(lab))
    assert lab.status == f"Saved {target} (40 images)"
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == list(SOME)
    for row in rows[::13]:
        view = lab.viewer.explain(int(row["index"]))
        assert float(row["neg_elbo"]) == pytest.approx(view.negative_elbo, rel=1e-5)
        assert float(row["reconstruction"]) == pytest.approx(view.reconstruction, rel=1e-5)
        assert (float(row["mu_1"]), float(row["mu_2"])) == pytest.approx(view.mu, abs=1e-5)
        sigma = np.exp([0.5 * float(row["logvar_1"]), 0.5 * float(row["logvar_2"])])
        np.testing.assert_allclose(sigma, view.sigma, rtol=1e-5)
    about = json.loads((tmp_path / "points.about.json").read_text(encoding="utf-8"))
    assert (about["model"], about["step"]) == ("mnist-2d-live", lab.snapshot.step)
    assert about["images"] == 40


def test_it_is_of_the_weights_of_the_moment_while_training(lab: Lab, tmp_path: Path) -> None:
    lab.shell.store.change("choose", chosen=Chosen("train", tuple(range(400))))
    lab.click("trainButton")
    lab.wait_for_steps(5)
    save(lab, "table", tmp_path / "points.csv")
    before = lab.snapshot.step
    lab.wait(lambda: closed(lab))
    assert lab.snapshot.running
    lab.click("trainButton")
    lab.wait_until_exact()
    about = json.loads((tmp_path / "points.about.json").read_text(encoding="utf-8"))
    assert abs(about["step"] - before) <= lab.snapshot.step - before + 50


def test_a_folder_gets_an_image_each_and_asks_before_it_replaces(lab: Lab, tmp_path: Path) -> None:
    lab.shell.store.change("choose", chosen=Chosen("train", SOME[:5]))
    save(lab, "folder", tmp_path)
    lab.wait(lambda: closed(lab))
    data = train(lab)
    names = [f"train-{index:05d}-{data.labels[index]}.png" for index in SOME[:5]]
    assert sorted(path.name for path in tmp_path.glob("*.png")) == sorted(names)
    for index, name in zip(SOME, names, strict=False):
        np.testing.assert_array_equal(np.array(Image.open(tmp_path / name)), data.images[index, 0])
    (tmp_path / names[0]).write_bytes(b"mine")
    save(lab, "folder", tmp_path)
    box = lab.child("replaceQuestion", QMessageBox)
    assert box.text() == "5 of these 5 files are in that folder already."
    QTest.mouseClick(box.button(QMessageBox.StandardButton.Cancel), LEFT)
    assert (tmp_path / names[0]).read_bytes() == b"mine"
    found = lab.child("exportPointsDialog", ExportDialog)
    button(found, QDialogButtonBox.StandardButton.Cancel).click()
    lab.wait(lambda: closed(lab))


def test_one_sheet_of_all_where_none_are_chosen(lab: Lab, tmp_path: Path) -> None:
    target = tmp_path / "all.png"
    save(lab, "sheet", target)
    lab.wait(lambda: closed(lab))
    sheet = np.array(Image.open(target))
    assert sheet.shape == (100 * 30 - 2, 100 * 30 - 2)
    np.testing.assert_array_equal(sheet[30:58, 60:88], train(lab).images[102, 0])


def test_cancel_leaves_nothing(lab: Lab, tmp_path: Path) -> None:
    target = tmp_path / "points.csv"
    save(lab, "table", target)
    found = lab.child("exportPointsDialog", ExportDialog)
    button(found, QDialogButtonBox.StandardButton.Cancel).click()
    lab.wait(lambda: closed(lab))
    assert list(tmp_path.glob("*.csv")) == []
    assert lab.said == ""


def test_a_full_disk_is_told_in_a_sentence(lab: Lab, tmp_path: Path) -> None:
    lab.shell.store.change("choose", chosen=Chosen("train", SOME))
    target = tmp_path / "points.csv"
    with full_disk():
        save(lab, "table", target)
        lab.wait(lambda: closed(lab))
    assert lab.said.startswith(f"{target} could not be written: ")
    assert lab.said.endswith("make room there, or choose another place.")
    assert list(tmp_path.glob("*.csv")) == []


def test_it_opens_by_key_and_is_explained(lab: Lab) -> None:
    lab.key("e", CTRL | SHIFT)
    lab.wait(lambda: not closed(lab))
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
