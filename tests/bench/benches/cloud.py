"""Milliseconds to plot all points at new positions, ours against one ScatterPlotItem a class.

Both are widgets of the size that the plane has in a window of 1440 x 900, and paint all they show.
Of posteriors too narrow to have ellipses, as the other has none; ours still paints prior, names,
axes and marginals. full_ms is ours with the model's own posteriors, as they glide in the window;
exact_ms the same with names, marginals and all ellipses brought up to date each time. pan_p95_ms:
from a mouse event that pans a million points, ellipses and all, until that is painted.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.app.opening import open_model
from latentlab.ui.application import make_application
from latentlab.ui.plane.plane import LatentPlane
from latentlab.ui.theme import LIGHT
from tests.bench.eyes import Eyes
from tests.bench.result import BenchError, Figure, Options, Result, at_least, at_most

MODEL = "mnist-2d-live"
SIZE = (838, 656)
COUNTS = (10_000, 60_000, 1_000_000)
_MANY = COUNTS[-1]
_WAYS = ("ours", "scatter", "full", "exact")
_PLACES = 4  # that the points are moved between
_JITTER = 0.05  # latent units
_NARROW = -18.0  # log-variance of a posterior far narrower than a pixel
_DOT = 5  # pixels across
_TARGETS = {"60000.ratio": at_least(10), f"{_MANY}.ours_ms": at_most(120)}
_PAN_RADIUS = 60  # pixels

Array = npt.NDArray[np.float32]


def run(options: Options) -> Result:
    rounds, moves = (1, 4) if options.quick else (9, 60)
    make_application()
    found: list[Figure] = []
    for count in COUNTS[:1] if options.quick else COUNTS:
        found += _compare(_Points(count), rounds)
    with _plane(_Points(COUNTS[0] if options.quick else _MANY)) as plane:
        pans = [float(np.percentile(_pan(plane, moves), 95)) for _ in range(min(rounds, 3))]
    found.append(Figure("pan_p95_ms", pans, at_most(33)))
    return Result(
        found,
        {"points of": MODEL, "widget": f"{SIZE[0]} x {SIZE[1]}", "rounds": rounds, "pans": moves},
    )


class _Points:
    """Posteriors of MNIST images, drawn anew around those of the model, at some places."""

    def __init__(self, count: int) -> None:
        opened = open_model(MODEL)
        cloud = opened.stored_cloud
        assert cloud is not None
        random = np.random.default_rng(0)
        chosen = random.integers(len(cloud.mu), size=count)
        self.count = count
        self.names = opened.pair.train.class_names
        self.labels = opened.pair.train.labels[chosen]
        self.logvar = cloud.logvar[chosen]
        self.places: list[Array] = [
            cloud.mu[chosen] + np.float32(_JITTER) * random.standard_normal((count, 2), np.float32)
            for _ in range(_PLACES)
        ]


def _compare(points: _Points, rounds: int) -> list[Figure]:
    times: dict[str, list[float]] = {way: [] for way in _WAYS}
    with _plane(points) as plane, _scatter_plot(points) as (plot, items):
        members = [points.labels == label for label in range(len(points.names))]
        narrow = np.full_like(points.logvar, _NARROW)

        def move_scatter(mu: Array) -> None:
            for item, member in zip(items, members, strict=True):
                item.setData(x=mu[member, 0], y=mu[member, 1])

        ways: dict[str, tuple[QWidget, Callable[[Array], None]]] = {
            "ours": (plane, lambda mu: plane.move_points(mu, narrow)),
            "scatter": (plot, move_scatter),
            "full": (plane, lambda mu: plane.move_points(mu, points.logvar)),
            "exact": (plane, lambda mu: plane.move_points(mu, points.logvar, exact=True)),
        }
        places = itertools.cycle(points.places)
        for number in range(rounds):
            for key, (widget, move) in ways.items():
                # A million points take it many seconds.
                if key != "scatter" or number == 0 or points.count < _MANY:
                    times[key].append(_timed(widget, move, next(places)))
    return figures(points.count, times)


def figures(count: int, times: Mapping[str, list[float]]) -> list[Figure]:
    """Of the times of each way to move so many points, in milliseconds."""
    ours, scatter, full, exact = (times.get(way, []) for way in _WAYS)
    found = {
        f"{count}.ours_ms": ours,
        f"{count}.scatter_ms": scatter,
        f"{count}.ratio": [theirs / our for theirs, our in zip(scatter, ours, strict=False)],
        f"{count}.full_ms": full,
        f"{count}.exact_ms": exact,
    }
    return [Figure(key, values, _TARGETS.get(key)) for key, values in found.items()]


def _timed(widget: QWidget, move: Callable[[Array], None], mu: Array) -> float:
    start = time.perf_counter()
    move(mu)
    widget.repaint()
    return 1000 * (time.perf_counter() - start)


@contextmanager
def _shown(widget: QWidget) -> Iterator[None]:
    """On the screen, painted once; gone without a trace afterwards."""
    widget.resize(*SIZE)
    widget.show()
    widget.repaint()
    QApplication.processEvents()
    try:
        yield
    finally:
        shiboken6.delete(widget)


@contextmanager
def _plane(points: _Points) -> Iterator[LatentPlane]:
    plane = LatentPlane()
    plane.set_theme(LIGHT)
    plane.set_classes(points.names)
    plane.set_points(points.places[0], points.logvar, points.labels)
    plane.reset_view()
    with _shown(plane):
        yield plane


@contextmanager
def _scatter_plot(points: _Points) -> Iterator[tuple[pg.PlotWidget, list[pg.ScatterPlotItem]]]:
    """As quick as it goes: no outlines, no hovering, and a view that does not follow the points."""
    plot = pg.PlotWidget()
    plot.setAspectLocked(True)
    plot.setRange(xRange=(-5, 5), yRange=(-4, 4), disableAutoRange=True)
    items = [
        pg.ScatterPlotItem(size=_DOT, pen=None, brush=colour, hoverable=False)
        for colour in LIGHT.classes[: len(points.names)]
    ]
    for item in items:
        plot.addItem(item)
    with _shown(plot):
        yield plot, items


def _pan(plane: LatentPlane, moves: int) -> list[float]:
    """Milliseconds from each event to its painting."""
    times: list[float] = []
    painted: list[float] = []
    eyes = Eyes(plane, ())
    eyes.painted.connect(lambda now, _parts: painted.append(now))
    middle = plane.scene.areas.plane.center()
    _send(plane, QEvent.Type.MouseButtonPress, middle)
    for number in range(1, moves + 1):
        angle = 2 * np.pi * number / moves
        shift = _PAN_RADIUS * np.array([np.cos(angle) - 1, np.sin(angle)])
        QApplication.processEvents()
        painted.clear()
        start = time.monotonic()
        _send(plane, QEvent.Type.MouseMove, middle + QPoint(*(round(part) for part in shift)))
        while not painted:
            QApplication.processEvents()
            if time.monotonic() - start > 60:
                raise BenchError("the plane did not paint what was panned")
        times.append(1000 * (painted[-1] - start))
    _send(plane, QEvent.Type.MouseButtonRelease, middle)
    eyes.close()
    return times


def _send(plane: LatentPlane, kind: QEvent.Type, at: QPoint) -> None:
    moves, up = kind == QEvent.Type.MouseMove, kind == QEvent.Type.MouseButtonRelease
    right, none = Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind,
        QPointF(at),
        QPointF(plane.mapToGlobal(at)),
        none if moves else right,
        none if up else right,
        Qt.KeyboardModifier.NoModifier,
    )
    QCoreApplication.sendEvent(plane, event)
