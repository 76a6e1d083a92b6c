"""Batches that are read from their file while another is trained on."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.data.stored import Whole, stored_images
from latentlab.errors import InputError
from latentlab.training.ahead import Ahead

IMAGES = np.random.default_rng(0).integers(0, 256, (500, 1, 8, 9), np.uint8)
# Of every second image of the file: an index is no number.
WHOLE = IMAGES[::2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "images").write_bytes(IMAGES.tobytes())
    return tmp_path / "images"


def reader(path: Path) -> Ahead:
    return Ahead(Whole(stored_images(path, 0, 500, (1, 8, 9)), np.arange(0, 500, 2)))


def test_what_was_expected_and_what_was_not(path: Path) -> None:
    ahead = reader(path)
    first, second = torch.tensor([7, 3, 249, 3]), torch.tensor([0, 1])
    np.testing.assert_array_equal(ahead.read(first), WHOLE[first])
    ahead.expect(first)
    np.testing.assert_array_equal(ahead.read(first), WHOLE[first])
    ahead.expect(first)
    np.testing.assert_array_equal(ahead.read(second), WHOLE[second])
    ahead.expect(first)
    ahead.expect(second)
    np.testing.assert_array_equal(ahead.read(second), WHOLE[second])


def test_a_file_that_changes_is_told_by_who_needs_it_and_is_tried_again(path: Path) -> None:
    ahead, some = reader(path), torch.arange(5)
    np.testing.assert_array_equal(ahead.read(some), WHOLE[:5])
    before = path.stat()
    os.truncate(path, 100)
    ahead.expect(some)
    with pytest.raises(InputError, match=r"was changed while it was open.*open it again\.$"):
        ahead.read(some)
    ahead.expect(some)
    path.write_bytes(IMAGES.tobytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    np.testing.assert_array_equal(ahead.read(some), WHOLE[:5])


def test_its_thread_ends_with_it(path: Path) -> None:
    def threads() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if "latentlab-reader" in each.name]

    ahead = reader(path)
    assert not threads(), "none before anything is expected"
    ahead.expect(torch.arange(5))
    (thread,) = threads()
    del ahead
    thread.join(10)
    assert not thread.is_alive()
