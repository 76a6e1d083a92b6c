"""Branches: listed, named, gone back to and compared, in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QPushButton, QSlider, QTableWidget

from latentlab.core.spec import LossWeights
from latentlab.ui.branches.dialog import BranchesDialog
from tests.window.lab import Lab
from tests.window.test_closing import answer


@pytest.fixture
def branched(lab: Lab) -> Lab:
    """The shipped model, and a branch of it from its past that was trained without KL."""
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    slider = lab.child("historySlider", QSlider)
    slider.setValue(slider.maximum() // 2)
    lab.click("historyBranch")
    lab.wait(lambda: lab.snapshot.run == lab.state.run)
    begun = lab.snapshot.step
    lab.click("klToggle")
    # Or what it minimised before would be the last that is known of the weights before the step.
    lab.wait(lambda: not lab.snapshot.weights.kl_on)
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == begun + 1)
    lab.wait_until_exact()
    return lab


def table(lab: Lab) -> QTableWidget:
    lab.click("historyBranches")
    lab.wait(lab.child("branchesDialog", BranchesDialog).isVisible)
    return lab.child("branchesTable", QTableWidget)


def texts(rows: QTableWidget, column: int) -> list[str]:
    found = []
    for row in range(rows.rowCount()):
        item = rows.item(row, column)
        assert item is not None
        found.append(item.text())
    return found


def select(rows: QTableWidget, *wanted: int) -> None:
    rows.clearSelection()
    model = rows.selectionModel()
    flags = QItemSelectionModel.SelectionFlag
    for row in wanted:
        model.select(rows.model().index(row, 0), flags.Select | flags.Rows)


def test_runs_are_listed_with_where_they_came_from(branched: Lab) -> None:
    lab = branched
    assert lab.child("historyBranches", QPushButton).toolTip().startswith("2 runs")
    rows = table(lab)
    first, second = texts(rows, 0)
    assert first == "mnist-2d-live"
    assert second == f"branch at step {lab.snapshot.step - 1:,}"
    assert texts(rows, 1)[1] == f"of mnist-2d-live, step {lab.snapshot.step - 1:,} (shown now)"
    assert texts(rows, 2) == ["both", "reconstruction only"]
    assert texts(rows, 3)[1] == f"{lab.snapshot.step:,}"


def test_a_name_is_the_users_to_change(branched: Lab) -> None:
    rows = table(branched)
    item = rows.item(1, 0)
    assert item is not None
    item.setText("without KL")
    assert texts(rows, 0) == ["mnist-2d-live", "without KL"]
    item.setText("mnist-2d-live")
    assert texts(rows, 0)[1] == "mnist-2d-live (2)"
    item.setText("  ")
    assert texts(rows, 0)[1] == "mnist-2d-live (2)"


def test_one_goes_back_to_a_run_and_undo_comes_back(branched: Lab) -> None:
    lab = branched
    run, weights = lab.state.run, lab.parameters()
    rows = table(lab)
    select(rows, 1)
    assert not lab.child("branchesGo", QPushButton).isEnabled(), "it is shown already"
    select(rows, 0)
    lab.child("branchesGo", QPushButton).click()
    lab.wait(lambda: lab.snapshot.run == lab.state.run != run)
    assert (lab.snapshot.parameters["decoder.0.weight"] != weights["decoder.0.weight"]).any()
    # Each has what it minimised, and no mark of what another did.
    lab.wait(lambda: lab.snapshot.weights == lab.state.weights)
    assert lab.state.weights == LossWeights()
    assert lab.child("klToggle", QAbstractButton).isChecked()
    assert lab.snapshot.curves.marks == ()
    lab.trigger("undoAction")
    lab.wait(lambda: lab.snapshot.run == run)
    lab.wait(lambda: not lab.snapshot.weights.kl_on)
    assert [mark.formula for mark in lab.snapshot.curves.marks] == ["rec"]
    for name, array in weights.items():
        np.testing.assert_array_equal(array, lab.snapshot.parameters[name])


def test_what_is_taken_off_the_list_comes_back_with_undo(branched: Lab) -> None:
    lab = branched
    rows = table(lab)
    select(rows, 1)
    assert not lab.child("branchesRemove", QPushButton).isEnabled(), "it is shown"
    select(rows, 0)
    lab.child("branchesRemove", QPushButton).click()
    assert [name.split(" ")[0] for name in texts(rows, 0)] == ["branch"]
    assert lab.child("historyBranches", QPushButton).text() == "Branches"
    while lab.state.run != 1:
        lab.trigger("undoAction")
    lab.wait(lambda: lab.snapshot.run == 1)
    lab.wait(lambda: texts(rows, 0)[0] == "mnist-2d-live")


def test_branches_are_compared_with_their_own_weights(branched: Lab) -> None:
    lab = branched
    snapshots = {b.name: b.newest for b in lab.shell.branches.branches.all()}
    rows = table(lab)
    select(rows, 1)
    assert not lab.child("branchesCompare", QPushButton).isEnabled()
    select(rows, 0, 1)
    lab.child("branchesCompare", QPushButton).click()
    assert lab.state.workspace == "compare"
    compare = lab.shell.compare
    lab.wait(lambda: compare.newest is not None and compare.newest.exact)
    assert compare.newest is not None
    for contender, member in zip(lab.state.compared, compare.newest.members, strict=True):
        seen = snapshots[contender.name]
        assert seen is not None
        assert member.step == seen.step
        assert member.regime.weights == seen.weights
        for name, array in seen.parameters.items():
            np.testing.assert_array_equal(array, member.parameters[name])
        assert contender.name in lab.text(f"comparedFormula{contender.number}")
    # Their past is that of the runs: the same until the branch.
    past = lab.shell.compare_opener.past
    first, second = (contender.number for contender in lab.state.compared)
    shared = past.glances(20)
    np.testing.assert_array_equal(shared[first].cloud.mu, shared[second].cloud.mu)
    assert shared[first].cloud.step == shared[second].cloud.step <= 20
    # Also what made it: KL was switched off only after the branch.
    assert [shared[n].regime.name for n in (first, second)] == ["both", "both"]
    newest = past.glances(past.steps[-1])
    assert newest[second].regime.name == "reconstruction only"
    assert past.steps[0] == 0
    # They go on from there, side by side; and undo has the regimes back.
    lab.click("trainButton")
    lab.wait(lambda: min(m.step for m in compare.newest.members) > 5)
    lab.click("trainButton")
    lab.wait(lambda: not compare.running)
    lab.trigger("undoAction")
    assert [c.name for c in lab.state.compared] == ["", "", ""]


def test_branches_of_other_images_are_compared_no_more(branched: Lab) -> None:
    lab, compare = branched, branched.shell.compare
    select(table(lab), 0, 1)
    lab.child("branchesCompare", QPushButton).click()
    lab.wait(lambda: compare.newest is not None and compare.newest.members[0].step > 0)
    lab.shell.files.open_data("fashion-mnist")
    lab.wait(lambda: lab.window.findChild(QMessageBox, "openQuestion") is not None)
    answer(lab, QMessageBox.StandardButton.Discard, "openQuestion")
    lab.wait(lambda: "fashion-mnist" in lab.window.windowTitle())
    lab.wait(lambda: compare.newest is not None and compare.newest.exact)
    assert compare.newest is not None
    assert [member.step for member in compare.newest.members] == [0, 0]
    assert [contender.name for contender in lab.state.compared] == ["", ""]


def test_another_model_has_other_runs(branched: Lab) -> None:
    lab = branched
    rows = table(lab)
    lab.trigger("resetAction")
    lab.wait(lambda: lab.snapshot.run == lab.state.run)
    assert texts(rows, 0)[2] == "back to loaded"
