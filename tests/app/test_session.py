"""A session comes back as it was saved, or is refused in a sentence that names file and field."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.app.chosen import Chosen
from latentlab.app.session import Session, load_session, save_session
from latentlab.app.state import VIEW_LIMIT, AppState, LayerName, Viewport
from latentlab.errors import InputError
from tests.app.examples import states

PLAIN = Session("mnist-2d-live", "mnist", AppState())
names = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40)


@given(session=st.builds(Session, model=st.none() | names, data=names, state=states))
def test_a_session_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, session: Session
) -> None:
    path = tmp_path_factory.mktemp("session") / "a.latentlab.json"
    save_session(session, path)
    assert load_session(path) == session


def test_the_run_is_the_engines_own(tmp_path: Path) -> None:
    path = tmp_path / "a.latentlab.json"
    save_session(replace(PLAIN, state=AppState(run=7)), path)
    assert "run" not in json.loads(path.read_text())["state"]
    assert load_session(path).state == AppState()


def test_what_is_chosen_is_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.latentlab.json"
    state = AppState(chosen=Chosen("train", tuple(range(500_000))))
    save_session(replace(PLAIN, state=state), path)
    assert load_session(path).state == AppState()


def test_a_session_from_before_there_were_forces_still_opens(tmp_path: Path) -> None:
    state = state_json(layer="decoded")
    del state["forces_on"]
    found = load_session(written(tmp_path / "a.json", state)).state
    assert found == AppState(layer="decoded")
    assert not found.forces_on


@pytest.mark.parametrize(("on", "layer"), [(True, "decoded"), (False, "none")])
def test_a_session_from_when_the_map_was_the_only_layer_still_opens(
    tmp_path: Path, on: bool, layer: LayerName
) -> None:
    state = state_json() | {"map_on": on}
    del state["layer"]
    assert load_session(written(tmp_path / "a.json", state)).state == AppState(layer=layer)


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    """Python's 1 == 1.0, but a batch of 64.0 images cannot be drawn."""
    path = tmp_path / "a.latentlab.json"
    state = AppState(selected=3, batch_size=128, strip_count=7, isolated_class=2, ellipse_scale=10)
    save_session(replace(PLAIN, state=state), path)
    found = load_session(path).state
    for name in ("selected", "batch_size", "strip_count", "isolated_class", "ellipse_scale"):
        assert type(getattr(found, name)) is int


def test_another_session_of_that_name_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.latentlab.json"
    save_session(replace(PLAIN, data="x" * 3_000), path)
    save_session(PLAIN, path)
    assert load_session(path) == PLAIN
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_disk_that_fills_leaves_the_session_as_it_was(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "a.latentlab.json"
    save_session(PLAIN, path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            save_session(replace(PLAIN, data="fashion-mnist"), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert load_session(path) == PLAIN
    assert list(tmp_path.iterdir()) == [path]


def state_json(**changes: Any) -> dict[str, Any]:
    state = asdict(AppState())
    del state["run"], state["past"], state["compared_past"]
    return json.loads(json.dumps({**state, **changes}))  # type: ignore[no-any-return]


def written(path: Path, state: dict[str, Any]) -> Path:
    content = {"format": 1, "model": None, "data": "mnist", "state": state}
    path.write_text(json.dumps(content))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as error:
        load_session(path)
    return str(error.value)


NUMBERS = (
    "learning_rate",
    "batch_size",
    "strip_count",
    "selected",
    "isolated_class",
    "ellipse_scale",
)
NONSENSE = [
    float("nan"),
    float("inf"),
    -float("inf"),
    1e300,
    -1,
    10**400,
    -(10**400),
    "3",
    True,
    [],
    {},
]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: str(value)[:8])
@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, name: str, value: Any) -> None:
    path = written(tmp_path / "a.json", state_json(**{name: value}))
    assert refusal(path).startswith(f"{path} cannot be used: {name} must be ")


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: str(value)[:8])
@pytest.mark.parametrize(
    ("field", "name"),
    [("z", "z"), ("z2", "z2"), ("viewport", "x_min"), ("viewport", "y_max"), ("weights", "beta")],
)
def test_numbers_within_a_field_are_refused_too(
    tmp_path: Path, field: str, name: str, value: Any
) -> None:
    if value == -1 and field != "weights":
        value = -1e300
    inner = [0.5, value] if field == name else {**state_json()[field], name: value}
    path = written(tmp_path / "a.json", state_json(**{field: inner}))
    sentence = refusal(path)
    assert sentence.startswith(f"{path} cannot be used: {field}")
    assert f"{name} must be " in sentence


@pytest.mark.parametrize("name", ["batch_size", "strip_count", "selected", "isolated_class"])
def test_fractions_of_things_are_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "a.json", state_json(**{name: 7.5}))
    assert f"{name} must be a whole number" in refusal(path)


@pytest.mark.parametrize(
    ("section", "name"),
    [
        (None, "section.origin"),
        ({}, "section.origin"),
        ({"axes": [0, 0], "origin": [0.0, 0.0]}, "section.axes"),
        ({"axes": [0, 2], "origin": [0.0, 0.0]}, "section.axes"),
        ({"axes": [0, 1.0], "origin": [0.0, 0.0]}, "section.axes"),
        ({"axes": [0], "origin": [0.0, 0.0]}, "section.axes"),
        ({"axes": [0, 1], "origin": [0.0]}, "section.axes"),
        ({"axes": [0], "origin": []}, "section.origin"),
        ({"axes": [0, 1], "origin": [0.0] * 2_000}, "section.origin"),
        ({"axes": [0, 1], "origin": [0.0, float("nan")]}, "section.origin"),
        ({"axes": [0, 1], "origin": [0.0, 0.0, "x"]}, "section.origin"),
    ],
)
def test_a_plane_that_is_none_is_refused(tmp_path: Path, section: object, name: str) -> None:
    path = written(tmp_path / "a.json", state_json(section=section))
    assert refusal(path).startswith(f"{path} cannot be used: {name} must be ")


@pytest.mark.parametrize(
    "name", sorted(set(state_json()) - {"forces_on", "layer", "colour_by", "chosen"})
)
def test_every_field_must_be_there(tmp_path: Path, name: str) -> None:
    state = state_json()
    del state[name]
    path = written(tmp_path / "a.json", state)
    if name in ("selected", "isolated_class"):
        assert getattr(load_session(path).state, name) is None
    elif name in ("workspace", "compared", "compare_view", "infer_view", "section"):
        # Sessions from before there were comparisons, or other planes, say nothing of them.
        assert getattr(load_session(path).state, name) == getattr(AppState(), name)
    else:
        assert refusal(path).startswith(f"{path} cannot be used: {name} must be ")


def test_a_view_as_far_out_as_one_can_go_comes_back(tmp_path: Path) -> None:
    view = Viewport(-VIEW_LIMIT, VIEW_LIMIT, 1e4 - 1e-4, 1e4)
    path = tmp_path / "a.latentlab.json"
    save_session(replace(PLAIN, state=AppState(viewport=view)), path)
    assert load_session(path).state.viewport == view


def test_a_view_of_the_posterior_that_is_none_is_refused(tmp_path: Path) -> None:
    view = asdict(Viewport(1.0, -1.0, 0.0, 1.0))
    path = written(tmp_path / "a.json", state_json(infer_view=view))
    assert "infer_view.viewport must have x_min < x_max" in refusal(path)


def test_a_session_from_before_there_were_factors_colours_by_class(tmp_path: Path) -> None:
    state = state_json(colour_by="size")
    assert load_session(written(tmp_path / "a.json", state)).state.colour_by == "size"
    assert "colour_by must be" in refusal(written(tmp_path / "b.json", {**state, "colour_by": 3}))
    del state["colour_by"]
    assert load_session(written(tmp_path / "c.json", state)).state.colour_by == "class"
