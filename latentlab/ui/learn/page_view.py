"""One page: its text and questions in a column, its figures beside it, or among the text."""

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from latentlab.app.lesson import FigureName, Formula, Heading, Page, Part, Text, TryIt
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figure_column import FigureColumn
from latentlab.ui.learn.figures import FIGURES
from latentlab.ui.learn.prose import Prose
from latentlab.ui.learn.quiz import QuestionView
from latentlab.ui.learn.scrolled import MARGIN, Scrolled
from latentlab.ui.panel_style import make_card, scaled_font
from latentlab.ui.theme import Theme

_TITLE, _HEADING, _TEXT, _FORMULA = 1.5, 1.15, 1.05, 1.15  # of the application's font
_NARROWEST, _WIDEST = 300, 620  # pixels of a column of text
_SHARE = 0.4  # of the page, where there is room


class DisplayFormula(FormulaLabel):
    """A formula on a line of its own."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, "text", parent)
        self._larger = 1.0
        self.follow_font()

    def set_larger(self, factor: float) -> None:
        """For lecture mode."""
        self._larger = factor
        self.follow_font()

    def follow_font(self) -> None:
        """Take the application's font."""
        self.setFont(scaled_font(QApplication.font(), _FORMULA * self._larger))


class TryButton(QPushButton):
    """Goes to a workspace."""

    def __init__(self, link: TryIt, name: str, parent: QWidget) -> None:
        super().__init__(f"{link.text} →", parent)
        self.workspace = link.workspace
        self.setObjectName(name)
        self.setAccessibleName(link.text)
        self.setToolTip(f"Go to the workspace {link.workspace.title()}, where this idea lives")


class FigureButton(QPushButton):
    """Stands where a figure belongs in the text, and brings it into view beside it."""

    def __init__(self, number: int, name: str, parent: QWidget) -> None:
        """number: of the figure, counted from 0."""
        text = f"Figure {number + 1}"
        super().__init__(f"{text} →", parent)
        self.number = number
        self.setObjectName(name)
        self.setAccessibleName(f"Show {text}")
        self.setToolTip(f"Show {text} beside the text")


class PageView(QWidget):
    """A page as a book has it, alive."""

    tryWanted = Signal(str)  # a Workspace
    solved = Signal()  # all its questions

    def __init__(self, page: Page, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(parent)
        self.page = page
        self.setObjectName(f"page-{page.name}")
        make_card(self)
        self._larger = 1.0
        self._wide: bool | None = None
        self._text = Scrolled("pageText", self)
        self.figures: list[Figure] = []
        self._prose: list[Prose | DisplayFormula] = []
        self.questions = [
            QuestionView(question, f"question-{page.name}-{number}", self)
            for number, question in enumerate(page.questions, start=1)
        ]
        title = self._written(page.title, _TITLE, bold=True)
        self._parts: list[QWidget] = [title]
        for number, part in enumerate(page.parts, start=1):
            name = f"{page.name}-{number}"
            if isinstance(part, FigureName):
                link = FigureButton(len(self.figures), f"show-{name}", self)
                link.clicked.connect(partial(self.show_figure, link.number))
                self._parts.append(link)
            self._parts.append(self._made(part, f"try-{name}", classroom))
        if self.questions:
            self._parts.append(self._written("Questions", _HEADING, bold=True))
        for question in self.questions:
            question.solved.connect(self._see_whether_solved)
            self._parts.append(question)
        self._side = FigureColumn(page.name, self.figures, self)
        self._side.changed.connect(self._show_links)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self._text)
        layout.addWidget(self._side, 1)
        self._arrange(wide=True)

    def reset(self) -> None:
        """All figures back to how they were first."""
        for figure in self.figures:
            figure.reset()

    def step_forward(self) -> bool:
        """A figure's next step, or the next figure; False where there is none left."""
        return self._side.step_forward()

    def step_back(self) -> bool:
        """The step or the figure before; False where there is none."""
        return self._side.step_back()

    def show_figure(self, number: int) -> None:
        """Bring this figure, counted from 0, into view."""
        if self._wide:
            self._side.show_figure(number)
        else:
            self._text.ensureWidgetVisible(self.figures[number])

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (*self._prose, *self.questions, *self.figures):
            part.set_theme(theme)

    def set_text_scale(self, factor: float, larger: float) -> None:
        """factor: of what figures paint; larger: of the text, besides the application's font."""
        self._larger = larger
        for figure in self.figures:
            figure.set_text_scale(factor)
        for part in (*self._prose, *self.questions):
            part.set_larger(larger)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the figures where there is room for them."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """A figure or a text that wants more room may get it elsewhere."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        least = max(self._text_needs(), round(_NARROWEST * self._larger))
        needed = self._side.width_needed()
        room = self.width() - 2
        wide = bool(self.figures) and room >= least + needed
        if wide != self._wide:
            self._arrange(wide)
        if wide:
            width = min(round(_SHARE * room), round(_WIDEST * self._larger), room - needed)
            self._text.setFixedWidth(max(width, least))
        else:
            self._text.setMinimumWidth(0)
            self._text.setMaximumWidth(16_777_215)

    def _text_needs(self) -> int:
        bar = self._text.verticalScrollBar().sizeHint().width()
        parts = (part for part in self._parts if not isinstance(part, Figure))
        return max(part.minimumSizeHint().width() for part in parts) + 2 * MARGIN + bar

    def _arrange(self, wide: bool) -> None:
        """All in one column, or the figures in one beside it."""
        self._wide = wide
        rows = self._text.rows
        for part in self._parts:
            rows.removeWidget(part)  # not by takeAt, whose items Qt would go on asking
        while rows.count():
            rows.takeAt(0)  # the stretch
        self._side.release()
        for part in self._parts:
            if isinstance(part, TryButton | FigureButton):
                rows.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            elif not (isinstance(part, Figure) and wide):
                rows.addWidget(part)
        rows.addStretch(1)
        if wide:
            self._side.take()
        self._side.setVisible(wide)
        self._show_links()

    def _show_links(self) -> None:
        for part in self._parts:
            if isinstance(part, FigureButton):
                part.setVisible(bool(self._wide) and self._side.one_at_a_time)

    def _made(self, part: Part, name: str, classroom: Classroom) -> QWidget:
        if isinstance(part, Text):
            return self._written(part.markdown, _TEXT)
        if isinstance(part, Heading):
            return self._written(part.text, _HEADING, bold=True)
        if isinstance(part, Formula):
            label = DisplayFormula(part.name, self)
            self._prose.append(label)
            return label
        if isinstance(part, FigureName):
            figure = FIGURES[part.name](classroom, self)
            self.figures.append(figure)
            return figure
        button = TryButton(part, name, self)
        button.clicked.connect(self._try)
        return button

    def _written(self, text: str, scale: float, *, bold: bool = False) -> Prose:
        prose = Prose(text, self, scale, bold)
        self._prose.append(prose)
        return prose

    def _try(self) -> None:
        button = self.sender()
        assert isinstance(button, TryButton)
        self.tryWanted.emit(button.workspace)

    def _see_whether_solved(self) -> None:
        if all(question.is_solved for question in self.questions):
            self.solved.emit()
