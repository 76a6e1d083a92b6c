"""When a figure asks about the model, and when it does not."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.learn.asking import AskingFigure
from latentlab.ui.learn.classroom import Question
from tests.ui.learn.live_class import LiveClass


class _Step:
    def answer(self, model: object) -> object:
        return model.step  # type: ignore[attr-defined]


class _Figure(AskingFigure):
    TOPIC = "step"

    def question(self) -> Question:
        return _Step()

    def show_answer(self, answer: object) -> None:
        self.shown = answer


@pytest.fixture
def taught(qtbot: QtBot) -> Iterator[LiveClass]:
    taught = LiveClass(qtbot)
    yield taught
    taught.end()


def test_a_figure_asks_while_its_page_is_seen_and_makes_up_for_what_it_missed(
    taught: LiveClass,
) -> None:
    figure = taught.show(_Figure)
    page = figure.parentWidget()
    taught.wait("step")
    assert isinstance(figure.shown, int)
    # Another figure of the page stands before it.
    figure.hide()
    taught.begin()
    taught.wait("step", 2)
    # Another page does.
    page.hide()
    taught.begin()
    assert taught.classroom.resting
    page.show()
    assert not taught.classroom.resting
    taught.wait("step", 3)
    figure.show()
    assert taught.classroom.resting


def test_it_follows_its_page_to_where_that_puts_it(taught: LiveClass) -> None:
    figure = taught.show(_Figure)
    taught.wait("step")
    column = QWidget(figure.parentWidget())
    figure.setParent(column)
    taught.begin()
    assert taught.classroom.resting
    column.show()
    taught.wait("step", 2)
