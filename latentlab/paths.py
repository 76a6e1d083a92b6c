"""Where the shipped files are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

from latentlab.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def _find(name: str) -> Path:
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


RESOURCES = _find("resources")
PRETRAINED = _find("pretrained")


def pretrained_models() -> dict[str, Path]:
    """Shipped models by name, in the order of their names; an autosave of one is none."""
    found = sorted(PRETRAINED.glob("*.safetensors"))
    return {path.stem: path for path in found if "." not in path.stem}


def find_model(name_or_path: str) -> Path:
    """The file of a shipped model's name, or else the path. Raises InputError if neither is."""
    shipped = pretrained_models()
    if name_or_path in shipped:
        return shipped[name_or_path]
    path = Path(name_or_path)
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{name_or_path[:80]} is no path to a model: {reason}.") from error
    if not exists:
        names = ", ".join(shipped) or "none is installed"
        raise InputError(f"{name_or_path} is neither a file nor a shipped model ({names}).")
    return path
