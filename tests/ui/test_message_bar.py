import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from latentlab.ui.message_bar import MessageBar
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(800, 40)
    return bar


def button(bar: MessageBar, name: str) -> QAbstractButton:
    found = bar.findChild(QAbstractButton, name)
    assert found is not None
    return found


def test_it_is_hidden_until_there_is_something_to_say(bar: MessageBar) -> None:
    assert bar.isHidden()
    assert bar.text == ""
    bar.info("Saved model.safetensors.")
    assert bar.isVisible()
    assert bar.text == "Saved model.safetensors."


def test_the_newest_replaces(bar: MessageBar) -> None:
    bar.offer("Restore?", [("Restore", "restore")])
    bar.error("It cannot be read.")
    assert (bar.kind, bar.text) == ("error", "It cannot be read.")
    shown = [b.objectName() for b in bar.findChildren(QAbstractButton) if not b.isHidden()]
    assert shown == ["messageClose"]


def test_an_offer_says_the_key_of_its_button(qtbot: QtBot, bar: MessageBar) -> None:
    bar.offer("Restore?", [("Restore", "restore"), ("Discard", "discard")])
    with qtbot.waitSignal(bar.actionChosen) as said:
        qtbot.mouseClick(button(bar, "messageAction_discard"), LEFT)
    assert said.args == ["discard"]
    assert bar.isHidden()


def test_an_offer_may_follow_from_an_offer(qtbot: QtBot, bar: MessageBar) -> None:
    bar.actionChosen.connect(bar.warning)
    bar.offer("Restore?", [("Restore", "restore")])
    qtbot.mouseClick(button(bar, "messageAction_restore"), LEFT)
    assert (bar.kind, bar.text) == ("warning", "restore")


@pytest.mark.parametrize("by", ["mouse", "escape"])
def test_it_closes(qtbot: QtBot, bar: MessageBar, by: str) -> None:
    bar.warning("Both terms are off.")
    with qtbot.assertNotEmitted(bar.actionChosen):
        if by == "mouse":
            qtbot.mouseClick(button(bar, "messageClose"), LEFT)
        else:
            qtbot.keyClick(button(bar, "messageClose"), Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_markup_in_a_file_name_is_shown_as_it_is(bar: MessageBar) -> None:
    bar.error("<b>bold</b>.npz is empty.")
    image = bar.grab().toImage()
    bar.error("bold.npz is empty.")
    assert bar.grab().toImage() != image
    assert bar.text == "bold.npz is empty."


@pytest.mark.parametrize("text", ["x" * 20_000, "word " * 4000])
def test_a_long_text_widens_nothing(bar: MessageBar, text: str) -> None:
    bar.info("x")
    narrow = bar.minimumSizeHint().width()
    bar.info(text)
    assert bar.minimumSizeHint().width() == narrow
    assert bar.text == text


def test_kinds_look_different_in_light_and_dark(bar: MessageBar) -> None:
    grounds = set()
    for theme in (LIGHT, DARK):
        dress(bar, theme)
        for say in (bar.info, bar.warning, bar.error):
            say("x")
            grounds.add(bar.grab().toImage().pixelColor(400, 6).name())
    assert len(grounds) == 6
