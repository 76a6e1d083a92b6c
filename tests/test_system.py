"""Writing files so that nothing is lost."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from latentlab.system import write_atomic

KEEPS_AND_GIVES_BACK = """
import os, sys
from pathlib import Path
from latentlab.system import give_back_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

blocks = [bytearray(60_000) for _ in range(3_000)]
kept = bytearray(60_000)  # above them: so they cannot be given back from the end
del blocks
before = resident()
give_back_memory()
print(before - resident())
"""


# linecache keeps what was read of them.
READS_SOURCES = """
import linecache
import latentlab.ui.application
print([file for file in linecache.cache if "latentlab/ui" in file])
"""

COUNTS_THREADS = """
import os, sys
import latentlab.ui.application
print("numpy" in sys.modules, len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there")
def test_what_was_freed_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KEEPS_AND_GIVES_BACK], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 100e6


def test_the_window_is_imported_without_its_source_being_read() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READS_SOURCES], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted there")
def test_the_window_is_imported_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run(
        [sys.executable, "-c", COUNTS_THREADS], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "1"]


@pytest.fixture
def umask() -> int:
    """The mask of this process, which the fixture must set to read."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_content_replaces_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"old", b"", b"new and longer"):
        write_atomic(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="no umask")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_honours_the_umask(tmp_path: Path, umask: int, mask: int, mode: int) -> None:
    os.umask(mask)
    try:
        write_atomic(tmp_path / "file", b"content")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomic(tmp_path / "folder", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "missing" / "file", b"content")


@pytest.mark.skipif(sys.platform == "win32", reason="other limits on names")
def test_a_name_as_long_as_can_be(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_atomic(path, b"content")
    assert path.read_bytes() == b"content"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_a_link_to_itself_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    write_atomic(path, b"content")
    assert path.read_bytes() == b"content"
