"""The data-flow strip beneath the pages, by mouse and keys."""

import itertools

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from latentlab.app.lessons.data_flow import AskFlow
from latentlab.ui.flow_stages import BATCH, DECODE, SAMPLE, TERMS
from latentlab.ui.flow_strip import FlowStrip
from latentlab.ui.learn.flow_panel import FlowPanel
from latentlab.ui.theme import DARK
from tests.ui.learn.lesson_room import Room, live_model


@pytest.fixture
def room(qtbot):
    room = Room(qtbot)
    yield room
    room.close()


@pytest.fixture
def panel(room):
    panel = FlowPanel(room.classroom, room.holder)
    room.holder.resize(1000, 240)
    panel.resize(1000, 240)
    room.holder.show()
    room.open_model()
    room.settle()
    return panel


def press(panel, name):
    QTest.mouseClick(panel.findChild(QPushButton, f"learnFlow{name}"), Qt.MouseButton.LeftButton)


def said(panel):
    return panel.findChild(QLabel, "learnFlowSays").text()


def picture(panel):
    return panel.findChild(FlowStrip).grab().toImage()


def test_it_opens_with_all_values(panel):
    passed = AskFlow().answer(live_model()).passed
    assert panel._stage == TERMS
    assert f"{passed.kl[0]:.2f} nats arises" in said(panel)
    assert f"{passed.reconstruction[0]:.2f} nats where" in said(panel)


def test_stage_by_stage(panel):
    pictures = [picture(panel)]
    for stage in range(TERMS - 1, BATCH - 1, -1):
        press(panel, "Back")
        assert panel._stage == stage
        pictures.append(picture(panel))
    assert all(one != two for one, two in itertools.pairwise(pictures))
    assert "training image 0" in said(panel)
    assert not panel.findChild(QPushButton, "learnFlowBack").isEnabled()
    for _ in range(DECODE):
        press(panel, "Next")
    assert "never seen x" in said(panel)


def test_another_epsilon_is_another_z(panel, room):
    for _ in range(TERMS - SAMPLE):
        press(panel, "Back")
    before = said(panel)
    press(panel, "Noise")
    room.settle()
    z = AskFlow(1).answer(live_model()).passed.z[0]
    assert said(panel) != before
    assert f"({z[0]:.2f}, {z[1]:.2f})".replace("-", "−") in said(panel)


def test_an_image_is_followed_by_mouse_and_keys(panel):
    strip = panel.findChild(FlowStrip)
    before = said(panel)
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    kl = AskFlow().answer(live_model()).passed.kl
    assert said(panel) != before
    assert f"{kl[1]:.2f} nats arises" in said(panel)
    scale, left, top = strip._fit()
    place = strip.rect().topLeft()
    place.setX(round(left + scale * 25))
    place.setY(round(top + scale * 40))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert f"{kl[0]:.2f} nats arises" in said(panel)


def test_it_plays_from_the_image_on_and_not_unseen(panel, qtbot):
    panel._timer.setInterval(10)
    press(panel, "Play")
    assert panel._stage == BATCH
    qtbot.waitUntil(lambda: panel._stage == TERMS)
    assert not panel._timer.isActive()
    press(panel, "Play")
    panel.hide()
    assert not any(timer.isActive() for timer in panel.findChildren(QTimer))
    assert not panel.findChild(QPushButton, "learnFlowPlay").isChecked()


def test_hidden_it_asks_nothing_and_shown_it_looks_anew(panel, room):
    answers = []
    room.classroom.answered.connect(lambda topic, _: answers.append(topic))
    panel.hide()
    room.open_model()
    room.settle()
    assert not answers
    panel.show()
    room.settle()
    assert answers == ["data flow"]


def test_dark_is_another_picture(panel):
    before = picture(panel)
    panel.set_theme(DARK)
    assert picture(panel) != before


def test_before_there_is_a_model_nothing_can_be_pressed(room):
    panel = FlowPanel(room.classroom, room.holder)
    room.holder.show()
    assert "loading" in said(panel)
    assert not panel.findChild(QPushButton, "learnFlowPlay").isEnabled()
