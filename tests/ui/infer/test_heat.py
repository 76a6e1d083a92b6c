"""Log densities as pictures: to scale, and lines where they should be."""

import numpy as np
import pytest

from latentlab.app.infer_view import Field
from latentlab.app.state import Viewport
from latentlab.ui.infer import heat
from latentlab.ui.theme import LIGHT

AREA = Viewport(-2.0, 2.0, -2.0, 2.0)
VIEW = Viewport(-1.2, 0.9, -0.6, 0.7)
SIZE = (211, 131)


def parabola(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return -3 * (x - 0.2) ** 2 - 8 * (y + 0.1) ** 2 + 2 * x * y - 5.0


def centres(low: float, high: float, count: int) -> np.ndarray:
    return low + (np.arange(count) + 0.5) * (high - low) / count


def field(columns: int = 16, rows: int = 16) -> Field:
    x, y = centres(AREA.x_min, AREA.x_max, columns), centres(AREA.y_min, AREA.y_max, rows)
    return Field(AREA, parabola(x[:, None], y))


def over(view: Viewport, width: int, height: int) -> np.ndarray:
    x, y = centres(view.x_min, view.x_max, width), centres(view.y_min, view.y_max, height)
    return parabola(x, y[::-1, None])


def test_a_gaussian_is_drawn_exactly_from_cells_as_wide_as_it_is() -> None:
    assert np.abs(heat.sampled(field(), VIEW, *SIZE) - over(VIEW, *SIZE)).max() < 1e-4


def test_beyond_what_is_decoded_there_is_nothing() -> None:
    shown = heat.sampled(field(), Viewport(1.0, 3.0, -0.5, 0.5), 100, 50)
    assert np.isnan(shown[:, 51:]).all()
    assert np.isfinite(shown[:, :49]).all()
    picture = heat.shaded(shown, heat.posterior_ink(LIGHT), float(np.nanmax(shown)))
    assert (picture[:, 51:, 3] == 0).all()


def test_the_prior_is_the_normal_density() -> None:
    shown = np.exp(heat.log_prior(Viewport(-5, 5, -5, 5), 200, 200).astype(np.float64))
    assert shown.sum() * 0.05**2 == pytest.approx(1, abs=1e-4)


def test_a_contour_runs_where_the_level_is_and_is_a_line() -> None:
    values = heat.sampled(field(), VIEW, *SIZE)
    picture = np.zeros((*values.shape, 4), np.uint8)
    heat.draw_contours(picture, values, [-5.5], "#ff0000")
    drawn = picture[..., 0] > 127
    slope = np.hypot(*np.gradient(values))
    assert (np.abs(values[drawn] + 5.5) < 1.2 * slope[drawn]).all()
    # It crosses every row between its top and its bottom, and covers little.
    rows = np.flatnonzero(drawn.any(axis=1))
    assert len(rows) == rows[-1] - rows[0] + 1
    assert drawn.mean() < 0.03
    assert heat.top_of(values >= -5.5)[1] == pytest.approx(rows[0], abs=2)
    assert heat.top_of(values >= 100) is None
