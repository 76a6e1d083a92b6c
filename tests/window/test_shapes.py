"""The set whose factors are known, chosen, and its points coloured by them."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from latentlab.app.session import load_session
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, Lab, changed_part


def test_the_colours_are_offered_where_there_are_factors(lab: Lab) -> None:
    choice = lab.child("colourChoice", QComboBox)
    assert not choice.isVisible()
    lab.choose("datasetChoice", "shapes")
    lab.wait(choice.isVisible)
    lab.wait(lambda: len(lab.plane.scene.cloud) == 10_000)
    offered = [choice.itemText(index) for index in range(choice.count())]
    assert offered == ["class", "x", "y", "size", "rotation"]

    by_class = lab.plane.plane_image()
    lab.choose("colourChoice", "x")
    assert lab.state.colour_by == "x"
    key = lab.plane.scene.tone_key()
    assert key is not None
    assert key.factor.name == "x"
    assert changed_part(by_class, lab.plane.plane_image()) > 0.01

    lab.plane.setFocus()
    lab.key("Z", CTRL)
    assert lab.state.colour_by == "class"
    assert choice.currentText() == "class"
    assert lab.plane.scene.tone_key() is None


def test_the_other_workspaces_have_the_colours_too(open_lab: OpenLab) -> None:
    lab = open_lab("shapes")
    lab.choose("colourChoice", "size")
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_F7)
    assert lab.window.infer is not None
    overview = lab.window.infer.overview.scene
    lab.wait(lambda: overview.tone_key() is not None)
    assert (overview.factor.name, len(overview.factor.values)) == ("size", 10_000)

    lab.key(Qt.Key.Key_F6)
    assert lab.window.compare is not None
    panels = lab.window.compare.panels.values()
    lab.wait(lambda: all(panel.plane.scene.tone_key() is not None for panel in panels))
    assert {panel.plane.scene.factor.name for panel in panels} == {"size"}
    # Each says how far its own axes order the images by it.
    assert all("ρ with z₁" in panel.plane.scene.tone_key()._note for panel in panels)

    lab.shell.choices.colour_by("class")
    scenes = [overview, *(panel.plane.scene for panel in panels)]
    assert [scene.tone_key() for scene in scenes] == [None] * len(scenes)
    lab.shell.choices.colour_by("x")
    assert {scene.factor.name for scene in scenes} == {"x"}


def test_a_session_brings_the_colours_back(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab("shapes")
    lab.choose("colourChoice", "size")
    path = tmp_path / "a.latentlab.json"
    lab.shell.files.save_session(path)
    assert load_session(path).state.colour_by == "size"

    lab.choose("datasetChoice", "mnist")
    lab.wait(lambda: lab.shell.controller.present.data == "mnist")  # type: ignore[union-attr]
    assert lab.state.colour_by == "class"
    lab.shell.files.open_path(str(path))
    lab.wait(lambda: lab.state.colour_by == "size")
    lab.wait(lambda: lab.plane.scene.tone_key() is not None)
    assert lab.child("colourChoice", QComboBox).currentText() == "size"


def test_a_session_of_other_data_leaves_the_classes_colours(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab("shapes")
    lab.choose("colourChoice", "size")
    path = tmp_path / "a.latentlab.json"
    lab.shell.files.save_session(path)
    path.write_text(path.read_text().replace('"shapes"', '"mnist"'))
    lab.shell.files.open_path(str(path))
    lab.wait(lambda: lab.shell.controller.present.data == "mnist")  # type: ignore[union-attr]
    assert lab.state.colour_by == "class"
