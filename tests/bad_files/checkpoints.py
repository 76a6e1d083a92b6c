"""Model files that must be refused."""

import io
import json
import os
import pickle
import struct
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save

from latentlab.core.checkpoint import FORMAT, MAX_BYTES, fingerprint, save_checkpoint
from latentlab.core.spec import Architecture
from tests.bad_files.entry import BadFile
from tests.core.examples import model

# Where a pickle that was executed leaves its mark, beside the exhibits.
EXECUTED = "executed"

# Takes the images of the bundled sets, so that nothing but the fault keeps it from opening.
_ARCHITECTURE = Architecture(hidden=(4,))
_GOOD = model(_ARCHITECTURE)
_TENSORS: dict[str, Any] = {
    **{f"parameters.{name}": array for name, array in _GOOD.parameters.items()},
    **{f"cloud.{name}": array for name, array in _GOOD.cloud.items()},
}
GOOD_METADATA: dict[str, Any] = {
    "format": FORMAT,
    "architecture": _ARCHITECTURE.to_json(),
    "likelihood": _GOOD.likelihood.to_json(),
    "weights": _GOOD.weights.to_json(),
    "data": dict(_GOOD.data),
    "training": dict(_GOOD.training),
}
_FIRST = "parameters.decoder.0.weight"


class _Payload:
    """Unpickled, it makes a folder."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def forge(text: str, tensors: Mapping[str, Any] = _TENSORS) -> bytes:
    """A file with this metadata and these tensors, and the checksum that belongs to them."""
    arrays = dict(tensors)
    return save(arrays, metadata={"latentlab": text, "sha256": fingerprint(text, arrays)})


def make_checkpoints(folder: Path) -> list[BadFile]:
    """Write bad models into `folder`, which is made if it is not there, and list them."""
    folder.mkdir(parents=True, exist_ok=True)
    exhibits = {**_foreign(folder), **_damaged(folder), **_raw(), **_metadata(), **_tensors()}
    made = []
    for name, (message, content) in exhibits.items():
        path = folder / f"{name}.safetensors"
        path.write_bytes(content)
        made.append(BadFile(f"model-{name}", path, "model", message))
    return made + _no_content(folder)


def _no_content(folder: Path) -> list[BadFile]:
    """What is not a file, or far too much of one."""
    missing, directory = folder / "missing.safetensors", folder / "folder.safetensors"
    directory.mkdir(exist_ok=True)
    sparse = folder / "sparse.safetensors"
    with sparse.open("wb") as file:
        file.truncate(2 * MAX_BYTES)
    made = [
        BadFile("model-missing", missing, "model", "does not exist|neither a file nor"),
        BadFile("model-folder", directory, "model", "is a folder"),
        BadFile("model-sparse", sparse, "model", r"4\.3 GB"),
    ]
    names = {"script": "模型 نموذج ✎.safetensors", "lines": "two\nlines.safetensors"}
    if sys.platform == "linux":
        names["bytes"] = os.fsdecode(b"\xff\xfe.safetensors")
    for name, file in names.items():
        (folder / file).write_bytes(b"")
        made.append(BadFile(f"model-name-{name}", folder / file, "model", "is empty; use another"))
    if hasattr(os, "mkfifo"):
        pipe, loop = folder / "pipe.safetensors", folder / "loop.safetensors"
        if not pipe.exists():
            os.mkfifo(pipe)
            loop.symlink_to(loop)
        made += [
            BadFile("model-pipe", pipe, "model", "not a regular file"),
            BadFile("model-loop", loop, "model", "symbolic links|neither a file nor"),
        ]
    return made


def _foreign(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Files of other kinds, some of which would run code if they were trusted."""
    payload = _Payload(folder / EXECUTED)
    archive, npz = io.BytesIO(), io.BytesIO()
    torch.save({"weights": payload}, archive)
    np.savez(npz, weights=np.zeros(3))
    return {
        "empty": ("is empty", b""),
        "text": ("not a whole safetensors file", b"These are my weights: 0.1, 0.2, 0.3\n"),
        "page": ("not a whole safetensors file", b"<!doctype html><title>404</title>" * 9),
        "pickle": ("is a pickle", pickle.dumps(payload)),
        "pickle-2": ("is a pickle", pickle.dumps(payload, protocol=2)),
        "pickle-0": ("not a whole safetensors file", pickle.dumps(payload, protocol=0)),
        "torch": ("zip archive", archive.getvalue()),
        "npz": ("zip archive", npz.getvalue()),
    }


def _damaged(folder: Path) -> dict[str, tuple[str, bytes]]:
    """A good file that something happened to."""
    path = folder / "good"
    save_checkpoint(_GOOD, path)
    good = path.read_bytes()
    path.unlink()
    tensors = 8 + int.from_bytes(good[:8], "little")

    def flipped(position: int) -> bytes:
        return good[:position] + bytes([good[position] ^ 4]) + good[position + 1 :]

    no_checksum = save(dict(_TENSORS), metadata={"latentlab": json.dumps(GOOD_METADATA)})
    return {
        "flipped-in-tensors": ("SHA-256", flipped(len(good) - 5)),
        "flipped-in-metadata": ("SHA-256", good.replace(b"silu", b"relu", 1)),
        "no-checksum": ("SHA-256", no_checksum),
        "truncated-length": ("not a whole safetensors", good[:5]),
        "truncated-header": ("not a whole safetensors", good[: tensors // 2]),
        "truncated-tensors": ("not a whole safetensors", good[:-1000]),
        "longer": ("not a whole safetensors", good + bytes(8)),
        "zeroed": ("not a whole safetensors", bytes(len(good))),
    }


def _raw() -> dict[str, tuple[str, bytes]]:
    """Headers that lie."""

    def header(content: bytes, body: bytes = b"", length: int | None = None) -> bytes:
        return struct.pack("<Q", len(content) if length is None else length) + content + body

    def tensor(shape: list[int], dtype: str = "F32", name: str = "a", size: int = 4) -> bytes:
        described = {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}
        return header(json.dumps({name: described}).encode(), bytes(size))

    overlapping = {
        name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for name in ("a", "b")
    }
    whole = "not a whole safetensors file"
    return {
        "header-length-2-62": (whole, header(b"{}", length=2**62)),
        "header-length-most": (whole, header(b"{}", length=2**64 - 1)),
        "header-not-json": (whole, header(b"{" * 9)),
        "header-not-text": (whole, header(b'{"\xff\xfe": 1}')),
        "header-bomb": (whole, header(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
        "header-list": (whole, header(b"[]")),
        "tensor-4-tb": (whole, tensor([2**40])),
        "tensor-overflow": (whole, tensor([2**40, 2**40])),
        "tensor-empty-but-vast": (
            "a shape no array can have|0×46116860",
            tensor([0, 2**62], size=0),
        ),
        "tensor-70-dimensions": ("a shape no array can have|1×1×1×1×1×1×…", tensor([1] * 70)),
        "tensors-overlapping": (whole, header(json.dumps(overlapping).encode(), bytes(4))),
        "tensor-bf16": ("has type BF16", tensor([2], "BF16")),
        "tensor-f4": ("has type F4", tensor([8], "F4")),
        "tensor-name": ("tensor a b<b>x+… has type U8", tensor([4], "U8", "a\nb<b>" + "x" * 999)),
        "no-metadata": ("not a latentlab model", tensor([1])),
    }


def _metadata() -> dict[str, tuple[str, bytes]]:
    """Metadata that is nonsense, in files that are whole."""

    def changed(**fields: Any) -> bytes:
        return forge(json.dumps({**GOOD_METADATA, **fields}))

    def architecture(**fields: Any) -> bytes:
        return changed(architecture={**GOOD_METADATA["architecture"], **fields})

    def training(**fields: Any) -> bytes:
        return changed(training={**GOOD_METADATA["training"], **fields})

    return {
        "metadata-not-json": ("metadata is not JSON", forge("{")),
        "metadata-list": ("metadata must be an object", forge("[1, 2]")),
        "metadata-bomb": ("nested too deeply", forge('{"a":' * 100_000 + "1" + "}" * 100_000)),
        "metadata-digits": ("metadata is not JSON", forge('{"format": 1' + "0" * 9999 + "}")),
        "format-2": ("its format is 2", changed(format=2)),
        "format-long": ("its format is .{,130}…, but", changed(format="x" * 9999)),
        "hidden-1e9": ("hidden must be", architecture(hidden=[10**9])),
        "hidden-million-layers": ("hidden must be", architecture(hidden=[1] * 10**6)),
        "image-absurd": ("image_shape must be", architecture(image_shape=[1, 2**31, 2**31])),
        "image-negative": ("image_shape must be", architecture(image_shape=[1, -28, -28])),
        "latent-dim-1e9": ("latent_dim must be", architecture(latent_dim=10**9)),
        "residual-1e9": ("residual_blocks must be", architecture(residual_blocks=10**9)),
        "activation-code": ("activation must be", architecture(activation="os.system")),
        "architecture-unknown": ("architecture must be", architecture(layers=3)),
        "architecture-null": ("architecture must be", changed(architecture=None)),
        "likelihood-unknown": ("likelihood must be", changed(likelihood={"name": "poisson"})),
        "variance-nan": ("variance must be", changed(likelihood={"variance": float("nan")})),
        "beta-infinite": ("beta must be", changed(weights={"beta": float("inf")})),
        "weights-list": ("weights must be an object", changed(weights=[1, 1])),
        "data-list": ("data must be an object", changed(data=[])),
        "data-name-number": (r"data\.name must be", changed(data={"name": 7})),
        "data-name-long": (r"data\.name must be", changed(data={"name": "W" * 20_000})),
        "data-name-lines": (r"data\.name must be", changed(data={"name": "two\nlines"})),
        "data-name-backwards": (r"data\.name must be", changed(data={"name": "\u202etsinm"})),
        "data-name-surrogate": (r"data\.name must be", changed(data={"name": "\ud800"})),
        "data-sha256-long": (r"data\.cloud_sha256 must", changed(data={"cloud_sha256": "a" * 999})),
        "training-text": ("training must be an object", changed(training="long")),
        "steps-text": (r"training\.steps must be", training(steps="seven")),
        "weights-step-text": (r"training\.weights_step must be", training(weights_step="last")),
        "steps-vast": (r"training\.steps must be", training(steps=2**53 + 1)),
        "epochs-vast": (r"training\.epochs must be", training(epochs=1e300)),
        "seed-fraction": (r"training\.seed must be", training(seed=0.5)),
        "epochs-nan": (r"training\.epochs must be", training(epochs=float("nan"))),
        "batch-size-true": (r"training\.batch_size must be", training(batch_size=True)),
        "marks-object": (r"training\.marks must be a list", training(marks={})),
        "marks-empty": (r"training\.marks\[0\] must be an object", training(marks=[{}])),
        "marks-formula-long": (
            r"training\.marks\[0\]\.formula must be",
            training(marks=[{"step": 1, "formula": "rec + " * 99, "weights": {}}]),
        ),
        "marks-step-vast": (
            r"training\.marks\[0\]\.step must be",
            training(marks=[{"step": 2**60, "formula": "rec", "weights": {}}]),
        ),
        "marks-beta": (
            r"training\.marks\[0\]\.beta must be",
            training(marks=[{"step": 1, "formula": "rec", "weights": {"beta": -1}}]),
        ),
    }


def _tensors() -> dict[str, tuple[str, bytes]]:
    """Tensors that are not those of the architecture, or hold no numbers to compute with."""

    def changed(**tensors: Any) -> bytes:
        return forge(json.dumps(GOOD_METADATA), {**_TENSORS, **tensors})

    def with_value(value: float) -> bytes:
        spoilt = _TENSORS[_FIRST].copy()
        spoilt.flat[3] = value
        return changed(**{_FIRST: spoilt})

    wide = replace(_ARCHITECTURE, hidden=(5,)).to_json()
    deep = replace(_ARCHITECTURE, hidden=(4, 4)).to_json()
    missing = {name: array for name, array in _TENSORS.items() if name != _FIRST}
    mu = _TENSORS["cloud.mu"]
    posteriors = "stored posteriors are not"
    return {
        "weights-nan": ("not finite", with_value(float("nan"))),
        "weights-infinite": ("not finite", with_value(float("-inf"))),
        "weights-float64": (
            "float64, not float32",
            changed(**{_FIRST: _TENSORS[_FIRST].astype(float)}),
        ),
        "shapes-wider": (
            r"parameter \S+ has shape .*needs",
            forge(json.dumps({**GOOD_METADATA, "architecture": wide})),
        ),
        "shapes-deeper": (
            r"parameter \S+ ",
            forge(json.dumps({**GOOD_METADATA, "architecture": deep})),
        ),
        "shapes-vector": (r"has shape \(8,\)", changed(**{_FIRST: _TENSORS[_FIRST].ravel()})),
        "parameter-missing": (
            r"parameter decoder\.0\.weight is missing",
            forge(json.dumps(GOOD_METADATA), missing),
        ),
        "parameter-too-many": (
            "does not belong to this architecture",
            changed(**{"parameters.decoder.9.weight": np.zeros(2, np.float32)}),
        ),
        "no-parameters": ("is missing", forge(json.dumps(GOOD_METADATA), {})),
        "cloud-three-columns": (posteriors, changed(**{"cloud.mu": np.zeros((5, 3), np.float32)})),
        "cloud-uneven": (posteriors, changed(**{"cloud.mu": mu[:-1]})),
        "cloud-scalar": (posteriors, changed(**{"cloud.mu": np.array(0, np.float32)})),
        "cloud-nan": (posteriors, changed(**{"cloud.mu": np.full_like(mu, np.nan)})),
        "cloud-float64": (posteriors, changed(**{"cloud.mu": mu.astype(float)})),
        "cloud-third": (posteriors, changed(**{"cloud.z": mu})),
    }
