"""A profile given by a relative path stays where it was when the process goes elsewhere."""

from pathlib import Path

import pytest

from latentlab.app.profile import Preferences, Profile


def test_a_relative_profile_knows_its_own_autosaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    profile = Profile(Path("prof"))
    own = profile.autosave / "model.safetensors"
    # Names of models are absolute wherever they are kept.
    assert profile.is_autosave(own.absolute())
    assert profile.is_autosave(own)
    assert not profile.is_autosave(tmp_path / "prof" / "model.safetensors")


def test_a_relative_profile_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    profile = Profile(Path("prof"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    profile.remember(Preferences(theme="dark"))
    assert Profile(tmp_path / "prof").preferences.theme == "dark"
    assert not (elsewhere / "prof").exists()
