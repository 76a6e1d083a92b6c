"""Makes the whole museum: `python -m tests.bad_files.make FOLDER`."""

import sys
from pathlib import Path

from tests.bad_files.arrays import make_arrays
from tests.bad_files.checkpoints import make_checkpoints
from tests.bad_files.entry import BadFile
from tests.bad_files.foreign import make_foreign
from tests.bad_files.histories import make_histories
from tests.bad_files.idx import make_idx
from tests.bad_files.onnx_models import make_onnx
from tests.bad_files.photos import make_photos
from tests.bad_files.pictures import make_pictures
from tests.bad_files.sessions import make_sessions


def make_all(folder: Path) -> list[BadFile]:
    """Write every bad file under `folder`, which is made if it is not there, and list them."""
    return [
        *make_idx(folder / "data"),
        *make_pictures(folder / "pictures"),
        *make_photos(folder / "photos"),
        *make_arrays(folder / "arrays"),
        *make_checkpoints(folder / "models"),
        *make_foreign(folder / "foreign"),
        *make_onnx(folder / "onnx"),
        *make_sessions(folder / "sessions"),
        *make_histories(folder / "histories"),
    ]


if __name__ == "__main__":
    for made in make_all(Path(sys.argv[1])):
        print(f"{made.kind}  {made.path}  {made.message}")
