import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from latentlab.ui.data_panel import DataPanel


@pytest.fixture
def panel(qtbot: QtBot) -> DataPanel:
    panel = DataPanel()
    qtbot.addWidget(panel)
    panel.set_datasets(["mnist", "fashion-mnist"], "mnist")
    panel.set_models(["mnist-2d", "mnist-2d-live"], "mnist-2d-live")
    panel.resize(260, 160)
    panel.show()
    return panel


def choice(panel: DataPanel, name: str) -> QComboBox:
    found = panel.findChild(QComboBox, name)
    assert found is not None
    return found


def field(panel: DataPanel, name: str) -> QLineEdit:
    found = panel.findChild(QLineEdit, name)
    assert found is not None
    return found


def pick(qtbot: QtBot, box: QComboBox, steps: int) -> None:
    """Choose with the keyboard, `steps` entries further down."""
    for _ in range(steps):
        qtbot.keyClick(box, Qt.Key.Key_Down)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("datasetChoice", ("datasetChosen", 1, "fashion-mnist")),
        ("modelChoice", ("modelChosen", -1, "mnist-2d")),
    ],
)
def test_choosing(qtbot: QtBot, panel: DataPanel, name: str, case: tuple[str, int, str]) -> None:
    signal, steps, chosen = case
    key = Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up
    with qtbot.waitSignal(getattr(panel, signal)) as said:
        qtbot.keyClick(choice(panel, name), key)
    assert said.args == [chosen]


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("datasetChoice", ("folderWanted", 2, "fashion-mnist")),
        ("modelChoice", ("modelFileWanted", 1, "mnist-2d-live")),
    ],
)
def test_opening_leaves_the_choice_as_it_was(
    qtbot: QtBot, panel: DataPanel, name: str, case: tuple[str, int, str]
) -> None:
    signal, steps, stays = case
    box = choice(panel, name)
    with qtbot.waitSignal(getattr(panel, signal)):
        pick(qtbot, box, steps)
    assert box.currentText() == stays


def test_a_current_data_set_that_is_not_in_the_list_is_added(panel: DataPanel) -> None:
    panel.set_datasets(["mnist"], "/home/me/my photos::32-rgb-fit")
    panel.set_models(["mnist-2d"], "/home/me/mine.safetensors")
    box = choice(panel, "datasetChoice")
    # What tells it from others, not where it lies.
    assert box.currentText() == "my photos"
    assert box.itemData(0, Qt.ItemDataRole.ToolTipRole) == "/home/me/my photos::32-rgb-fit"
    assert box.itemText(1) == "mnist"
    assert choice(panel, "modelChoice").currentText() == "mine"


def test_a_folder_called_like_a_set_is_not_taken_for_it(qtbot: QtBot, panel: DataPanel) -> None:
    panel.set_datasets(["mnist"], "/home/me/mnist")
    box = choice(panel, "datasetChoice")
    assert [box.itemText(index) for index in (0, 1)] == ["/home/me/mnist", "mnist"]
    with qtbot.waitSignal(panel.datasetChosen) as said:
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert said.args == ["mnist"]


def test_showing_says_nothing(qtbot: QtBot, panel: DataPanel) -> None:
    with (
        qtbot.assertNotEmitted(panel.datasetChosen),
        qtbot.assertNotEmitted(panel.modelChosen),
        qtbot.assertNotEmitted(panel.learningRateChanged),
        qtbot.assertNotEmitted(panel.batchSizeChanged),
        qtbot.assertNotEmitted(panel.deviceChosen),
        qtbot.assertNotEmitted(panel.precisionChosen),
    ):
        panel.set_devices(("cpu", "cuda"))
        panel.show_computing("cuda", "float32")
        panel.set_datasets(["a", "b"], "b")
        panel.set_models(["c"], "")
        panel.show_settings(0.02, 128)
    assert choice(panel, "modelChoice").currentIndex() == -1
    assert field(panel, "learningRate").text() == "0.02"
    assert field(panel, "batchSize").text() == "128"


def test_typed_settings(qtbot: QtBot, panel: DataPanel) -> None:
    rate, batch = field(panel, "learningRate"), field(panel, "batchSize")
    rate.setFocus()
    rate.selectAll()
    qtbot.keyClicks(rate, "3e-4")
    with qtbot.waitSignal(panel.learningRateChanged) as said:
        qtbot.keyClick(rate, Qt.Key.Key_Return)
    assert said.args == [pytest.approx(3e-4)]
    batch.setFocus()
    batch.selectAll()
    qtbot.keyClicks(batch, "256")
    with qtbot.waitSignal(panel.batchSizeChanged) as said:
        qtbot.keyClick(batch, Qt.Key.Key_Return)
    assert said.args == [256]


def test_device_and_precision(qtbot: QtBot, panel: DataPanel) -> None:
    device, precision = choice(panel, "deviceChoice"), choice(panel, "precisionChoice")
    assert [precision.itemText(i) for i in range(3)] == ["auto", "float32", "bfloat16"]
    # A device that was remembered is shown before it is known what this machine has.
    panel.show_computing("cuda", "bfloat16")
    assert (device.currentText(), precision.currentText()) == ("cuda", "bfloat16")
    panel.set_devices(("cpu", "cuda"))
    assert (device.currentText(), device.count()) == ("cuda", 2)
    with qtbot.waitSignal(panel.deviceChosen) as said:
        qtbot.keyClick(device, Qt.Key.Key_Up)
    assert said.args == ["cpu"]
    with qtbot.waitSignal(panel.precisionChosen) as said:
        qtbot.keyClick(precision, Qt.Key.Key_Up)
    assert said.args == ["float32"]
    panel.show_computing("cuda", "auto")
    panel.set_devices(("cpu",))
    assert (device.currentText(), device.count()) == ("cpu", 1)
    assert panel.minimumSizeHint().width() <= 272


def test_the_speed_says_what_it_was_computed_with(panel: DataPanel) -> None:
    label = panel.findChild(QLabel, "speedText")
    assert label is not None
    panel.show_speed(14_203.4, "cpu", True)
    assert label.text() == "14,203 img/s on cpu, bfloat16"
    panel.show_speed(90_000.0, "cuda", False)
    assert label.text() == "90,000 img/s on cuda, float32"
    panel.show_speed(0.0, "cpu", False)
    assert label.text() == "speed: once it trains"


def test_a_long_name_does_not_widen_the_column(panel: DataPanel) -> None:
    before = panel.minimumSizeHint().width()
    panel.set_models(["x" * 300], "x" * 300)
    panel.show_model("784-400-2-400-784 · 632,788 parameters", "MNIST, CC BY-SA 3.0")
    assert panel.minimumSizeHint().width() == before <= 280
