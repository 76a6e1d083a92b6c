import os
import struct
from pathlib import Path

import pytest

from latentlab.core.provenance import check_data
from latentlab.data.named import NAMES
from latentlab.data.open import open_data
from latentlab.errors import InputError


def make_folder(folder: Path) -> Path:
    folder.mkdir()
    content = struct.pack(">4B3I", 0, 0, 8, 3, 2, 1, 1) + b"\1\2"
    (folder / "train-images-idx3-ubyte").write_bytes(content)
    (folder / "t10k-images-idx3-ubyte").write_bytes(content)
    return folder


def test_a_bundled_name_is_the_bundled_set() -> None:
    assert len(open_data("mnist").train) == 10_000


def test_a_path_is_the_folder_there(tmp_path: Path) -> None:
    pair = open_data(str(make_folder(tmp_path / "mine")))
    assert pair.name == "mine"
    assert pair.train.images.ravel().tolist() == [1, 2]


def test_one_file_of_a_set_stands_for_all(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "mine")
    for name in ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"):
        pair = open_data(str(folder / name))
        assert pair.name == "mine"
        assert pair.train.images.ravel().tolist() == [1, 2]
    (folder / "notes-idx3-ubyte").write_bytes(b"")
    with pytest.raises(InputError, match="notes-idx3-ubyte is a file, not a folder"):
        open_data(str(folder / "notes-idx3-ubyte"))


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_name_of_many_letters_and_lines_is_one_that_can_be_shown(tmp_path: Path) -> None:
    pair = open_data(str(make_folder(tmp_path / f"two\nlines{'W' * 230}")))
    assert pair.train.name == pair.test.name == f"two lines{'W' * 191}"
    check_data({"name": pair.name})


def test_a_folder_does_not_hide_a_bundled_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(tmp_path / "mnist")
    monkeypatch.chdir(tmp_path)
    assert len(open_data("mnist").train) == 10_000
    assert len(open_data("./mnist").train) == 2


def test_a_folder_given_as_a_dot_has_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_folder(tmp_path / "mine"))
    assert open_data(".").name == "mine"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("MNIST-typo", "MNIST-typo does not exist"),
        ("a\0b", "not a path"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_what_is_no_data_is_refused_with_the_bundled_names(given: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_data(given)
    assert all(name in str(caught.value) for name in NAMES)
