"""Dragging, typing, selecting, sampling: what is shown of z and of an image."""

import re
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from latentlab.ui.images import ImageView
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.legend import LegendEntry
from latentlab.ui.theme import LIGHT
from tests.window.lab import CTRL, LEFT, SHIFT, Lab, changed_part, pixels


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def numbers_shown(lab: Lab) -> tuple[float, float, float]:
    """Reconstruction, KL and −ELBO as the panel has them."""
    names = ("reconstructionNumber", "klNumber", "negativeElboNumber")
    reconstruction, kl, total = (number(lab.text(name)) for name in names)
    return reconstruction, kl, total


def lonely_point(lab: Lab) -> int:
    """A point in view that no other is near to: a click there can mean no other."""
    mu = lab.plane.scene.cloud.mu
    view = lab.plane.viewport()
    inside = np.flatnonzero(
        (mu[:, 0] > view.x_min + 0.2)
        & (mu[:, 0] < view.x_max - 0.2)
        & (mu[:, 1] > view.y_min + 0.2)
        & (mu[:, 1] < view.y_max - 0.2)
    )
    some = inside[:: max(1, len(inside) // 400)]
    squared = np.square(mu[some, None] - mu[None, :]).sum(axis=2)
    return int(some[np.partition(squared, 1, axis=1)[:, 1].argmax()])


def test_a_drag_decodes_in_the_event_itself(lab: Lab) -> None:
    seen = [lab.decoded()]
    lab.press(0.5, 0.5)
    for x in (0.0, -1.0, -2.0):
        lab.drag_to(x, -2.0)
        assert lab.state.z == pytest.approx((x, -2.0), abs=0.03)
        assert np.array_equal(lab.decoded(), lab.expected())
        seen.append(lab.decoded())
    lab.release(-2.0, -2.0)
    assert np.array_equal(lab.decoded(), lab.expected())
    assert all(not np.array_equal(a, b) for a, b in pairwise(seen))
    assert lab.shell.store.undo_stack.count() == 1, "a drag is one step of undo"


def test_z_is_moved_with_keys_and_typed(lab: Lab) -> None:
    lab.press(0.5, 0.5)
    lab.release(0.5, 0.5)
    x, y = lab.state.z
    lab.key(Qt.Key.Key_Right)
    lab.key(Qt.Key.Key_Down)
    assert lab.state.z == pytest.approx((x + 0.1, y - 0.1))
    lab.key(Qt.Key.Key_Left, SHIFT)
    lab.key(Qt.Key.Key_Up, SHIFT)
    assert lab.state.z == pytest.approx((x + 0.09, y - 0.09))
    assert np.array_equal(lab.decoded(), lab.expected())
    lab.type("zxField", "-1.25")
    lab.type("zyField", "0,75")
    assert lab.state.z == (-1.25, 0.75)
    assert lab.plane.scene.handles.z == (-1.25, 0.75)
    assert np.array_equal(lab.decoded(), lab.expected())
    # Letters that are shortcuts elsewhere are letters in a line.
    weights = lab.state.weights
    lab.type("zxField", "k")
    assert lab.state.weights == weights
    assert lab.state.z == (-1.25, 0.75)


def test_a_click_selects_and_the_numbers_add_up(lab: Lab) -> None:
    index = lonely_point(lab)
    x, y = map(float, lab.plane.scene.cloud.mu[index])
    lab.press(x, y)
    lab.release(x, y)
    assert lab.state.selected == index
    assert lab.state.z == pytest.approx((x, y), abs=1e-6)
    view = lab.viewer.explain(index)
    reconstruction, kl, total = numbers_shown(lab)
    assert reconstruction == pytest.approx(view.reconstruction, abs=0.0051)
    assert kl == pytest.approx(view.kl, abs=0.0051)
    assert total == pytest.approx(view.negative_elbo, abs=0.0101)
    assert reconstruction + kl == pytest.approx(total, abs=1e-9)
    assert view.mu == pytest.approx((x, y), abs=1e-4)
    assert all(fixed(value, 3) in lab.text("selectionMu") for value in view.mu)
    for name, picture in (
        ("greyImage", view.grey),
        ("xImage", view.x),
        ("reconstructionImage", view.reconstruction_image),
    ):
        image = lab.child(name, ImageView).image
        assert image is not None
        assert np.array_equal(pixels(image), picture)
    assert set(np.unique(view.x)) <= {0, 255}, "x is binarised"


def test_hovering_shows_a_point_for_as_long_as_the_mouse_is_there(lab: Lab) -> None:
    index = lonely_point(lab)
    selected = lab.text("selectionTitle")
    lab.hover(*map(float, lab.plane.scene.cloud.mu[index]))
    assert lab.text("selectionTitle").endswith(f"image {index}")
    assert lab.text("selectionManner") == "under the mouse"
    assert numbers_shown(lab)[2] == pytest.approx(
        lab.viewer.explain(index).negative_elbo, abs=0.0101
    )
    assert lab.state.selected == 0
    view = lab.plane.viewport()
    lab.hover(view.x_max - 0.01, view.y_min + 0.01)
    assert lab.text("selectionTitle") == selected
    assert lab.text("selectionManner") == "selected"


def test_samples_of_prior_and_posterior(lab: Lab) -> None:
    lab.click("samplePrior")
    first = lab.state.z
    lab.click("samplePrior")
    assert lab.state.z != first
    assert np.array_equal(lab.decoded(), lab.expected())
    assert lab.text("sampleEps").strip() == ""
    lab.click("samplePosterior")
    shown = re.search(r"ε = \((\S+), (\S+)\)", lab.text("sampleEps"))
    assert shown is not None
    assert lab.state.selected is not None
    view = lab.viewer.explain(lab.state.selected)
    for z, mu, sigma, eps in zip(lab.state.z, view.mu, view.sigma, shown.groups(), strict=True):
        assert z == pytest.approx(mu + sigma * number(eps), abs=0.0051 * sigma + 1e-6)
    assert np.array_equal(lab.decoded(), lab.expected())
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Left)
    assert lab.text("sampleEps").strip() == "", "a z that was moved is no sample"
    lab.key(Qt.Key.Key_Escape, SHIFT)
    assert lab.state.selected is None
    assert not lab.child("samplePosterior", QPushButton).isEnabled()


def test_a_class_is_isolated_by_its_name(lab: Lab) -> None:
    names = [entry for entry in lab.plane.findChildren(LegendEntry) if entry.text() == "3"]
    before = lab.plane.plane_image()
    QTest.mouseClick(names[0], LEFT)
    assert lab.state.isolated_class == 3
    # The pointer is over the name no longer; what is kept alone stays alone.
    assert changed_part(before, lab.plane.plane_image()) > 0.05
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Escape)
    assert lab.state.isolated_class is None


def test_ellipses_are_magnified_and_the_plane_says_so(lab: Lab) -> None:
    before = lab.plane.plane_image()
    lab.click("ellipseScale10")
    assert lab.state.ellipse_scale == 10
    assert lab.plane.scene.ellipse_scale == 10
    assert changed_part(before, lab.plane.plane_image()) > 0.02
    # The factor stands in the plane's lower left corner, in the accent's colour.
    corner = lab.plane.plane_image()
    accent = QColor(LIGHT.accent)
    seen = {
        corner.pixelColor(x, y).name()
        for x in range(5, 150)
        for y in range(corner.height() - 60, corner.height() - 5)
    }
    assert accent.name() in seen


def test_z_and_the_image_are_copied(lab: Lab) -> None:
    lab.type("zxField", "0.41")
    lab.type("zyField", "-1.2")
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_C, CTRL | SHIFT)
    assert lab.app.clipboard().text() == "0.41, -1.2"
    lab.key(Qt.Key.Key_I, CTRL)
    copied = lab.app.clipboard().image()
    assert copied.width() >= 28
    factor = copied.width() // 28
    assert np.array_equal(pixels(copied)[::factor, ::factor], lab.expected())
