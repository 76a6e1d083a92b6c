"""The store announces what changed, and undo brings back what the user did, no more."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latentlab.app.state import AppState, Viewport
from latentlab.app.store import Store
from tests.app.examples import states

FIELDS = tuple(field.name for field in fields(AppState))
FITTED = Viewport(-6.0, 6.0, -3.0, 3.0)


class Listener:
    """What a store has announced."""

    def __init__(self, store: Store) -> None:
        self.heard: list[tuple[AppState, frozenset[str]]] = []
        store.changed.connect(self.hear)

    def hear(self, state: AppState, names: frozenset[str]) -> None:
        self.heard.append((state, names))


def only(state: AppState, name: str) -> dict[str, Any]:
    return {name: getattr(state, name)}


def back_through(store: Store) -> Iterator[AppState]:
    while store.undo_stack.canUndo():
        store.undo_stack.undo()
        yield store.state


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=20)
@given(before=states, other=states, run=st.integers(1, 9))
def test_every_field_is_undone_and_redone(
    name: str, before: AppState, other: AppState, run: int
) -> None:
    store = Store(before)
    after = replace(before, **only(replace(other, run=run), name))
    store.change("a choice", **only(after, name))
    assert store.state == after
    if after == before:
        assert not store.undo_stack.canUndo()
        return
    assert store.undo_stack.undoText() == "a choice"
    store.undo_stack.undo()
    assert store.state == before
    store.undo_stack.redo()
    assert store.state == after


@given(before=states, after=states)
def test_the_difference_announced_is_exact(before: AppState, after: AppState) -> None:
    store = Store(before)
    listener = Listener(store)
    store.put(after)
    differing = frozenset(n for n in FIELDS if getattr(before, n) != getattr(after, n))
    assert listener.heard == ([(after, differing)] if differing else [])
    assert store.state == after


def test_undo_and_redo_announce_the_field() -> None:
    store = Store()
    listener = Listener(store)
    store.change("move z", z=(1.0, 2.0))
    store.undo_stack.undo()
    store.undo_stack.redo()
    assert [(state.z, names) for state, names in listener.heard] == [
        ((1.0, 2.0), frozenset({"z"})),
        ((0.0, 0.0), frozenset({"z"})),
        ((1.0, 2.0), frozenset({"z"})),
    ]


def test_a_change_to_what_is_there_already_is_none() -> None:
    store = Store()
    listener = Listener(store)
    store.change("move z", z=store.state.z)
    assert listener.heard == []
    assert not store.undo_stack.canUndo()


def test_a_field_that_is_none_is_refused() -> None:
    store = Store()
    with pytest.raises(TypeError, match="zeta"):
        store.change("a slip", zeta=1)
    assert store.state == AppState()


# --- gestures ------------------------------------------------------------------------------------


def drag(store: Store, *path: float, label: str = "move z") -> None:
    for x in path:
        store.change(label, merge=True, z=(x, 0.0))


def test_a_drag_is_one_step() -> None:
    store = Store()
    drag(store, 1.0, 2.0, 3.0)
    assert store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert store.state.z == (0.0, 0.0)
    store.undo_stack.redo()
    assert store.state.z == (3.0, 0.0)


def test_a_long_drag_leaves_nothing_behind() -> None:
    store = Store()
    drag(store, 0.5)
    gc.collect()
    before = len(gc.get_objects())
    drag(store, *(1.0 + 0.01 * i for i in range(500)))
    gc.collect()
    assert len(gc.get_objects()) - before < 50
    assert store.undo_stack.count() == 1


def test_two_drags_are_two_steps() -> None:
    store = Store()
    drag(store, 1.0, 2.0)
    store.end_gesture()
    drag(store, 3.0, 4.0)
    assert [state.z[0] for state in back_through(store)] == [2.0, 0.0]


def test_another_label_is_another_step() -> None:
    store = Store()
    drag(store, 1.0)
    drag(store, 2.0, label="nudge z")
    drag(store, 3.0)
    assert [state.z[0] for state in back_through(store)] == [2.0, 1.0, 0.0]


def test_a_change_without_merging_is_a_step_of_its_own() -> None:
    store = Store()
    drag(store, 1.0)
    store.change("move z", z=(2.0, 0.0))
    store.change("move z", z=(3.0, 0.0))
    drag(store, 4.0)
    assert [state.z[0] for state in back_through(store)] == [3.0, 2.0, 1.0, 0.0]


def test_a_drag_that_ends_where_it_began_is_no_step() -> None:
    store = Store()
    store.change("select", selected=3)
    drag(store, 1.0, 2.0, 0.0)
    store.end_gesture()
    assert store.undo_stack.count() == 1
    assert store.undo_stack.undoText() == "select"


def test_a_drag_that_passes_where_it_began_is_one_step() -> None:
    store = Store()
    drag(store, 1.0, 0.0, -1.0)
    assert [state.z[0] for state in back_through(store)] == [0.0]


def test_a_drag_of_two_fields_brings_both_back() -> None:
    store = Store()
    store.change("move both", merge=True, z1=(5.0, 5.0))
    store.change("move both", merge=True, z2=(6.0, 6.0))
    store.undo_stack.undo()
    assert store.state == AppState()
    store.undo_stack.redo()
    assert (store.state.z1, store.state.z2) == ((5.0, 5.0), (6.0, 6.0))


def test_what_follows_an_undo_is_a_step_of_its_own() -> None:
    """Even in mid-drag: or the next undo would take back what was before it, too."""
    store = Store()
    drag(store, 1.0)
    store.change("select", merge=True, selected=3)
    store.undo_stack.undo()
    drag(store, 2.0)
    assert [state.z[0] for state in back_through(store)] == [1.0, 0.0]


@dataclass
class Step:
    """A step of undo, as the oracle keeps it."""

    before: AppState
    after: AppState
    gesture: tuple[int, str] | None


small = st.fixed_dictionaries(
    {},
    optional={
        "z": st.tuples(st.sampled_from([0.0, 1.0]), st.just(0.0)),
        "selected": st.sampled_from([None, 0, 1]),
        "layer": st.sampled_from(["none", "decoded"]),
    },
)
actions = st.lists(
    st.tuples(st.sampled_from(["pan", "move"]), st.booleans(), small, st.booleans()), max_size=25
)


@given(actions)
def test_undo_goes_back_step_by_step(
    actions: list[tuple[str, bool, dict[str, Any], bool]],
) -> None:
    store = Store()
    steps: list[Step] = []
    gesture = 0
    for label, merge, values, ends in actions:
        before = store.state
        store.change(label, merge=merge, **values)
        if ends:
            store.end_gesture()
        key = (gesture, label) if merge else None
        gesture += ends
        if store.state == before:
            continue
        if steps and key is not None and steps[-1].gesture == key:
            steps[-1].after = store.state
            if steps[-1].before == steps[-1].after:
                steps.pop()
        else:
            steps.append(Step(before, store.state, key))
    assert list(back_through(store)) == [step.before for step in reversed(steps)]
    for step in steps:
        store.undo_stack.redo()
        assert store.state == step.after


# --- what the user did not do --------------------------------------------------------------------


def test_a_quiet_change_is_announced_and_cannot_be_undone() -> None:
    store = Store()
    listener = Listener(store)
    store.set_quietly(viewport=FITTED)
    assert [names for _, names in listener.heard] == [{"viewport"}]
    assert not store.undo_stack.canUndo()


def test_undo_keeps_a_quiet_change_made_since() -> None:
    """The view is fitted to the points after z was moved; undoing z must not unfit it."""
    store = Store()
    store.change("move z", z=(1.0, 1.0))
    store.set_quietly(viewport=FITTED)
    store.undo_stack.undo()
    assert store.state == AppState(viewport=FITTED)
    store.undo_stack.redo()
    assert store.state == AppState(viewport=FITTED, z=(1.0, 1.0))


def test_redo_keeps_a_quiet_change_made_since() -> None:
    store = Store()
    store.change("move z", z=(1.0, 1.0))
    store.undo_stack.undo()
    store.set_quietly(viewport=FITTED)
    store.undo_stack.redo()
    assert store.state == AppState(viewport=FITTED, z=(1.0, 1.0))


def test_a_quiet_change_within_a_drag_stays() -> None:
    store = Store()
    drag(store, 1.0)
    store.set_quietly(viewport=FITTED)
    drag(store, 2.0)
    store.undo_stack.undo()
    assert store.state == AppState(viewport=FITTED)


def test_undo_of_a_field_changed_quietly_since_brings_back_what_the_user_left() -> None:
    store = Store()
    own = Viewport(-1.0, 1.0, -1.0, 1.0)
    store.change("move the view", viewport=own)
    store.set_quietly(viewport=FITTED)
    store.undo_stack.undo()
    assert store.state.viewport == Viewport()
    store.undo_stack.redo()
    assert store.state.viewport == own


@given(st.lists(st.sampled_from(["change", "undo", "redo", "quiet"]), max_size=20))
def test_no_undo_reverts_what_was_set_quietly(doings: list[str]) -> None:
    store = Store()
    fitted = store.state.viewport
    for number, doing in enumerate(doings):
        if doing == "change":
            store.change("move z", z=(float(number + 1), 0.0))
        elif doing == "quiet":
            fitted = Viewport(-number - 5.0, number + 5.0)
            store.set_quietly(viewport=fitted)
        else:
            getattr(store.undo_stack, doing)()
        assert store.state.viewport == fitted


def test_starting_over_forgets_all_that_was() -> None:
    store = Store()
    listener = Listener(store)
    store.change("select", selected=3)
    drag(store, 1.0)
    store.start_over(AppState(z=(2.0, 0.0), run=2))
    assert store.state == AppState(z=(2.0, 0.0), run=2)
    assert not store.undo_stack.canUndo()
    assert not store.undo_stack.canRedo()
    assert listener.heard[-1][1] == {"z", "selected", "run"}
    drag(store, 5.0)
    store.undo_stack.undo()
    assert store.state.z == (2.0, 0.0)
