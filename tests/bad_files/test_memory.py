"""Whatever a file declares, to refuse it takes little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latentlab.data.image_folder import open_image_folder, preview
from latentlab.data.image_list import list_images
from latentlab.data.reading import Cancelled, Reading
from tests.bad_files.pictures import encoded
from tests.bad_files.test_museum import OPENS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="/proc says how much memory it took"
)
_MIB = 1 << 20
_UNPACKED = 256 * _MIB  # what a history may unfold to; twice, since its buffer doubles


def test_no_bad_file_takes_much_memory(tmp_path: Path) -> None:
    """Declared are up to terabytes: by arrays, tensors, pictures, archives that unfold."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bad_files.peak", str(tmp_path / "museum")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    taken = json.loads(done.stdout)
    assert len(taken) > 300
    assert {name.partition("-")[0] for name in taken} >= {*OPENS} - {"data"}
    assert taken.pop("history-bomb") < 2.5 * _UNPACKED
    assert {name: size for name, size in taken.items() if size > 32 * _MIB} == {}


class Seen(Reading):
    """Has seen enough after 300 files."""

    def at(self, done: int, total: int) -> None:
        if done >= 300:
            self.cancel()
        super().at(done, total)


def test_a_folder_of_100_000_pictures_is_listed_shown_and_read_until_cancelled(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    for name in ("a", "b", "猫", "ضوء"):
        folder = tmp_path / "many" / name
        folder.mkdir(parents=True)
        first = folder / "00000.png"
        first.write_bytes(encoded(rng.integers(0, 256, (9, 9), np.uint8)))
        for number in range(1, 25_000):
            os.link(first, folder / f"{number:05}.png")
    assert len(list_images(tmp_path / "many").files) == 100_000
    shown = preview(tmp_path / "many")
    assert (shown.count, len(shown.before)) == (100_000, 6)
    reading = Seen()
    with pytest.raises(Cancelled):
        open_image_folder(tmp_path / "many", reading=reading)
    assert (reading.done, reading.total) == (300, 100_000)
