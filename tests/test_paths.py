"""Where the shipped files are."""

from pathlib import Path

import pytest

from latentlab import paths
from latentlab.errors import InputError


def test_an_autosave_beside_the_shipped_models_is_not_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path)
    for name in ("b-2d", "a-2d", "a-2d.autosave"):
        (tmp_path / f"{name}.safetensors").touch()
    assert list(paths.pretrained_models()) == ["a-2d", "b-2d"]
    with pytest.raises(InputError, match=r"neither a file nor a shipped model \(a-2d, b-2d\)"):
        paths.find_model("a-2d.autosave")
