"""The window with the list of branches."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.branches import Branch
from latentlab.app.state import CONTENDERS
from latentlab.training.messages import RUNS_KEPT
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import named

_COLUMNS = ("Name", "Began", "Minimises", "Step", "Held-out −ELBO")
_HELP = (
    "Each reset and each branch is a run of its own, and goes on where it was left, with what it "
    f"minimised. Double-click a name to change it. The last {RUNS_KEPT} runs are kept. Select "
    f"{CONTENDERS[0]} to {CONTENDERS[1]} to compare them."
)


class BranchesDialog(QDialog):
    """Lists the runs there are.

    renamed: a run's number and its new name. goneTo: the run to go on with. compareWanted and
    removeWanted: runs.
    """

    renamed = Signal(int, str)
    goneTo = Signal(int)
    compareWanted = Signal(object)
    removeWanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("branchesDialog")
        self.setWindowTitle("Branches")
        self._runs: list[int] = []
        self._now = -1
        help_text = QLabel(_HELP, self)
        help_text.setWordWrap(True)
        self._table = QTableWidget(0, len(_COLUMNS), self)
        self._table.setObjectName("branchesTable")
        self._table.setHorizontalHeaderLabels(list(_COLUMNS))
        self._table.verticalHeader().hide()
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._table.horizontalHeader().setStretchLastSection(True)
        self._go = self._button(
            "branchesGo", "Go on with it", "Show this run, minimising what it did; undo comes back"
        )
        self._compare = self._button(
            "branchesCompare", "Compare", "Side by side, in lockstep from where each of them is"
        )
        self._remove = self._button(
            "branchesRemove", "Remove", "Take it off the list, unless undo comes back to it"
        )
        close = self._button("branchesClose", "Close", "Close the list (Esc)")
        self._table.itemChanged.connect(self._rename)
        self._table.itemSelectionChanged.connect(self._show_possible)
        self._go.clicked.connect(lambda: self.goneTo.emit(self.selected[0]))
        self._compare.clicked.connect(lambda: self.compareWanted.emit(self.selected))
        self._remove.clicked.connect(lambda: self.removeWanted.emit(self.selected))
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self._go)
        buttons.addWidget(self._compare)
        buttons.addWidget(self._remove)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(help_text)
        layout.addWidget(self._table, 1)
        layout.addLayout(buttons)
        self.resize(860, 320)
        self._show_possible()

    @property
    def selected(self) -> list[int]:
        """The runs whose rows are selected, in their order."""
        rows = sorted({index.row() for index in self._table.selectedIndexes()})
        return [self._runs[row] for row in rows]

    def show_branches(self, branches: Sequence[Branch], now: int) -> None:
        """List these; `now` is the run that is shown. What is being typed stays."""
        with QSignalBlocker(self._table):
            self._now = now
            runs = [branch.run for branch in branches]
            if runs != self._runs:
                self._runs = runs
                self._table.setRowCount(len(runs))
            for row, branch in enumerate(branches):
                for column, text in enumerate(_texts(branch, branch.run == now)):
                    self._put(row, column, text, bold=branch.run == now)
        self._show_possible()

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, text, tip)

    def _put(self, row: int, column: int, text: str, *, bold: bool) -> None:
        item = self._table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            if column > 0:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self._table.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        font = item.font()
        if font.bold() != bold:
            font.setBold(bold)
            item.setFont(font)

    def _rename(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self.renamed.emit(self._runs[item.row()], item.text())

    def _show_possible(self) -> None:
        chosen = self.selected
        self._go.setEnabled(len(chosen) == 1 and chosen[0] != self._now)
        self._remove.setEnabled(bool(chosen) and self._now not in chosen)
        self._compare.setEnabled(CONTENDERS[0] <= len(chosen) <= CONTENDERS[1])


def _texts(branch: Branch, now: bool) -> tuple[str, ...]:
    newest, regime = branch.newest, branch.regime
    heldout = newest.heldout if newest else None
    return (
        branch.name,
        f"{branch.began} (shown now)" if now else branch.began,
        regime.name if regime else "",
        f"{branch.step:,}" if branch.step is not None else "",
        f"{fixed(heldout.negative_elbo)} nats" if heldout else "",
    )
