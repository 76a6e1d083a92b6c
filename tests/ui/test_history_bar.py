import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.history_bar import HistoryBar


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def bar(window: QWidget) -> HistoryBar:
    return HistoryBar(window)


def test_only_from_the_past_one_can_go_back_or_branch(bar: HistoryBar) -> None:
    def enabled() -> list[bool]:
        names = ("historyNow", "historyBranch")
        found = [bar.findChild(QPushButton, name) for name in names]
        return [button is not None and button.isEnabled() for button in found]

    assert enabled() == [False, False]  # before the run is known, too
    bar.show_moments(3)
    bar.show_moment(1, 50, 50)
    assert enabled() == [True, True]
    bar.show_now(100)
    assert enabled() == [False, False]
