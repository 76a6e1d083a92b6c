"""What is printed of an account adds up, and says of the account only what is so."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from latentlab.app.infer_view import Account, ModeView, Normal
from latentlab.ui.infer.ledger import ledger
from latentlab.ui.infer.picture import principal_axes
from latentlab.ui.infer.words import check_words, drawn_words, full_words, mode_words, other_mode
from latentlab.ui.number_text import fixed

nats = st.floats(-5000, 5000)
gaps = st.floats(0, 500)


def printed(value: float) -> float:
    return float(fixed(value).replace("−", "-"))


@example(1.015625, 1.421875, 0.0, 0.0)
@given(nats, st.floats(0, 500), gaps, gaps)
def test_pieces_add_up_as_they_are_printed(
    likelihood: float, kl: float, amortisation: float, approximation: float
) -> None:
    best = likelihood - kl + amortisation
    shown = ledger(Account(best + approximation, likelihood, kl, best, best))
    assert shown.amortisation is not None
    assert shown.approximation is not None
    elbo = printed(shown.log_likelihood) + printed(shown.minus_kl)
    assert round(elbo, 2) == printed(shown.elbo)
    total = elbo + printed(shown.amortisation) + printed(shown.approximation)
    assert round(total, 2) == printed(shown.log_evidence)
    assert min(shown.amortisation, shown.approximation) >= 0
    for value, exact in (
        (shown.log_likelihood, likelihood),
        (shown.minus_kl, -kl),
        (shown.amortisation, amortisation),
        (shown.approximation, approximation),
        (shown.log_evidence, best + approximation),
    ):
        assert value == pytest.approx(exact, abs=0.0201)


@given(gaps, gaps)
def test_what_any_covariance_wins_adds_up_as_it_is_printed(
    approximation: float, won: float
) -> None:
    won = min(won, approximation)
    best = -105.0
    account = Account(best + approximation, -98.0, 7.0, best, best + won)
    shown = ledger(account)
    assert shown.full == pytest.approx(approximation - won, abs=0.0101)
    words = full_words(shown)
    left, less = (float(part) for part in re.findall(r"\d+\.\d\d", words))
    assert shown.approximation is not None
    assert round(left + less, 2) == printed(shown.approximation)
    assert full_words(ledger(replace(account, full_elbo=None))) == ""
    assert full_words(ledger(replace(account, best_elbo=None))) == ""


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(-0.99, 0.99))
def test_an_ellipse_s_own_axes_are_those_of_the_covariance(a: float, b: float, rho: float) -> None:
    covariance = np.array([[a * a, rho * a * b], [rho * a * b, b * b]])
    axes, degrees = principal_axes(Normal((0.0, 0.0), (a, b), rho))
    turn = np.deg2rad(degrees)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    found = rotation @ np.diag(np.square(axes)) @ rotation.T
    np.testing.assert_allclose(found, covariance, atol=1e-9 * np.trace(covariance))


def test_a_preview_knows_but_the_whole_gap() -> None:
    shown = ledger(Account(-100.0, -98.0, 7.004))
    assert shown.amortisation is None
    assert shown.approximation is None
    assert round(shown.elbo + shown.gap, 2) == shown.log_evidence


def test_the_check_fails_where_a_side_is_wrong() -> None:
    good = Account(-100.0, -98.0, 7.0, best_elbo=-104.0, kl_to_posterior=5.0, allowed=2e-3)
    assert check_words(good)[1]
    for name in ("log_evidence", "log_likelihood", "kl", "kl_to_posterior"):
        wrong = replace(good, **{name: getattr(good, name) + 0.01})
        text, holds = check_words(wrong)
        assert not holds
        assert "✗" in text
    assert check_words(replace(good, kl_to_posterior=None))[0].startswith("Check: follows")
    preview, _ = check_words(Account(-100.0, -98.0, 7.0, error=0.34))
    assert preview.startswith("log p(x) is off by up to about 0.3 nats. Check: follows")
    rough, _ = check_words(Account(-100.0, -98.0, 7.0))
    assert rough.startswith("log p(x) is of what is in view alone. Check: follows")


def mode(name: str, share: float | None) -> ModeView:
    return ModeView((0.0, 0.0), 1.0, share, None, name, 0.9)  # type: ignore[arg-type]


def test_the_heaviest_mode_of_another_class_is_told() -> None:
    modes = [mode("9", 0.5), mode("4", 0.2), mode("8", 0.26), mode("7", 0.04)]
    assert other_mode("9", modes) == 2
    assert mode_words("9", modes).startswith("This 9 could have been an 8: 26 %")
    assert "among images of its class" in mode_words("9", [modes[0], modes[3]])
    assert mode_words("9", [mode("9", None), mode("4", None)]) == "This 9 could have been a 4."
    assert mode_words("9", [mode("", 1.0)]) == ""


def test_of_a_drawing_is_told_what_it_could_be() -> None:
    modes = [mode("9", 0.4), mode("4", 0.2), mode("4", 0.36), mode("7", 0.04), mode("", 0.1)]
    told = "Your drawing could be a 4 (56 % of p(z|x)) or a 9 (40 %)."
    assert drawn_words(modes) == told
    whole = "Your drawing looks like an 8: 97 % of the slice lies where the encoder puts those."
    assert drawn_words([mode("8", 0.97)], "the slice") == whole
    before = [mode("9", None), mode("8", None), mode("9", None)]
    assert drawn_words(before) == "Your drawing could be a 9 or an 8."
    assert drawn_words(before[:1]) == "Your drawing looks like a 9."
    assert drawn_words([mode("", 1.0)]) == drawn_words([]) == ""
