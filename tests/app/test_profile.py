"""A profile remembers, forgives a broken file, and finds what a crash left, and only that."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latentlab.app.profile import RECENT, Preferences, Profile
from tests.check import ROOT

SECONDS = 30

# As latentlab does it: a session in the profile's own folder.
AUTOSAVE = """
import sys
from pathlib import Path
from latentlab.app.profile import Profile
profile = Profile(Path(sys.argv[1]))
profile.autosave.mkdir(parents=True)
(profile.autosave / "session.json").write_text(sys.argv[2])
(profile.autosave / "model.safetensors").write_text("weights")
print("saved", flush=True)
"""
CRASH = AUTOSAVE + "import os; os._exit(1)"
LIVE = AUTOSAVE + "sys.stdin.read()"


def run(code: str, *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "saved\n"
    return process


def crash(folder: Path, content: str = "{}") -> Path:
    """An autosave of a process that is gone."""
    with run(CRASH, str(folder), content) as process:
        process.wait(SECONDS)
    (session,) = (
        path for path in folder.glob("autosave/*/session.json") if path.read_text() == content
    )
    return session


@pytest.fixture
def living(tmp_path: Path) -> Generator[str]:
    """What another window, still open, has autosaved."""
    with run(LIVE, str(tmp_path), "of the living") as process:
        yield "of the living"
        assert process.stdin is not None
        process.stdin.close()
        process.wait(SECONDS)


# --- preferences ---------------------------------------------------------------------------------


def test_a_new_profile_has_defaults_and_writes_nothing(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "new")
    assert profile.preferences == Preferences()
    assert profile.crashed_autosave() is None
    assert not (tmp_path / "new").exists()


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=30)
@given(
    st.builds(
        Preferences,
        theme=words,
        geometry=words,
        last_model=words,
        last_data=words,
        recent=st.lists(words, max_size=RECENT).map(tuple),
        device=st.sampled_from(["cpu", "cuda", "mps"]),
        precision=st.sampled_from(["auto", "float32", "bfloat16"]),
    )
)
def test_preferences_survive_a_restart(
    tmp_path_factory: pytest.TempPathFactory, preferences: Preferences
) -> None:
    folder = tmp_path_factory.mktemp("profile")
    Profile(folder).remember(preferences)
    assert Profile(folder).preferences == preferences


def test_paths_no_unicode_can_spell_survive_too(tmp_path: Path) -> None:
    odd = os.fsdecode(b"/home/ren\xe9/model.safetensors")
    Profile(tmp_path).remember(Preferences(last_model=odd).with_recent(odd))
    assert Profile(tmp_path).preferences == Preferences(last_model=odd, recent=(odd,))


def test_recent_models_are_few_and_each_is_there_once() -> None:
    preferences = Preferences()
    for number in range(RECENT + 3):
        preferences = preferences.with_recent(f"model {number}")
    assert preferences.recent == tuple(f"model {n}" for n in range(RECENT + 2, 2, -1))
    again = preferences.with_recent("model 5")
    assert again.recent[0] == "model 5"
    assert sorted(again.recent) == sorted(preferences.recent)


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"theme = dark",
    "not-utf-8": b'{"theme": "\xff\xfe"}',
    "list": b"[1, 2]",
    "number": b"7",
    "null": b"null",
    "bomb": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "digits": b'{"theme": 1' + b"0" * 9_999 + b"}",
    "cut": b'{"theme": "dark", "rec',
    "huge": b'{"theme": "' + b"x" * (2 << 20) + b'"}',
    "wrong-types": b'{"theme": 1, "geometry": [], "last_model": null, "recent": {"0": "x"}}',
    "numbers-among-recent": b'{"recent": [1, null, ["x"]]}',
    "unknown-device": b'{"device": "tpu", "precision": "int3"}',
    "typed-device": b'{"device": ["cpu"], "precision": true}',
    "unknown": b'{"run": "rm -rf /", "__class__": "Profile"}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_defaults(tmp_path: Path, name: str) -> None:
    (tmp_path / "preferences.json").write_bytes(BROKEN[name])
    profile = Profile(tmp_path)
    assert profile.preferences == Preferences()
    profile.remember(Preferences(theme="dark"))
    assert Profile(tmp_path).preferences == Preferences(theme="dark")


def test_what_is_good_of_a_half_broken_file_is_kept(tmp_path: Path) -> None:
    content = {"theme": "dark", "geometry": 7, "recent": ["a", 3, *"bcdefghijk"]}
    (tmp_path / "preferences.json").write_text(json.dumps(content))
    preferences = Profile(tmp_path).preferences
    assert preferences == Preferences(theme="dark", recent=tuple("abcdefgh"))


def test_a_folder_or_a_pipe_of_that_name_gives_defaults(tmp_path: Path) -> None:
    (tmp_path / "one" / "preferences.json").mkdir(parents=True)
    assert Profile(tmp_path / "one").preferences == Preferences()
    if hasattr(os, "mkfifo"):
        (tmp_path / "two").mkdir()
        os.mkfifo(tmp_path / "two" / "preferences.json")
        assert Profile(tmp_path / "two").preferences == Preferences()


def test_a_folder_that_cannot_be_made_does_not_matter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    profile = Profile(tmp_path / "file" / "profile")
    profile.remember(Preferences(theme="dark"))
    assert profile.preferences.theme == "dark"
    assert "could not be written" in caplog.text
    assert profile.crashed_autosave() is None
    profile.discard_autosave()


@pytest.mark.skipif(sys.platform == "win32", reason="folders there have no such permission")
def test_a_read_only_folder_does_not_matter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = crash(tmp_path)
    Profile(tmp_path).remember(Preferences(theme="light"))
    folders = (tmp_path, session.parent)
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write anywhere")
        profile = Profile(tmp_path)
        profile.remember(Preferences(theme="dark"))
        assert profile.crashed_autosave() == session
        profile.discard_autosave(session)
        assert session.exists()
        assert Profile(tmp_path).preferences.theme == "light"
        assert "could not be" in caplog.text
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)


# --- autosaves -----------------------------------------------------------------------------------


def test_what_a_crash_left_is_found(tmp_path: Path) -> None:
    session = crash(tmp_path, "of the dead")
    assert Profile(tmp_path).crashed_autosave() == session


def test_of_several_the_newest_is_found(tmp_path: Path) -> None:
    sessions = [crash(tmp_path, content) for content in ("first", "second", "third")]
    for session, age in zip(sessions, (100, 300, 200), strict=True):
        os.utime(session, (age, age))
    assert Profile(tmp_path).crashed_autosave() == sessions[1]


def test_what_another_window_saves_is_its_own(tmp_path: Path, living: str) -> None:
    profile = Profile(tmp_path)
    assert profile.crashed_autosave() is None
    session = crash(tmp_path, "of the dead")
    assert profile.crashed_autosave() == session


def test_what_this_window_saves_is_no_crash(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.autosave.mkdir(parents=True)
    (profile.autosave / "session.json").write_text("{}")
    assert profile.crashed_autosave() is None


def test_a_crash_under_the_number_of_this_process_is_found(tmp_path: Path) -> None:
    """In a container every start has the same number."""
    before = Profile(tmp_path)
    before.autosave.mkdir(parents=True)
    session = before.autosave / "session.json"
    session.write_text("{}")
    assert before.autosave.name.startswith(str(os.getpid()))
    after = Profile(tmp_path)
    assert after.crashed_autosave() == session
    after.discard_autosave()
    assert after.crashed_autosave() == session


def test_a_model_without_its_session_is_no_autosave(tmp_path: Path) -> None:
    session = crash(tmp_path)
    session.unlink()
    assert Profile(tmp_path).crashed_autosave() is None


@pytest.mark.parametrize("name", ["9" * 30, "-1", "1e3", "٣", "..x", "1-zz", "latest"])
def test_folders_with_other_names_are_not_looked_at(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "autosave" / name
    folder.mkdir(parents=True)
    (folder / "session.json").write_text("{}")
    assert Profile(tmp_path).crashed_autosave() is None


def test_an_autosave_is_discarded_and_nothing_else(tmp_path: Path, living: str) -> None:
    doomed, other = crash(tmp_path, "doomed"), crash(tmp_path, "other")
    profile = Profile(tmp_path)
    profile.autosave.mkdir(parents=True)
    (profile.autosave / "session.json").write_text("own")
    profile.remember(Preferences(theme="dark"))
    profile.discard_autosave(doomed)
    assert not doomed.parent.exists()
    profile.discard_autosave()
    assert not profile.autosave.exists()
    left = {path.read_text() for path in tmp_path.glob("autosave/*/session.json")}
    assert left == {"other", living}
    assert (other.parent / "model.safetensors").exists()
    assert Profile(tmp_path).preferences.theme == "dark"


def test_discarding_what_is_gone_is_nothing(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    session = crash(tmp_path)
    profile.discard_autosave(session)
    profile.discard_autosave(session)
    profile.discard_autosave()
    assert profile.crashed_autosave() is None


def test_only_autosaves_are_discarded(tmp_path: Path) -> None:
    """A session that lies elsewhere has neighbours that are the user's."""
    session, thesis = tmp_path / "work" / "session.json", tmp_path / "work" / "thesis.tex"
    session.parent.mkdir()
    session.write_text("{}")
    thesis.write_text("years")
    with pytest.raises(ValueError, match="not an autosave"):
        Profile(tmp_path / "profile").discard_autosave(session)
    assert thesis.read_text() == "years"
    assert session.exists()
