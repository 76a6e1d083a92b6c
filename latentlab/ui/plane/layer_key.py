"""What the colours of the layer behind the points mean, and its figures."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from latentlab.app.layer_view import AggregateMap, HeatMap, LikelihoodMap, NoLayer
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.areas import Style, colour
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.heat_layer import colours, hole_colour, is_diverging
from latentlab.ui.plane.picture_layer import to_image

_PADDING = 7.0  # pixels at text scale 1, like all lengths here
_MARGIN = 8.0  # from the plane's edges
_BAR = 9.0  # high
_NARROWEST = 170.0
_WIDEST = 0.45  # of the plane; there notes are wrapped
_WRAP = Qt.TextFlag.TextWordWrap
_SIDES = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)


@dataclass(frozen=True, slots=True)
class KeyWords:
    """What is said of a layer, whose colours go one way, or both if diverging; None: it has none.

    ticks: at the colours' low end, middle and high end. hole: beside the colour of holes, where
    there may be any. notes: a line each, wrapped where they are long. about: all of it, at length.
    """

    title: str = ""
    diverging: bool | None = None
    ticks: tuple[str, str, str] = ("", "", "")
    hole: str = ""
    notes: tuple[str, ...] = ()
    about: str = ""


def key_words(view: HeatMap | NoLayer) -> KeyWords:
    """What is said of it."""
    if isinstance(view, NoLayer):
        return KeyWords(notes=(view.why,), about=view.why)
    if isinstance(view, AggregateMap):
        return _of_aggregate(view)
    step = f"weights of step {view.step:,}"
    on = "" if view.section.latent_dim <= 2 else " on the slice"
    if isinstance(view, LikelihoodMap):
        cut = "≤ " if float(view.values.min()) < view.low else ""
        return KeyWords(
            f"log p(x|z) of image {view.number}{on}, nats",
            is_diverging(view),
            (f"{cut}{fixed(view.low, 1)}", "", fixed(view.high, 1)),
            notes=(step,),
            about=f"log p(x|z) of image {view.number} from each z in view{on}, in nats, at the "
            f"{step}.",
        )
    return KeyWords(
        f"entropy of p(x|z){on}, nats per pixel",
        is_diverging(view),
        (fixed(view.low, 3), "", fixed(view.high, 3)),
        notes=(step,),
        about="The Bernoulli's entropy −λ log λ − (1 − λ) log(1 − λ), mean over pixels, at the "
        f"{step}. 0: every pixel is certain; 0.693: each may as well be black or white.",
    )


def _of_aggregate(view: AggregateMap) -> KeyWords:
    figures, end = view.figures, fixed(view.high, 1)
    first, second = (fixed(kl) for kl in figures.kl_per_dimension)
    names, whole = view.section.names, view.section.whole
    z = "z" if whole else ", ".join(names)
    marginal = "" if whole else f"The marginals on {names[0]} and {names[1]} alone. "
    images = f"{figures.n:,} {'training' if view.split == 'train' else 'test'} images"
    notes = [f"KL(q({z})‖p({z})) = {fixed(figures.kl_aggregate)} nats", f"N = {images}"]
    # What a correlation adds to the KL of both coordinates alone.
    rest = figures.mean_kl - sum(figures.kl_per_dimension)
    tilted = f", {fixed(rest)} in their correlation" if view.section.tilt is not None else ""
    if view.coarse:
        notes.append("cells wider than σ: zoom in")
    return KeyWords(
        f"log q({z})/p({z}), nats",
        is_diverging(view),
        (f"−{end}", "0", f"≥ +{end}"),
        hole=f"holes, q < p/10: {100 * figures.holes:.1f} % of p",
        notes=tuple(notes),
        about=f"{marginal}The masses of cells, at step {view.step:,}. A hole is where, within 3σ, "
        "q(z) is less than a tenth of p(z): there a sample of the prior meets no image. "
        f"KL = {fixed(figures.mean_kl)} nats per image ({first} in {names[0]}, {second} in "
        f"{names[1]}{tilted}) = I(x; z) {fixed(figures.mutual_information)} + KL(q(z)‖p(z)) "
        f"{fixed(figures.kl_aggregate)}; "
        f"{figures.active_units} of {'' if whole else 'these '}2 units are active. "
        "KL(q(z)‖p(z)) falls with N: compare at equal N.",
    )


@dataclass(frozen=True, slots=True)
class LayerKey:
    """The words in the plane's lower right corner, `lift` pixels above its usual place."""

    words: KeyWords
    camera: Camera
    style: Style
    lift: float = 0.0

    @property
    def rect(self) -> QRectF:
        """Where it stands."""
        margin, (width, height) = _MARGIN * self.style.scale, self._size()
        right, bottom = self.camera.left + self.camera.width, self.camera.top + self.camera.height
        return QRectF(right - margin - width, bottom - margin - height - self.lift, width, height)

    def paint(self, painter: QPainter) -> None:
        """Over whatever is there."""
        words, theme, step = self.words, self.style.theme, self._step
        box = self.rect
        painter.setPen(colour(theme.line))
        painter.setBrush(colour(theme.plane, 0.9))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(self.style.small)
        padding = _PADDING * self.style.scale
        row = QRectF(box.left() + padding, box.top() + padding, box.width() - 2 * padding, step)
        if words.diverging is not None:
            painter.setPen(colour(theme.text))
            painter.drawText(row, words.title)
            row.translate(0, step)
            self._paint_colours(painter, row, diverging=words.diverging)
            row.translate(0, self._bar + step)
        if words.hole:
            self._paint_hole(painter, row)
            row.translate(0, step)
        painter.setPen(colour(theme.muted))
        for note in words.notes:
            row.setHeight(self._height(note, row.width()))
            painter.drawText(row, _WRAP, note)
            row.translate(0, row.height())

    def _paint_colours(self, painter: QPainter, row: QRectF, *, diverging: bool) -> None:
        theme = self.style.theme
        bar = QRectF(row.left(), row.top() + 2, row.width(), self._bar - 4)
        painter.fillRect(bar, colour(theme.plane))
        painter.drawImage(bar, to_image(colours(theme, diverging=diverging)[None]))
        painter.setPen(colour(theme.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.setPen(colour(theme.text))
        below = row.translated(0, self._bar)
        for side, tick in zip(_SIDES, self.words.ticks, strict=True):
            painter.drawText(below, side, tick)

    def _paint_hole(self, painter: QPainter, row: QRectF) -> None:
        red, green, blue, opacity = hole_colour(self.style.theme).tolist()
        side = self._bar - 2
        painter.fillRect(
            QRectF(row.left(), row.center().y() - side / 2, side, side),
            QColor(red, green, blue, opacity),
        )
        painter.setPen(colour(self.style.theme.text))
        painter.drawText(row.adjusted(1.6 * side, 0, 0, 0), self.words.hole)

    @property
    def _step(self) -> float:
        return QFontMetricsF(self.style.small).height() + 2

    @property
    def _bar(self) -> float:
        return (_BAR + 4) * self.style.scale

    def _size(self) -> tuple[float, float]:
        words, metrics = self.words, QFontMetricsF(self.style.small)
        widths = [metrics.horizontalAdvance(text) for text in (words.title, *words.notes)]
        if words.hole:
            widths.append(metrics.horizontalAdvance(words.hole) + 1.6 * self._bar)
        narrowest = _NARROWEST * self.style.scale
        width = min(max(*widths, narrowest), max(_WIDEST * self.camera.width, narrowest))
        rows = 2 * self._step + self._bar if words.diverging is not None else 0.0
        rows += self._step if words.hole else 0.0
        rows += sum(self._height(note, width) for note in words.notes)
        padding = 2 * _PADDING * self.style.scale
        return width + padding, rows + padding

    def _height(self, note: str, width: float) -> float:
        box = QFontMetricsF(self.style.small).boundingRect(QRectF(0, 0, width, 1e4), _WRAP, note)
        return box.height() + 2
