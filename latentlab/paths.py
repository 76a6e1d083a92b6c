"""Where the shipped files are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _find(name: str) -> Path:
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


RESOURCES = _find("resources")
PRETRAINED = _find("pretrained")


def pretrained_models() -> dict[str, Path]:
    """Shipped models by name, in the order of their names."""
    return {path.stem: path for path in sorted(PRETRAINED.glob("*.safetensors"))}
