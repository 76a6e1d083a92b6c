"""Answers that say at once whether they are right, and why."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.app.lesson import Answer, Question
from latentlab.ui.learn.prose import Prose
from latentlab.ui.learn.quiz import QuestionView

QUESTION = Question(
    "Is {f:p_is_q}?",
    (Answer("No", False, "Look again."), Answer("Yes", True, "They are.")),
    "Look at the bars.",
)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(desk: QWidget, qtbot: QtBot) -> QuestionView:
    view = QuestionView(QUESTION, "q1", desk)
    view.resize(500, 400)
    desk.show()
    qtbot.waitExposed(desk)
    return view


def said(view: QuestionView) -> list[str]:
    return [text.accessibleName() for text in view.findChildren(Prose) if text.isVisible()]


def test_a_wrong_answer_is_told_why_and_the_right_one_solves_it(
    qtbot: QtBot, view: QuestionView
) -> None:
    assert said(view) == ["Is P is Q?"]
    no, yes = view.answers
    qtbot.mouseClick(no, LEFT)
    assert "Not so. Look again." in said(view)
    assert not view.is_solved
    with qtbot.waitSignal(view.solved):
        qtbot.mouseClick(yes, LEFT)
    assert "Right. They are." in said(view)
    assert view.is_solved
    assert not no.isChecked()


def test_the_keyboard_chooses_too(qtbot: QtBot, view: QuestionView) -> None:
    yes = view.answers[1]
    yes.setFocus()
    qtbot.keyClick(yes, Qt.Key.Key_Space)
    assert view.is_solved
    qtbot.keyClick(yes, Qt.Key.Key_Space)
    assert view.is_solved, "an answer that is chosen stays so"


def test_the_hint_comes_when_it_is_wanted(qtbot: QtBot, view: QuestionView) -> None:
    assert "Look at the bars." not in said(view)
    qtbot.mouseClick(view.hint_button, LEFT)
    assert "Look at the bars." in said(view)
    qtbot.mouseClick(view.hint_button, LEFT)
    assert "Look at the bars." not in said(view)


def test_without_a_hint_there_is_no_button(desk: QWidget) -> None:
    view = QuestionView(Question("Q?", QUESTION.answers, ""), "q2", desk)
    assert view.hint_button.isHidden()
