"""The data-flow strip in the real window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from latentlab.ui.learn.flow_panel import FlowPanel
from tests.window.conftest import OpenLab
from tests.window.reach import cut, out_of_view


def test_it_is_on_every_page_and_of_the_selected_image(open_lab: OpenLab) -> None:
    lab = open_lab(workspace="learn")
    lab.window.resize(1280, 720)
    learn = lab.window.learn
    assert learn is not None
    panel = learn.findChild(FlowPanel)
    assert panel is not None
    assert not panel.isVisible()
    lab.key("d", Qt.KeyboardModifier.ControlModifier)
    lab.wait(panel.isVisible)
    says = panel.findChild(QLabel, "learnFlowSays")
    assert says is not None
    lab.wait(lambda: "nats arises" in says.text())
    for row in range(len(learn.pages)):
        learn.open_row(row)
        assert panel.isVisible()
        lab.wait(lambda: lab.shell.learn.classroom.resting, 60_000)
        assert [*cut(panel), *out_of_view(panel)] == []
    before = says.text()
    lab.shell.controller.select(5)
    lab.wait(lambda: says.text() != before)
    for _ in range(4):
        lab.click("learnFlowBack")
    assert "training image 5," in says.text()
    button = learn.findChild(QPushButton, "learnFlowButton")
    assert button is not None
    lab.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not panel.isVisible()
