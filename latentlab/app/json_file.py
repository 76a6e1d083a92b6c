"""Reading a small JSON file that anybody may have written."""

import json
import stat
from pathlib import Path
from typing import Any

from latentlab.errors import InputError

_MAX_BYTES = 1 << 20


def read_json(path: Path) -> Any:
    """The value in the file, which may have 1 MB.

    Raises OSError, or InputError with the fault alone, such as "it is not JSON": only the caller
    knows what the file is for.
    """
    # Opening a pipe would wait for whoever writes to it; a device may never end.
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputError("it is not a regular file")
    with path.open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise InputError("it is too large (over 1 MB)")
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError("it is not JSON") from error
