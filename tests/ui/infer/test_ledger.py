"""What is printed of an account adds up, and says of the account only what is so."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.app.infer_view import Account, ModeView
from latentlab.ui.infer.ledger import ledger
from latentlab.ui.infer.words import check_words, mode_words, other_mode
from latentlab.ui.number_text import fixed

nats = st.floats(-5000, 5000)
gaps = st.floats(0, 500)


def printed(value: float) -> float:
    return float(fixed(value).replace("−", "-"))


@given(nats, st.floats(0, 500), gaps, gaps)
def test_pieces_add_up_as_they_are_printed(
    likelihood: float, kl: float, amortisation: float, approximation: float
) -> None:
    best = likelihood - kl + amortisation
    shown = ledger(Account(best + approximation, likelihood, kl, best, 0.0))
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


def test_a_preview_knows_but_the_whole_gap() -> None:
    shown = ledger(Account(-100.0, -98.0, 7.004))
    assert shown.amortisation is None
    assert shown.approximation is None
    assert round(shown.elbo + shown.gap, 2) == shown.log_evidence


def test_the_check_fails_where_a_side_is_wrong() -> None:
    good = Account(-100.0, -98.0, 7.0, -104.0, 5.0, 2e-3)
    assert check_words(good)[1]
    text, holds = check_words(Account(-100.0, -98.0, 7.0, -104.0, 5.01, 2e-3))
    assert not holds
    assert "✗" in text
    assert check_words(replace(good, kl_to_posterior=None))[0].startswith("Check: follows")
    preview, _ = check_words(Account(-100.0, -98.0, 7.0, error=0.34))
    assert preview.startswith("log p(x) is off by up to about 0.3 nats. Check: follows")


def mode(name: str, share: float | None) -> ModeView:
    return ModeView((0.0, 0.0), 1.0, share, None, name, 0.9)  # type: ignore[arg-type]


def test_the_heaviest_mode_of_another_class_is_told() -> None:
    modes = [mode("9", 0.5), mode("4", 0.2), mode("8", 0.26), mode("7", 0.04)]
    assert other_mode("9", modes) == 2
    assert mode_words("9", modes).startswith("This 9 could have been an 8: 26 %")
    assert "among images of its class" in mode_words("9", [modes[0], modes[3]])
    assert mode_words("9", [mode("9", None), mode("4", None)]) == "This 9 could have been a 4."
    assert mode_words("9", [mode("", 1.0)]) == ""
