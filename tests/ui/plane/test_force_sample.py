"""Which posteriors the forces are shown on, and the scales of arrows and bands."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.app.state import Viewport
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.areas import Style
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.force_sample import cell_side, spread_sample
from latentlab.ui.plane.force_scale import ForceScale

# --- which posteriors ----------------------------------------------------------------------------


def cloud_of(count: int, seed: int = 0) -> Cloud:
    cloud = Cloud()
    mu = 1.5 * np.random.default_rng(seed).standard_normal((count, 2)).astype(np.float32)
    cloud.replace(mu, np.full((count, 2), -6, np.float32), np.arange(count) % 4)
    return cloud


NONE = np.zeros(0, np.int64)


def cells(cloud: Cloud, camera: Camera, chosen: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """The cell of each: 700 × 500 pixels are 9 × 7 of them."""
    mu = cloud.mu[chosen].astype(np.float64)
    across = (camera.x_to_pixel(mu[:, 0]) - camera.left) / camera.width * 9
    down = (camera.y_to_pixel(mu[:, 1]) - camera.top) / camera.height * 7
    return list(zip(np.floor(across).astype(int), np.floor(down).astype(int), strict=True))


def test_each_cell_of_the_view_has_one(look: tuple[Camera, Style]) -> None:
    cloud = cloud_of(5000)
    chosen = spread_sample(cloud, *look, None, NONE)
    found = cells(cloud, look[0], chosen)
    assert len(set(found)) == len(found)
    assert set(found) == set(cells(cloud, look[0], inside(cloud, look[0])))
    assert 20 < len(chosen) <= 63
    assert cell_side(*look) >= 70, "arrows of that length have room"


def inside(cloud: Cloud, camera: Camera) -> npt.NDArray[np.intp]:
    view, mu = camera.viewport, cloud.mu
    seen = (mu[:, 0] > view.x_min) & (mu[:, 0] < view.x_max)
    return np.flatnonzero(seen & (mu[:, 1] > view.y_min) & (mu[:, 1] < view.y_max))


def test_they_stay_the_same_while_points_move_a_little(look: tuple[Camera, Style]) -> None:
    cloud = cloud_of(5000)
    first = spread_sample(cloud, *look, None, NONE).astype(np.int64)
    cloud.move(cloud.mu + np.float32(0.05), cloud.logvar)
    again = spread_sample(cloud, *look, None, first)
    assert np.isin(again, first).mean() > 0.85
    afresh = spread_sample(cloud, *look, None, NONE)
    assert np.isin(again, first).mean() > np.isin(afresh, first).mean() + 0.3


def test_they_are_of_one_class_and_never_where_nothing_is(look: tuple[Camera, Style]) -> None:
    cloud = cloud_of(400)
    mu = cloud.mu.copy()
    mu[::3] = np.nan
    cloud.move(mu, cloud.logvar)
    chosen = spread_sample(cloud, *look, 2, np.array([1, 399, 5000]))
    assert len(chosen)
    assert (cloud.labels[chosen] == 2).all()
    assert np.isfinite(cloud.mu[chosen]).all()
    assert len(spread_sample(Cloud(), *look, None, NONE)) == 0
    cloud.move(np.full_like(mu, 500), cloud.logvar)
    assert len(spread_sample(cloud, *look, None, NONE)) == 0


def test_the_plane_asks_for_those_in_view_of_the_class_kept_alone(plane: LatentPlane) -> None:
    plane.set_viewport(Viewport(-4, 0, 0, 4))
    plane.set_isolated(0)
    chosen = plane.force_sample()
    assert chosen.dtype == np.int64
    assert 0 < len(chosen) < 30
    assert (plane.scene.cloud.labels[chosen] == 0).all()


# --- the scale -----------------------------------------------------------------------------------


@given(
    lengths=st.lists(st.floats(1e-3, 1e4), min_size=1, max_size=60),
    reference=st.floats(5, 80),
    longest=st.floats(20, 120),
)
def test_a_scale_is_round_and_leaves_most_arrows_whole(
    lengths: list[float], reference: float, longest: float
) -> None:
    scale = ForceScale(1.0, finest=0.1)
    values = np.array(lengths)
    scale.fit(values, reference, longest, keep=False)
    assert f"{scale.unit:.6e}"[0] in "125"
    assert float(f"{scale.unit:.0e}") == pytest.approx(scale.unit)
    drawn = np.quantile(values, 0.8) * reference / scale.unit
    assert drawn <= longest * (1 + 1e-6)
    assert scale.unit == pytest.approx(0.1) or drawn > longest / 2.6, "not needlessly short"


def test_a_scale_stays_while_it_will_do() -> None:
    scale = ForceScale(10.0, finest=0.1)
    for length in (10.0, 11.0, 5.0, 4.0):
        scale.fit(np.full(5, length), 40.0, 40.0, keep=True)
        assert scale.unit == 10.0
    scale.fit(np.full(5, 15.0), 40.0, 40.0, keep=True)
    assert scale.unit == 20.0
    scale.fit(np.array([np.nan, np.inf]), 40.0, 40.0, keep=False)
    assert scale.unit == 20.0, "no length is known"
    scale.fit(np.full(5, 15.0), 40.0, 40.0, keep=False)
    scale.fit(np.full(5, 1e-9), 40.0, 40.0, keep=False)
    assert scale.unit == pytest.approx(0.1), "what is next to nothing is not magnified"
