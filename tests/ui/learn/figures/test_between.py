"""Page 12's figure, with the shipped networks, by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider

from latentlab.app.lessons.between_images import WITH_KL, WITHOUT_KL, AskPairs, AskWay
from latentlab.app.lessons.networks import decodes
from latentlab.ui.images import to_qimage
from latentlab.ui.learn.figure import HEIGHT, WIDTH
from latentlab.ui.learn.figures.between import BetweenFigure
from latentlab.ui.learn.figures.way_plot import common_range, place
from latentlab.ui.theme import DARK
from tests.ui.learn.live_class import shipped_model
from tests.ui.learn.mouse import at_latent, drag


@pytest.fixture
def figure(room):
    figure = room.show(BetweenFigure)
    room.begin()
    room.settle()
    return figure


def both(figure):
    return figure._choices[0].index, figure._choices[1].index


def test_it_fits_its_room(figure):
    need = figure.minimumSizeHint()
    assert need.width() <= WIDTH
    assert need.height() <= HEIGHT


def test_it_begins_half_the_way_through_the_widest_hole(figure):
    pair = AskPairs().answer(shipped_model()).pairs[0]
    assert both(figure) == (pair.first, pair.second)
    assert figure.findChild(QComboBox, "betweenPair").currentText() == pair.title
    for column in figure.columns.values():
        assert column.z == pytest.approx(tuple(np.mean(column.ends(), axis=0)), abs=1e-6)
    assert "ẑ" in figure._said.text()


@pytest.mark.parametrize("network", [WITHOUT_KL, WITH_KL])
def test_what_is_said_at_t_is_of_z_there(figure, qtbot, network):
    slider = figure.findChild(QSlider, "betweenT")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for _ in range(3):
        qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    column = figure.columns[network]
    z1, z2 = np.array(column.ends())
    assert column.z == pytest.approx(tuple(0.7 * z1 + 0.3 * z2), abs=1e-5)
    way = AskWay(network, *both(figure), samples=11).answer(shipped_model())
    log_q = way.log_q[3]
    shown = column.reading("q").removeprefix("log q ").replace("−", "-").replace(",", "")
    assert float(shown) == pytest.approx(log_q, abs=0.051 if log_q > -100 else 0.51)
    assert column.reading("holes").endswith(f"{100 * column.answer.share_in_holes:.0f} %")
    (picture,) = decodes(shipped_model(), network, [column.z])
    shown_image = column.decoded.image
    assert shown_image.size() == to_qimage(picture).size()
    middle = [(x, 14) for x in range(28)]
    differences = [
        abs(shown_image.pixelColor(x, y).value() - int(picture[y, x])) for x, y in middle
    ]
    assert max(differences) <= 1


def test_a_dragged_z_stays_on_the_way(figure, room):
    column = figure.columns[WITH_KL]
    z1, z2 = np.array(column.ends())
    aside = np.array([-(z2 - z1)[1], (z2 - z1)[0]]) * 0.1
    target = z1 + 0.9 * (z2 - z1) + aside
    drag(column.plane, at_latent(column.plane, *column.z), at_latent(column.plane, *target))
    t = figure._t.value() / 100
    assert t == pytest.approx(0.9, abs=0.1)
    for each in figure.columns.values():
        start, end = np.array(each.ends())
        along = (np.array(each.z) - start) @ (end - start) / ((end - start) @ (end - start))
        assert along == pytest.approx(t, abs=0.006)


def test_a_dragged_end_goes_to_the_nearest_code_in_both(figure, room):
    column = figure.columns[WITH_KL]
    plane = column.plane
    first, second = both(figure)
    start = at_latent(plane, *column.ends()[1])
    drag(plane, start, start + QPoint(-40, 30))
    room.settle()
    chosen = both(figure)
    assert chosen[0] == first
    assert chosen[1] != second
    mu = plane.scene.cloud.mu
    assert column.ends()[1] == pytest.approx(tuple(mu[chosen[1]]))
    for network, each in figure.columns.items():
        assert each.answer.asked.second == chosen[1], network
    assert figure.findChild(QComboBox, "betweenPair").currentIndex() == 0


def test_other_pairs_and_images(figure, room, qtbot):
    choice = figure.findChild(QComboBox, "betweenPair")
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert both(figure) == (figure._pairs[1].first, figure._pairs[1].second)
    qtbot.mouseClick(figure.findChild(QPushButton, "between2Next"), Qt.MouseButton.LeftButton)
    room.settle()
    assert both(figure) == (figure._pairs[1].first, figure._pairs[1].second + 1)
    assert choice.currentIndex() == 0
    for column in figure.columns.values():
        assert column.answer.asked.second == figure._pairs[1].second + 1


def test_it_steps_for_a_lecture(figure):
    assert figure.step_forward()
    assert figure._t.value() == 60
    for _ in range(4):
        assert figure.step_forward()
    assert not figure.step_forward()
    assert figure.step_back()
    assert figure._t.value() == 90


def test_reset(figure, room, qtbot):
    before = both(figure)
    qtbot.mouseClick(figure.findChild(QPushButton, "between1Next"), Qt.MouseButton.LeftButton)
    figure.step_forward()
    figure.reset()
    room.settle()
    assert both(figure) == before
    assert figure._t.value() == 50


def test_a_way_of_no_length_and_dark(figure, room):
    figure.set_theme(DARK)
    for extreme in figure.extremes():
        extreme()
        room.settle()
        for column in figure.columns.values():
            readings = [column.reading(key) for key in ("z", "q", "p", "away", "holes")]
            assert not any("not a number" in text for text in readings)
            column.plane.zMoved.emit(0.0, 0.0, True)
            column.plot.grab()


def test_the_plot_shades_just_the_holes(figure):
    """Red over the way where it is in a hole, and nowhere else."""
    for network in (WITHOUT_KL, WITH_KL):
        column = figure.columns[network]
        plot = column.plot
        plot.resize(440, 120)
        picture = plot.grab().toImage()
        y = plot.height() // 2 + 7
        red = [
            picture.pixelColor(x, y).red() - picture.pixelColor(x, y).green() > 10
            for x in range(plot.width())
        ]
        share = sum(red) / plot.width()
        assert (share > 0.5) == (network == WITHOUT_KL)


def test_the_axis_counts_in_powers_of_ten():
    np.testing.assert_allclose(place([0, 9, -9, -99, -999]), [0, 1, -1, -2, -3])


def test_both_plots_have_one_axis(figure):
    ways = [column.answer for column in figure.columns.values()]
    low, high = common_range(ways)
    assert all(column.plot._range == (low, high) for column in figure.columns.values())
    assert low < min(way.log_q.min() for way in ways)


def test_a_click_on_a_picture_goes_there(figure):
    row = figure.columns[WITH_KL].way
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.frame_rect(2).center().toPoint())
    assert figure._t.value() == 25
    assert row.playhead == 0.25
