"""The data's way through a VAE, drawn: image → encoder → (μ, σ) → z → decoder → x̂, and back."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.core.spec import LossWeights
from latentlab.training.dissected import Passed, Picture, TermGradient
from latentlab.ui.flow_stages import BATCH, DECODE, ENCODE, GRADIENTS, SAMPLE, STEP, TERMS
from latentlab.ui.number_text import brief_tuple, fixed, significant
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.theme import LIGHT, Theme

# In a drawing of this size; it is scaled to the widget's, and keeps its shape.
_WIDTH, _HEIGHT = 1000.0, 210.0
_MIDDLE = 76.0
_FAINT = 0.22

_THUMBS = QRectF(8, 18, 116, 58 * 2)
_IMAGE = QRectF(140, 22, 108, 108)
_ENCODER = QRectF(286, 26, 96, 100)
_CODE = QRectF(414, 36, 140, 80)
_Z = QRectF(592, 50, 108, 52)
_DECODER = QRectF(738, 26, 96, 100)
_OUT = QRectF(872, 22, 108, 108)
_KL = QRectF(404, 158, 160, 40)
_REC = QRectF(852, 158, 148, 40)
_SUM = QRectF(592, 158, 226, 40)


@dataclass(frozen=True, slots=True)
class Backward:
    """What training makes of the two terms: their gradients, and how far all weights move."""

    by_reconstruction: TermGradient
    by_kl: TermGradient
    moved: float


@dataclass(frozen=True, slots=True)
class Flow:
    """What is drawn. group: what the images are together. objective: the number in the sum, nats,
    and `summed` what it is. noise: whether z has any.
    """

    passed: Passed
    group: str
    weights: LossWeights
    noise: bool
    summed: str
    objective: float
    backward: Backward | None = None


def one_by_one(passed: Passed, image: int) -> Flow:
    """The way of training images, each by itself: the sum is that of `image`, for its one ε."""
    total = float(passed.reconstruction[image]) + float(passed.kl[image])
    return Flow(passed, "training images", LossWeights(), True, "rec + KL", total)


class FlowStrip(QWidget):
    """What one image goes through; stages to come are faint.

    imageChosen: the place of another image to follow, which was clicked.
    """

    imageChosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("flowStrip")
        self.setAccessibleName("The data's way through the network")
        self._flow: Flow | None = None
        self._image = 0
        self._stage = 0
        self._theme = LIGHT
        self.setMinimumHeight(120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Click an image, or press ← and →, to follow it")

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(round(_WIDTH), round(_HEIGHT))

    def show_flow(self, flow: Flow | None, image: int, stage: int) -> None:
        """Show this way up to `stage`, as the image at place `image` goes it."""
        self._flow, self._image, self._stage = flow, image, stage
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def follow_font(self) -> None:
        """Take the application's font."""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow the image that was clicked."""
        if self._flow is None:
            return
        scale, left, top = self._fit()
        at = QPointF((event.position().x() - left) / scale, (event.position().y() - top) / scale)
        for place in range(len(self._flow.passed.x)):
            if _thumb(place).contains(at):
                self.imageChosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow the image before or after, with the arrow keys."""
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None or self._flow is None:
            super().keyPressEvent(event)
        else:
            self.imageChosen.emit((self._image + way) % len(self._flow.passed.x))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it as large as there is room."""
        scale, left, top = self._fit()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.translate(left, top)
            painter.scale(scale, scale)
            _Drawing(painter, self._theme, self._flow, self._image, self._stage).paint()

    def _fit(self) -> tuple[float, float, float]:
        scale = min(self.width() / _WIDTH, self.height() / _HEIGHT)
        return scale, (self.width() - scale * _WIDTH) / 2, (self.height() - scale * _HEIGHT) / 2


class _Drawing:
    """One painting of it."""

    def __init__(
        self, painter: QPainter, theme: Theme, flow: Flow | None, image: int, stage: int
    ) -> None:
        self._painter = painter
        self._theme = theme
        self._flow = flow
        self._passed = flow.passed if flow is not None else None
        self._image = image
        self._stage = stage if flow is not None else -1

    def paint(self) -> None:
        self._wires()
        self._images()
        self._halves()
        self._values()
        self._terms()
        if self._stage >= GRADIENTS:
            self._gradients()

    # --- the parts, in the order of the stages ---------------------------------------------------

    def _images(self) -> None:
        passed = self._passed
        self._at(BATCH)
        group = self._flow.group if self._flow is not None else "the images"
        self._text(QRectF(_THUMBS.left(), 0, _THUMBS.width(), 16), group, muted=True)
        if passed is not None:
            for place, picture in enumerate(passed.x):
                self._picture(_thumb(place), picture, chosen=place == self._image)
        self._text(QRectF(_IMAGE.left(), 0, _IMAGE.width(), 20), "x", bold=True)
        self._picture(_IMAGE, passed.x[self._image] if passed else None)
        self._at(DECODE)
        self._text(QRectF(_OUT.left(), 0, _OUT.width(), 20), "x̂", bold=True)
        known = self._stage >= DECODE
        self._picture(_OUT, passed.decoded[self._image] if passed and known else None)

    def _halves(self) -> None:
        for stage, box, name, narrows in (
            (ENCODE, _ENCODER, "encoder", True),
            (DECODE, _DECODER, "decoder", False),
        ):
            self._at(stage)
            inset = 24.0
            left, right = (0.0, inset) if narrows else (inset, 0.0)
            shape = QPolygonF(
                [
                    QPointF(box.left(), box.top() + left),
                    QPointF(box.right(), box.top() + right),
                    QPointF(box.right(), box.bottom() - right),
                    QPointF(box.left(), box.bottom() - left),
                ]
            )
            active = self._stage in (stage, STEP)
            self._painter.setPen(self._pen(active))
            self._painter.setBrush(QColor(self._theme.window))
            self._painter.drawPolygon(shape)
            self._text(box, name, bold=active)

    def _values(self) -> None:
        flow, passed, image = self._flow, self._passed, self._image
        self._at(ENCODE)
        self._text(QRectF(_CODE.left(), 0, _CODE.width(), 20), "q(z|x)", bold=True)
        self._box(_CODE, self._stage == ENCODE)
        if passed is not None and self._stage >= ENCODE:
            sigma = np.exp(0.5 * passed.logvar[image])
            self._text(_part(_CODE, 0, 2), f"μ = {_pair(passed.mu[image])}")
            self._text(_part(_CODE, 1, 2), f"σ = {_pair(sigma)}")
        self._at(SAMPLE)
        self._text(QRectF(_Z.left(), 0, _Z.width(), 20), "z", bold=True)
        self._box(_Z, self._stage == SAMPLE)
        if flow is not None and self._stage >= SAMPLE:
            self._text(_Z, _pair(flow.passed.z[image]))
            noise = f"ε = {_pair(flow.passed.eps[image])}" if flow.noise else "no noise"
            self._text(QRectF(_Z.left() - 20, 108, _Z.width() + 40, 20), noise, muted=True)

    def _terms(self) -> None:
        flow, passed, theme, image = self._flow, self._passed, self._theme, self._image
        known = flow is not None and passed is not None and self._stage >= TERMS
        self._at(TERMS)
        for box, name, ink, value, weight in (
            (
                _KL,
                "KL",
                theme.kl,
                passed.kl[image] if passed else 0.0,
                flow.weights.kl if flow else 1.0,
            ),
            (
                _REC,
                "rec",
                theme.reconstruction,
                passed.reconstruction[image] if passed else 0.0,
                flow.weights.reconstruction if flow else 1.0,
            ),
        ):
            self._painter.setPen(QPen(QColor(ink), 3 if self._stage == TERMS else 1.5))
            self._painter.setBrush(QColor(theme.panel))
            self._painter.drawRoundedRect(box, 8, 8)
            if known:
                off = " (off)" if weight == 0 else ""
                self._text(box, f"{name} {fixed(float(value))}{off}", ink=ink, bold=True)
            else:
                self._text(box, name, ink=ink)
        self._box(_SUM, self._stage == TERMS)
        if flow is not None and known:
            self._text(_part(_SUM, 0, 2), flow.summed, muted=True)
            self._text(_part(_SUM, 1, 2), f"{fixed(flow.objective)} nats", bold=True)
        else:
            self._text(_SUM, "objective")

    def _gradients(self) -> None:
        flow, theme = self._flow, self._theme
        if flow is None or flow.backward is None:
            return
        self._at(GRADIENTS)
        rec, kl = flow.backward.by_reconstruction, flow.backward.by_kl
        below = _ENCODER.bottom() + 4
        if flow.weights.reconstruction != 0:
            self._back(_REC.left() + 20, _DECODER.center().x() + 30, 148, theme.reconstruction)
            self._back(_DECODER.left(), _ENCODER.center().x() + 34, 140, theme.reconstruction)
            for box, norm in ((_DECODER, rec.decoder), (_ENCODER, rec.encoder)):
                place = QRectF(box.left() - 14, below, box.width() + 28, 18)
                self._text(place, f"‖∇‖ {significant(norm)}", ink=theme.reconstruction)
        if flow.weights.kl != 0:
            self._back(_KL.left() + 6, _ENCODER.center().x() + 10, 184, theme.kl)
            place = QRectF(_ENCODER.left() - 60, below + 20, _ENCODER.width() + 60, 18)
            self._text(place, f"‖∇‖ {significant(kl.encoder)}", ink=theme.kl)
        if self._stage == STEP:
            place = QRectF(_THUMBS.left(), 166, 270, 24)
            text = f"all weights move by {significant(flow.backward.moved)}"
            self._text(place, text, ink=theme.accent, bold=True)

    def _wires(self) -> None:
        boxes = (_IMAGE, _ENCODER, _CODE, _Z, _DECODER, _OUT)
        for stage, start, end in zip(
            (ENCODE, ENCODE, SAMPLE, DECODE, DECODE), boxes[:-1], boxes[1:], strict=True
        ):
            self._at(stage)
            self._arrow(
                QPointF(start.right() + 3, _MIDDLE),
                QPointF(end.left() - 3, _MIDDLE),
                self._pen(self._stage == stage),
            )
        self._at(TERMS)
        for source, term, ink in (
            (_CODE, _KL, self._theme.kl),
            (_OUT, _REC, self._theme.reconstruction),
        ):
            x = source.center().x()
            down = QPen(QColor(ink), 1.6)
            self._arrow(QPointF(x, source.bottom() + 2), QPointF(x, term.top() - 2), down)
        plain = self._pen(self._stage == TERMS)
        y = _SUM.center().y()
        self._arrow(QPointF(_KL.right() + 2, y), QPointF(_SUM.left() - 2, y), plain)
        self._arrow(QPointF(_REC.left() - 2, y), QPointF(_SUM.right() + 2, y), plain)

    # --- what they are made of -------------------------------------------------------------------

    def _at(self, stage: int) -> None:
        """What follows belongs to `stage`."""
        self._painter.setOpacity(1.0 if self._stage >= stage else _FAINT)

    def _pen(self, active: bool) -> QPen:
        theme = self._theme
        return QPen(QColor(theme.accent if active else theme.muted), 3.0 if active else 1.4)

    def _box(self, box: QRectF, active: bool) -> None:
        self._painter.setPen(self._pen(active))
        self._painter.setBrush(QColor(self._theme.window))
        self._painter.drawRoundedRect(box, 8, 8)

    def _arrow(self, start: QPointF, end: QPointF, pen: QPen) -> None:
        self._painter.setPen(pen)
        self._painter.drawLine(start, end)
        along = end - start
        length = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 1e-6)
        unit = along / length
        across = QPointF(-unit.y(), unit.x())
        self._painter.setBrush(pen.color())
        self._painter.drawPolygon(
            QPolygonF([end, end - unit * 9 + across * 4.5, end - unit * 9 - across * 4.5])
        )

    def _back(self, start: float, end: float, y: float, ink: str) -> None:
        pen = QPen(QColor(ink), 2.2, Qt.PenStyle.DashLine)
        self._arrow(QPointF(start, y), QPointF(end, y), pen)

    def _picture(self, box: QRectF, picture: Picture | None, *, chosen: bool = False) -> None:
        if picture is not None:
            self._painter.drawImage(box, _image(picture))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        theme = self._theme
        ink, width = (theme.accent, 3) if chosen else (theme.line, 1)
        self._painter.setPen(QPen(QColor(ink), width))
        self._painter.drawRect(box)

    def _text(
        self,
        box: QRectF,
        text: str,
        *,
        muted: bool = False,
        bold: bool = False,
        ink: str | None = None,
    ) -> None:
        font = QFont(scaled_font(QApplication.font(), 1.0, bold))
        font.setPixelSize(14)
        self._painter.setFont(font)
        self._painter.setPen(QColor(ink or (self._theme.muted if muted else self._theme.text)))
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _thumb(place: int) -> QRectF:
    """Where the image at `place` of the batch is: three in a row."""
    side, gap = 34.0, 4.0
    row, column = divmod(place, 3)
    return QRectF(
        _THUMBS.left() + column * (side + gap), _THUMBS.top() + 4 + row * (side + gap), side, side
    )


def _part(box: QRectF, row: int, rows: int) -> QRectF:
    height = box.height() / rows
    return QRectF(box.left(), box.top() + row * height, box.width(), height)


def _pair(values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> str:
    return brief_tuple(values.tolist())


def _image(picture: Picture) -> QImage:
    kind = QImage.Format.Format_Grayscale8 if picture.ndim == 2 else QImage.Format.Format_RGB888
    rows = np.ascontiguousarray(picture)
    return QImage(rows.tobytes(), rows.shape[1], rows.shape[0], rows.strides[0], kind).copy()
