"""One page: its text and questions in a column, its figures beside it, or among the text."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.lesson import FigureName, Formula, Heading, Page, Part, Text, TryIt
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures import FIGURES
from latentlab.ui.learn.prose import Prose
from latentlab.ui.learn.quiz import QuestionView
from latentlab.ui.panel_style import make_card, scaled_font
from latentlab.ui.theme import Theme

_TITLE, _HEADING, _TEXT, _FORMULA = 1.5, 1.15, 1.05, 1.15  # of the application's font
_NARROWEST, _WIDEST = 300, 620  # pixels of a column of text
_SHARE = 0.4  # of the page, where there is room
_MARGIN = 16
_GAP = 12


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


class Scrolled(QScrollArea):
    """Scrolls down. The arrows left and right are for pages."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.content = QWidget(self)
        self.rows = QVBoxLayout(self.content)
        self.rows.setContentsMargins(_MARGIN, _GAP, _MARGIN, _GAP)
        self.rows.setSpacing(_GAP)
        self.setWidget(self.content)
        self.content.setAutoFillBackground(False)  # the page's card shows through

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down scroll."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)


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
        self._side = Scrolled("pageFigures", self)
        self.figures: list[Figure] = []
        self._prose: list[Prose | DisplayFormula] = []
        self.questions = [
            QuestionView(question, f"question-{page.name}-{number}", self)
            for number, question in enumerate(page.questions, start=1)
        ]
        title = self._written(page.title, _TITLE, bold=True)
        self._parts: list[QWidget] = [title]
        for number, part in enumerate(page.parts, start=1):
            self._parts.append(self._made(part, f"try-{page.name}-{number}", classroom))
        if self.questions:
            self._parts.append(self._written("Questions", _HEADING, bold=True))
        for question in self.questions:
            question.solved.connect(self._see_whether_solved)
            self._parts.append(question)
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
        """A figure's next step; False where none has one left."""
        return any(figure.step_forward() for figure in self.figures)

    def step_back(self) -> bool:
        """The step before; False where there is none."""
        return any(figure.step_back() for figure in reversed(self.figures))

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
        needed = max((self._needs(figure) for figure in self.figures), default=0)
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
        return max(part.minimumSizeHint().width() for part in parts) + 2 * _MARGIN + bar

    def _needs(self, figure: Figure) -> int:
        bar = self._side.verticalScrollBar().sizeHint().width()
        return figure.minimumSizeHint().width() + 2 * _MARGIN + bar

    def _arrange(self, wide: bool) -> None:
        """All in one column, or the figures in one beside it."""
        self._wide = wide
        rows = self._text.rows
        for part in self._parts:
            # Not by takeAt, whose items Qt would go on asking.
            rows.removeWidget(part)
            self._side.rows.removeWidget(part)
        while rows.count():
            rows.takeAt(0)  # the stretch
        for part in self._parts:
            if isinstance(part, Figure) and wide:
                top = Qt.AlignmentFlag(0) if part.grows else Qt.AlignmentFlag.AlignTop
                self._side.rows.addWidget(part, 1, top)
            elif isinstance(part, TryButton):
                rows.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                rows.addWidget(part)
        rows.addStretch(1)
        self._side.setVisible(wide)

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
