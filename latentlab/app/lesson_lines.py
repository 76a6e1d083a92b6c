"""A derivation's lines as they are written, read from TOML: text apart from code, as in pages."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from latentlab.errors import InputError


@dataclass(frozen=True, slots=True)
class Side:
    """What is worked out beside a line. value: the name of what it comes to."""

    formula: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line. formula: its name in resources/formulas/. why: Markdown, as in a page's text.

    Where the derivation has them: title; value, the name of what it comes to; sides, and enters,
    which says where in the line these go.
    """

    formula: str
    why: str
    title: str = ""
    value: str = ""
    sides: tuple[Side, ...] = ()
    enters: str = ""


def read_lines(path: Path) -> tuple[Line, ...]:
    """The lines of a file of [[line]] tables, each with `formula` and `why`.

    A line may have `title`, `value`, `enters`, and [[line.side]] tables with `formula` and `value`.
    Raises InputError for a file that is not like that.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["line"]
        return tuple(map(_line, tables))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path.name} has no lines of a derivation: {error}.") from error


def _line(table: dict[str, Any]) -> Line:
    sides = (Side(str(side["formula"]), str(side["value"])) for side in table.get("side", ()))
    optional = {name: str(table.get(name, "")) for name in ("title", "value", "enters")}
    return Line(str(table["formula"]), str(table["why"]), sides=tuple(sides), **optional)
