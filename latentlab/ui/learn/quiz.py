"""The questions at the end of a page: answers to choose, with the reason why, and hints."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.lesson import Answer, Question
from latentlab.ui.learn.prose import Prose, Written, spoken
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.theme import LIGHT, Theme, mix

_PAD, _MARK = 7, 20  # pixels around the text, and for the mark before it
_USUAL = 240


class AnswerButton(QAbstractButton):
    """An answer to click. Chosen, it says by a tick or a cross whether it is right."""

    def __init__(self, answer: Answer, parent: QWidget) -> None:
        super().__init__(parent)
        self.answer = answer
        self._larger = 1.0
        self._theme = LIGHT
        self.setCheckable(True)
        self.setAccessibleName(spoken(answer.text))
        self.setToolTip("Choose this answer: it says whether it is right, and why")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._write()

    def set_larger(self, factor: float) -> None:
        """For lecture mode."""
        self._larger = factor
        self._write()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._write()

    def follow_font(self) -> None:
        """Take the application's font."""
        self._write()

    def hasHeightForWidth(self) -> bool:
        """As text has."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of the text in lines of this width, with room around it."""
        return int(self._written.height(self._room(width))) + 1 + 2 * _PAD

    def sizeHint(self) -> QSize:
        """One line; how high it is in a width is for `heightForWidth` to say."""
        line = int(self._written.height(10_000)) + 1 + 2 * _PAD
        return QSize(_USUAL, line)

    def minimumSizeHint(self) -> QSize:
        """A narrow column."""
        return QSize(_USUAL // 2, self.sizeHint().height())

    def nextCheckState(self) -> None:
        """Once chosen it stays so."""
        self.setChecked(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A frame, the mark, and the text."""
        theme = self._theme
        verdict = theme.accent if self.answer.right else theme.warning
        chosen, touched = self.isChecked(), self.underMouse() or self.hasFocus()
        frame = verdict if chosen else theme.accent if touched else theme.line
        fill = mix(theme.panel, verdict, 0.12) if chosen else mix(theme.panel, theme.window, 0.55)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(frame), 2.0 if chosen and touched else 1.0))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        if chosen:
            painter.setPen(QColor(verdict))
            painter.setFont(scaled_font(QApplication.font(), self._larger, bold=True))
            flags = Qt.AlignmentFlag.AlignCenter
            side = round(_MARK * self._larger)
            painter.drawText(
                QRectF(_PAD, 0, side, self.height()), flags, "✓" if self.answer.right else "✗"
            )
        room = self._room(self.width())
        # A line's gap is below it.
        top = (self.height() - self._written.height(room)) / 2 + 0.12 * self.fontMetrics().height()
        painter.translate(self.width() - _PAD - room, top)
        self._written.paint(painter, room)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """As it was."""
        super().leaveEvent(event)
        self.update()

    def _room(self, width: int) -> float:
        return max(40.0, width - 2 * _PAD - round(_MARK * self._larger) - _PAD)

    def _write(self) -> None:
        font = scaled_font(QApplication.font(), self._larger)
        self._written = Written(self.answer.text, font, self._theme.text)
        self.updateGeometry()
        self.update()


class QuestionView(QWidget):
    """One question. What is chosen is told at once, and others can be tried after it."""

    solved = Signal()

    def __init__(self, question: Question, name: str, parent: QWidget) -> None:
        """name: by which its controls are told from those of other questions."""
        super().__init__(parent)
        self._text = Prose(question.text, self, bold=True)
        self._reason = Prose("", self)
        self._reason.hide()
        self.hint_button = QPushButton("Hint", self)
        self.hint_button.setObjectName(f"{name}Hint")
        self.hint_button.setAccessibleName(f"Hint: {spoken(question.text)}")
        self.hint_button.setToolTip("What to try in the figure")
        self.hint_button.setCheckable(True)
        self.hint_button.setVisible(bool(question.hint))
        self._hint = Prose(question.hint, self)
        self._hint.set_ink("muted")
        self._hint.hide()
        self.hint_button.toggled.connect(self._show_hint)
        self.answers = [AnswerButton(answer, self) for answer in question.answers]
        self._parts: list[Prose | AnswerButton] = [self._text, self._reason, self._hint]
        self._parts += self.answers
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._text)
        for number, button in enumerate(self.answers, start=1):
            button.setObjectName(f"{name}Answer{number}")
            button.clicked.connect(self._choose)
            layout.addWidget(button)
        layout.addWidget(self._reason)
        row = QHBoxLayout()
        row.addWidget(self.hint_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._hint, 1)
        row.addStretch(0)
        if not question.hint:
            row.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)

    @property
    def is_solved(self) -> bool:
        """Whether the answer chosen last is right."""
        return any(button.isChecked() and button.answer.right for button in self.answers)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in self._parts:
            part.set_theme(theme)

    def set_larger(self, factor: float) -> None:
        """For lecture mode."""
        for part in self._parts:
            part.set_larger(factor)

    def _choose(self) -> None:
        chosen = self.sender()
        assert isinstance(chosen, AnswerButton)
        for button in self.answers:
            if button is not chosen:
                button.setChecked(False)
        verdict = "**Right.**" if chosen.answer.right else "**Not so.**"
        self._reason.set_text(f"{verdict} {chosen.answer.reason}")
        self._reason.set_ink("accent" if chosen.answer.right else "warning")
        self._reason.show()
        if chosen.answer.right:
            self.solved.emit()

    def _show_hint(self, on: bool) -> None:
        self._hint.setVisible(on)
