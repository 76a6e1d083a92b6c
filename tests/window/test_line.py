"""Models of one latent dimension: a line with the densities over it."""

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from scipy import stats

from latentlab.app.layer_view import LikelihoodMap, MapImage, NoLayer, UncertaintyMap
from latentlab.app.state import LayerName
from latentlab.ui.plane.tips import tip
from latentlab.ui.theme import LIGHT
from tests.window.conftest import OpenLab
from tests.window.dimensions import is_decoded, strip_is_right, trained
from tests.window.lab import Lab


@pytest.fixture(scope="module")
def model_of_1(tmp_path_factory: pytest.TempPathFactory) -> str:
    return trained(tmp_path_factory.mktemp("models") / "one.safetensors", 1)


@pytest.fixture
def line(open_lab: OpenLab, model_of_1: str) -> Lab:
    lab = open_lab(model_of_1)
    lab.wait_until_exact()
    return lab


def test_one_dimension_is_a_line_with_densities(line: Lab) -> None:
    lab = line
    cloud, drawn = lab.snapshot.cloud, lab.plane.scene.cloud
    np.testing.assert_array_equal(drawn.mu[:, :1], cloud.mu)
    assert not drawn.mu[:, 1].any()
    assert not lab.window.section_panel.isVisible()
    assert not lab.window.lens.isVisible()
    assert not lab.child("zyField", QWidget).isVisible()
    # Wherever one drags, z is on the line.
    lab.drag((0.0, 0.0), (0.7, 1.5))
    assert lab.state.z == (pytest.approx(0.7, abs=0.02), 0.0)
    assert lab.plane.scene.handles.z == lab.state.z
    assert is_decoded(lab)
    lab.type("zxField", "-0.4")
    assert lab.state.z == (-0.4, 0.0)
    lab.drag(lab.state.z2, (1.0, -1.0))
    assert lab.state.z2[1] == 0
    lab.wait(lambda: strip_is_right(lab))
    assert "one dimension" in tip(lab.plane.scene, lab.pixel(2.5, 1.5))
    lab.click("samplePrior")
    lab.click("zToMu")
    assert lab.state.selected is not None
    view = lab.viewer.explain(lab.state.selected)
    assert (lab.state.z[0],) == pytest.approx(view.mu)
    assert view.samples is None, "one dimension is integrated"
    assert is_decoded(lab)


def test_on_a_line_the_curves_are_of_the_posteriors(line: Lab) -> None:
    """The dark curve's height over the line follows q(z), against scipy."""
    lab = line
    camera, cloud = lab.plane.scene.camera, lab.snapshot.cloud
    lab.plane.set_theme(LIGHT)
    image = lab.plane.grab().toImage()
    ink, base = QColor(LIGHT.text), camera.y_to_pixel(0.0)
    places = np.linspace(-2.9, 2.9, 30)
    q = [
        float(stats.norm.pdf(z, cloud.mu[:, 0], np.exp(0.5 * cloud.logvar[:, 0])).mean())
        for z in places
    ]
    heights = []
    for z in places:
        column = round(camera.x_to_pixel(z))
        rows = [
            row
            for row in range(round(camera.top) + 60, round(base) - 20)
            if near(image.pixelColor(column, row), ink)
        ]
        heights.append(base - rows[0] if rows else 0.0)
    seen = [place for place, height in enumerate(heights) if height > 25]
    assert len(seen) >= 3
    ratio = np.array([heights[place] / q[place] for place in seen])
    assert np.median(np.abs(ratio / np.median(ratio) - 1)) < 0.1


def near(one: QColor, other: QColor) -> bool:
    return max(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True)) < 60


@pytest.mark.parametrize("layer", ["decoded", "aggregate", "likelihood", "uncertainty"])
def test_layers_and_forces_of_a_line(line: Lab, layer: LayerName) -> None:
    lab = line
    shown: list[object] = []
    lab.shell.layers.shown.connect(shown.append)
    lab.shell.choices.choose_layer(layer)
    kinds = {"decoded": MapImage, "likelihood": LikelihoodMap, "uncertainty": UncertaintyMap}
    kind = kinds.get(layer, NoLayer)
    lab.wait(lambda: bool(shown) and isinstance(shown[-1], kind))
    answer = shown[-1]
    if isinstance(answer, LikelihoodMap | UncertaintyMap):
        assert np.ptp(answer.values, axis=0).max() < 1e-3, "the same all the way up"
    lab.click("forcesToggle")
    lab.wait(lambda: lab.plane.scene.forces.answer is not None)
    forces = lab.plane.scene.forces.answer
    assert forces is not None
    assert not forces.sample.mu[:, 1].any()
    assert not forces.sample.reconstruction.mu[:, 1].any()


def test_a_line_trains(line: Lab) -> None:
    lab = line
    lab.click("trainButton")
    lab.wait_for_steps(30)
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.key("W")
    lab.wait(lambda: lab.shell.slow_motion.on)
    lab.click("stepButton")
    lab.wait(lambda: lab.plane.scene.step is not None)
    lab.key("W")
