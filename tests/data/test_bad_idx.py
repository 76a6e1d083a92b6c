"""Every data exhibit of the museum is refused with one sentence that names it."""

import os
import re
import struct
import sys
from pathlib import Path

import pytest

from latentlab.data.open import open_data
from latentlab.errors import InputError
from tests.bad_files.entry import BadFile
from tests.bad_files.idx import NAMES, make_idx


@pytest.fixture(scope="module")
def museum(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BadFile]:
    return {bad.name: bad for bad in make_idx(tmp_path_factory.mktemp("museum"))}


@pytest.mark.parametrize("name", NAMES)
def test_is_refused_with_one_sentence(museum: dict[str, BadFile], name: str) -> None:
    bad = museum[name]
    with pytest.raises(InputError) as caught:
        open_data(str(bad.path))
    sentence = str(caught.value)
    assert re.search(bad.message, sentence)
    assert str(bad.path) in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence
    assert bad.kind == "data"


def test_every_exhibit_is_shown(museum: dict[str, BadFile]) -> None:
    assert sorted(museum) == sorted(NAMES)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train-images-idx3-ubyte")
    with pytest.raises(InputError, match="not a regular file"):
        open_data(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions bind neither")
def test_a_file_one_may_not_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, 2, 1, 1) + b"\1\2")
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        open_data(str(tmp_path))
