"""Histories that must be refused."""

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from latentlab.core.history import FORMAT
from latentlab.core.spec import Architecture, Likelihood
from tests.bad_files.entry import BadFile

_METADATA: dict[str, Any] = {
    "format": FORMAT,
    "architecture": Architecture(hidden=(4,)).to_json(),
    "likelihood": Likelihood().to_json(),
    "data": {"name": "mnist", "sha256": "ab"},
}
_TENSORS: dict[str, Any] = {
    "steps": np.array([0, 5, 9]),
    "mu": np.zeros((3, 4, 2), np.float16),
    "logvar": np.zeros((3, 4, 2), np.float16),
    "weight_steps": np.array([0, 9]),
    "weights.decoder.0.bias": np.zeros((2, 4), np.float16),
    "rows.decoder.0.weight": np.ones(4, np.float32),
    "differences.decoder.0.weight": np.zeros((2, 2, 4, 2), np.uint8),
}
_WEIGHT = "decoder.0.weight"
_BOMB_BYTES = (1 << 28) + 1


def forge_history(
    text: str | None = None, check: int = lzma.CHECK_SHA256, **changes: np.ndarray | None
) -> bytes:
    """A history with this metadata; `changes` of its tensors, of which None leaves one out."""
    tensors = {n: array for n, array in (_TENSORS | changes).items() if array is not None}
    metadata = {"latentlab": json.dumps(_METADATA) if text is None else text}
    return lzma.compress(save(tensors, metadata=metadata), check=check)


def _metadata(**changes: Any) -> bytes:
    return forge_history(json.dumps(_METADATA | changes))


def make_histories(folder: Path) -> list[BadFile]:
    """Write bad histories into `folder`, which is made if it is not there, and list them."""
    folder.mkdir(parents=True, exist_ok=True)
    nan = np.full((3, 4, 2), np.nan, np.float16)
    files: dict[str, tuple[bytes, str]] = {
        "empty": (b"", "cut off"),
        "text": (b"once upon a time", "damaged, or not an xz file"),
        "cut": (forge_history()[:-20], "cut off"),
        "cut-inside": (
            lzma.compress(save(_TENSORS)[:-20], check=lzma.CHECK_SHA256),
            "not written by latentlab",
        ),
        "bomb": (lzma.compress(bytes(_BOMB_BYTES), check=lzma.CHECK_SHA256, preset=0), "larger"),
        "unchecked": (forge_history(check=lzma.CHECK_CRC32), "no SHA-256"),
        "no-tensors": (lzma.compress(b"{}", check=lzma.CHECK_SHA256), "not written by latentlab"),
        "foreign": (
            lzma.compress(save(_TENSORS), check=lzma.CHECK_SHA256),
            "not written by latentlab",
        ),
        "no-json": (forge_history("steps:"), "metadata is not JSON"),
        "deep": (forge_history("[" * 100_000), "metadata is not JSON"),
        "list": (forge_history("[]"), "its format is not"),
        "future": (_metadata(format=99), "its format is not"),
        "architecture": (_metadata(architecture={"hidden": "wide"}), "hidden"),
        "likelihood": (_metadata(likelihood=7), "likelihood"),
        "data": (_metadata(data={"name": 7}), "object of texts"),
        "no-steps": (forge_history(steps=None), "steps must be"),
        "falling": (forge_history(steps=np.array([0, 9, 5])), "steps must be"),
        "negative": (forge_history(weight_steps=np.array([-1, 9])), "weight_steps must be"),
        "no-moment": (forge_history(weight_steps=np.empty(0, np.int64)), "weight_steps must be"),
        "nan": (forge_history(mu=nan), "mu must be finite"),
        "too-few": (forge_history(logvar=np.zeros((2, 4, 2), np.float16)), "logvar must be"),
        "unlike": (forge_history(logvar=np.zeros((3, 5, 2), np.float16)), "not of the same"),
        "wide": (forge_history(mu=np.zeros((3, 4, 3), np.float16)), "mu must be"),
        "moments": (
            forge_history(**{"weights.decoder.0.bias": np.zeros((3, 4), np.float16)}),
            "for 2 moments",
        ),
        "no-rows": (forge_history(**{f"rows.{_WEIGHT}": None}), "not kept as latentlab"),
        "infinite-rows": (
            forge_history(
                **{
                    f"rows.{_WEIGHT}": np.full(4, np.inf, np.float32),
                    f"differences.{_WEIGHT}": np.ones((2, 2, 4, 2), np.uint8),
                }
            ),
            "must be finite",
        ),
        "one-plane": (
            forge_history(**{f"differences.{_WEIGHT}": np.zeros((1, 2, 4, 2), np.uint8)}),
            "not kept as latentlab",
        ),
    }
    made = []
    for name, (content, message) in files.items():
        path = folder / f"{name}.history.xz"
        path.write_bytes(content)
        made.append(BadFile(f"history-{name}", path, "history", message))
    (folder / "folder.history.xz").mkdir(exist_ok=True)
    missing = folder / "missing.history.xz"
    return [
        *made,
        BadFile("history-folder", folder / "folder.history.xz", "history", "not a regular file"),
        BadFile("history-missing", missing, "history", "cannot be read"),
    ]
