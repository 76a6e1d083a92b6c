"""The pieces that need no widget: cloud, rings, ticks, ellipses, labels, the way from z1 to z2."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QLineF

from latentlab.app.state import Viewport
from latentlab.ui.plane.camera import Camera, fitted
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.ellipses import MOST, SMALLEST, choose
from latentlab.ui.plane.handles import segments_in_view
from latentlab.ui.plane.labels import spread
from latentlab.ui.plane.prior import arc_angles, mass_inside
from latentlab.ui.plane.ticks import ticks


def camera_on(viewport: Viewport, width: int = 600, height: int = 400) -> Camera:
    return Camera(fitted(viewport, width, height), 40, 30, width, height)


def cloud_of(count: int, logvar: float = -6.0) -> Cloud:
    cloud = Cloud()
    rng = np.random.default_rng(count)
    mu = rng.standard_normal((count, 2)).astype(np.float32)
    cloud.replace(mu, np.full((count, 2), logvar, np.float32), np.arange(count) % 4)
    return cloud


@given(st.floats(30, 650), st.floats(20, 440), st.floats(1, 30))
def test_the_nearest_point_is_that_of_a_loop(px: float, py: float, within: float) -> None:
    cloud, camera = cloud_of(400), camera_on(Viewport())
    away = [
        math.hypot(camera.x_to_pixel(float(x)) - px, camera.y_to_pixel(float(y)) - py)
        for x, y in cloud.mu
    ]
    best = int(np.argmin(away))
    assert cloud.nearest(camera, px, py, within) == (best if away[best] <= within else -1)


def test_medians_bounds_and_front() -> None:
    cloud = cloud_of(1000)
    mu = cloud.mu.copy()
    mu[5] = np.nan
    cloud.move(mu, np.zeros((1000, 2)))
    labels = np.arange(1000) % 4
    keep = np.arange(1000) != 5
    expected = [np.median(mu[keep & (labels == k)], axis=0) for k in range(4)]
    assert cloud.medians(5)[:4] == pytest.approx(np.array(expected))
    assert np.isnan(cloud.medians(5)[4]).all()
    low, high, _, _ = cloud.bounds() or (0, 0, 0, 0)
    inside = (mu[keep, 0] >= low) & (mu[keep, 0] <= high)
    assert inside.mean() == pytest.approx(0.998, abs=0.001)
    cloud.bring_to_front(2)
    assert (labels[cloud.order[-250:]] == 2).all()
    assert sorted(cloud.order) == list(range(1000))
    cloud.bring_to_front(None)
    share = np.bincount(labels[cloud.order[-200:]], minlength=4) / 200
    assert share.min() > 0.15, "one class hides the others"


def test_the_mass_inside_a_ring() -> None:
    assert [f"{mass_inside(r):.0%}" for r in (1, 2, 3)] == ["39%", "86%", "99%"]


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-3.5, 1), st.sampled_from([1, 2, 3]))
def test_the_part_of_a_ring_in_view_is_drawn(x: float, y: float, size: float, ring: int) -> None:
    half = 10**size
    camera = camera_on(Viewport(x - half, x + half, y - half, y + half))
    view = camera.viewport
    around = np.linspace(-math.pi, math.pi, 4001)
    px, py = ring * np.cos(around), ring * np.sin(around)
    seen = around[(px > view.x_min) & (px < view.x_max) & (py > view.y_min) & (py < view.y_max)]
    angles = arc_angles(ring, camera)
    if len(seen):
        assert len(angles)
        ends = np.array([angles[0], angles[-1]])
        inside = (seen >= ends[0]) & (seen <= ends[1])
        for turn in (-2 * math.pi, 2 * math.pi):
            inside |= (seen + turn >= ends[0]) & (seen + turn <= ends[1])
        assert inside.all()
    if len(angles):
        # Chords stay within half a pixel of the ring.
        step = float(angles[1] - angles[0])
        assert ring * (1 - math.cos(step / 2)) * camera.scale < 0.5


@given(st.floats(-1e4, 1e4), st.floats(-4, 4))
def test_ticks_are_round_and_never_crowded(low: float, size: float) -> None:
    high = low + 10**size
    found = ticks(low, high, 600, 60)
    assert 2 <= len(found) <= 11
    values = [value for value, _ in found]
    slack = (high - low) * 1e-6
    assert all(low - slack <= value <= high + slack for value in values)
    steps = np.diff(values)
    assert steps == pytest.approx(np.full(len(steps), steps[0]), rel=1e-3)
    assert steps[0] / (high - low) * 600 > 59.9
    assert len({text for _, text in found}) == len(found)
    for value, text in found:
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=float(steps[0]) * 1e-3)
        assert "-" not in text


def test_ellipses_appear_when_they_are_large_enough_and_in_view() -> None:
    cloud = cloud_of(800, logvar=2 * math.log(0.05))
    far = camera_on(Viewport())
    assert 0.05 * far.scale < SMALLEST
    assert choose(cloud, far, 1, None).eligible == 0
    assert choose(cloud, far, 10, None).eligible == 800
    near = camera_on(Viewport(-0.5, 0.5, -0.5, 0.5))
    shown = choose(cloud, near, 1, None)
    view = near.viewport
    inside = (np.abs(cloud.mu[:, 0]) < view.x_max + 0.05) & (
        np.abs(cloud.mu[:, 1]) < view.y_max + 0.05
    )
    assert shown.eligible == inside.sum()
    assert inside[shown.indices].all()
    alone = choose(cloud, near, 1, 2)
    assert (cloud.labels[alone.indices] == 2).all()
    assert alone.eligible == (inside & (cloud.labels == 2)).sum()


def test_too_many_ellipses_become_a_steady_sample() -> None:
    cloud = cloud_of(5000, logvar=2 * math.log(0.1))
    shown = choose(cloud, camera_on(Viewport(-3, 3, -2, 2)), 1, None)
    assert shown.eligible > MOST >= len(shown.indices) > 300
    again = choose(cloud, camera_on(Viewport(-3, 3, -2, 2)), 1, None)
    assert (again.indices == shown.indices).all()


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=12))
def test_labels_step_aside(points: list[tuple[float, float]]) -> None:
    centres, sizes = np.array(points), np.full((len(points), 2), (14.0, 18.0))
    moved = spread(centres, sizes)
    apart = np.abs(moved[:, None] - moved[None, :])
    overlap = np.minimum(14 - apart[..., 0], 18 - apart[..., 1])
    np.fill_diagonal(overlap, -1)
    assert overlap.max() < 4


def test_labels_that_have_room_stay() -> None:
    centres = np.array([(0.0, 0.0), (100.0, 0.0)])
    assert np.abs(spread(centres, np.full((2, 2), 20.0)) - centres).max() <= 0.011


@given(
    st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    st.floats(-4, 0.5),
)
def test_the_way_in_view_is_on_the_way(
    a: tuple[float, float], b: tuple[float, float], size: float
) -> None:
    assume(math.dist(a, b) > 1e-3)
    half = 10**size
    camera = camera_on(Viewport(-half, half, -half, half))
    lines = segments_in_view(np.array([a, b]), camera)
    t = np.linspace(0, 1, 2001)
    x = camera.x_to_pixel(a[0] + t * (b[0] - a[0]))
    y = camera.y_to_pixel(a[1] + t * (b[1] - a[1]))
    seen = (x >= 40) & (x <= 640) & (y >= 30) & (y <= 430)
    if seen[1:-1].sum() > 2:
        assert len(lines) == 1
    for line in lines:
        assert isinstance(line, QLineF)
        for px, py in ((line.x1(), line.y1()), (line.x2(), line.y2())):
            assert 29 <= px <= 651
            assert 19 <= py <= 441
            px_a, py_a = camera.x_to_pixel(a[0]), camera.y_to_pixel(a[1])
            dx, dy = camera.x_to_pixel(b[0]) - px_a, camera.y_to_pixel(b[1]) - py_a
            away = abs(dx * (py - py_a) - dy * (px - px_a)) / math.hypot(dx, dy)
            assert away < 1e-3
