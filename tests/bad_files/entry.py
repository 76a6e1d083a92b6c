"""What the museum knows of one bad file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class BadFile:
    """One exhibit.

    name: unique, what is wrong with it in a few words (a test's id). path: what a user would
    give (for data the folder or file, else the file). kind: how it would be opened.
    message: a regular expression found (`re.search`) in the sentence of the InputError.
    """

    name: str
    path: Path
    kind: Literal["data", "model", "photo", "foreign", "onnx", "session", "history"]
    message: str
