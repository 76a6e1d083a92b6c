"""How a run went, in a small file: posteriors at many moments, weights at a few.

An .xz file, with the SHA-256 that this format offers, around safetensors with JSON metadata.
Nothing in it is executed. A dozen copies of a network's weights would be many times larger than the
network's own file, so large matrices are rounded to a fraction of what their rows are in size, and
kept as differences from one moment to the next, which are small numbers.
"""

import json
import lzma
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from latentlab.core.checkpoint import shown
from latentlab.core.provenance import MAX_COUNT
from latentlab.core.spec import Architecture, Likelihood
from latentlab.errors import InputError
from latentlab.system import write_atomic

FORMAT = 1
SUFFIX = ".history.xz"
MAX_BYTES = 64 << 20
_MAX_UNPACKED = 1 << 28
_MAX_MEMORY = 256 << 20

# A matrix of more values is rounded: to a step of this share of its row's root mean square.
_LARGE = 1 << 12
_STEP = 1 / 10
_MOST_STEPS = np.iinfo(np.int16).max

Array = npt.NDArray[Any]
Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class History:
    """A run of `architecture`, as it was at some of its steps.

    steps: (M,) rising. mu, logvar: (M, N, K), the posteriors of the first N test images of the set
    `data` (name, and sha256 of those images) at each of `steps`. weight_steps: (W,) rising.
    weights: the network's parameters by name, each (W, ...), at each of `weight_steps`.
    All float32 and finite; a file holds them less exactly.
    """

    architecture: Architecture
    likelihood: Likelihood
    data: Mapping[str, str]
    steps: npt.NDArray[np.int64]
    mu: Float32Array
    logvar: Float32Array
    weight_steps: npt.NDArray[np.int64]
    weights: Mapping[str, Float32Array]

    def parameters_before(self, step: int) -> tuple[int, dict[str, Float32Array]]:
        """The newest weights kept that are not newer than `step`, and their step.

        Raises ValueError when all are newer.
        """
        index = int(np.searchsorted(self.weight_steps, step, side="right")) - 1
        if index < 0:
            raise ValueError(f"no weights are kept of step {step} or before")
        return int(self.weight_steps[index]), {n: a[index] for n, a in self.weights.items()}

    def ends_with(self, parameters: Mapping[str, Array]) -> bool:
        """Whether this is how the network with these parameters was trained: its last weights are
        those, up to the rounding in a file. Two that began with other numbers differ by far more.
        """
        last = {name: array[-1] for name, array in self.weights.items()}
        shapes, of_network = (
            {name: array.shape for name, array in each.items()} for each in (last, parameters)
        )
        return shapes == of_network and all(
            np.linalg.norm(last[name] - array) <= _STEP * np.linalg.norm(array)
            for name, array in parameters.items()
        )


def history_beside(model: Path) -> Path:
    """Where the history of a model's file is, if it has one."""
    return model.with_name(model.name.removesuffix(".safetensors") + SUFFIX)


def save_history(history: History, path: Path) -> None:
    """Write `history` to `path` atomically. Raises OSError; then `path` is as it was."""
    tensors: dict[str, Array] = {
        "steps": history.steps,
        "weight_steps": history.weight_steps,
        "mu": history.mu.astype(np.float16),
        "logvar": history.logvar.astype(np.float16),
    }
    for name, array in history.weights.items():
        if _rounded(array.shape[1:]):
            tensors[f"rows.{name}"], tensors[f"differences.{name}"] = _round(array)
        else:
            tensors[f"weights.{name}"] = array.astype(np.float16)
    metadata = {
        "format": FORMAT,
        "architecture": history.architecture.to_json(),
        "likelihood": history.likelihood.to_json(),
        "data": dict(history.data),
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    content = save(arrays, metadata={"latentlab": json.dumps(metadata, sort_keys=True)})
    write_atomic(path, lzma.compress(content, check=lzma.CHECK_SHA256))


def _rounded(shape: tuple[int, ...]) -> bool:
    return len(shape) > 1 and int(np.prod(shape)) > _LARGE


def _round(array: Float32Array) -> tuple[Float32Array, npt.NDArray[np.uint8]]:
    """The step of each row, and the differences between moments in steps, (2, W, ...).

    Of these the lower bytes come before the upper, since the upper are nearly all alike: that is
    what makes the file small.
    """
    rows = array.reshape(*array.shape[:2], -1)
    usual = np.sqrt(np.mean(np.square(rows), axis=(0, 2), dtype=np.float64))
    wide = np.maximum(_STEP * usual, np.abs(rows).max(axis=(0, 2)) / _MOST_STEPS)
    step: Float32Array = np.where(wide > 0, wide, 1).astype(np.float32)
    whole = np.rint(array / _along_rows(step, array.ndim)).clip(-_MOST_STEPS, _MOST_STEPS)
    # Twice as many may lie between two moments; then they go round, here and in `_unround`.
    differences = np.diff(whole.astype("<i2"), axis=0, prepend=np.int16(0))
    return step, np.moveaxis(differences[..., None].view(np.uint8), -1, 0)


def _unround(step: Float32Array, planes: npt.NDArray[np.uint8]) -> Float32Array:
    differences = np.ascontiguousarray(np.moveaxis(planes, 0, -1)).view("<i2")[..., 0]
    whole = np.cumsum(differences, axis=0, dtype=np.int16)
    return whole * _along_rows(step, whole.ndim)


def _along_rows(step: Float32Array, dimensions: int) -> Float32Array:
    return step.reshape(-1, *[1] * (dimensions - 2))


def load_history(path: Path) -> History:
    """Read what `save_history` wrote. Raises InputError naming the file and the fault.

    Whether `weights` are those of the architecture is checked by the network that takes them.
    """
    try:
        tensors, text = _read(path)
        return _history(tensors, text)
    except InputError as error:
        raise InputError(
            f"{path} is no history that can be replayed: {error}; use another copy."
        ) from error


def _read(path: Path) -> tuple[dict[str, Array], str]:
    try:
        status = path.stat()
        # Opening a pipe would wait for whoever writes to it.
        if not stat.S_ISREG(status.st_mode):
            raise InputError("it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise InputError(f"it is larger than {MAX_BYTES >> 20} MiB")
        packed = path.read_bytes()
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror or error})") from error
    reader = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_MEMORY)
    try:
        content = reader.decompress(packed, _MAX_UNPACKED)
    except lzma.LZMAError as error:
        raise InputError("it is damaged, or not an xz file") from error
    if not reader.eof:
        raise InputError("it is cut off, or larger than any history")
    if reader.check != lzma.CHECK_SHA256:
        raise InputError("it has no SHA-256 to check it by")
    try:
        tensors = load(content)
        size = int.from_bytes(content[:8], "little")
        text = json.loads(content[8 : 8 + size])["__metadata__"]["latentlab"]
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("what is in it was not written by latentlab") from error
    return tensors, text


def _history(tensors: Mapping[str, Array], text: str) -> History:
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("its metadata is not JSON") from error
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise InputError(f"its format is not {FORMAT}, the one this version of latentlab reads")
    data = metadata.get("data")
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise InputError("data must be an object of texts")
    architecture = Architecture.from_json(metadata.get("architecture"))
    steps, weight_steps = (_steps(tensors, name) for name in ("steps", "weight_steps"))
    mu, logvar = (
        _posteriors(tensors, name, len(steps), architecture.latent_dim) for name in ("mu", "logvar")
    )
    if mu.shape != logvar.shape:
        raise InputError("mu and logvar are not of the same images")
    return History(
        architecture=architecture,
        likelihood=Likelihood.from_json(metadata.get("likelihood")),
        data=data,
        steps=steps,
        mu=mu,
        logvar=logvar,
        weight_steps=weight_steps,
        weights=_weights(tensors, len(weight_steps)),
    )


def _steps(tensors: Mapping[str, Array], name: str) -> npt.NDArray[np.int64]:
    array = tensors.get(name)
    rising = (
        array is not None
        and array.dtype == np.int64
        and array.ndim == 1
        and len(array) > 0
        and bool(array[0] >= 0)
        and bool(array[-1] <= MAX_COUNT)
        and bool((np.diff(array) > 0).all())
    )
    if array is None or not rising:
        raise InputError(f"{name} must be whole numbers that rise from 0 or more")
    return array


def _posteriors(tensors: Mapping[str, Array], name: str, count: int, dims: int) -> Float32Array:
    array = tensors.get(name)
    fits = (
        array is not None
        and array.dtype == np.float16
        and array.ndim == 3
        and array.shape[0] == count
        and array.shape[2] == dims
        and bool(np.isfinite(array).all())
    )
    if array is None or not fits:
        raise InputError(f"{name} must be finite, of shape ({count}, images, {dims})")
    return array.astype(np.float32)


def _weights(tensors: Mapping[str, Array], count: int) -> dict[str, Float32Array]:
    weights: dict[str, Float32Array] = {}
    for name, array in tensors.items():
        group, _, parameter = name.partition(".")
        if group == "differences":
            weights[parameter] = _unrounded(parameter, tensors.get(f"rows.{parameter}"), array)
        elif group == "weights" and array.dtype == np.float16:
            weights[parameter] = array.astype(np.float32)
    for name, array in weights.items():
        if array.ndim < 1 or len(array) != count or not np.isfinite(array).all():
            raise InputError(f"weights of {shown(name)} must be finite, for {count} moments")
    return weights


def _unrounded(name: str, step: Array | None, planes: Array) -> Float32Array:
    fits = (
        step is not None
        and step.dtype == np.float32
        and planes.dtype == np.uint8
        and planes.ndim > 3
        and len(planes) == 2
        and step.shape == planes.shape[2:3]
    )
    if step is None or not fits:
        raise InputError(f"weights of {shown(name)} are not kept as latentlab keeps them")
    return _unround(step, planes)
