"""When a figure asks about the model, and when it does not."""

from PySide6.QtWidgets import QWidget

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


def test_a_figure_asks_while_its_page_is_seen_and_makes_up_for_what_it_missed(
    live: LiveClass,
) -> None:
    figure = live.show(_Figure)
    page = figure.parentWidget()
    live.wait("step")
    assert isinstance(figure.shown, int)
    # Another figure of the page stands before it.
    figure.hide()
    live.begin()
    live.wait("step", 2)
    # Another page does.
    page.hide()
    live.begin()
    assert live.classroom.resting
    page.show()
    assert not live.classroom.resting
    live.wait("step", 3)
    figure.show()
    assert live.classroom.resting


def test_it_follows_its_page_to_where_that_puts_it(live: LiveClass) -> None:
    figure = live.show(_Figure)
    live.wait("step")
    column = QWidget(figure.parentWidget())
    figure.setParent(column)
    live.begin()
    assert live.classroom.resting
    column.show()
    live.wait("step", 2)
