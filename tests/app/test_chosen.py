"""What is chosen: gathered, taken away, counted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latentlab.app.chosen import Chosen, Gather, counted

_some = st.lists(st.integers(0, 30), max_size=20)


@given(before=_some, more=_some)
def test_gathering_is_what_sets_do(before: list[int], more: list[int]) -> None:
    chosen = Chosen.of("train", np.array(before, np.int64))
    expected: dict[Gather, set[int]] = {
        "replace": set(more),
        "add": set(before) | set(more),
        "remove": set(before) - set(more),
    }
    for how, those in expected.items():
        after = chosen.gathered("train", np.array(more, np.int64), how)
        assert after == Chosen("train", tuple(sorted(those)))
        assert len(after) == len(those)
        assert after.array.dtype == np.int64


def test_only_one_split_is_chosen_of() -> None:
    chosen = Chosen("train", (1, 2))
    assert chosen.gathered("test", np.array([5]), "add") == Chosen("test", (5,))
    assert chosen.gathered("test", np.array([1]), "remove") == Chosen("test", ())


def test_the_most_frequent_classes_come_first() -> None:
    labels = np.array([2, 0, 2, 2, 0, 1, -1])
    assert counted(labels, ("cat", "dog", "owl")) == "owl (3), cat (2), dog (1)"
    assert counted(labels, ("cat", "dog", "owl"), most=1) == "owl (3), 2 more classes"
    assert counted(labels[:0], ("cat", "dog")) == ""
