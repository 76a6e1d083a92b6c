"""Frames that are passing are cheaper, and what they leave behind is exact."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentlab.app.state import Viewport
from latentlab.ui.plane import LatentPlane, kept_points
from latentlab.ui.plane.areas import Style, style
from latentlab.ui.plane.camera import Camera, panned
from latentlab.ui.plane.cloud import SAMPLE, Cloud
from latentlab.ui.plane.ellipses import choose
from latentlab.ui.plane.kept_points import MOVED_FROM, KeptPoints
from latentlab.ui.plane.points import _along
from latentlab.ui.theme import LIGHT

MANY = MOVED_FROM + 5000
Array = npt.NDArray[np.float32]


def posteriors(count: int, sigma: float, seed: int = 0) -> tuple[Array, Array, np.ndarray]:
    rng = np.random.default_rng(seed)
    mu = rng.standard_normal((count, 2), np.float32)
    logvar = (2 * math.log(sigma) + 0.3 * rng.standard_normal((count, 2))).astype(np.float32)
    return mu, logvar, rng.integers(3, size=count)


def fresh(qtbot: QtBot, like: LatentPlane, points: tuple[Array, Array, np.ndarray]) -> QImage:
    """What a new plane shows that was only ever told how things stand now."""
    plane = LatentPlane()
    qtbot.addWidget(plane)
    plane.set_classes(["cat", "dog", "owl"])
    plane.set_points(*points)
    plane.resize(like.size())
    plane.set_viewport(like.viewport())
    plane.show()
    qtbot.waitExposed(plane)
    plane.setFocus()  # as the other had it when its picture was taken
    return plane.grab().toImage()


def test_what_glided_ends_as_if_it_had_always_been_there(
    plane: LatentPlane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("latentlab.ui.plane.canvas.SUMMARY_SECONDS", 0.0)
    start, logvar, labels = posteriors(3000, 0.08)
    end = start + np.float32(0.4)
    plane.set_points(start, logvar, labels)
    for t in np.linspace(0, 0.9, 10, dtype=np.float32):
        plane.move_points(start + t * (end - start), logvar)
        plane.grab()
    plane.move_points(end, logvar, exact=True)
    assert plane.grab().toImage() == fresh(qtbot, plane, (end, logvar, labels))


@pytest.mark.parametrize("count", [3000, MANY])
def test_a_view_that_was_dragged_ends_as_if_it_had_always_been_so(
    plane: LatentPlane, qtbot: QtBot, count: int
) -> None:
    points = posteriors(count, 0.05)
    plane.set_points(*points)
    plane.grab()
    at = plane.scene.areas.plane.center()
    QTest.mousePress(plane, Qt.MouseButton.RightButton, pos=at)
    for step in range(1, 9):
        QTest.mouseMove(plane, at + QPoint(17 * step, -23 * step + step * step))
        assert plane.scene.moving
        plane.grab()
    QTest.mouseRelease(plane, Qt.MouseButton.RightButton, pos=at + QPoint(-40, 31))
    assert not plane.scene.moving
    assert plane.grab().toImage() == fresh(qtbot, plane, points)


def test_a_wheel_at_rest_ends_exact(plane: LatentPlane, qtbot: QtBot) -> None:
    points = posteriors(3000, 0.05)
    plane.set_points(*points)
    plane.grab()
    view = plane.viewport()
    plane._interaction._zoom(1.3, plane.scene.areas.plane.center().toPointF(), finished=False)
    plane.grab()
    assert plane.scene.moving
    plane._interaction._rest.start()
    qtbot.waitUntil(lambda: not plane.scene.moving, timeout=2000)
    assert plane.viewport() != view
    assert plane.grab().toImage() == fresh(qtbot, plane, points)


def test_points_are_painted_as_soon_as_they_are_seen_to_move(plane: LatentPlane) -> None:
    mu, logvar, labels = posteriors(500, 0.02)
    plane.set_points(mu, logvar, labels)
    plane.settle()
    first = plane.plane_image()
    pixel = np.float32(1 / plane.scene.camera.scale)
    plane.move_points(mu + 0.2 * pixel, logvar)
    assert plane.plane_image() == first
    assert plane.scene.cloud.mu == pytest.approx(mu + 0.2 * pixel, abs=1e-5)
    plane.move_points(mu + 0.4 * pixel, logvar)
    assert plane.plane_image() == first
    plane.move_points(mu + 0.6 * pixel, logvar)
    second = plane.plane_image()
    assert second != first
    plane.move_points(mu + 0.8 * pixel, logvar)
    assert plane.plane_image() == second
    plane.move_points(mu + 0.8 * pixel, logvar, exact=True)
    assert plane.plane_image() != second
    third = plane.plane_image()
    plane.set_ellipse_scale(30)
    big = plane.plane_image()
    plane.move_points(mu + 0.8 * pixel, logvar + np.float32(0.2))
    assert big not in (third, plane.plane_image())


def test_points_that_are_nowhere_do_not_move(plane: LatentPlane) -> None:
    lost = np.full((5, 2), np.nan, np.float32)
    plane.set_points(lost, lost, np.zeros(5, np.int64))
    first = plane.plane_image()
    plane.move_points(lost, lost)
    assert plane.plane_image() == first
    plane.set_points(lost[:0], lost[:0], np.zeros(0, np.int64))
    plane.plane_image()
    plane.move_points(lost[:0], lost[:0])


def test_marginals_follow_one_in_a_frame(
    plane: LatentPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    mu, logvar, labels = posteriors(500, 0.1)
    plane.set_points(mu, logvar, labels)
    plane.grab()
    monkeypatch.setattr("latentlab.ui.plane.canvas.SUMMARY_SECONDS", 0.0)
    seen = []
    for _ in range(6):
        before = [plane.scene.medians, *plane.scene.marginals]
        plane.move_points(mu, logvar)
        plane.grab()
        after = [plane.scene.medians, *plane.scene.marginals]
        changed = [a is not b for a, b in zip(after, before, strict=True)]
        assert sum(changed) == 1
        seen.append(changed.index(True))
    assert sorted(seen) == [0, 0, 1, 1, 2, 2]


def image(
    kept: KeptPoints, cloud: Cloud, camera: Camera, style: Style, *, passing: bool = False
) -> np.ndarray:
    picture = kept.image(cloud, camera, style, None, 1.0, passing=passing)
    return np.array(picture.constBits()).reshape(picture.height(), picture.width(), 4)


@pytest.fixture(scope="module")
def usual(qapp: QApplication) -> Style:
    return style(LIGHT, 1.0, qapp.font())


@pytest.fixture(scope="module")
def many() -> Cloud:
    cloud = Cloud()
    cloud.replace(*posteriors(MANY, 0.1))
    return cloud


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-260, 260)), min_size=1, max_size=4))
def test_a_moved_raster_is_as_one_painted_anew(
    many: Cloud, usual: Style, moves: list[tuple[int, int]]
) -> None:
    kept, camera = KeptPoints(), Camera(Viewport(-2.5, 2.5, -2, 2), 40, 30, 250, 200)
    image(kept, many, camera, usual)
    for right, down in moves:
        view = panned(camera.viewport, -right / camera.scale, down / camera.scale)
        camera = Camera(view, 40, 30, 250, 200)
        moved = image(kept, many, camera, usual, passing=True)
        anew = image(KeptPoints(), many, camera, usual)
        # float32 may put a point that lies on a pixel's edge into the next.
        assert (moved != anew).any(axis=2).mean() < 0.01
    exact = image(kept, many, camera, usual)
    assert (exact == image(KeptPoints(), many, camera, usual)).all()


def test_panning_many_points_paints_only_what_comes_into_view(
    many: Cloud, usual: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[float] = []
    paint = kept_points.raster

    def counted(drawn: Array, camera: Camera, *others: object) -> np.ndarray:
        painted.append(camera.width * camera.height)
        return paint(drawn, camera, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(kept_points, "raster", counted)
    kept, camera = KeptPoints(), Camera(Viewport(-2.5, 2.5, -2, 2), 0, 0, 250, 200)
    image(kept, many, camera, usual)
    image(kept, many, camera, usual)
    assert painted == [250 * 200]
    camera = Camera(panned(camera.viewport, 10 / 50, 4 / 50), 0, 0, 250, 200)
    image(kept, many, camera, usual, passing=True)
    assert painted[1:] == [4 * 250, 10 * 196]
    image(kept, many, camera, usual)
    assert painted[3:] == [250 * 200]


@given(st.floats(-50, 50), st.floats(-4, 1), st.integers(0, 2**31))
def test_places_in_pixels_are_exact_however_far_in(middle: float, size: float, seed: int) -> None:
    span, width = 10**size, 800
    values = (middle + span * np.random.default_rng(seed).random(200)).astype(np.float32)
    found = _along(values, middle, width / span)
    expected = (values.astype(np.float64) - middle) * width / span
    assert found == pytest.approx(expected, abs=0.002)


def test_of_a_very_large_cloud_a_sample_stands_for_all() -> None:
    count = SAMPLE + 20_000
    mu, logvar, labels = posteriors(count, 0.05)
    cloud = Cloud()
    # Sorted by class, as files often are.
    labels = np.sort(labels)
    mu += labels[:, None]
    cloud.replace(mu, logvar, labels)
    expected = [np.median(mu[labels == label], axis=0) for label in range(3)]
    assert cloud.medians(3) == pytest.approx(np.array(expected), abs=0.05)
    camera = Camera(Viewport(-1, 1, -1, 1), 0, 0, 500, 500)
    exact, passing = choose(cloud, camera, 1, None), choose(cloud, camera, 1, None, passing=True)
    assert exact.eligible is not None
    assert exact.eligible > 20_000
    assert passing.eligible is None
    most = len(passing.indices)
    assert 0 < most < len(exact.indices)
    assert (passing.indices == exact.indices[:most]).all(), "others than at rest"
