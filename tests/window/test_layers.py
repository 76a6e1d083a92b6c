"""What lies behind the points, chosen, watched while it trains, taken back."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QComboBox

from latentlab.app.layer_look import centres
from latentlab.app.layer_view import AggregateMap, HeatMap, LikelihoodMap, UncertaintyMap
from latentlab.core.aggregate import aggregate_figures
from latentlab.core.objective import log_likelihood
from latentlab.core.vae import vae_from_parameters
from latentlab.data.binarise import binarise_fixed
from latentlab.ui.layer_names import LAYERS
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.heat_layer import HeatLayer
from latentlab.ui.theme import LIGHT, mix
from tests.window.lab import CTRL, SHIFT, Lab, changed_part


def shown(lab: Lab) -> HeatMap | None:
    layer = lab.plane.scene.layer
    return layer.view if isinstance(layer, HeatLayer) else None


def said(lab: Lab) -> str:
    key = lab.plane.scene.layer_key()
    if key is None:
        return ""
    words = key.words
    return " | ".join((words.title, *words.ticks, words.hole, *words.notes))


def choose(lab: Lab, layer: str) -> None:
    lab.choose("layerChoice", LAYERS[layer].name)  # type: ignore[index]
    assert lab.state.layer == layer


def test_the_aggregate_against_the_prior(lab: Lab) -> None:
    plain = lab.plane.plane_image()
    choose(lab, "aggregate")
    lab.wait(lambda: isinstance(shown(lab), AggregateMap))
    picture = lab.plane.plane_image()
    assert changed_part(plain, picture) > 0.05

    cloud = lab.snapshot.cloud
    figures = aggregate_figures(cloud.mu, cloud.logvar)
    assert f"KL(q(z)‖p(z)) = {fixed(figures.kl_aggregate)} nats" in said(lab)
    assert f"N = {figures.n:,} training images" in said(lab)
    assert f"holes, q < p/10: {100 * figures.holes:.1f} % of p" in said(lab)

    view = shown(lab)
    assert isinstance(view, AggregateMap)
    assert hole_is_coloured(lab, view, picture)

    lab.plane.setFocus()
    lab.key("T")
    lab.wait(lambda: (found := shown(lab)) is not None and found.step > cloud.step)
    lab.key("T")
    lab.wait_until_exact()
    lab.wait(lambda: (found := shown(lab)) is not None and found.step == lab.snapshot.step)

    lab.key(Qt.Key.Key_Z, CTRL)
    assert lab.state.layer == "decoded", "with the keyboard it is passed"
    lab.key(Qt.Key.Key_Z, CTRL)
    assert lab.state.layer == "none"
    assert lab.child("layerChoice", QComboBox).currentText() == LAYERS["none"].name
    assert shown(lab) is None
    assert said(lab) == ""


def hole_is_coloured(lab: Lab, view: AggregateMap, picture: QImage) -> bool:
    """Whether somewhere amid a hole, where no point, ring or name is, its colour can be seen."""
    rows, columns = view.values.shape
    z = centres(view.viewport, columns, rows)[view.holes.reshape(-1)]
    wanted = QColor(mix(LIGHT.plane, LIGHT.warning, 0.8))
    corner = lab.plane.scene.areas.plane.topLeft()
    seen = (picture.pixelColor(lab.pixel(x, y) - corner) for x, y in z.tolist())
    return any(
        abs(pixel.red() - wanted.red()) < 12
        and abs(pixel.green() - wanted.green()) < 12
        and abs(pixel.blue() - wanted.blue()) < 12
        for pixel in seen
    )


def highest(lab: Lab, index: int, view: HeatMap) -> float:
    """Of log p(x|z), by the decoder and the likelihood themselves."""
    present = lab.shell.controller.present
    assert present is not None
    model = vae_from_parameters(lab.snapshot.architecture, lab.snapshot.parameters)
    rows, columns = view.values.shape
    z = torch.tensor(centres(view.viewport, columns, rows)).float()
    x = torch.tensor(binarise_fixed(present.pair.train.images[index]).reshape(1, -1)).float()
    with torch.no_grad():
        return float(log_likelihood(lab.snapshot.likelihood, model.decode(z), x).max())


def test_the_likelihood_of_the_selected_image_and_the_uncertainty(lab: Lab) -> None:
    choose(lab, "likelihood")
    lab.wait(lambda: isinstance(shown(lab), LikelihoodMap))
    view = shown(lab)
    assert view is not None
    assert f"image 0, nats | ≤ {fixed(highest(lab, 0, view) - 100, 1)} |" in said(lab)
    assert f"| {fixed(highest(lab, 0, view), 1)} |" in said(lab)

    # Where its own posterior is, it is likelier than nearly anywhere else.
    rows, columns = view.values.shape
    x, y = lab.viewer.explain(0).mu
    near = np.square(centres(view.viewport, columns, rows) - (x, y)).sum(axis=1).argmin()
    assert (view.values < view.values.reshape(-1)[near]).mean() > 0.95

    lab.shell.controller.select(5)
    lab.wait(lambda: "image 5" in said(lab))
    seen = shown(lab)
    assert seen is not None
    assert float(seen.values.max()) == pytest.approx(highest(lab, 5, seen), abs=0.05)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Escape, SHIFT)
    lab.wait(lambda: "Select an image" in said(lab))
    assert shown(lab) is None

    choose(lab, "uncertainty")
    lab.wait(lambda: isinstance(shown(lab), UncertaintyMap))
    assert "entropy of p(x|z), nats per pixel" in said(lab)
    lab.choose("likelihoodChoice", "Gaussian")
    lab.wait(lambda: "Gaussian p(x|z) has the same σ²" in said(lab))
    assert shown(lab) is None
