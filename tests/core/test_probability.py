"""Against the definitions counted by hand, and over tables with zero cells."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latentlab.core.probability import Die, Floats, Joint

ODD, EVEN, ALL = (1, 3, 5), (2, 4, 6), tuple(range(1, 7))

# Zero cells and very small ones are as likely as others.
masses = st.one_of(st.just(0.0), st.floats(1e-9, 1.0))


def normalised(table: Floats) -> Floats:
    if table.sum() == 0:
        table = table.copy()
        table.flat[0] = 1.0
    return table / table.sum()


tables = arrays(np.float64, (3, 3), elements=masses).map(normalised)
weights = arrays(np.float64, 6, elements=masses).map(normalised)


@given(tables, st.integers(0, 2), st.integers(0, 2), st.floats(-0.5, 1.5))
def test_moving_a_cell_keeps_the_sum_and_the_others_proportions(
    table: Floats, x: int, y: int, mass: float
) -> None:
    after = Joint(table).with_cell(x, y, mass).table
    assert math.isclose(after.sum(), 1.0, rel_tol=1e-12)
    assert (after >= 0).all()
    assert after[x, y] == min(max(mass, 0.0), 1.0)
    others = np.ones_like(table, dtype=bool)
    others[x, y] = False
    if table[others].sum() > 1e-6 and after[x, y] < 1:
        np.testing.assert_allclose(
            after[others] / after[others].sum(), table[others] / table[others].sum(), rtol=1e-9
        )


@given(tables)
def test_both_sides_of_bayes_agree_wherever_they_are_defined(table: Floats) -> None:
    joint = Joint(table)
    for x in range(3):
        for y in range(3):
            rule = joint.bayes(x, y)
            assert math.isclose(rule.evidence, table[:, y].sum(), rel_tol=1e-9, abs_tol=1e-300)
            if table[:, y].sum() == 0:
                assert rule.posterior is None
                assert rule.right_side is None
            elif table[x].sum() == 0:
                assert rule.likelihood is None
                assert rule.right_side is None
                assert rule.posterior == 0
            else:
                assert rule.posterior is not None
                assert rule.right_side is not None
                assert math.isclose(rule.posterior, table[x, y] / table[:, y].sum(), rel_tol=1e-12)
                assert math.isclose(rule.right_side, rule.posterior, rel_tol=1e-9)


@given(tables)
def test_marginals_and_conditionals_sum_to_one_or_are_undefined(table: Floats) -> None:
    joint = Joint(table)
    assert math.isclose(joint.p_x.sum(), 1, rel_tol=1e-12)
    assert math.isclose(joint.p_y.sum(), 1, rel_tol=1e-12)
    for each in range(3):
        for given_it, mass in (
            (joint.x_given(each), joint.p_y[each]),
            (joint.y_given(each), joint.p_x[each]),
        ):
            if mass == 0:
                assert given_it is None
            else:
                assert given_it is not None
                assert math.isclose(given_it.sum(), 1, rel_tol=1e-12)


def test_the_notes_slip_is_not_repeated() -> None:
    joint = Joint(np.array([[0.3, 0.1], [0.2, 0.4]]))
    rule = joint.bayes(0, 1)
    assert rule.posterior == pytest.approx(0.1 / 0.5)
    # P(y|x)·P(y)/P(x), as the notes have it in one place, is another number.
    assert rule.likelihood is not None
    assert rule.likelihood * rule.evidence / rule.prior != pytest.approx(rule.posterior)


def test_a_fair_die_as_the_notes_ask() -> None:
    die = Die.fair()
    assert die.conditional({3}, ODD) == pytest.approx(1 / 3, rel=1e-15)
    assert die.mean() == pytest.approx(float(Fraction(21, 6)), rel=1e-15)
    assert die.mean() == pytest.approx(3.5)
    assert die.mean(ODD) == pytest.approx(3)


@given(weights)
def test_a_loaded_die_follows_the_definitions(loaded: Floats) -> None:
    die = Die(loaded)
    assert die.probability(ALL) == pytest.approx(1)
    assert die.probability(ODD) + die.probability(EVEN) == pytest.approx(1)
    odd = loaded[[0, 2, 4]].sum()
    if odd == 0:
        assert die.conditional({3}, ODD) is None
        assert die.mean(ODD) is None
    else:
        assert die.conditional({3}, ODD) == pytest.approx(loaded[2] / odd)
        assert die.conditional({2}, ODD) == 0
        expected = (loaded[[0, 2, 4]] * [1, 3, 5]).sum() / odd
        assert die.mean(ODD) == pytest.approx(expected)


def test_a_die_that_always_shows_two_knows_no_odd_face() -> None:
    die = Die.fair().with_face(2, 1.0)
    assert die.conditional({3}, ODD) is None
    assert die.mean() == 2.0
