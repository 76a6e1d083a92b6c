"""Label arithmetic in the real window: on the plane, decoded, and z moved to the sum."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider

from latentlab.ui.arithmetic.panel import ArithmeticPanel
from latentlab.ui.images import ImageView, tiled
from latentlab.ui.linear_slider import LinearSlider
from tests.window.conftest import OpenLab
from tests.window.dimensions import trained
from tests.window.lab import CTRL, Lab, pixels
from tests.window.reach import all_faults, ambiguous, unexplained


def opened(lab: Lab) -> ArithmeticPanel:
    lab.trigger("arithmeticAction")
    panel = lab.child("arithmeticPanel", ArithmeticPanel)
    lab.wait(panel.isVisible)
    return panel


def difference(lab: Lab, plus: int, minus: int) -> npt.NDArray[np.float64]:
    """By NumPy, from the engine's own posteriors."""
    present = lab.shell.controller.present
    assert present is not None
    mu, labels = lab.snapshot.cloud.mu.astype(np.float64), present.pair.train.labels
    step: npt.NDArray[np.float64] = mu[labels == plus].mean(0) - mu[labels == minus].mean(0)
    return step


def shown(lab: Lab, name: str) -> npt.NDArray[np.uint8]:
    image = lab.child(name, ImageView).image
    assert image is not None
    return pixels(image)


def is_right(lab: Lab, panel: ArithmeticPanel) -> bool:
    """Whether all that is shown is of z and the difference as they are."""
    step = difference(lab, *panel.classes)
    z = lab.state.section.lift(lab.state.z)
    mark = lab.plane.scene.sum_mark
    if mark is None:
        return False
    on_plane = lab.state.section.project(panel.t * step)
    if not np.allclose(mark.step, on_plane, atol=1e-4):
        return False
    points = [z, z + panel.t * step, *(z + t * step for t in np.linspace(-2, 2, 9))]
    images = lab.viewer.decode(points)
    expected = {
        "arithmeticBefore": images[0],
        "arithmeticAfter": images[1],
        "arithmeticStrip": tiled(images[2:], 9),
    }
    return all(
        np.abs(shown(lab, name).astype(int) - image).max() <= 1 for name, image in expected.items()
    )


def test_the_sum_is_shown_and_z_can_go_there(lab: Lab) -> None:
    before = lab.plane.plane_image()
    panel = opened(lab)
    lab.choose("arithmeticPlus", "3")
    lab.choose("arithmeticMinus", "7")
    assert panel.classes == (3, 7)
    assert panel.t == 1.0
    assert is_right(lab, panel)
    assert lab.plane.plane_image() != before
    mark = lab.plane.scene.sum_mark
    assert mark is not None
    assert mark.words == "z + 1.00·(3 − 7)"
    assert "10,000 training images" in lab.text("arithmeticSays")
    slider = lab.child("arithmeticSlider", LinearSlider)
    slider.setFocus()
    for _ in range(8):
        QTest.keyClick(slider, Qt.Key.Key_PageDown)
    assert panel.t == -2.0
    assert lab.text("arithmeticNumber") == "−2.00"
    assert is_right(lab, panel)
    z, step = np.array(lab.state.z), difference(lab, 3, 7)
    lab.click("arithmeticGo")
    np.testing.assert_allclose(lab.state.z, z - 2 * step, atol=1e-4)
    lab.wait(lambda: is_right(lab, panel))
    lab.trigger("undoAction")
    assert lab.state.z == tuple(z)
    lab.click("arithmeticSwap")
    assert panel.classes == (7, 3)
    lab.wait(lambda: is_right(lab, panel))
    lab.click("arithmeticClose")
    assert lab.plane.scene.sum_mark is None
    assert not panel.isVisible()
    assert not action(lab).isChecked()


def action(lab: Lab) -> QAction:
    found = lab.window.findChild(QAction, "arithmeticAction")
    assert found is not None
    return found


def test_it_follows_z_and_the_training(lab: Lab) -> None:
    panel = opened(lab)
    lab.drag((0.0, 0.0), (1.0, -1.5))
    lab.wait(lambda: is_right(lab, panel))
    assert lab.state.z != (0.0, 0.0)
    lab.click("klToggle")
    lab.click("trainButton")
    lab.wait_for_steps(30)
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.wait(lambda: is_right(lab, panel))


@pytest.mark.parametrize("latent_dim", [1, 5])
def test_in_any_number_of_dimensions(open_lab: OpenLab, tmp_path: Path, latent_dim: int) -> None:
    lab = open_lab(trained(tmp_path / "model.safetensors", latent_dim, steps=40))
    lab.wait_until_exact()
    panel = opened(lab)
    lab.wait(lambda: is_right(lab, panel))
    z = lab.state.section.lift(lab.state.z)
    lab.click("arithmeticGo")
    reached = lab.state.section.lift(lab.state.z)
    assert reached.shape == (latent_dim,)
    np.testing.assert_allclose(reached, z + difference(lab, *panel.classes), atol=1e-4)


def test_over_test_images_of_the_past_it_says_why_there_is_none(lab: Lab) -> None:
    panel = opened(lab)
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    slider = lab.child("historySlider", QSlider)
    slider.setValue(slider.maximum() // 2)
    lab.wait(lambda: lab.text("arithmeticSays").startswith("The plane shows test images"))
    assert lab.plane.scene.sum_mark is None
    slider.setValue(slider.maximum())
    lab.wait(lambda: is_right(lab, panel))


def test_it_has_room_and_opens_by_key(lab: Lab) -> None:
    lab.key("l", CTRL)
    lab.wait(lab.child("arithmeticPanel", ArithmeticPanel).isVisible)
    for size in ((1280, 720), (1440, 900)):
        lab.window.resize(*size)
        lab.wait(lambda size=size: lab.window.width() == size[0])  # type: ignore[misc]
        assert all_faults(lab.window, *size) == []
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
    lab.key("l", CTRL)
    assert not lab.child("arithmeticPanel", ArithmeticPanel).isVisible()
