"""Pulls as they are shown on a plane."""

import numpy as np
import pytest

from latentlab.app.force_view import ForceView, Pulls
from latentlab.core.section import Section
from latentlab.core.tilt import Tilt


def view(count: int, latent_dim: int) -> ForceView:
    random = np.random.default_rng(0)

    def numbers() -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        return random.standard_normal((count, latent_dim)).astype(np.float32)

    pulls = [Pulls(numbers(), numbers()) for _ in range(2)]
    return ForceView(np.arange(count), numbers(), numbers(), *pulls, samples=4)


def tilted(degrees: float) -> Section:
    """Through 0, along the second and the fourth of five axes, turned by so much."""
    angle = np.radians(degrees)
    rows = np.zeros((2, 5))
    rows[:, [1, 3]] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    first, second = (tuple(row.tolist()) for row in rows)
    return Section.tilted(Tilt((first, second), (0.0,) * 5), (0.0,) * 5)


@pytest.mark.parametrize("degrees", [0, 30, 117])
def test_however_the_plane_is_turned_ellipses_and_pulls_are_the_same(degrees: float) -> None:
    """Turned within itself: lengths of arrows stay, and so does what each half-axis does."""
    whole = view(6, 5)
    upright, turned = whole.along(Section.at((1, 3), (0.0,) * 5)), whole.along(tilted(degrees))
    assert upright.angle is None
    assert turned.angle is not None
    # Along axes the half-axes are the axes: here sorted by their length, as the others are.
    order = np.argsort(-upright.logvar, axis=1)
    np.testing.assert_allclose(
        turned.logvar, np.take_along_axis(upright.logvar, order, 1), atol=1e-4
    )
    for one, other in ((upright.kl, turned.kl), (upright.reconstruction, turned.reconstruction)):
        np.testing.assert_allclose(
            other.logvar, np.take_along_axis(one.logvar, order, 1), atol=1e-4
        )
        np.testing.assert_allclose(np.hypot(*other.mu.T), np.hypot(*one.mu.T), rtol=1e-5, atol=1e-6)
    # The longer half-axis points along the axis with the larger variance.
    longer = np.where(order[:, 0] == 0, 0.0, 90.0) - degrees
    away = (np.degrees(turned.angle) - longer + 90) % 180 - 90
    np.testing.assert_allclose(away, 0, atol=0.1)
