"""Page 8's last figure: it asks about the model, and shows what comes back."""

from collections.abc import Generator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from latentlab.app.lesson_model import LessonModel
from latentlab.app.looks import Worker
from latentlab.app.opening import DEFAULT_MODEL
from latentlab.ui.learn.figures.model_gradient import ModelGradient
from tests.ui.learn.showing import all_said, part, shown, text

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def worker() -> Generator[Worker]:
    worker = Worker("class")
    yield worker
    assert worker.shutdown()


def answered(qtbot: QtBot, worker: Worker, figure: ModelGradient) -> None:
    """Wait for a reply, and pass it on."""

    def one_came() -> bool:
        replies = list(worker.replies())
        for reply in replies:
            figure.classroom.take(reply)
        return bool(replies)

    qtbot.waitUntil(one_came, timeout=60_000)


def test_the_models_gradient_is_asked_for_and_shown(qtbot: QtBot, worker: Worker) -> None:
    figure = shown(qtbot, ModelGradient)
    assert text(figure, "gradientImageTitle") == "Computing…"
    figure.grab()
    nothing = LessonModel(None, None, None, None, 7, 0)  # type: ignore[arg-type]
    figure.classroom.show(worker, nothing.shipped(DEFAULT_MODEL))
    answered(qtbot, worker, figure)
    assert text(figure, "gradientImageTitle").startswith("Image 7, a")
    assert "times as large" in text(figure, "ratioWords")
    first = all_said(figure)
    qtbot.mouseClick(part(figure, QPushButton, "modelDrawAgain"), LEFT)
    answered(qtbot, worker, figure)
    assert text(figure, "trueGradient") in first
    assert text(figure, "scoreWords") not in first
    part(figure, QComboBox, "modelGradientOf").setCurrentIndex(1)
    assert text(figure, "trueGradient") not in first
    slider = part(figure, QSlider, "modelDrawCount")
    slider.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(slider, key)
        figure.grab()
        assert not any("not a number" in said for said in all_said(figure))
    qtbot.mouseClick(part(figure, QPushButton, "gradientImageNext"), LEFT)
    answered(qtbot, worker, figure)
    assert text(figure, "gradientImageTitle").startswith("Image 8, a")
    figure.reset()
    answered(qtbot, worker, figure)
    assert all_said(figure) == first
