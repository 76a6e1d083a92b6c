"""Images or vectors in a text file: a line each, its label and its values."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair, shown_name
from latentlab.data.reading import Reading
from latentlab.data.table import MAX_BYTES, could_be_images, rows_pair
from latentlab.data.vectors import Kind, kind_of
from latentlab.errors import InputError

_LONGEST = 1 << 20  # characters in a line
_LABELS = ("label", "class", "target", "y")


def open_csv(path: Path, reading: Reading | None = None, kind: Kind | None = None) -> DataPair:
    """The images or vectors of a file of lines separated by commas, semicolons or tabs.

    A first line of names may say which column is the label (label, class, target, y). Else, of
    images, "label,pixel,pixel,…", the first column is, unless all of them together make a square;
    of vectors the one column that holds text, if any. Lines are vectors if `kind` says so or they
    are no square images; their columns' names are kept. Raises InputError naming the line and the
    fault, and Cancelled.
    """
    reading = reading or Reading()
    try:
        with path.open(encoding="utf-8-sig", newline=None) as file:
            table = _read(path, file, path.stat().st_size, reading, kind)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text in UTF-8; save it as CSV.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions."
        ) from error
    square = table.kind == "image"
    found = kind_of(path, table.rows, kind, square=square, asks=reading.asks)
    if square and found == "vector" and kind is None:
        return open_csv(path, reading, "vector")  # its label may be another column
    return rows_pair(path, (table.rows, table.labels), None, found, table.names)


@dataclass(frozen=True, eq=False)
class _Table:
    """kind: what the lines were read as. names: of the columns that are no label, or ()."""

    rows: npt.NDArray[np.float32]
    labels: npt.NDArray[np.str_] | None
    names: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class _Layout:
    """What the first lines say of all. label: its column, or −1. heading: the names, if any."""

    columns: int
    label: int
    heading: list[str]
    kind: Kind

    @property
    def names(self) -> tuple[str, ...]:
        named = [name for column, name in enumerate(self.heading) if column != self.label]
        return tuple(shown_name(name.strip().strip('"')) for name in named)


def _read(path: Path, file: IO[str], size: int, reading: Reading, kind: Kind | None) -> _Table:
    rows: list[npt.NDArray[np.float32]] = []
    labels: list[str] = []
    heading: list[str] = []
    separator, layout = "", None
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
        separator = separator or max(",;\t", key=line.count)
        parts = line.rstrip("\n").split(separator)
        if not heading and layout is None and _is_heading(parts):
            heading = parts
            continue
        layout = layout or _layout(heading or parts, parts, kind, headed=bool(heading))
        if len(parts) != layout.columns:
            held = f"{len(parts)} value{'s' if len(parts) > 1 else ''}"
            raise InputError(
                f"{path} has {held} in line {number} but {layout.columns} before; give every line "
                "as many."
            )
        if layout.label >= 0:
            labels.append(parts.pop(layout.label).strip().strip('"'))
        rows.append(_numbers(path, parts, number, layout))
        if len(rows) * layout.columns * 4 > MAX_BYTES:
            raise InputError(f"{path} holds more than 1 GiB of numbers; open a part of it.")
        if len(rows) % 64 == 0:
            reading.at(passed, max(size, passed))
    if layout is None:
        raise InputError(f"{path} holds no line of numbers; use a whole copy.")
    own = np.array(labels) if layout.label >= 0 else None
    return _Table(np.stack(rows), own, layout.names, layout.kind)


def _numbers(path: Path, parts: list[str], number: int, layout: _Layout) -> npt.NDArray[np.float32]:
    try:
        return np.array(parts, np.float32)
    except ValueError as error:
        what = "pixels belong" if layout.kind == "image" else "numbers belong"
        raise InputError(
            f"{path} has text in line {number} where {what}; keep numbers alone."
        ) from error


def _layout(first: list[str], data: list[str], kind: Kind | None, *, headed: bool) -> _Layout:
    """From the first line, and the first of numbers, which may be the same."""
    columns, heading = len(first), first if headed else []
    named = _named_label(first) if headed else -1
    if kind != "vector":
        label = named
        if label < 0:
            label = -1 if math.isqrt(columns) ** 2 == columns else 0
        if kind == "image" or could_be_images((1, columns - (label >= 0))):
            return _Layout(columns, label, heading, "image")
    text = [column for column, part in enumerate(data) if not _is_number(part)]
    label = named if named >= 0 else text[0] if len(text) == 1 else -1
    return _Layout(columns, label, heading, "vector")


def _named_label(names: list[str]) -> int:
    plain = [name.strip().strip('"').lower() for name in names]
    return next((plain.index(name) for name in _LABELS if name in plain), -1)


def _is_heading(parts: list[str]) -> bool:
    """Whether a line is of names: it has a label's, or more than one text."""
    return _named_label(parts) >= 0 or sum(not _is_number(part) for part in parts) > 1


def _is_number(part: str) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True
