import itertools

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from latentlab.core.spec import LossWeights
from latentlab.training.messages import Curves, Series, SwitchMark
from latentlab.ui.curve_lines import broken_at, nearest, on_axis, robust_range
from latentlab.ui.curve_painter import CurvePainter
from latentlab.ui.curves import LossCurves
from latentlab.ui.nats_axis import NatsAxis, log_ticks
from latentlab.ui.steps_axis import StepsAxis
from latentlab.ui.theme import DARK
from tests.ui.themes import dress

LEFT = Qt.MouseButton.LeftButton


def series(steps: int, beta: float = 4.0) -> Series:
    step = np.arange(1, steps + 1)
    reconstruction = 130.0 + 400.0 * np.exp(-step / 5.0)
    kl = np.full(steps, 6.0)
    return Series(step, reconstruction, kl, reconstruction + beta * kl)


def curves(steps: int = 500, marks: tuple[SwitchMark, ...] = ()) -> Curves:
    return Curves(series(steps), series(steps // 10), marks)


@pytest.fixture
def panel(qtbot: QtBot) -> LossCurves:
    panel = LossCurves()
    qtbot.addWidget(panel)
    panel.make_plot()
    panel.resize(900, 200)
    panel.show()
    return panel


def plot(panel: LossCurves) -> pg.GraphicsView:
    found = panel.findChild(pg.GraphicsView, "lossPlot")
    assert found is not None
    return found


def view_box(panel: LossCurves) -> pg.ViewBox:
    return next(item for item in plot(panel).scene().items() if isinstance(item, pg.ViewBox))


def mark_lines(panel: LossCurves) -> list[pg.InfiniteLine]:
    # The cursor of the read-out is one without a label.
    items = [item for item in plot(panel).scene().items() if isinstance(item, pg.InfiniteLine)]
    return [item for item in items if hasattr(item, "label")]


def lines(panel: LossCurves) -> list[np.ndarray]:
    """The values of each line that is shown."""
    items = plot(panel).scene().items()
    painter = next(item for item in items if isinstance(item, CurvePainter))
    return [values for _, values in painter.shown().values()]


def entry(panel: LossCurves, key: str) -> QAbstractButton:
    found = panel.findChild(QAbstractButton, f"legend_{key}")
    assert found is not None
    return found


def is_empty(panel: LossCurves) -> bool:
    labels = [
        label for label in panel.findChildren(QLabel) if label.text().startswith("Press Train")
    ]
    return labels[0].isVisible()


def test_what_came_before_the_plot_is_in_it(qtbot: QtBot, panel: LossCurves) -> None:
    early = LossCurves()
    qtbot.addWidget(early)
    for each in (early, panel):
        each.resize(900, 200)
        each.show_since(100)
        each.show_curves(curves(marks=(SwitchMark(300, "rec"),)), LossWeights())
        each.set_log(True)
        each.show_moment(400)
        dress(each, DARK)
        each.show()
    early.make_plot()
    qtbot.waitUntil(lambda: plot(early).grab().toImage() == plot(panel).grab().toImage())


def test_empty_it_says_how_to_begin(panel: LossCurves) -> None:
    assert is_empty(panel)
    panel.show_curves(curves(), LossWeights())
    assert not is_empty(panel)
    panel.show_curves(Curves(series(0), series(0), ()), LossWeights())
    assert is_empty(panel)


def test_four_curves_each_for_training_and_held_out(panel: LossCurves) -> None:
    panel.show_curves(curves(), LossWeights(beta=4.0))
    ends = sorted(float(line[-1]) for line in lines(panel))
    # KL, reconstruction, −ELBO = rec + KL, objective = rec + 4·KL; each twice.
    assert ends == pytest.approx([6, 6, 130, 130, 136, 136, 154, 154], abs=0.1)


def test_the_objective_is_labelled_with_its_formula(panel: LossCurves) -> None:
    panel.show_curves(curves(), LossWeights(beta=4.0))
    assert entry(panel, "objective").text() == "objective: rec + 4·KL"
    panel.show_curves(curves(), LossWeights())
    assert entry(panel, "objective").text() == "objective: rec + KL"
    panel.show_curves(curves(), LossWeights(kl_on=False))
    assert entry(panel, "objective").text() == "objective: rec"


def test_the_legend_hides_and_shows(qtbot: QtBot, panel: LossCurves) -> None:
    panel.show_curves(curves(), LossWeights())
    qtbot.mouseClick(entry(panel, "kl"), LEFT)
    assert len(lines(panel)) == 6
    qtbot.keyClick(entry(panel, "kl"), Qt.Key.Key_Space)
    assert len(lines(panel)) == 8


def test_the_log_switch(qtbot: QtBot, panel: LossCurves) -> None:
    panel.show_curves(curves(), LossWeights(beta=4.0))
    toggle = panel.findChild(QAbstractButton, "logCurvesToggle")
    assert toggle is not None
    with qtbot.waitSignal(panel.logSwitched) as said:
        qtbot.mouseClick(toggle, LEFT)
    assert said.args == [True]
    ends = sorted(float(line[-1]) for line in lines(panel))
    assert ends[0] == pytest.approx(np.log10(6))
    with qtbot.assertNotEmitted(panel.logSwitched):
        panel.set_log(False)
    assert not toggle.isChecked()


def test_a_log_axis_says_what_it_leaves_out(panel: LossCurves) -> None:
    axis = next(i for i in plot(panel).scene().items() if isinstance(i, NatsAxis))
    step = np.arange(1, 6)
    # A density's reconstruction term may be negative.
    sharp = Series(step, np.linspace(2.0, -2.0, 5), np.full(5, 3.0), np.linspace(5.0, 1.0, 5))
    panel.show_curves(Curves(sharp, sharp, ()), LossWeights())
    assert axis.labelText == "nats per image"
    panel.set_log(True)
    assert "≤ 0" in axis.labelText
    dress(panel, DARK)
    assert "≤ 0" in axis.labelText
    entry(panel, "reconstruction").click()
    assert axis.labelText == "nats per image"
    entry(panel, "reconstruction").click()
    panel.show_curves(curves(), LossWeights())
    assert axis.labelText == "nats per image"


def test_marks_carry_the_formula_that_began_there(panel: LossCurves) -> None:
    marks = (SwitchMark(100, "rec"), SwitchMark(300, "rec + 4·KL"))
    panel.show_curves(curves(marks=marks), LossWeights())
    items = mark_lines(panel)
    shown = {(i.value(), i.label.format) for i in items if i.isVisible()}
    assert shown == {(100, "rec"), (300, "rec + 4·KL")}
    panel.show_curves(curves(), LossWeights())
    assert not any(i.isVisible() for i in items)


@pytest.mark.parametrize("text", ["{", "{value.real}", "rec + {0}·KL", "{{}}", "{value:9999999}"])
def test_braces_from_a_file_are_shown_as_they_are(panel: LossCurves, text: str) -> None:
    panel.show_curves(curves(marks=(SwitchMark(100, text),)), LossWeights())
    assert [i.label.toPlainText() for i in mark_lines(panel) if i.isVisible()] == [text]


def test_labels_of_close_marks_do_not_overlap(panel: LossCurves) -> None:
    marks = tuple(SwitchMark(250 + i, f"rec + {i}·KL") for i in range(5))
    panel.show_curves(curves(marks=marks), LossWeights())
    items = mark_lines(panel)
    labels = [i.label.format for i in items if i.isVisible() and i.label.isVisible()]
    assert labels == ["rec + 4·KL"]


def test_hovering_reads_off_the_nearest_step(qtbot: QtBot, panel: LossCurves) -> None:
    panel.show_curves(curves(), LossWeights())
    reading = panel.findChild(QLabel, "curveReading")
    assert reading is not None
    view = plot(panel).viewport()
    middle = view.width() // 2

    heights = itertools.cycle((40, 41))

    def reads_off() -> bool:
        # Again and again: pyqtgraph leaves out moves that follow each other too fast.
        qtbot.mouseMove(view, QPoint(middle, next(heights)))
        at = view_box(panel).mapSceneToView(plot(panel).mapToScene(QPoint(middle, 40))).x()
        return f"training, step {round(at):,}" in reading.text()

    qtbot.waitUntil(reads_off)
    assert "held-out, step 50" in reading.text()
    assert "136.00" in reading.text()


def test_zooming_keeps_the_steps_in_view_until_all_are_wanted(
    qtbot: QtBot, panel: LossCurves
) -> None:
    panel.show_curves(curves(), LossWeights())
    box = view_box(panel)
    show_all = panel.findChild(QAbstractButton, "allStepsButton")
    assert show_all is not None
    assert show_all.isHidden()
    box.setXRange(100, 200, padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])
    panel.show_curves(curves(600), LossWeights())
    assert box.viewRange()[0] == pytest.approx([100, 200])
    qtbot.mouseClick(show_all, LEFT)
    assert box.viewRange()[0][1] > 600


@pytest.mark.parametrize("steps", [1, 2, 7, 500])
def test_steps_are_whole_and_written_as_everywhere(panel: LossCurves, steps: int) -> None:
    opened = 27_240
    step = np.arange(opened, opened + steps + 1)
    flat = np.ones(steps + 1)
    panel.show_since(opened)
    panel.show_curves(Curves(Series(step, flat, flat, flat), series(1), ()), LossWeights())
    low, high = view_box(panel).viewRange()[0]
    axis = StepsAxis()
    ticks = [tick for _, values in axis.tickValues(low, high, 300) for tick in values]
    texts = axis.tickStrings(ticks, 1.0, 1.0)
    assert texts
    assert len(set(texts)) == len(texts)
    assert all(int(text.replace(",", "")) == tick for text, tick in zip(texts, ticks, strict=True))
    assert all(text.startswith("27,") for text in texts)


def test_the_button_for_all_steps_covers_no_figure(qtbot: QtBot, panel: LossCurves) -> None:
    panel.show_since(100)
    panel.show_curves(curves(), LossWeights())
    show_all = panel.findChild(QAbstractButton, "allStepsButton")
    assert show_all is not None
    qtbot.waitUntil(show_all.isVisible)
    axis = next(item for item in plot(panel).scene().items() if isinstance(item, StepsAxis))
    figures = axis.sceneBoundingRect().top() + QFontMetricsF(axis.style["tickFont"]).height()
    assert show_all.geometry().top() >= figures
    assert show_all.geometry().bottom() <= plot(panel).height()


def test_hostile_values_do_no_harm(panel: LossCurves) -> None:
    step = np.arange(6)
    bad = np.array([np.nan, np.inf, -np.inf, 1e300, -5.0, 0.0])
    hostile = Series(step, bad, bad, bad)
    for log in (False, True):
        panel.set_log(log)
        panel.show_curves(Curves(hostile, hostile, ()), LossWeights())
        dress(panel, DARK)
        assert not panel.grab().isNull()
        (low, high) = view_box(panel).viewRange()[1]
        assert -1e3 < low < high < 1e3


def test_the_first_spike_does_not_set_the_range() -> None:
    values = series(500).reconstruction
    low, high = robust_range([values, np.full(500, 6.0)], log=False)
    assert low == 0.0
    assert 131 < high < 250 < values.max()


@given(hnp.arrays(float, st.integers(0, 30), elements=st.floats(-1e9, 1e9)), st.booleans())
def test_a_range_is_finite_and_not_empty(values: np.ndarray, log: bool) -> None:
    low, high = robust_range([on_axis(values, log)], log)
    assert np.isfinite([low, high]).all()
    assert low < high


@given(st.floats(-3, 8), st.floats(0.01, 6), st.integers(3, 12))
def test_log_ticks_are_in_range_and_do_not_crowd(low: float, span: float, most: int) -> None:
    ticks = log_ticks(low, low + span, most)
    assert len(ticks) <= most
    assert all(low <= tick <= low + span for tick in ticks)


def test_nearest_is_the_nearest_and_none_without_points() -> None:
    assert nearest(series(10), 3.4) == 2
    assert nearest(series(10), 1e9) == 9
    assert nearest(series(0), 1.0) is None


def test_no_line_joins_what_is_of_two_objectives() -> None:
    step = np.array([100, 200, 300, 400])
    values = np.array([1.0, 2.0, 3.0, 4.0])
    marks = [SwitchMark(at, "KL") for at in (50, 250, 300, 400, 900)]
    steps, broken = broken_at(marks, step, values)
    assert steps.tolist() == [100, 200, 250, 300, 300, 400]
    np.testing.assert_array_equal(broken, [1, 2, np.nan, 3, np.nan, 4])
