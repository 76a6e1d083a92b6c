"""Models in files: one safetensors file with JSON metadata and a SHA-256 over both.

Nothing in a file is executed, and torch is not needed to read one.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.errors import InputError
from latentlab.system import write_atomic

FORMAT = 1
MAX_BYTES = 2 << 30
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """A model, and what is known of how it came to be.

    parameters: the network's float32 tensors by name. optimizer: its optimiser's, or empty.
    cloud: "mu" and "logvar", each (N, K) float32, of the training images of `data`, or empty: what
    a window paints before the network is ready. curves: arrays of the training history, or empty.
    data: name, sha256 and n of the training set. training: seed, steps, epochs, learning_rate,
    batch_size, seconds and marks, as far as known.
    """

    architecture: Architecture
    likelihood: Likelihood
    weights: LossWeights
    parameters: Mapping[str, Array]
    optimizer: Mapping[str, Array] = field(default_factory=dict)
    cloud: Mapping[str, Array] = field(default_factory=dict)
    curves: Mapping[str, Array] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


_GROUPS = ("parameters", "optimizer", "cloud", "curves")


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write `checkpoint` to `path` atomically. Raises OSError; then `path` is as it was."""
    tensors = {
        f"{group}.{name}": np.ascontiguousarray(array)
        for group in _GROUPS
        for name, array in getattr(checkpoint, group).items()
    }
    metadata = {
        "format": FORMAT,
        "architecture": checkpoint.architecture.to_json(),
        "likelihood": checkpoint.likelihood.to_json(),
        "weights": checkpoint.weights.to_json(),
        "data": dict(checkpoint.data),
        "training": dict(checkpoint.training),
    }
    text = json.dumps(metadata, sort_keys=True)
    header = {"latentlab": text, "sha256": _sha256(text, tensors)}
    write_atomic(path, save(tensors, metadata=header))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a model saved by `save_checkpoint`. Raises InputError naming the file and the fault.

    The shapes of `parameters` are those in the file; the network checks them when it takes them.
    """
    header, tensors = _read(path)
    text = header.get("latentlab")
    if text is None:
        raise InputError(
            f"{path} is a safetensors file but not a latentlab model: it has no latentlab metadata."
        )
    if header.get("sha256") != _sha256(text, tensors):
        raise InputError(
            f"{path} is damaged: its SHA-256 does not match its content. Use another copy."
        )
    groups: dict[str, dict[str, Array]] = {group: {} for group in _GROUPS}
    for name, array in tensors.items():
        group, _, rest = name.partition(".")
        if group in groups:
            groups[group][rest] = array
    try:
        metadata = json.loads(text)
        if metadata.get("format") != FORMAT:
            raise InputError(f"format {metadata.get('format')!r} is not {FORMAT}")
        checkpoint = Checkpoint(
            architecture=Architecture.from_json(metadata.get("architecture")),
            likelihood=Likelihood.from_json(metadata.get("likelihood")),
            weights=LossWeights.from_json(metadata.get("weights")),
            data=_mapping(metadata, "data"),
            training=_mapping(metadata, "training"),
            **groups,
        )
        _check_values(checkpoint)
    except (InputError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} cannot be used: {error}.") from error
    return checkpoint


def _read(path: Path) -> tuple[dict[str, str], dict[str, Array]]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path} is {size / 1e9:.1f} GB; models of up to 2 GB can be opened.")
        with path.open("rb") as file:
            _refuse_foreign(path, file.read(8))
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            for name in file.keys():  # noqa: SIM118 (not a mapping)
                described = file.get_slice(name)
                if described.get_dtype() not in ("F32", "F64", "I64"):
                    raise InputError(
                        f"{path} cannot be used: tensor {name} has type {described.get_dtype()}, "
                        "not F32, F64 or I64."
                    )
            return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder, not a model file.") from error
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except SafetensorError as error:
        raise InputError(
            f"{path} is not a whole safetensors file ({error}). Use another copy."
        ) from error


def _refuse_foreign(path: Path, start: bytes) -> None:
    if not start:
        raise InputError(f"{path} is empty.")
    if start.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")):
        raise InputError(
            f"{path} is a pickle or a PyTorch archive, which can run code when it is opened; "
            "only latentlab's .safetensors models are opened."
        )


def _mapping(metadata: dict[str, Any], name: str) -> dict[str, Any]:
    value = metadata.get(name)
    if not isinstance(value, dict):
        raise InputError(f"{name} must be an object")
    return value


def _check_values(checkpoint: Checkpoint) -> None:
    for name, array in checkpoint.parameters.items():
        if array.dtype != np.float32:
            raise InputError(f"parameter {name} has type {array.dtype}, not float32")
        if not np.isfinite(array).all():
            raise InputError(f"parameter {name} holds values that are not finite")
    if checkpoint.cloud:
        shapes = {checkpoint.cloud[name].shape for name in checkpoint.cloud}
        shape = next(iter(shapes))
        if (
            set(checkpoint.cloud) != {"mu", "logvar"}
            or len(shapes) != 1
            or len(shape) != 2
            or shape[1] != checkpoint.architecture.latent_dim
            or not all(np.isfinite(array).all() for array in checkpoint.cloud.values())
        ):
            raise InputError("the stored posteriors are not two finite (N, K) arrays")


def check_shapes(
    name: str, found: Mapping[str, Array], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise InputError unless `found` has just the tensors of `expected`, each in its shape."""
    for key in sorted(set(found) | set(expected)):
        if key not in found:
            raise InputError(f"{name} {key} is missing")
        if key not in expected:
            raise InputError(f"{name} {key} does not belong to this architecture")
        if tuple(found[key].shape) != expected[key]:
            raise InputError(
                f"{name} {key} has shape {tuple(found[key].shape)}, "
                f"but this architecture needs {expected[key]}"
            )


def _sha256(text: str, tensors: Mapping[str, Array]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"\n{name} {array.dtype.str} {array.shape} {math.prod(array.shape)}\n".encode())
        digest.update(array.data)
    return digest.hexdigest()
