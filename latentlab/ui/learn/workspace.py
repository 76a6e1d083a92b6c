"""The Learn workspace: the contents, the page in front, and the way to the others."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.lesson import BrokenPage, Page
from latentlab.errors import InputError
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.flow_panel import FlowPanel
from latentlab.ui.learn.handout import handout_pdf, handout_png
from latentlab.ui.learn.page_view import PageView
from latentlab.ui.panel_style import ScaledLabel, make_card, named
from latentlab.ui.theme import LIGHT, Theme

_CONTENTS_WIDTH = 200
_GAP = 8
_FORWARD = (Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Space)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_Backspace)


class LearnWorkspace(QWidget):
    """Shows one page at a time; a page is made when it is first wanted, and then kept.

    In lecture mode the contents are away, and the arrows step through figures and pages.
    """

    pageShown = Signal(str)  # the name of the page in front
    solved = Signal(str)  # the name of a page whose questions are all answered
    tryWanted = Signal(str)  # a Workspace
    pngWanted = Signal()
    pdfWanted = Signal()

    def __init__(
        self, pages: Sequence[Page | BrokenPage], classroom: Classroom, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("learnWorkspace")
        self._pages = tuple(pages)
        self._classroom = classroom
        self._theme = LIGHT
        self._factor = 1.0
        self._lecture = False
        self._views: dict[int, PageView | QLabel] = {}
        self._solved: set[str] = set()
        self._contents = named(
            QListWidget(self),
            "learnContents",
            "Contents",
            "The pages; a tick is at those whose questions you have solved",
        )
        self._contents.setWordWrap(True)
        self._contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = QStackedWidget(self)
        self._place = ScaledLabel("", self, "muted")
        self._place.setObjectName("learnPlace")
        self.back_button = self._button("learnBack", "← Back", "The page before", "Alt+Left")
        self.next_button = self._button("learnNext", "Next →", "The next page", "Alt+Right")
        self.reset_button = self._button(
            "learnReset", "Reset figure", "The page's figures as they were first", ""
        )
        self.png_button = self._button("learnPng", "PNG…", "Save this page as a picture", "")
        self.pdf_button = self._button("learnPdf", "PDF…", "Save this page as a handout", "Ctrl+P")
        self.flow_button = self._button(
            "learnFlowButton",
            "Data flow",
            "The way of an image through the model, with values",
            "Ctrl+D",
        )
        self.flow_button.setCheckable(True)
        self._flow = FlowPanel(classroom, self)
        self._flow.hide()
        self.flow_button.toggled.connect(self._flow.setVisible)
        self.back_button.clicked.connect(self.go_back)
        self.next_button.clicked.connect(self.go_on)
        self.reset_button.clicked.connect(self.reset_figures)
        self.png_button.clicked.connect(self.pngWanted)
        self.pdf_button.clicked.connect(self.pdfWanted)
        self._contents.currentRowChanged.connect(self._show_row)
        self._lay_out()
        self._list()

    # --- which page ------------------------------------------------------------------------------

    @property
    def pages(self) -> tuple[Page | BrokenPage, ...]:
        """All of them, in their order."""
        return self._pages

    @property
    def row(self) -> int:
        """Which page is in front, counted from 0."""
        return self._contents.currentRow()

    @property
    def view(self) -> PageView | None:
        """The page in front; None for one with a mistake."""
        view = self._views.get(self.row)
        return view if isinstance(view, PageView) else None

    def open_row(self, row: int) -> None:
        """Bring this page to the front, or the nearest there is."""
        self._contents.setCurrentRow(max(0, min(row, len(self._pages) - 1)))

    def open_number(self, number: int) -> bool:
        """Bring the page of this number to the front; False where there is none."""
        rows = [row for row, page in enumerate(self._pages) if page.number == number]
        if rows:
            self.open_row(rows[0])
        return bool(rows)

    def open_name(self, name: str) -> bool:
        """Likewise the page of this name."""
        rows = [row for row, page in enumerate(self._pages) if page.name == name]
        if rows:
            self.open_row(rows[0])
        return bool(rows)

    def go_on(self) -> None:
        """To the next page, if there is one."""
        self.open_row(self.row + 1)

    def go_back(self) -> None:
        """To the page before, if there is one."""
        self.open_row(self.row - 1)

    def reset_figures(self) -> None:
        """The figures of this page as they were first."""
        if self.view is not None:
            self.view.reset()

    def handout(self, kind: Literal["png", "pdf"]) -> bytes:
        """The page in front as a file. Raises InputError for one with a mistake."""
        view = self.view
        if view is None:
            raise InputError("This page has a mistake, so there is nothing to save.")
        make = handout_png if kind == "png" else handout_pdf
        return make(view.page, view.pictures(self._theme.panel))

    def show_solved(self, names: Sequence[str]) -> None:
        """Tick these pages."""
        self._solved |= set(names)
        self._list()

    # --- how it looks ----------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._flow.set_theme(theme)
        for view in self._views.values():
            if isinstance(view, PageView):
                view.set_theme(theme)

    def set_text_scale(self, factor: float) -> None:
        """For presentation mode."""
        self._factor = factor
        self._scale()

    def set_lecture(self, on: bool) -> None:
        """Large type and no contents; the arrows step."""
        self._lecture = on
        self._contents_card.setVisible(not on)
        self._scale()
        if on and self.isVisible():
            self.focus_page()

    def focus_page(self) -> None:
        """Let the keyboard speak to the page."""
        if self.view is not None:
            self.view.focus()
        else:
            self._stack.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """In lecture mode, what no control wants steps on or back."""
        if self._lecture and event.key() in _FORWARD:
            if self.view is None or not self.view.step_forward():
                self.go_on()
        elif self._lecture and event.key() in _BACK:
            if self.view is None or not self.view.step_back():
                self.go_back()
        else:
            super().keyPressEvent(event)

    # --- inside ----------------------------------------------------------------------------------

    def _scale(self) -> None:
        self._flow.set_text_scale(self._factor)
        for view in self._views.values():
            if isinstance(view, PageView):
                view.set_text_scale(self._factor, self._lecture)

    def _show_row(self, row: int) -> None:
        if row < 0:
            return
        if row not in self._views:
            self._views[row] = view = self._made(self._pages[row])
            self._stack.addWidget(view)
        self._stack.setCurrentWidget(self._views[row])
        self.back_button.setEnabled(row > 0)
        self.next_button.setEnabled(row < len(self._pages) - 1)
        view_now = self.view
        self.reset_button.setEnabled(view_now is not None and bool(view_now.figures))
        for button in (self.png_button, self.pdf_button):
            button.setEnabled(view_now is not None)
        self._place.setText(f"{row + 1} of {len(self._pages)}")
        if self._lecture:
            self.focus_page()
        self.pageShown.emit(self._pages[row].name)

    def _made(self, page: Page | BrokenPage) -> PageView | QLabel:
        if isinstance(page, BrokenPage):
            label = ScaledLabel(page.sentence, self, "warning")
            label.setObjectName(f"broken-{page.name}")
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setMargin(20)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            return label
        view = PageView(page, self._classroom, self)
        view.set_theme(self._theme)
        view.set_text_scale(self._factor, self._lecture)
        view.tryWanted.connect(self.tryWanted)
        view.solved.connect(self._solve)
        return view

    def _solve(self) -> None:
        view = self.sender()
        assert isinstance(view, PageView)
        self.show_solved([view.page.name])
        self.solved.emit(view.page.name)

    def _list(self) -> None:
        for row, page in enumerate(self._pages):
            if row == self._contents.count():
                self._contents.addItem(QListWidgetItem())
            tick = "  ✓" if page.name in self._solved else ""
            broken = "  ⚠" if isinstance(page, BrokenPage) else ""
            self._contents.item(row).setText(f"{page.number}  {page.title}{tick}{broken}")

    def _button(self, name: str, text: str, tip: str, keys: str) -> QPushButton:
        return named(QPushButton(text, self), name, tip, f"{tip} ({keys})" if keys else tip)

    def _lay_out(self) -> None:
        self._contents_card = QWidget(self)
        self._contents_card.setObjectName("learnContentsCard")
        make_card(self._contents_card)
        box = QVBoxLayout(self._contents_card)
        box.setContentsMargins(6, 8, 6, 6)
        box.addWidget(ScaledLabel("Contents", self, "heading"))
        box.addWidget(self._contents, 1)
        self._contents_card.setFixedWidth(_CONTENTS_WIDTH)
        self._stack.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        foot = QHBoxLayout()
        foot.setSpacing(_GAP)
        foot.addWidget(self.back_button)
        foot.addWidget(self._place)
        foot.addStretch(1)
        foot.addWidget(self.flow_button)
        foot.addWidget(self.reset_button)
        foot.addWidget(self.png_button)
        foot.addWidget(self.pdf_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        column = QVBoxLayout()
        column.setSpacing(_GAP)
        column.addWidget(self._stack, 1)
        column.addWidget(self._flow)
        column.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self._contents_card)
        layout.addLayout(column, 1)
