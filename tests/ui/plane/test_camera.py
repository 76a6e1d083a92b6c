import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from latentlab.app.state import Viewport
from latentlab.ui.plane.camera import MAX_SPAN, MIN_SPAN, Camera, fitted, is_usable, panned, zoomed

bounds = st.floats(-2000, 2000)
sizes = st.integers(20, 4000)


@given(st.tuples(bounds, bounds), st.tuples(bounds, bounds), sizes, sizes)
def test_a_fitted_view_is_to_scale_and_holds_what_was_asked(
    x: tuple[float, float], y: tuple[float, float], width: int, height: int
) -> None:
    asked = Viewport(min(x), max(x), min(y), max(y))
    assume(asked.x_max - asked.x_min > 1e-2 and asked.y_max - asked.y_min > 1e-2)
    view = fitted(asked, width, height)
    across, down = view.x_max - view.x_min, view.y_max - view.y_min
    assert across / width == pytest.approx(down / height, rel=1e-6)
    unit = max((asked.x_max - asked.x_min) / width, (asked.y_max - asked.y_min) / height)
    if unit * max(width, height) <= MAX_SPAN:
        assert view.x_min <= asked.x_min + 1e-6
        assert view.x_max >= asked.x_max - 1e-6
        assert view.y_min <= asked.y_min + 1e-6
        assert view.y_max >= asked.y_max - 1e-6


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.2, 5), sizes, sizes)
def test_zooming_keeps_the_point_under_the_pointer(
    x: float, y: float, factor: float, width: int, height: int
) -> None:
    before = Camera(fitted(Viewport(), width, height), 10, 20, width, height)
    after = Camera(
        fitted(zoomed(before.viewport, factor, x, y), width, height), 10, 20, width, height
    )
    assert after.scale == pytest.approx(before.scale * factor)
    assert after.x_to_pixel(x) == pytest.approx(before.x_to_pixel(x), abs=1e-6)
    assert after.y_to_pixel(y) == pytest.approx(before.y_to_pixel(y), abs=1e-6)
    assert after.to_latent(after.x_to_pixel(x), after.y_to_pixel(y)) == pytest.approx((x, y))


@pytest.mark.parametrize("factor", [1.25, 0.8])
def test_zooming_ends_at_the_limits(factor: float) -> None:
    view = fitted(Viewport(), 900, 700)
    for _ in range(300):
        view = fitted(zoomed(view, factor, 0.3, 0.2), 900, 700)
    spans = (view.x_max - view.x_min, view.y_max - view.y_min)
    assert min(spans) >= MIN_SPAN * (1 - 1e-6)
    assert max(spans) <= MAX_SPAN * (1 + 1e-6)
    assert min(spans) < 1e-3 or max(spans) > 9e3


def test_panning_ends_at_the_limit() -> None:
    view = fitted(panned(Viewport(), 1e7, -1e7), 500, 500)
    assert ((view.x_min + view.x_max) / 2, (view.y_min + view.y_max) / 2) == (1e4, -1e4)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_no_view(value: float) -> None:
    assert is_usable(Viewport())
    assert not is_usable(Viewport(x_max=value))
    assert not is_usable(Viewport(y_min=value))
    assert not is_usable(Viewport(x_min=2, x_max=2))
    assert not is_usable(Viewport(y_min=3, y_max=1))
