"""Through all pages of the course, all controls to their ends, light, dark and in a lecture.

Nothing may raise, show "nan" or "inf", be cut, or need more room than a figure has.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from latentlab.app.lesson import BrokenPage
from latentlab.ui.learn.figure import HEIGHT, WIDTH, Figure
from latentlab.ui.learn.page_view import PageView
from latentlab.ui.learn.prose import Prose
from latentlab.ui.learn.quiz import AnswerButton
from latentlab.ui.learn.workspace import LearnWorkspace
from tests.window.conftest import OpenLab
from tests.window.lab import Lab
from tests.window.reach import (
    ambiguous,
    controls,
    cut,
    out_of_view,
    overlong,
    too_large,
    unexplained,
)

SIZE = (1280, 720)
# As programs write them. "NaN" is how people do, in a sentence about it.
_ODD = re.compile(r"(?<![a-zA-Z])(nan|inf|infinity|not a number)(?![a-zA-Z])")
_TYPED = ("0", "-1e300", "1e300", "1e-300", "0.5", "nan", "")
_STEPS = 60
_REST = 20_000
_SOME = 5  # answers


class Walk:
    """One page at a time, with what is wrong on it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        learn = lab.window.learn
        assert learn is not None
        self.learn: LearnWorkspace = learn
        self.faults: dict[str, None] = {}
        self.where = ""
        self._answers = 0
        lab.shell.learn.classroom.answered.connect(self._count)

    def _count(self, _topic: str, _answer: object) -> None:
        self._answers += 1

    @property
    def view(self) -> PageView:
        view = self.learn.view
        assert view is not None
        return view

    def turn(self) -> None:
        for _ in range(3):
            QApplication.processEvents()

    def rest(self) -> None:
        """Until what the figures asked is answered; those that go on asking, some of it."""
        classroom = self.lab.shell.learn.classroom
        self.turn()
        before = self._answers
        self.lab.wait(
            lambda: classroom.ready and (classroom.resting or self._answers > before + _SOME),
            _REST,
        )
        self.turn()

    def through_page(self, *, thoroughly: bool) -> None:
        self.rest()
        self.look("as it opens")
        if not thoroughly:
            return
        for place, figure in enumerate(self.view.figures):
            self.view.show_figure(place)
            self.rest()
            self.look(f"at figure {place + 1}")
            for control in controls(figure):
                self.move(control)
            for number, extreme in enumerate(figure.extremes(), start=1):
                extreme()
                self.turn()
                self.look(f"at extreme {number}")
            self.rest()
            self.step(figure)
            figure.reset()
            self.rest()
            self.look("after a reset")
        for question in self.view.questions:
            for answer in question.answers:
                answer.click()
                self.turn()
            question.hint_button.click()
        self.turn()
        self.look("with its questions answered")

    def move(self, control: QWidget) -> None:
        """Through its range, including the ends."""
        for number, act in enumerate(self.acts(control)):
            if not (control.isVisible() and control.isEnabled()):
                return
            act()
            self.turn()
            self.look(f"{control.objectName()}, act {number}")
        self.rest()
        self.look(f"after {control.objectName()}")

    def acts(self, control: QWidget) -> Iterator[Callable[[], None]]:
        if isinstance(control, QAbstractSlider):
            for key in (Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Down):
                yield lambda key=key: QTest.keyClick(control, key)
        elif isinstance(control, QSpinBox | QDoubleSpinBox):
            first = control.value()
            for value in (control.minimum(), control.maximum(), first):
                yield lambda value=value: control.setValue(value)
        elif isinstance(control, QComboBox):
            for row in [*range(control.count()), 0]:
                yield lambda row=row: (control.setCurrentIndex(row), control.activated.emit(row))
        elif isinstance(control, QAbstractButton):
            yield control.click
            yield control.click
        elif isinstance(control, QLineEdit):
            first = control.text()
            for text in (*_TYPED, first):
                yield lambda text=text: self.type(control, text)
        else:
            assert isinstance(control, QAbstractSpinBox), f"how is {control} moved?"

    def type(self, line: QLineEdit, text: str) -> None:
        line.selectAll()
        QTest.keyClick(line, Qt.Key.Key_Delete)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def step(self, figure: Figure) -> None:
        for move in (figure.step_forward, figure.step_back):
            for number in range(_STEPS):
                if not move():
                    break
                self.turn()
                self.look(f"after step {number}")
            else:
                self.say("its steps have no end")
            self.rest()

    # --- eyes ------------------------------------------------------------------------------------

    def look(self, when: str) -> None:
        self.where = f"page {self.view.page.number}, {when}"
        for fault in [*cut(self.learn), *out_of_view(self.learn), *short(self.view)]:
            self.say(fault)
        for figure in self.view.figures:
            if figure.isVisible():
                for text in painted(figure):
                    if _ODD.search(text):
                        self.say(f"{type(figure).__name__} shows {text!r}")

    def say(self, fault: str) -> None:
        self.faults.setdefault(f"{self.where}: {fault}")


def painted(widget: QWidget) -> list[str]:
    """All texts on it, those of labels and those that are painted."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    painter = QPainter(generator)
    widget.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    source = bytes(buffer.data().data()).decode(errors="replace")
    return [text for text in re.findall(r"<text[^>]*>([^<]*)</text>", source) if text.strip()]


def short(view: PageView) -> list[str]:
    """Texts with less room than they need, and figures."""
    found = []
    for kind in (Prose, AnswerButton):
        for text in view.findChildren(kind):
            needed = text.heightForWidth(text.width())
            if text.isVisible() and needed > text.height() + 1:
                found.append(f"{text.accessibleName()!r} has {text.height()} of {needed} pixels")
    for figure in view.figures:
        needed = figure.minimumSizeHint()
        if not figure.isVisible():
            continue
        if needed.width() > figure.width() or needed.height() > figure.height():
            found.append(f"{type(figure).__name__} has {figure.size()} and needs {needed}")
    return found


def too_big(figure: Figure, factor: float) -> bool:
    most = QSize(WIDTH, HEIGHT) * factor
    needed = figure.minimumSizeHint()
    return needed.width() > most.width() or needed.height() > most.height()


@pytest.fixture
def walk(open_lab: OpenLab) -> Walk:
    lab = open_lab(workspace="learn")
    lab.window.resize(*SIZE)
    return Walk(lab)


@pytest.mark.parametrize("look", ["light", "dark", "lecture"])
def test_all_pages_bear_everything(walk: Walk, look: str) -> None:
    learn, lab = walk.learn, walk.lab
    factor = 1.0
    if look == "dark":
        lab.shell.presentation.use_theme("dark")
    elif look == "lecture":
        lab.shell.presentation.switch(True, SIZE)
        factor = 1.1
    assert [page.sentence for page in learn.pages if isinstance(page, BrokenPage)] == []
    for row, page in enumerate(learn.pages):
        learn.open_row(row)
        walk.through_page(thoroughly=look != "dark")
        walk.where = f"page {page.number}"
        for figure in walk.view.figures:
            if too_big(figure, factor):
                walk.say(f"{type(figure).__name__} needs {figure.minimumSizeHint()}")
        if look != "lecture":
            for area in walk.view.findChildren(QScrollArea, "pageFigures"):
                if area.isVisible() and area.verticalScrollBar().maximum() > 0:
                    walk.say("its figures must be scrolled")
    walk.faults |= dict.fromkeys(too_large(lab.window, *SIZE))
    if look == "light":
        walk.faults |= dict.fromkeys(
            [*unexplained(learn), *overlong(learn), *ambiguous(lab.window)]
        )
    assert "\n".join(walk.faults) == ""
    lab.shell.presentation.switch(False)
