"""The selected posterior's forces in numbers."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from latentlab.app.force_view import ForceAnswer, ForceView, Pulls, Rest
from latentlab.core.spec import LossWeights
from latentlab.ui.force_panel import ForcePanel
from latentlab.ui.style_sheet import apply_theme
from latentlab.ui.theme import DARK, LIGHT


@pytest.fixture
def panel(qtbot: QtBot) -> ForcePanel:
    panel = ForcePanel()
    qtbot.addWidget(panel)
    panel.resize(270, panel.sizeHint().height())
    panel.show()
    return panel


def pair(x: float, y: float) -> np.ndarray:
    return np.array([[x, y]], np.float32)


def view(index: int = 42) -> ForceView:
    return ForceView(
        np.array([index]),
        pair(2.5, -0.5),
        2 * np.log(pair(0.25, 0.5)),
        Pulls(pair(12.345, -171.32), pair(-0.5, -0.25)),
        Pulls(pair(-2.5, 0.5), pair(0.5, 0.375)),
        64,
    )


def numbers(panel: ForcePanel, table: str) -> list[list[str]]:
    """The rows of a table, without their names."""
    found = panel.findChild(QWidget, table)
    assert found is not None
    rows = {name: [] for name in ("reconstruction", "KL", "sum")}
    for label in found.findChildren(QLabel):
        term, _, axis = label.accessibleName().partition(" on ")
        if axis:
            rows[term].append(label.text())
    return list(rows.values())


def text(panel: ForcePanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert label is not None
    return " ".join(label.text().split())


def test_each_term_and_the_sum_have_four_numbers(panel: ForcePanel) -> None:
    panel.show_forces(ForceAnswer(view(), view(), None).weighted(LossWeights()))
    assert text(panel, "forceTitle") == "Forces on image 42"
    assert numbers(panel, "forcesHere") == [
        ["+12.3", "−171", "−0.50", "−0.25"],
        ["−2.50", "+0.50", "+0.50", "+0.38"],
        ["+9.85", "−171", "0.00", "+0.12"],
    ]
    assert numbers(panel, "forcesAtRest") == [["–"] * 4] * 3
    assert "paused" in text(panel, "restText")
    panel.show_forces(None)
    assert numbers(panel, "forcesHere") == [["–"] * 4] * 3
    assert "Click a point" in text(panel, "restText")
    panel.set_looking_back(True)
    assert "those of now" in text(panel, "restText")
    panel.set_looking_back(False)
    assert "Click a point" in text(panel, "restText")


def test_where_they_cancel(panel: ForcePanel) -> None:
    one = view()
    there = ForceView(
        one.indices,
        pair(2.25, -0.75),
        2 * np.log(pair(0.125, 0.5)),
        Pulls(pair(2.25, -0.75), pair(-0.49, -0.37)),
        Pulls(pair(-2.25, 0.75), pair(0.49, 0.37)),
        64,
    )
    answer = ForceAnswer(one, one, Rest(LossWeights(), there))
    panel.show_forces(answer.weighted(LossWeights()))
    assert text(panel, "restText") == "They cancel at μ = (2.250, −0.750), σ = (0.125, 0.5):"
    assert numbers(panel, "forcesAtRest") == [
        ["+2.25", "−0.75", "−0.49", "−0.37"],
        ["−2.25", "+0.75", "+0.49", "+0.37"],
        ["0.00"] * 4,
    ]
    nowhere = ForceAnswer(one, one, Rest(LossWeights(), None)).weighted(LossWeights())
    panel.show_forces(nowhere)
    assert "no place" in text(panel, "restText")
    off = LossWeights(kl_on=False)
    panel.show_forces(ForceAnswer(one, one, Rest(off, None)).weighted(off))
    assert "nothing stops σ from shrinking" in text(panel, "restText")
    assert numbers(panel, "forcesHere")[1] == ["0.00"] * 4


def test_numbers_have_their_terms_colours_and_room(panel: ForcePanel) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    panel.show_forces(ForceAnswer(view(), view(), None).weighted(LossWeights(beta=100.0)))
    for theme in (LIGHT, DARK):
        apply_theme(app, theme)
        image = panel.grab().toImage()
        points = ((x, y) for x in range(image.width()) for y in range(image.height()))
        colours = {image.pixelColor(x, y).name() for x, y in points}
        assert {theme.reconstruction, theme.kl, theme.text} <= colours
    QApplication.processEvents()
    for label in panel.findChildren(QLabel):
        assert label.sizeHint().width() <= label.width() + 1, label.text()
    assert panel.minimumSizeHint().width() <= 280
    heights = set()
    for answer in (None, ForceAnswer(view(), view(), None)):
        panel.show_forces(answer)
        heights.add(panel.sizeHint().height())
    assert len(heights) == 1, "what lies below must not jump"
