"""MODEL on the command line: a path, or the name of a shipped model."""

from pathlib import Path

from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.errors import InputError
from latentlab.paths import pretrained_models


def find_model(name_or_path: str) -> Path:
    """The file of a shipped model's name, or else the path. Raises InputError if neither is."""
    shipped = pretrained_models()
    if name_or_path in shipped:
        return shipped[name_or_path]
    path = Path(name_or_path)
    if not path.exists():
        raise InputError(
            f"{name_or_path} is neither a file nor a shipped model "
            f"({', '.join(shipped) or 'none is installed'})."
        )
    return path


def open_model(name_or_path: str) -> Checkpoint:
    """Load it. Raises InputError."""
    return load_checkpoint(find_model(name_or_path))
