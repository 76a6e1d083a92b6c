"""Models in files: one safetensors file with JSON metadata and a SHA-256 over both.

Nothing in a file is executed, and torch is not needed to read one.
"""

import hashlib
import json
import math
import stat
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from latentlab.core.provenance import check_data, check_training
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.errors import ForeignModelError, InputError
from latentlab.system import write_atomic

FORMAT = 1
MAX_BYTES = 2 << 30
Array = npt.NDArray[Any]

# What safetensors allows a file's header.
_MAX_HEADER = 100_000_000

# Characters of a foreign text in a message.
_MAX_SHOWN = 120

# NumPy's and safetensors' names of the types a model may hold.
_DTYPES = {"<f2": "F16", "<f4": "F32", "<f8": "F64", "<i8": "I64"}


@dataclass(frozen=True)
class Checkpoint:
    """A model, and what is known of how it came to be.

    parameters: the network's float32 tensors by name. optimizer: its optimiser's, or empty.
    cloud: "mu" and "logvar", each (N, K) float32, of the training images of `data`, or empty: what
    a window paints before the network is ready. curves: arrays of the training history, or empty.
    progress: what else a run needs to go on just where it stopped (random numbers, the rest of the
    epoch, the state of a plan), or empty.
    data: name, sha256 and n of the training set, and cloud_sha256 of the set whose posteriors are
    stored (a shipped model is trained on more images than are shipped); of a set larger than memory
    both hashes are of a sample of so many images: sample. training: seed, steps, epochs,
    learning_rate, weight_decay, batch_size, seconds and marks, as far as known, and weights_step
    where that is not steps.
    """

    architecture: Architecture
    likelihood: Likelihood
    weights: LossWeights
    parameters: Mapping[str, Array]
    optimizer: Mapping[str, Array] = field(default_factory=dict)
    cloud: Mapping[str, Array] = field(default_factory=dict)
    curves: Mapping[str, Array] = field(default_factory=dict)
    progress: Mapping[str, Array] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weights_step(self) -> int:
        """The step whose weights these are: the last, unless earlier ones were kept; 0 unknown."""
        return int(self.training.get("weights_step", self.training.get("steps", 0)))


_GROUPS = ("parameters", "optimizer", "cloud", "curves", "progress")


def save_checkpoint(checkpoint: Checkpoint, path: Path, *, half: bool = False) -> None:
    """Write `checkpoint` to `path` atomically; with `half`, its parameters in half precision.

    Raises OSError, or InputError when the model could not be opened again (weights that are not
    finite, more than 2 GB); then `path` is as it was. Tensors are float32, float64 or int64.
    """
    for name, array in _named(checkpoint).items():
        if array.dtype.str not in _DTYPES or array.dtype == np.float16:
            raise ValueError(f"tensor {name} has type {array.dtype}, which is not for models")
    if half:
        with np.errstate(over="ignore"):  # what becomes infinite is refused below
            halved = {n: array.astype(np.float16) for n, array in checkpoint.parameters.items()}
        checkpoint = replace(checkpoint, parameters=halved)
    named = _named(checkpoint)
    try:
        _check_values(checkpoint)
        size = sum(array.nbytes for array in named.values())
        if size > MAX_BYTES:
            raise InputError(f"it is {size / 1e9:.1f} GB, and models may have up to 2 GB")
    except InputError as error:
        raise InputError(f"The model cannot be saved as {path}: {error}.") from error
    # Not ascontiguousarray, which makes a vector of a scalar.
    tensors = {name: np.asarray(array, order="C") for name, array in named.items()}
    metadata = {
        "format": FORMAT,
        "architecture": checkpoint.architecture.to_json(),
        "likelihood": checkpoint.likelihood.to_json(),
        "weights": checkpoint.weights.to_json(),
        "data": dict(checkpoint.data),
        "training": dict(checkpoint.training),
    }
    text = json.dumps(metadata, sort_keys=True)
    header = {"latentlab": text, "sha256": fingerprint(text, tensors)}
    write_atomic(path, save(tensors, metadata=header))


def _named(checkpoint: Checkpoint) -> dict[str, Array]:
    """Every tensor, by its name in a file."""
    return {
        f"{group}.{name}": array
        for group in _GROUPS
        for name, array in getattr(checkpoint, group).items()
    }


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a model saved by `save_checkpoint`. Raises InputError naming the file and the fault,
    which is a ForeignModelError where it holds tensors and nothing of ours.

    The shapes of `parameters` are those in the file; the network checks them when it takes them.
    """
    header, tensors = read_tensors(path)
    text = header.get("latentlab")
    if text is None:
        raise ForeignModelError(
            path,
            f"{path} is a safetensors file but not a latentlab model: if it is a VAE's state dict, "
            "make one of it by latentlab evaluate FILE --data DATA --save-as OUT.safetensors.",
        )
    if header.get("sha256") != fingerprint(text, tensors):
        raise InputError(
            f"{path} is damaged, since its SHA-256 does not match its content; use another copy."
        )
    groups: dict[str, dict[str, Array]] = {group: {} for group in _GROUPS}
    for name, array in tensors.items():
        group, _, rest = name.partition(".")
        if group in groups:
            groups[group][rest] = array
    groups["parameters"] = {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in groups["parameters"].items()
    }
    try:
        metadata = _metadata(text)
        checkpoint = Checkpoint(
            architecture=Architecture.from_json(metadata.get("architecture")),
            likelihood=Likelihood.from_json(metadata.get("likelihood")),
            weights=LossWeights.from_json(metadata.get("weights")),
            data=_mapping(metadata, "data"),
            training=_mapping(metadata, "training"),
            **groups,
        )
        _check_values(checkpoint)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}; use another copy.") from error
    return checkpoint


def _metadata(text: str) -> dict[str, Any]:
    try:
        metadata = json.loads(text)
    except ValueError as error:
        raise InputError("its metadata is not JSON") from error
    except RecursionError as error:
        raise InputError("its metadata is nested too deeply") from error
    if not isinstance(metadata, dict):
        raise InputError("its metadata must be an object")
    if metadata.get("format") != FORMAT:
        found = shown(json.dumps(metadata.get("format")))
        raise InputError(
            f"its format is {found}, but this version of latentlab reads format {FORMAT} (a newer "
            "one may read both)"
        )
    return metadata


def is_foreign(path: Path) -> bool:
    """Whether this is a whole safetensors file without latentlab's metadata. Raises InputError."""
    return "latentlab" not in read_tensors(path, only=())[0]


def read_tensors(
    path: Path,
    check: Callable[[Mapping[str, tuple[int, ...]]], None] | None = None,
    only: Collection[str] | None = None,
) -> tuple[dict[str, str], dict[str, Array]]:
    """The metadata and the tensors of a safetensors file, or `only` some of the tensors.

    check: sees the header's shapes, by name, before any tensor is read, and may raise InputError.
    Raises InputError naming the file and the fault.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{path} is a folder; choose a model's file in it.")
        # Opening a pipe would wait for whoever writes to it.
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file; choose a model's own.")
        if status.st_size > MAX_BYTES + _MAX_HEADER:
            size = status.st_size / 1e9
            raise InputError(f"{path} is {size:.1f} GB, but only models of up to 2 GB are opened.")
        with path.open("rb") as file:
            _refuse_foreign(path, file.read(9))
        with safe_open(path, framework="numpy") as file:
            names = [name for name in file.keys() if only is None or name in only]  # noqa: SIM118
            for name in names:
                dtype = file.get_slice(name).get_dtype()
                if dtype not in _DTYPES.values():
                    raise InputError(
                        f"{path} cannot be used: tensor {shown(name)} has type {dtype}, "
                        f"not one of {', '.join(_DTYPES.values())}; save it in F32."
                    )
            if check is not None:
                check({name: tuple(file.get_slice(name).get_shape()) for name in names})
            return file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; check its name.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions."
        ) from error
    except SafetensorError as error:
        reason = shown(str(error).removeprefix("Error while deserializing header: "))
        raise InputError(
            f"{path} is not a whole safetensors file ({reason}); use another copy."
        ) from error
    except ValueError as error:
        # NumPy's, for a vast shape around no values, or for too many dimensions.
        raise InputError(
            f"{path} cannot be used: a tensor has a shape no array can have; use another copy."
        ) from error


def _refuse_foreign(path: Path, start: bytes) -> None:
    if not start:
        raise InputError(f"{path} is empty; use another copy.")
    if start[8:] == b"{":
        return  # the JSON after a length, which may begin like anything
    if start.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")):
        raise InputError(
            f"{path} is a pickle or a zip archive such as PyTorch's, which can run code when it is "
            "opened: convert one you trust in Python, by import torch; from safetensors.torch "
            'import save_file; save_file(torch.load("model.pt", weights_only=True), '
            '"model.safetensors").'
        )


def _mapping(metadata: dict[str, Any], name: str) -> dict[str, Any]:
    value = metadata.get(name)
    if not isinstance(value, dict):
        raise InputError(f"{name} must be an object")
    return value


def _check_values(checkpoint: Checkpoint) -> None:
    check_data(checkpoint.data)
    check_training(checkpoint.training)
    for name, array in checkpoint.parameters.items():
        if array.dtype not in (np.float16, np.float32):
            raise InputError(f"parameter {shown(name)} has type {array.dtype}, not float32")
        if not np.isfinite(array).all():
            raise InputError(f"parameter {shown(name)} holds values that are not finite")
    if checkpoint.cloud and not _is_cloud(checkpoint.cloud, checkpoint.architecture.latent_dim):
        raise InputError(
            "the stored posteriors are not two arrays, mu and logvar, of shape "
            f"(N, {checkpoint.architecture.latent_dim}) and of finite float32 values"
        )


def _is_cloud(cloud: Mapping[str, Array], latent_dim: int) -> bool:
    if set(cloud) != {"mu", "logvar"} or cloud["mu"].shape != cloud["logvar"].shape:
        return False
    return all(
        array.ndim == 2
        and array.shape[1] == latent_dim
        and array.dtype == np.float32
        and bool(np.isfinite(array).all())
        for array in cloud.values()
    )


def check_shapes(
    name: str, found: Mapping[str, Array], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise InputError unless `found` has just the tensors of `expected`, each in its shape."""
    for key in sorted(set(found) | set(expected)):
        if key not in found:
            raise InputError(f"{name} {key} is missing")
        if key not in expected:
            raise InputError(f"{name} {shown(key)} does not belong to this architecture")
        if tuple(found[key].shape) != expected[key]:
            raise InputError(
                f"{name} {key} has shape {tuple(found[key].shape)}, "
                f"but this architecture needs {expected[key]}"
            )


def shown(text: str) -> str:
    """Text from a file, fit for a sentence: one line, and no longer than is read."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}…"


def fingerprint(text: str, tensors: Mapping[str, Array]) -> str:
    """The SHA-256, in hex, that a file keeps of its metadata and its tensors."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(
            f"\n{name} {array.dtype.str} {array.shape} {math.prod(array.shape)}\n".encode()
        )
        digest.update(array.data)
    return digest.hexdigest()
