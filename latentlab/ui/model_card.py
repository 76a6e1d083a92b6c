"""The model's card, over the window: what the network is, what it learnt from, how it stands."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QTextCursor,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from latentlab.training.messages import Curves, FloatArray
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.theme import LIGHT, Theme

_WIDEST = 900
_MARGIN = 28
_POINTS = 600  # of a line, at most


class ModelCard(QWidget):
    """Covers its parent while open; Esc or its button closes it. Its text can be selected.

    It follows the run, except while some of its text is selected: that would be lost.
    """

    opened = Signal()
    copied = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._covered = parent
        self._theme = LIGHT
        self._markdown = ""  # as it is now
        self._shown = ""
        self._before: QWidget | None = None
        self.setObjectName("modelCard")
        self.setAccessibleName("Model card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._page = QFrame(self)
        self._page.setObjectName("modelCardPage")
        make_card(self._page)
        self._text = QTextBrowser(self._page)
        self._text.setObjectName("modelCardText")
        self._text.setAccessibleName("Model card, text")
        self._text.setToolTip("What the open model is. Select and copy what you need")
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setOpenLinks(False)
        # Queued: Qt says so in the middle of a press, which is no time for another text.
        self._text.selectionChanged.connect(self._show_text, Qt.ConnectionType.QueuedConnection)
        self._curves = CardCurves(self._page)
        self._copy = QPushButton("Copy as Markdown", self._page)
        self._copy.setObjectName("modelCardCopy")
        self._copy.setAccessibleName("Copy the card as Markdown")
        self._copy.setToolTip("The whole card as Markdown text")
        self._copy.clicked.connect(self._copy_all)
        self._close_button = QPushButton("Close", self._page)
        self._close_button.setObjectName("modelCardClose")
        self._close_button.setAccessibleName("Close the card")
        self._close_button.setToolTip("Back to the window (Esc)")
        self._close_button.clicked.connect(self.close_card)
        self._lay_out()
        parent.installEventFilter(self)
        self.set_theme(LIGHT)
        self.hide()

    def open(self) -> None:
        """Cover the parent and take the focus; closing gives the focus back."""
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self.opened.emit()
        self.show()
        self.raise_()
        self._place()
        self._text.verticalScrollBar().setValue(0)
        self._text.setFocus()

    def close_card(self) -> None:
        """Uncover the parent."""
        self.hide()
        if self._before is not None:
            self._before.setFocus()
        self._before = None

    def show_card(self, markdown: str, curves: Curves | None) -> None:
        """Show this text, where it stands now, and these curves."""
        self._curves.show_curves(curves)
        self._markdown = markdown
        self._show_text()

    def _show_text(self) -> None:
        """Unless it is there, or a selection would be lost by it."""
        if self._shown == self._markdown or self._text.textCursor().hasSelection():
            return
        self._shown = self._markdown
        bar = self._text.verticalScrollBar()
        place = bar.value()
        self._text.setMarkdown(self._shown)
        self._style()
        bar.setValue(place)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._curves.set_theme(theme)
        self._style()
        terms = (
            ("−ELBO", theme.accent), ("reconstruction", theme.reconstruction), ("KL", theme.kl),
        )  # fmt: skip
        coloured = ", ".join(f'<span style="color:{c}">{name}</span>' for name, c in terms)
        self._about.setText(f"Nats per image over steps: {coloured}; dots are held-out images")
        self.update()

    def follow_font(self) -> None:
        """Use the application's font."""
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the parent at its new size."""
        if event.type() == QEvent.Type.Resize and watched is self._covered:
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; nothing else reaches what is covered."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round on the card: what is covered is out of reach."""
        stops: list[QWidget] = [self._text, self._copy, self._close_button]
        focused = self.window().focusWidget()
        at = stops.index(focused) if focused in stops else -1
        stops[(at + (1 if forward else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim what is covered."""
        shade = QColor(self._theme.plane if self._theme.name == "dark" else self._theme.text)
        shade.setAlphaF(0.55 if self._theme.name == "dark" else 0.35)
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade)
        painter.end()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        self._about = ScaledLabel("", self._page, "muted", 0.9)
        layout.addWidget(self._about)
        layout.addWidget(self._curves)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._copy)
        row.addWidget(self._close_button)
        layout.addLayout(row)

    def _place(self) -> None:
        area = self._covered.rect()
        self.setGeometry(area)
        width = min(_WIDEST, area.width() - 2 * _MARGIN)
        left = (area.width() - width) // 2
        self._page.setGeometry(left, _MARGIN, width, area.height() - 2 * _MARGIN)

    def _style(self) -> None:
        """Thin lines, and room above headings: Markdown says nothing of how a page looks."""
        document = self._text.document()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                if not any(frame.cellAt(0, n).firstCursorPosition().block().text()
                           for n in range(frame.columns())):  # fmt: skip
                    frame.removeRows(0, 1)  # the head that Markdown wants
                form = frame.format()
                form.setBorder(0.5)
                form.setBorderBrush(QColor(self._theme.line))
                form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                form.setBorderCollapse(True)
                form.setCellPadding(4)
                form.setBottomMargin(10)
                frame.setFormat(form)
        block = document.begin()
        while block.isValid():
            if block.blockFormat().headingLevel() > 1:
                cursor = QTextCursor(block)
                form_of_block = block.blockFormat()
                form_of_block.setTopMargin(14)
                form_of_block.setBottomMargin(6)
                cursor.setBlockFormat(form_of_block)
            block = block.next()

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self._markdown)
        self.copied.emit("Copied the model card as Markdown")


class CardCurves(QWidget):
    """−ELBO, reconstruction and KL of a run, small: lines of training, dots of held-out images."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("modelCardCurves")
        self.setAccessibleName("Loss curves of the model")
        self.setToolTip("−ELBO = reconstruction + KL, means per image in nats")
        self.setFixedHeight(110)
        self._theme = LIGHT
        self._curves: Curves | None = None

    def show_curves(self, curves: Curves | None) -> None:
        """Draw these; None: there are none yet."""
        self._curves = curves
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The lines, the range of both axes at their ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.muted))
        steps, values = self._range()
        if len(steps) < 2:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No steps taken yet")
            painter.end()
            return
        metrics = QFontMetricsF(self.font())
        low, high = min(0.0, float(values.min())), float(values.max())
        first, last = float(steps.min()), float(steps.max())
        texts = [f"{high:,.0f}", f"{low:,.0f}"]
        left = max(metrics.horizontalAdvance(text) for text in texts) + 8
        line = metrics.height()
        box = QRectF(left, line / 2, self.width() - left - 8, self.height() - 1.7 * line)
        for text, y in zip(texts, (box.top(), box.bottom()), strict=True):
            place = QRectF(0, y - line / 2, left - 6, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, text)
        below = QRectF(box.left(), box.bottom() + 2, box.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"step {first:,.0f}")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{last:,.0f}")
        painter.setPen(QColor(self._theme.line))
        painter.drawRect(box)
        scale = box.width() / max(last - first, 1.0), box.height() / max(high - low, 1e-12)
        for along, up, colour, dots in self._lines():
            points = QPolygonF(
                [
                    QPointF(
                        box.left() + (a - first) * scale[0], box.bottom() - (b - low) * scale[1]
                    )
                    for a, b in zip(along.tolist(), up.tolist(), strict=True)
                ]
            )
            painter.setPen(QPen(QColor(colour), 4 if dots else 1, c=Qt.PenCapStyle.RoundCap))
            if dots:
                painter.drawPoints(points)
            else:
                painter.drawPolyline(points)
        painter.end()

    def _lines(self) -> list[tuple[FloatArray, FloatArray, str, bool]]:
        if self._curves is None:
            return []
        found = []
        for series, dots in ((self._curves.train, False), (self._curves.heldout, True)):
            thin = slice(None, None, max(1, len(series.step) // _POINTS))
            for values, colour in (
                (series.negative_elbo, self._theme.accent),
                (series.reconstruction, self._theme.reconstruction),
                (series.kl, self._theme.kl),
            ):
                x, y = series.step[thin].astype(np.float64), values[thin]
                good = np.isfinite(y)
                found.append((x[good], y[good], colour, dots))
        return found

    def _range(self) -> tuple[FloatArray, FloatArray]:
        lines = self._lines()
        if not lines:
            return np.zeros(0), np.zeros(0)
        return np.concatenate([x for x, *_ in lines]), np.concatenate([y for _, y, *_ in lines])
