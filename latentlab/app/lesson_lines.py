"""A derivation's lines as they are written, read from TOML: text apart from code, as in pages."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from latentlab.errors import InputError


@dataclass(frozen=True, slots=True)
class Line:
    """One line. formula: its name in resources/formulas/. why: Markdown, as in a page's text."""

    formula: str
    why: str


def read_lines(path: Path) -> tuple[Line, ...]:
    """The lines of a file of [[line]] tables, each with `formula` and `why`.

    Raises InputError for a file that is not like that.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["line"]
        return tuple(Line(str(table["formula"]), str(table["why"])) for table in tables)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path.name} has no lines of a derivation: {error}.") from error
