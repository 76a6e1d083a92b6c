"""Images in a text file: a line each, its label and its pixels."""

import math
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair
from latentlab.data.reading import Reading
from latentlab.data.table import MAX_BYTES, pair_of, to_pixels
from latentlab.errors import InputError

_LONGEST = 1 << 20  # characters in a line
_LABELS = ("label", "class", "target", "y")


def open_csv(path: Path, reading: Reading | None = None) -> DataPair:
    """The images of a file of lines "label,pixel,pixel,…", separated by commas, semicolons or tabs.

    A first line of names is left out; it may say which column is the label (label, class, target,
    y). Else the first is, unless all of them together make a square. Raises InputError naming the
    line and the fault, and Cancelled.
    """
    try:
        with path.open(encoding="utf-8-sig", newline=None) as file:
            rows, labels = _read(path, file, path.stat().st_size, reading or Reading())
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text in UTF-8; save it as CSV.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions."
        ) from error
    return pair_of(path, (to_pixels(path, rows), labels), None)


def _read(
    path: Path, file: IO[str], size: int, reading: Reading
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.str_] | None]:
    rows: list[npt.NDArray[np.float32]] = []
    labels: list[str] = []
    separator, columns, label = ",", 0, -1
    passed = number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        passed += len(line)
        if len(line) > _LONGEST:
            raise InputError(
                f"{path} has more than {_LONGEST:,} characters in line {number}; give every image "
                "a line of its own."
            )
        if not line.strip():
            continue
        if not columns:
            separator = max(",;\t", key=line.count)
            parts = line.rstrip("\n").split(separator)
            columns, label = len(parts), _label_column(parts)
            if _is_heading(parts, label):
                continue
        parts = line.rstrip("\n").split(separator)
        if len(parts) != columns:
            held = f"{len(parts)} value{'s' if len(parts) > 1 else ''}"
            raise InputError(
                f"{path} has {held} in line {number} but {columns} before; give every line as many."
            )
        if label >= 0:
            labels.append(parts.pop(label).strip())
        try:
            rows.append(np.array(parts, np.float32))
        except ValueError as error:
            raise InputError(
                f"{path} has text in line {number} where pixels belong; keep numbers alone."
            ) from error
        if len(rows) * columns * 4 > MAX_BYTES:
            raise InputError(f"{path} holds more than 1 GiB of numbers; open a part of it.")
        if len(rows) % 64 == 0:
            reading.at(passed, max(size, passed))
    if not rows:
        raise InputError(f"{path} holds no line of numbers; use a whole copy.")
    return np.stack(rows), np.array(labels) if label >= 0 else None


def _label_column(parts: list[str]) -> int:
    names = [part.strip().strip('"').lower() for part in parts]
    named = next((names.index(name) for name in _LABELS if name in names), None)
    if named is not None:
        return named
    return -1 if math.isqrt(len(parts)) ** 2 == len(parts) else 0


def _is_heading(parts: list[str], label: int) -> bool:
    """Whether the first line has a pixel that is no number."""
    try:
        np.array([part for column, part in enumerate(parts) if column != label], np.float32)
    except ValueError:
        return True
    return False
