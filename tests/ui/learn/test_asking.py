"""When a figure asks about the model, and when it does not."""

from collections.abc import Iterator

import pytest
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


def test_a_figure_asks_while_it_is_seen_and_makes_up_for_what_it_missed(taught: LiveClass) -> None:
    figure = taught.show(_Figure)
    taught.wait("step")
    assert isinstance(figure.shown, int)
    taught.begin()
    taught.wait("step", 2)
    figure.hide()
    taught.begin()
    assert taught.classroom.resting
    figure.show()
    assert not taught.classroom.resting
    taught.wait("step", 3)
    figure.hide()
    figure.show()
    assert taught.classroom.resting
