"""Arrays that are put away and come back as they were, and what room they take."""

import tracemalloc
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latentlab.app.archive import Archive, Copy
from tests.faults import full_disk

SHAPES = ((3,), (2, 5, 2))


def numbered(number: int, shape: tuple[int, ...] = (2, 5, 2)) -> np.ndarray:
    return np.random.default_rng(number).normal(size=shape).astype(np.float32)


@given(st.lists(st.tuples(st.sampled_from(["keep", "away", "drop"]), st.integers(0, 50))))
def test_every_copy_is_what_it_was_whatever_becomes_of_others(
    tmp_path_factory, acts: list[tuple[str, int]]
) -> None:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    copies: list[tuple[int, tuple[int, ...], Copy]] = []
    for number, (act, which) in enumerate(acts):
        if act == "keep":
            shape = SHAPES[which % len(SHAPES)]
            copies.append((number, shape, archive.keep(numbered(number, shape))))
        elif copies and act == "away":
            archive.put_away(copies[which % len(copies)][2])
        elif copies:
            del copies[which % len(copies)]
        for made, shape, copy in copies:
            np.testing.assert_array_equal(copy.read(), numbered(made, shape))


def test_what_is_read_is_the_readers_own(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    copy = archive.keep(numbered(1))
    for _ in ("in memory", "on disk"):
        copy.read()[:] = 7
        np.testing.assert_array_equal(copy.read(), numbered(1))
        archive.put_away(copy)
    assert copy.on_disk


def test_the_file_is_gone_with_its_copies_and_never_had_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "not yet there"
    archive = Archive(folder)
    copy = archive.keep(numbered(1))
    assert not folder.exists()
    archive.put_away(copy)
    assert list(folder.iterdir()) == []
    del archive
    np.testing.assert_array_equal(copy.read(), numbered(1))


def test_room_is_used_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    array = np.zeros((2, 10_000, 2), np.float32)
    newest: list[Copy] = []
    tracemalloc.start()
    try:
        for number in range(300):
            array[:] = number
            newest.append(archive.keep(array))
            archive.put_away(newest[0])
            del newest[:-20]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Of 300 copies 47 MB, of which the 21 there are at once take 3.
    assert peak < 12e6
    assert [int(copy.read().max()) for copy in newest] == list(range(280, 300))


def test_a_full_disk_is_told_once_and_nothing_is_lost(tmp_path: Path) -> None:
    told: list[OSError] = []
    archive = Archive(tmp_path, told.append)
    copies = [archive.keep(numbered(number)) for number in range(6)]
    archive.put_away(copies[0])
    # A file may still grow by half a copy, so that a part of it is written.
    with full_disk(room=copies[0].size * 3 // 2):
        for copy in copies[1:3]:
            archive.put_away(copy)
        assert not archive.has_disk
    assert len(told) == 1
    assert told[0].strerror
    assert [copy.on_disk for copy in copies] == [True, *[False] * 5]
    archive.put_away(copies[3])
    assert archive.has_disk
    assert copies[3].on_disk
    for number, copy in enumerate(copies):
        np.testing.assert_array_equal(copy.read(), numbered(number))


def test_a_folder_that_cannot_be_is_told_of(tmp_path: Path) -> None:
    told: list[OSError] = []
    (tmp_path / "file").touch()
    archive = Archive(tmp_path / "file" / "in it", told.append)
    copy = archive.keep(numbered(1))
    archive.put_away(copy)
    assert len(told) == 1
    np.testing.assert_array_equal(copy.read(), numbered(1))


def test_without_a_disk_all_stays_in_memory() -> None:
    archive = Archive()
    copy = archive.keep(numbered(1))
    archive.put_away(copy)
    assert not copy.on_disk
    np.testing.assert_array_equal(copy.read(), numbered(1))
