"""Bayes' rule in three planes."""

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.app.infer_view import Field
from latentlab.app.state import Viewport
from latentlab.ui.infer.bayes import BayesStrip

FIELD = Field(Viewport(-1.0, 1.0, -1.0, 1.0), np.zeros((8, 8), np.float32))


def planes(qtbot: QtBot, field: Field | None, view: Viewport) -> list[QImage]:
    """Prior, likelihood and posterior."""
    window = QWidget()
    qtbot.addWidget(window)
    strip = BayesStrip(window)
    strip.resize(600, 200)
    window.show()
    strip.show_field(field, view)
    whole = strip.grab().toImage()
    return [whole.copy(box.toRect()) for box in strip._boxes()]


def test_a_view_beside_all_that_is_decoded_shows_the_prior_alone(qtbot: QtBot) -> None:
    view = Viewport(3.0, 5.0, -1.0, 1.0)
    empty, beside = planes(qtbot, None, view), planes(qtbot, FIELD, view)
    over = planes(qtbot, FIELD, FIELD.area)
    assert [one == other for one, other in zip(beside, empty, strict=True)] == [False, True, True]
    assert not any(one == other for one, other in zip(over, empty, strict=True))
