import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from latentlab.ui.run_bar import RunBar
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot: QtBot) -> RunBar:
    bar = RunBar()
    qtbot.addWidget(bar)
    bar.resize(1280, 44)
    bar.show()
    return bar


def button(bar: RunBar, name: str) -> QAbstractButton:
    found = bar.findChild(QAbstractButton, name)
    assert found is not None
    return found


def test_train_and_pause_are_one_button(qtbot: QtBot, bar: RunBar) -> None:
    train = button(bar, "trainButton")
    with qtbot.waitSignal(bar.trainToggled) as said:
        qtbot.mouseClick(train, LEFT)
    assert said.args == [True]
    # What it shows is what runs, not what was clicked.
    assert train.text() == "Train"
    bar.show_run(True, 0.1, 8, 9000)
    assert train.text() == "Pause"
    with qtbot.waitSignal(bar.trainToggled) as said:
        qtbot.mouseClick(train, LEFT)
    assert said.args == [False]


@pytest.mark.parametrize(
    ("name", "signal"),
    [("stepButton", "stepWanted"), ("epochButton", "epochWanted"), ("resetButton", "resetWanted")],
)
def test_buttons_say_what_is_wanted(qtbot: QtBot, bar: RunBar, name: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(bar, signal)):
        qtbot.mouseClick(button(bar, name), LEFT)


def test_the_long_run_is_a_panel_to_open_and_what_train_goes_on_with(
    qtbot: QtBot, bar: RunBar
) -> None:
    long = button(bar, "longRunButton")
    with qtbot.waitSignal(bar.longRunWanted) as said:
        qtbot.mouseClick(long, LEFT)
    assert said.args == [True]
    with qtbot.waitSignal(bar.longRunWanted) as said:
        bar.click_long_run()
    assert said.args == [False]
    with qtbot.assertNotEmitted(bar.longRunWanted):
        bar.set_long_run_open(True)
    assert long.isChecked()
    train = button(bar, "trainButton")
    assert "long run" not in train.toolTip()
    bar.show_long_run(True)
    assert "long run" in train.toolTip()
    bar.show_run(True, 0.1, 8, 9000)
    assert train.toolTip().startswith("Pause")


def test_without_a_loaded_model_reset_starts_from_scratch(qtbot: QtBot, bar: RunBar) -> None:
    reset = bar.findChild(QToolButton, "resetButton")
    assert reset is not None
    assert reset.text() == "Back to loaded"
    assert "(R)" in reset.toolTip()
    with qtbot.waitSignal(bar.scratchWanted):
        reset.menu().actions()[0].trigger()
    bar.set_reset_means(False)
    assert reset.text() == "Start from scratch"
    assert reset.menu() is None
    with qtbot.assertNotEmitted(bar.resetWanted), qtbot.waitSignal(bar.scratchWanted):
        qtbot.mouseClick(reset, LEFT)


def test_figures_are_shown_and_stand_still(bar: RunBar) -> None:
    labels = [bar.findChild(QLabel, f"{name}Figure") for name in ("epoch", "step", "speed")]
    places = []
    for epoch, step, speed in ((0.1, 1, 111.0), (88.8, 88_888, 88_888.0), (12.3, 940, 14_200.0)):
        bar.show_run(True, epoch, step, speed)
        bar.layout().activate()
        places.append([label.geometry() for label in labels])
    assert [label.text() for label in labels] == ["epoch 12.3", "step 940", "14,200 img/s"]
    assert places[0] == places[1] == places[2]


def test_before_the_engine_is_up_the_controls_are_off_and_say_why(bar: RunBar) -> None:
    bar.set_ready(False)
    for name in ("trainButton", "stepButton", "epochButton", "resetButton"):
        assert not button(bar, name).isEnabled()
        assert "starting" in button(bar, name).toolTip()
    bar.set_ready(True)
    for name in ("trainButton", "stepButton", "epochButton", "resetButton"):
        assert button(bar, name).isEnabled()
        assert "starting" not in button(bar, name).toolTip()


def test_workspaces(qtbot: QtBot, bar: RunBar) -> None:
    tabs = bar.findChild(QTabBar, "workspaceTabs")
    assert tabs is not None
    bar.set_workspaces(["Explore", "Compare"])
    tabs.setCurrentIndex(1)
    with qtbot.assertNotEmitted(bar.workspaceChosen):
        bar.set_workspaces(["Learn", "Compare"])
    assert tabs.tabText(tabs.currentIndex()) == "Compare"
    bar.layout().activate()
    with qtbot.waitSignal(bar.workspaceChosen) as said:
        qtbot.mouseClick(tabs, LEFT, pos=tabs.tabRect(0).center())
    assert said.args == ["Learn"]


def test_where_room_is_scarce_icons_do_and_every_tab_stays_in_view(
    qtbot: QtBot, bar: RunBar
) -> None:
    bar.set_workspaces(["Explore", "Compare", "Infer", "Learn"])
    tabs = bar.findChild(QTabBar, "workspaceTabs")
    assert tabs is not None
    words = {name: button(bar, name).text() for name in ("stepButton", "epochButton")}
    assert words == {"stepButton": "Step", "epochButton": "Epoch"}
    bar.resize(bar.sizeHint().width() - 20, bar.height())
    qtbot.waitUntil(lambda: tabs.width() >= tabs.sizeHint().width())
    assert not any(button(bar, name).text() for name in words)
    assert button(bar, "stepButton").accessibleName() == "Step"
    speed = bar.findChild(QLabel, "speedFigure")
    assert speed is not None
    assert speed.isVisible()
    # Where even that is too much, the speed goes, which the data panel shows as well.
    bar.resize(bar.sizeHint().width() - 20, bar.height())
    qtbot.waitUntil(lambda: tabs.width() >= tabs.sizeHint().width())
    assert not speed.isVisible()
    bar.resize(1400, bar.height())
    assert {name: button(bar, name).text() for name in words} == words
    assert speed.isVisible()


def test_a_theme_change_repaints(bar: RunBar) -> None:
    grounds = []
    for theme in (LIGHT, DARK):
        dress(bar, theme)
        step = button(bar, "stepButton")
        grounds.append(step.grab().toImage().pixelColor(step.width() // 2, 3).lightness())
    assert grounds[0] > 200
    assert grounds[1] < 60
