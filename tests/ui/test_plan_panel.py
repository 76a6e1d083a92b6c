import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from latentlab.training.messages import PlanProgress
from latentlab.training.plan import Plan
from latentlab.ui.plan_panel import PlanPanel
from latentlab.ui.plan_words import best_so_far, duration, how_far, shown_factor
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

LEFT = Qt.MouseButton.LeftButton


def progress(plan: Plan | None = None, **changed: float | None) -> PlanProgress:
    values = {"epoch": 3.24, "seconds_left": 700.0, "best_elbo": -152.31, "best_step": 940}
    return PlanProgress(plan or Plan(), **values | changed)  # type: ignore[arg-type]


@pytest.fixture
def panel(qtbot: QtBot) -> PlanPanel:
    panel = PlanPanel()
    qtbot.addWidget(panel)
    panel.resize(270, panel.sizeHint().height())
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


def button(panel: PlanPanel, name: str) -> QAbstractButton:
    found = panel.findChild(QAbstractButton, name)
    assert found is not None
    return found


def text(panel: PlanPanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert label is not None
    return label.text().replace("\N{NO-BREAK SPACE}", " ")


def fill(qtbot: QtBot, panel: PlanPanel, name: str, typed: str) -> None:
    line = panel.findChild(QLineEdit, name)
    assert line is not None
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, typed)


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "1 s"),
        (44.6, "45 s"),
        (60.0, "1 min"),
        (725.0, "12 min"),
        (3_590.0, "1 h 0 min"),
        (12_000.0, "3 h 20 min"),
        (10_000_000.0, "2,777 h 47 min"),
        (math.inf, "∞"),
        (math.nan, "∞"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds).replace("\N{NO-BREAK SPACE}", " ") == said


def test_how_far_it_is() -> None:
    assert how_far(progress()).replace("\N{NO-BREAK SPACE}", " ") == (
        "epoch 3.2 of 50 · 12 min left"
    )
    assert how_far(progress(seconds_left=None)) == "epoch 3.2 of 50"
    # The last epoch may be counted a little beyond its end.
    assert how_far(progress(epoch=50.04, seconds_left=None)) == "epoch 50.0 of 50"
    assert best_so_far(progress()) == "best: ELBO −152.3 (step 940)"
    assert best_so_far(progress(best_elbo=None, best_step=None)) == "best: after an epoch"


@pytest.mark.parametrize(("factor", "shown"), [(0.0012345, 0.0012), (0.2967, 0.3), (1.0, 1.0)])
def test_factors_have_two_digits(factor: float, shown: float) -> None:
    assert shown_factor(factor) == shown


# --- the form ------------------------------------------------------------------------------------


def test_it_begins_without_a_thought(qtbot: QtBot, panel: PlanPanel) -> None:
    with qtbot.waitSignal(panel.beginWanted) as said:
        qtbot.mouseClick(button(panel, "planBegin"), LEFT)
    assert said.args == [Plan()]


def test_the_form_makes_the_plan(qtbot: QtBot, panel: PlanPanel) -> None:
    fill(qtbot, panel, "planEpochs", "120")
    fill(qtbot, panel, "planWarmUp", "2.5")
    fill(qtbot, panel, "planPatience", "7")
    qtbot.mouseClick(button(panel, "planAveraging"), LEFT)
    schedule = panel.findChild(QComboBox, "planSchedule")
    assert schedule is not None
    seen = [schedule.itemText(i) for i in range(schedule.count())]
    assert seen == ["one cycle", "cosine", "constant"]
    qtbot.keyClick(schedule, Qt.Key.Key_Down)
    # What is typed last counts, though the field was not left.
    with qtbot.waitSignal(panel.beginWanted) as said:
        qtbot.mouseClick(button(panel, "planBegin"), LEFT)
    assert said.args == [Plan(120, "cosine", 2.5, averaging=False, patience=7)]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("planEpochs", "0"),
        ("planEpochs", "1.5"),
        ("planEpochs", "10000"),
        ("planPatience", "-1"),
        ("planPatience", "2.5"),
        ("planWarmUp", "-0.1"),
        ("planWarmUp", "nan"),
    ],
)
def test_nonsense_is_not_taken(qtbot: QtBot, panel: PlanPanel, name: str, typed: str) -> None:
    fill(qtbot, panel, name, typed)
    line = panel.findChild(QLineEdit, name)
    assert line is not None
    assert line.property("valid") is False
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert panel.plan == Plan()


def test_the_note_says_what_is_held_back_and_how_long_it_takes(
    qtbot: QtBot, panel: PlanPanel
) -> None:
    panel.show_images(60_000)
    assert text(panel, "planNote") == (
        "2,000 training images are held back from the steps; the weights that are best on them are "
        "kept."
    )
    panel.show_speed(10_000.0)
    assert text(panel, "planNote").endswith(" About 5 min at 10,000 img/s.")
    fill(qtbot, panel, "planEpochs", "1000")
    line = panel.findChild(QLineEdit, "planEpochs")
    assert line is not None
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert text(panel, "planNote").endswith(" About 1 h 37 min at 10,000 img/s.")
    panel.show_speed(0.0)
    assert "About" not in text(panel, "planNote")


def test_before_the_engine_is_up_it_cannot_begin_and_says_why(panel: PlanPanel) -> None:
    begin = button(panel, "planBegin")
    panel.set_ready(False)
    assert not begin.isEnabled()
    assert "starting" in begin.toolTip()
    panel.set_ready(True)
    assert begin.isEnabled()
    assert "starting" not in begin.toolTip()


# --- under way -----------------------------------------------------------------------------------


def test_a_plan_under_way_takes_the_place_of_the_form(qtbot: QtBot, panel: PlanPanel) -> None:
    plan = Plan(epochs=20, kl_warm_up=2.5, patience=4)
    panel.show_plan(progress(plan, epoch=5.0))
    assert not button(panel, "planBegin").isVisible()
    assert text(panel, "planFar") == "epoch 5.0 of 20 · 12 min left"
    assert text(panel, "planBest") == "best: ELBO −152.3 (step 940)"
    assert text(panel, "planWhat") == (
        "one cycle schedule · KL warmed up over 2.5 epochs · weights averaged · patience of 4 "
        "epochs"
    )
    bar = panel.findChild(QProgressBar, "planBar")
    assert bar is not None
    assert bar.value() / bar.maximum() == 0.25
    with qtbot.waitSignal(panel.endWanted):
        qtbot.mouseClick(button(panel, "planEnd"), LEFT)
    panel.show_plan(None)
    assert button(panel, "planBegin").isVisible()
    assert not button(panel, "planEnd").isVisible()


def test_the_keyboard_does_not_fall_onto_the_button_that_ends_it(
    qtbot: QtBot, panel: PlanPanel
) -> None:
    button(panel, "planBegin").setFocus()
    panel.show_plan(progress())
    assert QApplication.focusWidget() is button(panel, "planClose")
    panel.setFocus()
    assert QApplication.focusWidget() is button(panel, "planEnd")
    panel.show_plan(None)
    assert QApplication.focusWidget() is button(panel, "planClose")
    panel.setFocus()
    assert QApplication.focusWidget() is panel.findChild(QLineEdit, "planEpochs")
    # A focus elsewhere stays there.
    other = QPushButton()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    other.setFocus()
    panel.show_plan(progress())
    assert QApplication.focusWidget() is other


def test_it_closes(qtbot: QtBot, panel: PlanPanel) -> None:
    with qtbot.waitSignal(panel.closed):
        qtbot.mouseClick(button(panel, "planClose"), LEFT)


@pytest.mark.parametrize("shown", [None, progress()], ids=["form", "progress"])
def test_it_fits_the_column_and_has_both_themes(
    panel: PlanPanel, shown: PlanProgress | None
) -> None:
    panel.show_plan(shown)
    assert panel.minimumSizeHint().width() <= 262
    grounds = []
    for theme in (LIGHT, DARK):
        dress(panel, theme)
        grounds.append(panel.grab().toImage().pixelColor(panel.width() // 2, 3).lightness())
    assert grounds[0] > 200
    assert grounds[1] < 60
