"""The Compare workspace: the regimes of the lecture side by side, in the real window."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QTabBar,
    QToolButton,
    QWidget,
)

from latentlab.app.session import load_session
from latentlab.core.regime import PRESETS
from latentlab.training.messages import Compared, Figures, Member
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.images import ImageView
from latentlab.ui.switch import Switch
from tests.check import ROOT
from tests.window.conftest import OpenLab
from tests.window.lab import LEFT, NONE, Lab, pixels
from tests.window.reach import ambiguous, overlong, too_large, unexplained
from tests.window.test_files import wait_for_open

NAMES = ["reconstruction only", "KL only", "both"]


W = TypeVar("W", bound=QWidget)


def part(panel: ComparePanel, name: str, kind: type[W]) -> W:
    """A part of this panel: names end with the network's number."""
    found = panel.findChild(kind, f"{name}{panel.number}")
    assert found is not None
    return found


class Comparing:
    """A Lab with the Compare workspace in front, and eyes for it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.compare = lab.shell.compare

    @property
    def panels(self) -> list[ComparePanel]:
        """As they stand from left to right."""
        return sorted(self.lab.window.compare.panels.values(), key=lambda panel: panel.x())

    @property
    def newest(self) -> Compared:
        newest = self.compare.newest
        assert newest is not None
        return newest

    @property
    def names(self) -> list[str]:
        return [member.regime.name for member in self.newest.members]

    def member(self, name: str) -> Member:
        return next(m for m in self.newest.members if m.regime.name == name)

    def figures(self, name: str) -> Figures:
        found = self.member(name).figures
        assert found is not None
        return found

    def rest(self, until: Callable[[Compared], bool] = lambda _: True) -> None:
        def rested() -> bool:
            newest = self.compare.newest
            return newest is not None and newest.exact and not newest.running and until(newest)

        self.lab.wait(rested)

    def click(self, panel: ComparePanel, at: tuple[float, float]) -> None:
        plane = panel.plane
        camera = plane.scene.camera
        place = QPointF(camera.x_to_pixel(at[0]), camera.y_to_pixel(at[1])).toPoint()
        QTest.mouseClick(plane, LEFT, NONE, place)

    def choose(self, panel: ComparePanel, name: str) -> None:
        box = part(panel, "comparedPreset", QComboBox)
        box.setCurrentIndex(list(PRESETS).index(name))
        box.activated.emit(box.currentIndex())

    def decoded(self, panel: ComparePanel) -> np.ndarray:
        view = part(panel, "comparedDecoded", ImageView)
        assert view.image is not None
        return pixels(view.image)


@pytest.fixture
def comparing(lab: Lab) -> Comparing:
    """Come to by its tab, with all figures there."""
    tabs = lab.child("workspaceTabs", QTabBar)
    QTest.mouseClick(tabs, LEFT, NONE, tabs.tabRect(1).center())
    assert lab.state.workspace == "compare"
    found = Comparing(lab)
    found.rest()
    return found


def test_it_opens_on_the_shipped_regimes(comparing: Comparing) -> None:
    assert comparing.names == NAMES
    assert not comparing.newest.running
    steps = {member.step for member in comparing.newest.members}
    assert len(steps) == 1
    assert steps.pop() > 1000
    for panel in comparing.panels:
        assert len(panel.plane.scene.cloud) == 10_000
    alone, both = comparing.figures("reconstruction only"), comparing.figures("both")
    assert alone.count == both.count == 10_000
    assert alone.mean_sigma < both.mean_sigma / 5
    assert alone.kl_aggregate > 10
    assert both.kl_aggregate < 1
    assert comparing.figures("KL only").mutual_information < 0.01 < both.mutual_information
    words = [part(panel, "comparedSentence", QLabel).text() for panel in comparing.panels]
    assert "drifts" in words[0]
    assert "Matching the prior alone is not enough" in words[1]
    assert "informative" in words[2]


def test_points_are_there_before_the_engine(open_lab: OpenLab) -> None:
    lab = open_lab(workspace="compare", settle=False)
    comparing = Comparing(lab)
    lab.wait(lambda: all(len(p.plane.scene.cloud) for p in comparing.panels))
    assert comparing.compare.newest is None
    comparing.rest()


def test_one_train_button_trains_all_in_lockstep(comparing: Comparing) -> None:
    lab, before = comparing.lab, comparing.newest
    lab.click("trainButton")
    lab.wait(lambda: comparing.newest.running)
    goal = before.members[0].step + 10
    lab.wait(lambda: comparing.newest.members[0].step >= goal)
    assert lab.text("statusText").startswith("Training in lockstep on mnist")
    lab.key("T")
    comparing.rest()
    assert len({member.step for member in comparing.newest.members}) == 1
    for then, now in zip(before.members, comparing.newest.members, strict=True):
        changed = any(
            not np.array_equal(now.parameters[name], then.parameters[name])
            for name in now.parameters
            if name.startswith("encoder")
        )
        assert changed
    figures = comparing.figures("both")
    assert figures.step == comparing.newest.members[2].step


def test_the_other_workspace_pauses_when_it_is_left(lab: Lab) -> None:
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    lab.key(Qt.Key.Key_F6)
    lab.wait(lambda: not lab.snapshot.running)
    comparing = Comparing(lab)
    comparing.rest()
    lab.click("trainButton")
    lab.wait(lambda: comparing.newest.running)
    assert not lab.snapshot.running
    lab.key(Qt.Key.Key_F5)
    assert lab.state.workspace == "explore"
    lab.wait(lambda: not comparing.newest.running)
    assert lab.window.plane.isVisible()


def test_z_and_the_selection_are_the_same_in_all(comparing: Comparing) -> None:
    lab, panels = comparing.lab, comparing.panels
    before = [comparing.decoded(panel) for panel in panels]
    comparing.click(panels[1], (1.5, -2.5))
    assert lab.state.z == pytest.approx((1.5, -2.5), abs=0.05)
    for panel, then in zip(panels, before, strict=True):
        assert panel.plane.scene.handles.z == lab.state.z
        viewer = lab.shell.bridge.laboratory
        assert viewer is not None
        if panel is not panels[1]:  # an untrained decoder hardly changes
            assert (comparing.decoded(panel) != then).any()
    mu = panels[2].plane.scene.cloud.mu
    index = int(np.hypot(*(mu - (0.0, 3.0)).T).argmin())
    comparing.click(panels[2], (float(mu[index, 0]), float(mu[index, 1])))
    selected = lab.state.selected
    assert selected is not None
    assert [panel.plane.scene.selected for panel in panels] == [selected] * 3
    # At another place in each, and only its ellipse and its reconstruction differ.
    places = {tuple(panel.plane.scene.cloud.mu[selected]) for panel in panels}
    assert len(places) == 3


def test_zooming_one_zooms_all(comparing: Comparing) -> None:
    panels = comparing.panels
    plane = panels[0].plane
    before = plane.viewport()
    at = plane.scene.areas.plane.center()
    turn = QWheelEvent(
        QPointF(at), QPointF(plane.mapToGlobal(at)), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plane, turn)
    views = [panel.plane.viewport() for panel in panels]
    assert views[0].x_max - views[0].x_min < before.x_max - before.x_min
    for view in views[1:]:
        assert (view.x_min, view.x_max) == pytest.approx((views[0].x_min, views[0].x_max), rel=0.02)


def test_a_preset_brings_its_network_while_nothing_was_trained(comparing: Comparing) -> None:
    lab = comparing.lab
    comparing.choose(comparing.panels[1], "β = 100")
    comparing.rest(lambda c: c.members[1].regime == PRESETS["β = 100"])
    assert comparing.member("β = 100").step == comparing.member("both").step
    assert comparing.figures("β = 100").decoded_spread < 0.02
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    comparing.rest(lambda c: c.members[1].regime == PRESETS["KL only"])
    assert comparing.names == NAMES


def test_a_switch_counts_from_the_next_step_on_once_it_was_trained(comparing: Comparing) -> None:
    lab, panel = comparing.lab, comparing.panels[1]
    start = comparing.newest.members[0].step
    lab.key(".")
    comparing.rest(lambda c: c.members[0].step > start)
    weights = comparing.member("KL only").parameters
    QTest.mouseClick(part(panel, "comparedMore", QToolButton), LEFT)
    switch = part(panel, "comparedReconstruction", Switch)
    QTest.mouseClick(switch, LEFT, NONE, switch.rect().center())
    comparing.rest(lambda c: c.members[1].regime.name == "both")
    after = comparing.newest.members[1]
    for name, array in weights.items():
        np.testing.assert_array_equal(array, after.parameters[name])
    step = after.step
    lab.key("E")
    comparing.rest(lambda c: c.members[1].step > step)
    figures = comparing.newest.members[1].figures
    assert figures is not None
    assert figures.mutual_information > 0.3


def test_networks_come_and_go(comparing: Comparing) -> None:
    lab = comparing.lab
    add = lab.child("compareAdd", QComboBox)
    add.setCurrentIndex(add.findText("autoencoder"))
    add.activated.emit(add.currentIndex())
    comparing.rest(lambda c: len(c.members) == 4)
    assert comparing.names == [*NAMES, "autoencoder"]
    assert not add.isEnabled()
    assert [len(panel.plane.scene.cloud) for panel in comparing.panels] == [10_000] * 4
    for left in (3, 2):
        QTest.mouseClick(part(comparing.panels[0], "comparedRemove", QToolButton), LEFT)
        comparing.rest(lambda c, left=left: len(c.members) == left)
    assert comparing.names == ["both", "autoencoder"]
    assert not part(comparing.panels[0], "comparedRemove", QToolButton).isEnabled()


def test_one_that_was_removed_comes_back_as_it_was(comparing: Comparing) -> None:
    lab = comparing.lab
    start = comparing.newest.members[0].step
    lab.key(".")
    comparing.rest(lambda c: c.members[0].step > start)
    before = comparing.newest.members[0]
    QTest.mouseClick(part(comparing.panels[0], "comparedRemove", QToolButton), LEFT)
    comparing.rest(lambda c: len(c.members) == 2)
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    comparing.rest(lambda c: len(c.members) == 3)
    back = comparing.newest.members[0]
    assert back.step == before.step
    for name, array in before.parameters.items():
        np.testing.assert_array_equal(back.parameters[name], array)
    panel = comparing.panels[0]
    lab.wait(lambda: len(panel.plane.scene.cloud) == 10_000)
    assert comparing.decoded(panel).std() > 0
    assert part(panel, "comparedSentence", QLabel).text().startswith("σ narrows")


def test_from_scratch_all_begin_anew_and_back_again(comparing: Comparing) -> None:
    lab = comparing.lab
    shipped = comparing.newest.members[0].step
    lab.key("R", Qt.KeyboardModifier.ShiftModifier)
    comparing.rest(lambda c: c.members[0].step == 0)
    first, *others = comparing.newest.members
    for other in others:
        for name, array in first.parameters.items():
            np.testing.assert_array_equal(array, other.parameters[name])
    lab.key("R")
    comparing.rest(lambda c: c.members[0].step == shipped)


def test_samples_are_of_the_same_z_for_all_and_can_be_drawn_anew(comparing: Comparing) -> None:
    def samples() -> list[np.ndarray]:
        views = [part(panel, "comparedSamples", ImageView) for panel in comparing.panels]
        return [pixels(view.image) for view in views if view.image]

    before = samples()
    assert len(before) == 3
    comparing.lab.click("compareSamples")
    after = samples()
    assert (before[2] != after[2]).any()


def test_other_data_are_compared_from_scratch(comparing: Comparing) -> None:
    lab = comparing.lab
    lab.shell.files.open_data("fashion-mnist")
    lab.wait(lambda: "fashion-mnist" in lab.window.windowTitle())
    comparing.rest(lambda c: c.members[0].step == 0)
    assert comparing.names == NAMES
    assert lab.text("statusText").startswith("Comparing on fashion-mnist")


def test_a_session_remembers_who_is_compared(comparing: Comparing, tmp_path: Path) -> None:
    lab = comparing.lab
    comparing.choose(comparing.panels[0], "β = 100")
    comparing.rest(lambda c: c.members[0].regime == PRESETS["β = 100"])
    path = tmp_path / "s.latentlab.json"
    lab.shell.files.save_session(path)
    lab.wait(path.exists)
    state = load_session(path).state
    assert state.workspace == "compare"
    assert [c.regime.name for c in state.compared] == ["β = 100", "KL only", "both"]


def test_the_command_line_takes_a_picture_of_it(tmp_path: Path) -> None:
    out = tmp_path / "compare.png"
    command = [sys.executable, "-m", "latentlab", "--screenshot", str(out)]
    command += ["--workspace", "compare", "--profile", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 50_000


def test_every_control_is_explained_named_and_reachable(comparing: Comparing) -> None:
    window = comparing.lab.window
    for panel in comparing.panels:
        QTest.mouseClick(part(panel, "comparedMore", QToolButton), LEFT)
    window.resize(1280, 720)
    assert unexplained(window) == []
    assert ambiguous(window) == []
    assert overlong(window) == []
    assert too_large(window, 1280, 720) == []


# --- more of what one expects --------------------------------------------------------------------


def test_f6_puts_the_keyboard_on_a_plane(lab: Lab) -> None:
    lab.key(Qt.Key.Key_F6)
    lab.wait(lambda: lab.state.workspace == "compare")
    focused = QApplication.focusWidget()
    assert focused is lab.window.compare.panels[lab.state.compared[0].number].plane
    z = lab.state.z
    lab.key(Qt.Key.Key_Right)
    assert lab.state.z == pytest.approx((z[0] + 0.1, z[1]))
    lab.key(Qt.Key.Key_F5)
    assert QApplication.focusWidget() is lab.plane


def test_one_legend_isolates_a_class_in_every_plane(comparing: Comparing) -> None:
    lab = comparing.lab
    entry = lab.window.compare.findChild(QToolButton, "compareLegendClass3")
    assert entry is not None
    assert entry.isVisible()
    QTest.mouseMove(entry)
    lab.wait(lambda: {panel.plane.scene.isolated for panel in comparing.panels} == {3})
    assert lab.state.isolated_class is None
    QTest.mouseClick(entry, LEFT, NONE, entry.rect().center())
    assert lab.state.isolated_class == 3
    assert {panel.plane.scene.isolated for panel in comparing.panels} == {3}
    assert "batch 128" in lab.text("compareSettings")


def test_an_image_of_other_data_is_nothing_to_a_comparison_that_is_over(
    lab: Lab, tmp_path: Path
) -> None:
    few = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
    np.save(tmp_path / "few.npy", few)
    wait_for_open(lab, lambda: lab.shell.files.open_data(str(tmp_path / "few.npy")))
    lab.key(Qt.Key.Key_F6)
    comparing = Comparing(lab)
    comparing.rest()
    lab.key(Qt.Key.Key_F5)
    wait_for_open(lab, lambda: lab.shell.files.open_model("mnist-2d-live"))
    lab.shell.controller.select(5_000)
    assert lab.state.selected == 5_000
    lab.key(Qt.Key.Key_F6)
    comparing.rest()
    labels = {label.text() for panel in comparing.panels for label in panel.findChildren(QLabel)}
    assert any("image 5" in text for text in labels)
