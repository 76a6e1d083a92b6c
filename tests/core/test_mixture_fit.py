"""A fit: it only goes down, and it ends."""

import numpy as np
import pytest

from latentlab.core.ellipse import LEAST, MOST, Ellipse
from latentlab.core.mixture import Mixture, kl_from, kl_to
from latentlab.core.mixture_fit import Fit

MIXTURE = Mixture(
    (0.6, 0.4),
    (
        Ellipse((-1.8, -0.4), (0.75, 0.5), 0.9).gaussian,
        Ellipse((1.7, 0.6), (0.6, 0.5), -0.4).gaussian,
    ),
)
STARTS = [
    Ellipse((0.4, 1.6), (0.6, 0.4), 0.3),
    Ellipse((2.5, -2.5), (LEAST, LEAST)),
    Ellipse((-2.5, 2.5), (MOST, LEAST), 1.0),
    Ellipse((0.0, 0.1), (MOST, MOST)),
]


@pytest.mark.parametrize("covering", [True, False])
@pytest.mark.parametrize("start", STARTS)
def test_it_goes_down_to_its_end(start, covering):
    fit = Fit(MIXTURE, start.gaussian, covering)
    assert (fit.steps, len(fit.values), len(fit.way)) == (0, 1, 1)
    while not fit.ended:
        fit.step()
        assert fit.values[-1] <= fit.values[-2] + 1e-12
        assert fit.values[-1] == (kl_from(MIXTURE, fit.q) if covering else kl_to(fit.q, MIXTURE))
        np.testing.assert_array_equal(fit.way[-1], fit.q.mean)
    assert len(fit.values) == len(fit.way) == fit.steps + 1
    if covering:
        np.testing.assert_allclose(fit.q.covariance, MIXTURE.moments.covariance, rtol=1e-12)
    else:
        # Inside a mode KL is −log of its weight, and a bit more where the modes meet.
        assert min(abs(fit.value + np.log(weight)) for weight in MIXTURE.weights) < 0.05


def test_an_ended_fit_stays():
    fit = Fit(MIXTURE, MIXTURE.moments, covering=True)
    fit.step()
    assert fit.ended
    q, steps = fit.q, fit.steps
    fit.step()
    assert (fit.q, fit.steps) == (q, steps)
