"""Points glide between clouds: exact at both ends, never beyond them, and never start anew."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latentlab.app.glide import Glide
from latentlab.training.cloud import Cloud

values = arrays(np.float32, (7, 2), elements=st.floats(-50, 50, width=32))


def cloud(step: int, at: float = 0.0, n: int = 7) -> Cloud:
    return Cloud(step, np.full((n, 2), at, np.float32), np.full((n, 2), at - 1, np.float32))


def gliding(start: Cloud, end: Cloud, seconds: float = 0.5) -> Glide:
    """On its way from `start` at second 10 to `end`, `seconds` later."""
    glide = Glide()
    glide.aim(start, 10.0 - seconds)
    glide.aim(end, 10.0)
    return glide


def at(glide: Glide, now: float) -> Cloud:
    found = glide.at(now)
    assert found is not None
    return found


def test_there_is_nothing_before_the_first() -> None:
    glide = Glide()
    assert glide.at(0.0) is None
    assert not glide.moving(0.0)


def test_the_first_is_there_at_once() -> None:
    glide = Glide()
    first = cloud(3)
    glide.aim(first, 100.0)
    assert glide.at(100.0) is first
    assert not glide.moving(100.0)


@given(values, values, values, values)
def test_both_ends_are_exact(
    mu: np.ndarray, logvar: np.ndarray, other_mu: np.ndarray, other_logvar: np.ndarray
) -> None:
    start, end = Cloud(1, mu, logvar), Cloud(2, other_mu, other_logvar)
    glide = gliding(start, end)
    begun = at(glide, 10.0)
    np.testing.assert_array_equal(begun.mu, start.mu)
    np.testing.assert_array_equal(begun.logvar, start.logvar)
    if not all(map(np.array_equal, (mu, logvar), (other_mu, other_logvar))):
        assert glide.moving(10.49)
    assert not glide.moving(10.5)
    assert glide.at(10.5) is end


@given(values, values, st.lists(st.floats(10, 10.499), min_size=2, max_size=6).map(sorted))
def test_every_point_moves_straight_on(
    mu: np.ndarray, other: np.ndarray, times: list[float]
) -> None:
    glide = gliding(Cloud(1, mu, mu), Cloud(2, other, -other))
    towards = np.sign(other - mu)
    way = [at(glide, now).mu for now in times]
    for before, after in itertools.pairwise(way):
        assert ((after - before) * towards >= 0).all()
    # A position is rounded to float32, so it may pass the end by as much.
    slack = 1e-5 + 1e-6 * np.abs(other)
    for mean in way:
        assert (mean >= np.minimum(mu, other) - slack).all()
        assert (mean <= np.maximum(mu, other) + slack).all()


def test_halfway_is_in_the_middle_and_names_the_step_it_glides_to() -> None:
    halfway = at(gliding(cloud(1, 0.0), cloud(7, 4.0)), 10.25)
    np.testing.assert_allclose(halfway.mu, 2.0, rtol=1e-6)
    np.testing.assert_allclose(halfway.logvar, 1.0, rtol=1e-6)
    assert halfway.step == 7
    assert halfway.mu.dtype == np.float32


def test_at_once_is_at_once() -> None:
    glide = gliding(cloud(1, 0.0), cloud(2, 4.0))
    exact = cloud(3, 5.0)
    glide.aim(exact, 10.2, at_once=True)
    assert glide.at(10.2) is exact
    assert not glide.moving(10.2)


def test_at_once_ends_a_glide_to_the_same_cloud() -> None:
    end = cloud(2, 4.0)
    glide = gliding(cloud(1, 0.0), end)
    glide.aim(end, 10.2, at_once=True)
    assert glide.at(10.2) is end


def test_another_number_of_points_cannot_glide() -> None:
    glide = gliding(cloud(1), cloud(2, 4.0))
    fewer = cloud(3, 5.0, n=4)
    glide.aim(fewer, 10.2)
    assert glide.at(10.2) is fewer


def test_a_new_cloud_is_glided_to_from_where_the_points_are() -> None:
    glide = gliding(cloud(1, 0.0), cloud(2, 4.0))
    glide.aim(cloud(3, -2.0), 10.25)
    np.testing.assert_allclose(at(glide, 10.25).mu, 2.0, rtol=1e-6)
    # The last two clouds lay 0.25 s apart.
    np.testing.assert_allclose(at(glide, 10.375).mu, 0.0, atol=1e-6)
    assert at(glide, 10.5).step == 3
    assert not glide.moving(10.5)


@pytest.mark.parametrize("copied", [False, True])
def test_the_same_cloud_again_does_not_hold_up_the_glide(copied: bool) -> None:
    """Snapshots come more often than clouds: most bring the cloud that is already aimed at."""
    end = cloud(2, 4.0)
    glide = gliding(cloud(1, 0.0), end)
    for now in (10.1, 10.2, 10.3):
        again = replace(end, mu=end.mu.copy(), logvar=end.logvar.copy()) if copied else end
        glide.aim(again, now)
        np.testing.assert_allclose(at(glide, now).mu, 8 * (now - 10), rtol=1e-5)
    glide.aim(cloud(3, 0.0), 10.5)
    # As long as from the second cloud to the third, not as from the last snapshot.
    assert glide.moving(10.99)
    assert not glide.moving(11.0)


@pytest.mark.parametrize(("apart", "lasts"), [(0.001, 0.08), (0.4, 0.4), (3600.0, 1.5)])
def test_a_glide_is_neither_a_jump_nor_a_crawl(apart: float, lasts: float) -> None:
    glide = gliding(cloud(1), cloud(2, 1.0), apart)
    assert glide.moving(10 + 0.99 * lasts)
    assert not glide.moving(10 + 1.01 * lasts)


def test_of_very_many_points_a_frame_is_seen_for_a_while() -> None:
    glide = gliding(cloud(1, 0.0, n=500_000), cloud(2, 4.0, n=500_000))
    frame = at(glide, 10.2)
    assert at(glide, 10.25) is frame
    later = at(glide, 10.31)
    assert later is not frame
    np.testing.assert_allclose(later.mu, 8 * 0.31, rtol=1e-5)
    assert at(glide, 10.5).step == 2
    np.testing.assert_array_equal(at(glide, 10.5).mu, 4.0)
    # A clock that goes back, and a glide that begins, have their own.
    np.testing.assert_allclose(at(glide, 10.3).mu, 8 * 0.3, rtol=1e-5)
    glide.aim(cloud(3, 0.0, n=500_000), 10.3)
    np.testing.assert_allclose(at(glide, 10.4).mu, 2.4 * (1 - 0.1 / 0.3), rtol=1e-5)
