"""How log p(x) adds up: a bar of pieces, each with its name and its nats."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from latentlab.app.infer_view import Account
from latentlab.core.spec import Likelihood
from latentlab.ui.infer.ledger import Ledger, ledger
from latentlab.ui.infer.words import check_words, full_words
from latentlab.ui.likelihood_names import likelihood_words
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.theme import LIGHT, Theme, mix
from latentlab.ui.tip_text import wrapped

_HEADING = "How log p(x) adds up, in nats"
_GAPS = (3, 4)  # the rows of the two gaps, and what they say while these are not told apart
_UNSPLIT = ("+ both gaps", "")
_ROW = 22
_PAD = 0.12  # of what is drawn, on either side
_ZIGZAG = 3.0
_FULL_TIP = (
    "KL of the best Gaussian of any covariance to the true posterior (dotted in the plane), and by "
    "how much it is less than that of the best diagonal one, which is the approximation gap: what "
    "an encoder that could tilt its ellipses would win at most"
)
_CHECK_TIP = (
    "log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)), an identity. The three are integrated in three ways: "
    "log p(x) over cells around the mass, the ELBO by Gauss–Hermite quadrature in ε, the KL on a "
    "lattice around q. So the residual is the error of the quadratures; up to 0.002 nats is allowed"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A row: its name on the screen and as an object, and what it is. total: it ends a sum."""

    text: str
    name: str
    tip: str
    total: bool = False


_PIECES = (
    _Piece(
        "E<sub>q</sub>[log p(x|z)]",
        "inferReconstruction",
        "Minus the reconstruction: how likely the decoder makes the image, averaged over "
        "z from q(z|x), by Gauss–Hermite quadrature",
    ),
    _Piece(
        "− KL(q(z|x)‖p(z))",
        "inferKl",
        "What q(z|x) costs against the prior; in closed form",
    ),
    _Piece(
        "= ELBO",
        "inferElbo",
        "The evidence lower bound, which training raises: log p(x) is never below it",
        total=True,
    ),
    _Piece(
        "+ amortisation gap",
        "inferAmortisation",
        "What the best diagonal Gaussian for this one image would gain over the encoder's, which "
        "has one set of weights for all images (Cremer, Li and Duvenaud 2018). It is looked for "
        "from q and from each mode",
    ),
    _Piece(
        "+ approximation gap",
        "inferApproximation",
        "KL of the best diagonal Gaussian to the true posterior, which is no Gaussian: no encoder "
        "can mend this (Cremer, Li and Duvenaud 2018)",
    ),
    _Piece(
        "= log p(x)",
        "inferEvidence",
        "The log evidence, log ∫ p(x|z) p(z) dz, integrated over the plane. It cannot be had "
        "in many dimensions; in two it can",
        total=True,
    ),
)


class AccountPanel(QWidget):
    """Six rows of one scale: what each piece adds, and what it comes to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("accountPanel")
        make_card(self)
        self._heading = ScaledLabel(_HEADING, self, "heading")
        self._heading.setObjectName("inferHeading")
        self._heading.setToolTip("Of the image on the left, under the decoder's likelihood")
        self._spans = [_Span(self) for _ in _PIECES]
        self._labels: list[ScaledLabel] = []
        self._numbers: list[ScaledLabel] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        for row, (piece, span) in enumerate(zip(_PIECES, self._spans, strict=True)):
            label = ScaledLabel(piece.text, self, bold=piece.total)
            number = ScaledLabel("", self, bold=True)
            number.setObjectName(piece.name)
            number.setAccessibleName(f"{piece.name.removeprefix('infer')} in nats")
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for widget in (label, number, span):
                widget.setToolTip(wrapped(piece.tip))
            self._labels.append(label)
            self._numbers.append(number)
            grid.addWidget(label, row, 0)
            grid.addWidget(span, row, 1)
            grid.addWidget(number, row, 2)
        grid.setColumnStretch(1, 1)
        self._full = ScaledLabel("", self, "muted", 0.9)
        self._full.setObjectName("inferFull")
        self._full.setToolTip(wrapped(_FULL_TIP))
        self._check = ScaledLabel("", self, "muted", 0.9)
        self._check.setObjectName("inferCheck")
        self._check.setWordWrap(True)
        self._check.setToolTip(wrapped(_CHECK_TIP))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(4)
        layout.addWidget(self._heading)
        layout.addLayout(grid)
        layout.addWidget(self._full)
        layout.addWidget(self._check)
        self.set_theme(LIGHT)
        self.follow_font()
        self.show_account(None)

    def show_likelihood(self, likelihood: Likelihood) -> None:
        """Say what p(x|z) is."""
        self._heading.setText(f"{_HEADING}  ·  {likelihood_words(likelihood)}")

    def show_account(self, account: Account | None) -> None:
        """Show this account, or dashes. A preview has both gaps in one row."""
        shown = ledger(account) if account else None
        for number, text in zip(self._numbers, _texts(shown), strict=True):
            number.setText(text)
        split = shown is None or shown.amortisation is not None
        for row, whole in zip(_GAPS, _UNSPLIT, strict=True):
            self._labels[row].setText(_PIECES[row].text if split else whole)
        low, high = _range(shown) if shown else (0.0, 1.0)
        for span, part in zip(self._spans, _parts(shown), strict=True):
            span.show_part(part, low, high)
        self._full.setText(full_words(shown) if shown else "")
        text, holds = check_words(account) if account else ("", True)
        self._check.setText(text)
        role = "muted" if holds else "warning"
        if self._check.property("role") != role:
            self._check.setProperty("role", role)
            self._check.style().polish(self._check)

    def follow_font(self) -> None:
        """Keep room for the widest numbers, and for three lines below."""
        widest = max((label.sizeHint().width() for label in self._labels), default=0)
        self._labels[0].setMinimumWidth(widest)
        metrics = self._numbers[0].fontMetrics()
        self._numbers[0].setMinimumWidth(metrics.horizontalAdvance("−1234.56"))
        self._full.setMinimumHeight(self._full.fontMetrics().lineSpacing())
        self._check.setMinimumHeight(2 * self._check.fontMetrics().lineSpacing())

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        gaps = (mix(theme.panel, theme.accent, 0.55), theme.accent)
        inks = (theme.reconstruction, theme.kl, theme.text, *gaps, theme.accent)
        for span, number, ink in zip(self._spans, self._numbers, inks, strict=True):
            span.set_colours(ink, theme)
            number.setStyleSheet(f"color: {mix(ink, theme.text, 0.25)}")


Part = tuple[float, float] | None


def _texts(shown: Ledger | None) -> tuple[str, ...]:
    if shown is None:
        return ("–",) * len(_PIECES)
    gaps = ("", "")
    if shown.amortisation is not None and shown.approximation is not None:
        gaps = (fixed(shown.amortisation), fixed(shown.approximation))
    else:
        gaps = (fixed(shown.gap), "")
    return (
        fixed(shown.log_likelihood),
        fixed(shown.minus_kl),
        fixed(shown.elbo),
        *gaps,
        fixed(shown.log_evidence),
    )


def _parts(shown: Ledger | None) -> tuple[Part, ...]:
    """From where to where each row reaches; a total is of no length."""
    if shown is None:
        return (None,) * len(_PIECES)
    elbo, evidence = shown.elbo, shown.log_evidence
    between = elbo + (shown.gap if shown.amortisation is None else shown.amortisation)
    split = shown.amortisation is not None
    return (
        (0.0, shown.log_likelihood),
        (shown.log_likelihood, elbo),
        (elbo, elbo),
        (elbo, between),
        (between, evidence) if split else None,
        (evidence, evidence),
    )


def _range(shown: Ledger) -> tuple[float, float]:
    """What is drawn: all but 0, from which the first row comes."""
    places = [shown.log_likelihood, shown.elbo, shown.log_evidence]
    pad = max(_PAD * (max(places) - min(places)), 0.05)
    return min(places) - pad, max(places) + 2 * pad


class _Span(QWidget):
    """One row: a length on an axis that all of them share, broken where it begins beyond it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._part: Part = None
        self._low, self._high = 0.0, 1.0
        self._ink, self._theme = LIGHT.text, LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_part(self, part: Part, low: float, high: float) -> None:
        self._part, self._low, self._high = part, low, high
        self.update()

    def set_colours(self, ink: str, theme: Theme) -> None:
        self._ink, self._theme = ink, theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, max(_ROW, self.fontMetrics().height() + 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._part is None or not all(map(math.isfinite, self._part)):
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            start, end = (self._x(value) for value in self._part)
            height = self.height()
            painter.setPen(QPen(QColor(self._theme.line), 1))
            for edge in {round(start), round(end)}:
                painter.drawLine(QPointF(edge + 0.5, 0), QPointF(edge + 0.5, height))
            ink = QColor(self._ink)
            if self._part[0] == self._part[1]:
                painter.setPen(QPen(ink, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(QPointF(end, 3), QPointF(end, height - 3))
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            left, right = min(start, end), max(start, end)
            # A piece that is too small to be seen is still a piece.
            box = QRectF(left, 5, max(right - left, 1.5), height - 10)
            painter.drawRoundedRect(box, 2, 2)
            for x in (left, right):
                if not 0 < x < self.width() - 1:
                    self._paint_break(painter, min(max(x, 8.0), self.width() - 9.0))

    def _x(self, value: float) -> float:
        place = (value - self._low) / (self._high - self._low)
        return min(max(place, 0.0), 1.0) * (self.width() - 1)

    def _paint_break(self, painter: QPainter, x: float) -> None:
        """Where the axis leaves out how far it is to 0."""
        painter.setPen(QPen(QColor(self._theme.panel), 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        steps = 4
        height = self.height() / steps
        points = [QPointF(x + _ZIGZAG * (-1) ** n, n * height) for n in range(steps + 1)]
        painter.drawPolyline(QPolygonF(points))
