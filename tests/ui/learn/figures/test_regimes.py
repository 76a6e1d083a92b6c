"""Page 11's figure, with the shipped networks and their histories, by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QSlider

from latentlab.app.lessons.regimes import REGIMES, AskCourse, AskMoment
from latentlab.ui.images import tiled, to_qimage
from latentlab.ui.learn.figure import HEIGHT, WIDTH
from latentlab.ui.learn.figures.regimes import RegimesFigure
from latentlab.ui.theme import DARK
from tests.ui.learn.live_class import shipped_model
from tests.ui.learn.mouse import at_latent, drag


@pytest.fixture
def figure(room):
    figure = room.show(RegimesFigure)
    room.begin()
    room.settle()
    return figure


def press(figure, qtbot, name):
    qtbot.mouseClick(figure.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def asked(figure, network):
    return AskMoment(
        network,
        figure._steps[figure._slider.value()],
        figure._image.index,
        figure._z,
        figure._samples,
    )


def check(figure, qtbot):
    """That all that is shown is what the lessons say of this moment."""
    qtbot.waitUntil(lambda: figure.at_rest)
    for network, column in figure.columns.items():
        moment = asked(figure, network).answer(shipped_model())
        course = AskCourse(network).answer(shipped_model())
        index = figure._slider.value()
        assert column.reading("rec") == f"{moment.reconstruction.nats:.1f} nats"
        assert column.reading("kl") == f"{course.kl[index]:.2f} nats".replace("-0.00", "0.00")
        assert column.reading("sigma") == f"{course.sigma[index]:.3g}"
        assert column.samples.image == to_qimage(tiled(moment.samples, 4))
        assert (column.plane.scene.cloud.mu == course.mu[index]).all()


def test_it_fits_its_room(figure):
    need = figure.minimumSizeHint()
    assert need.width() <= WIDTH
    assert need.height() <= HEIGHT


def test_it_begins_at_the_end_of_training(figure, qtbot):
    assert figure._slider.value() == len(figure._steps) - 1
    check(figure, qtbot)


def test_another_moment(figure, room, qtbot):
    slider = figure.findChild(QSlider, "regimesMoment")
    slider.setFocus()
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    room.settle()
    assert slider.value() == len(figure._steps) - 1 - 50
    check(figure, qtbot)


def test_lecture_steps(figure, room, qtbot):
    while figure.step_back():
        pass
    assert figure._slider.value() == 0
    stops = [figure._steps[0]]
    while figure.step_forward():
        stops.append(figure._steps[figure._slider.value()])
    assert len(stops) == 5
    assert stops[-1] == figure._steps[-1]
    assert stops[1] >= 10
    room.settle()
    check(figure, qtbot)


def test_playing_begins_at_the_first_step_and_ends_at_the_last(figure, room, qtbot):
    press(figure, qtbot, "regimesPlay")
    assert figure._slider.value() == 0
    assert figure._timer.isActive()
    figure._slider.setValue(len(figure._steps) - 3)
    qtbot.waitUntil(lambda: not figure._timer.isActive())
    assert figure._slider.value() == len(figure._steps) - 1
    assert not figure.findChild(QPushButton, "regimesPlay").isChecked()
    room.settle()
    check(figure, qtbot)


def test_nothing_plays_unseen_and_all_is_there_when_seen_again(figure, room, qtbot):
    press(figure, qtbot, "regimesPlay")
    figure.hide()
    assert not any(timer.isActive() for timer in figure.findChildren(QTimer))
    figure._slider.setValue(30)
    assert not any(timer.isActive() for timer in figure.findChildren(QTimer))
    figure.show()
    room.settle()
    check(figure, qtbot)


def test_other_samples_are_the_same_for_each(figure, room, qtbot):
    before = figure._samples
    press(figure, qtbot, "regimesSamples")
    room.settle()
    assert figure._samples != before
    check(figure, qtbot)


def test_z_is_the_same_on_all_planes_and_decoded(figure, room):
    column = figure.columns[REGIMES[2]]
    plane = column.plane
    pictures = {network: each.pair.image.copy() for network, each in figure.columns.items()}
    drag(plane, at_latent(plane, 0, 0), at_latent(plane, -2.0, 1.0))
    room.settle()
    assert figure._z == pytest.approx((-2.0, 1.0), abs=2 / plane.scene.camera.scale)
    for network, each in figure.columns.items():
        assert each.plane.scene.handles.z == figure._z
        moment = asked(figure, network).answer(shipped_model())
        assert each.pair.image == to_qimage(
            tiled(np.stack([moment.x, moment.decoded, moment.at_z]), 3)
        )
    assert column.pair.image != pictures[REGIMES[2]]


def test_a_click_on_a_code_chooses_its_image(figure, room, qtbot):
    plane = figure.columns[REGIMES[2]].plane
    mu = plane.scene.cloud.mu
    lonely = int(mu[:, 0].argmin())
    qtbot.mouseClick(plane, Qt.MouseButton.LeftButton, pos=at_latent(plane, *mu[lonely]))
    assert figure._image.index == plane.scene.selected
    assert {column.plane.scene.selected for column in figure.columns.values()} == {
        figure._image.index
    }
    room.settle()
    check(figure, qtbot)


def test_one_scale(figure, qtbot):
    press(figure, qtbot, "regimesScale")
    qtbot.waitUntil(lambda: figure.at_rest)
    views = {column.plane.viewport() for column in figure.columns.values()}
    assert len(views) == 1
    assert views.pop().x_max > 20
    press(figure, qtbot, "regimesScale")
    qtbot.waitUntil(lambda: figure.at_rest)
    assert figure.columns[REGIMES[1]].plane.viewport().x_max < 6


def test_reset_and_dark(figure, room, qtbot):
    figure.set_theme(DARK)
    press(figure, qtbot, "regimesSamples")
    press(figure, qtbot, "regimesImageNext")
    press(figure, qtbot, "regimesScale")
    figure.step_back()
    for extreme in figure.extremes():
        extreme()
        room.settle()
    fresh = room.show(RegimesFigure)
    figure.reset()
    room.settle()
    assert figure._samples == fresh._samples
    assert figure._image.index == 0
    assert figure._z == (0.0, 0.0)
    assert not figure.findChild(QPushButton, "regimesScale").isChecked()
    check(figure, qtbot)
