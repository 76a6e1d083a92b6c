"""Page 5's figure, with the shipped networks, by mouse and keys."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider
from torch.distributions import Bernoulli

from latentlab.app.lessons.latent_codes import AUTOENCODER, VAE
from latentlab.data.binarise import binarise_fixed
from latentlab.ui.learn.figure import HEIGHT, WIDTH
from latentlab.ui.learn.figures.codes import CodesFigure
from latentlab.ui.theme import DARK
from tests.ui.learn.live_class import shipped_model
from tests.ui.learn.mouse import at_latent, drag


@pytest.fixture
def figure(room):
    figure = room.show(CodesFigure)
    room.begin()
    room.settle()
    return figure


def press(figure, qtbot, name):
    qtbot.mouseClick(figure.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def reading(figure, network, key):
    return figure.columns[network].reading(key)


def expected_reconstruction(network, z, index):
    shipped = shipped_model().shipped(network)
    x = torch.tensor(binarise_fixed(shipped.held_out.images[index : index + 1])).double().flatten()
    with torch.no_grad():
        logits = shipped.vae.decode(torch.tensor([z], dtype=torch.float32))[0].double()
    return -float(Bernoulli(logits=logits).log_prob(x).sum())


def test_it_fits_its_room(figure):
    need = figure.minimumSizeHint()
    assert need.width() <= WIDTH
    assert need.height() <= HEIGHT


def test_before_there_is_a_model_it_says_so(room):
    figure = room.show(CodesFigure)
    assert "loading" in figure._said.text()
    assert not figure.findChild(QPushButton, "codesDraw").isEnabled()


def test_at_first_z_is_at_the_code_of_x(figure):
    for network, column in figure.columns.items():
        assert column.z == column.ends()[0]
        value = expected_reconstruction(network, column.z, 0)
        assert reading(figure, network, "rec") == f"−log p(x|z) {value:.1f}"
    assert reading(figure, AUTOENCODER, "kl") == "KL ∞ nats"
    assert "0, a point" in reading(figure, AUTOENCODER, "sigma")


def test_drawing_moves_z_in_the_vae_only(figure, room, qtbot):
    before = {network: column.z for network, column in figure.columns.items()}
    pictures = {n: column.decoded.image.copy() for n, column in figure.columns.items()}
    press(figure, qtbot, "codesDraw")
    room.settle()
    assert figure.columns[AUTOENCODER].z == before[AUTOENCODER]
    assert figure.columns[AUTOENCODER].decoded.image == pictures[AUTOENCODER]
    assert figure.columns[VAE].z != before[VAE]
    assert figure.columns[VAE].decoded.image != pictures[VAE]


def test_draws_are_spread_as_q_is(figure, qtbot):
    column = figure.columns[VAE]
    z = []
    for _ in range(300):
        press(figure, qtbot, "codesDraw")
        z.append(column.z)
    sigma = np.array(column._codes.sigma(0))
    mean = np.array(column._codes.mean(0))
    white = (np.array(z) - mean) / sigma
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=4 / 300**0.5)
    np.testing.assert_allclose(white.std(axis=0), 1, atol=4 / 600**0.5)


@pytest.mark.parametrize("network", [AUTOENCODER, VAE])
def test_a_dragged_z_is_decoded(figure, room, network):
    column = figure.columns[network]
    before = column.decoded.image.copy()
    plane = column.plane
    view = plane.viewport()
    x, y = (view.x_min + view.x_max) / 2, 0.8 * view.y_max + 0.2 * view.y_min
    drag(plane, at_latent(plane, *column.z), at_latent(plane, x, y))
    room.settle()
    assert column.z == pytest.approx((x, y), abs=2 / plane.scene.camera.scale)
    assert column.decoded.image != before
    assert reading(figure, network, "rec").endswith(
        f"{expected_reconstruction(network, column.z, 0):.1f}"
    )


def test_the_slider_goes_from_code_to_code(figure, room, qtbot):
    slider = figure.findChild(QSlider, "codesT")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    room.settle()
    for column in figure.columns.values():
        assert column.z == column.ends()[1]
        assert column.way.playhead == 1.0
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for column in figure.columns.values():
        assert column.z == column.ends()[0]


def test_another_image_of_a_class(figure, room, qtbot):
    choice = figure.findChild(QComboBox, "codesFirstClass")
    choice.setFocus()
    qtbot.keyClicks(choice, "7")
    qtbot.keyClick(choice, Qt.Key.Key_Return)
    choice.activated.emit(choice.currentIndex())
    labels = figure._codes.labels
    first = figure._first.index
    assert labels[first] == 7
    press(figure, qtbot, "codesFirstNext")
    assert figure._first.index > first
    assert labels[figure._first.index] == 7
    press(figure, qtbot, "codesFirstPrevious")
    assert figure._first.index == first
    room.settle()
    column = figure.columns[VAE]
    assert column.z == column._codes.mean(first)


def test_a_click_on_a_code_chooses_its_image(figure, qtbot):
    plane = figure.columns[AUTOENCODER].plane
    mu = plane.scene.cloud.mu
    lonely = int(np.argmax(mu[:, 0]))
    place = at_latent(plane, *mu[lonely])
    qtbot.mouseClick(plane, Qt.MouseButton.LeftButton, pos=place)
    assert figure._first.index == plane.scene.selected
    assert np.hypot(*(mu[figure._first.index] - mu[lonely])) * plane.scene.camera.scale < 8


def test_closely_the_code_fills_the_plane(figure, qtbot):
    press(figure, qtbot, "codesClose")
    column = figure.columns[VAE]
    view, mean = column.plane.viewport(), column._codes.mean(0)
    sigma = max(column._codes.sigma(0))
    assert view.x_min < mean[0] - 5.9 * sigma
    assert view.y_max - view.y_min == pytest.approx(12 * sigma, rel=0.6)
    press(figure, qtbot, "codesClose")
    assert column.plane.viewport().x_max - column.plane.viewport().x_min > 6


def test_reset_brings_it_back(figure, room, qtbot):
    first = {network: column.z for network, column in figure.columns.items()}
    press(figure, qtbot, "codesFirstNext")
    press(figure, qtbot, "codesClose")
    press(figure, qtbot, "codesDraw")
    figure.reset()
    room.settle()
    assert {network: column.z for network, column in figure.columns.items()} == first
    assert not figure.findChild(QPushButton, "codesClose").isChecked()


def test_what_a_new_model_dropped_is_asked_again(room):
    figure = room.show(CodesFigure)
    room.begin()
    room.begin()
    room.settle()
    assert figure.columns[VAE].decoded.image is not None
    answered = []
    room.classroom.answered.connect(lambda topic, _: answered.append(topic))
    room.begin()
    room.settle()
    assert not answered


def test_extremes_and_dark(figure, room):
    figure.set_theme(DARK)
    for extreme in figure.extremes():
        extreme()
        room.settle()
        for column in figure.columns.values():
            assert all("not a number" not in r.text() for r in column._readings.values())
