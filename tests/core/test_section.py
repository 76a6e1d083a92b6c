"""Planes along two axes: what is projected onto them, and what their points are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from latentlab.core.axes import axis_figures
from latentlab.core.section import Section, axis_name

_numbers = st.floats(-100, 100)


@st.composite
def sections(draw: st.DrawFn) -> Section:
    count = draw(st.integers(2, 9))
    first, second = draw(st.permutations(range(count)))[:2]
    return Section.at((first, second), draw(st.lists(_numbers, min_size=count, max_size=count)))


@given(section=sections(), x=_numbers, y=_numbers)
def test_a_point_of_the_plane_is_one_of_the_latent_space(
    section: Section, x: float, y: float
) -> None:
    z = section.lift((x, y))
    assert z.shape == (section.latent_dim,)
    assert (z[section.axes[0]], z[section.axes[1]]) == (x, y)
    assert all(z[axis] == section.origin[axis] for axis in section.others)
    assert section.project(z).tolist() == [x, y]
    assert section.through(z) == section, "it lies on this very plane"
    assert section.lift([(x, y)] * 3).tolist() == [z.tolist()] * 3


@given(section=sections(), data=st.data())
def test_a_parallel_plane_goes_through_any_point(section: Section, data: st.DataObject) -> None:
    count = section.latent_dim
    z = np.array(data.draw(st.lists(_numbers, min_size=count, max_size=count)))
    moved = section.through(z)
    assert moved.axes == section.axes
    assert moved.lift(moved.project(z)).tolist() == z.tolist()


def test_two_dimensions_are_whole_and_nothing_is_copied() -> None:
    values = np.zeros((5, 2), np.float32)
    assert Section().whole
    assert Section.of(2) == Section()
    assert Section().project(values) is values
    assert Section().through((3.0, 4.0)) == Section()
    assert not Section.of(3).whole
    assert not Section((1, 0)).whole


@pytest.mark.parametrize(
    ("axes", "origin"),
    [
        ((0, 0), (0.0, 0.0)),
        ((0, 2), (0.0, 0.0)),
        ((-1, 0), (0.0, 0.0, 0.0)),
        ((0, 1), (0.0, 1.0, 0.0)),
        ((0, 1), (0.0, 0.0, float("nan"))),
    ],
)
def test_what_is_no_plane_is_refused(axes: tuple[int, int], origin: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"plane|origin"):
        Section(axes, origin)


def test_axes_have_names() -> None:
    assert Section().names == ("z₁", "z₂")
    assert axis_name(63, "μ") == "μ₆₄"


def test_figures_of_axes_are_those_of_their_mixtures() -> None:
    random = np.random.default_rng(0)
    mu = random.standard_normal((4_000, 3)) * (2.0, 0.001, 0.4) + (0.5, 0.0, 0.0)
    logvar = np.log(np.array([0.01, 1.0, 0.5]) * random.uniform(0.5, 1.5, mu.shape))
    found = axis_figures(mu.astype(np.float32), logvar.astype(np.float32))
    assert found is not None
    assert found.order == (0, 2, 1)
    assert found.active == (True, False, True)
    samples = mu + np.exp(0.5 * logvar) * random.standard_normal(mu.shape)
    np.testing.assert_allclose(found.mean, samples.mean(axis=0), atol=0.08)
    np.testing.assert_allclose(found.sigma, samples.std(axis=0), rtol=0.04)
    for axis in range(3):
        # Against Monte Carlo of the definition.
        z, spread = samples[:, axis], np.exp(0.5 * logvar[:, axis])
        logs = stats.norm.logpdf(z, mu[:, axis], spread) - stats.norm.logpdf(z)
        error = logs.std() / np.sqrt(len(logs))
        assert found.kl[axis] == pytest.approx(logs.mean(), abs=5 * error + 1e-3)


def test_posteriors_that_are_nowhere_do_not_count() -> None:
    mu = np.array([[0.0, 1.0, 2.0], [np.nan, 0.0, 0.0]])
    assert axis_figures(mu, np.zeros_like(mu)) == axis_figures(mu[:1], np.zeros((1, 3)))
    assert axis_figures(mu[1:], np.zeros((1, 3))) is None
