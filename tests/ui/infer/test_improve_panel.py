"""What is said while q is improved."""

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from latentlab.app.infer_view import Improved, Normal
from latentlab.ui.infer.improve_panel import ImprovePanel


def improved(elbo: float, *, done: bool) -> Improved:
    return Improved(3, Normal((0.0, 0.0), (1.0, 1.0)), elbo + 7.0, 7.0, 451, done)


def test_a_top_that_is_not_the_highest_is_said_to_be_lower(qtbot: QtBot) -> None:
    """Gradient steps lead to the nearest top: of the mass elsewhere they know nothing."""
    window = QWidget()
    qtbot.addWidget(window)
    panel = ImprovePanel(window)
    words = panel.findChild(QLabel, "improveWords")
    assert words is not None
    panel.show_encoder(-102.57)
    for elbo, best, done, end in (
        (-98.46, -96.64, True, "at a top after 451 steps, 1.82 below the best"),
        (-98.46, -98.45, True, "at a top after 451 steps"),
        (-98.46, None, True, "at a top after 451 steps"),
        (-98.46, -96.64, False, "after 451 steps"),
    ):
        panel.show_improved(improved(elbo, done=done), best)
        assert words.text() == f"ELBO −102.57 → −98.46 nats, {end}"
