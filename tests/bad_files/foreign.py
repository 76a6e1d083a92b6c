"""State dicts of other programs that must be refused."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from tests.bad_files.entry import BadFile

# PyTorch's examples/vae, small: it takes the images of the bundled sets.
GOOD_LAYERS = {
    "fc1": (784, 8), "fc21": (8, 2), "fc22": (8, 2), "fc3": (2, 8), "fc4": (8, 784)
}  # fmt: skip


# The same with a convolution each way.
_CONV_DENSE = {"fc21": (784, 2), "fc22": (784, 2), "fc3": (2, 784)}
_CONV = {
    "conv1__weight": np.zeros((4, 1, 4, 4), np.float32),
    "conv2__weight": np.zeros((4, 1, 4, 4), np.float32),
}


def batch_norm(size: int, mean: float = 0.0, variance: float = 1.0) -> dict[str, Any]:
    """Tensors of a batch norm bn."""
    return {
        "bn__running_mean": np.full(size, mean, np.float32),
        "bn__running_var": np.full(size, variance, np.float32),
        "bn__num_batches_tracked": np.array(7),
    }


def layers(sizes: dict[str, tuple[int, int]], **others: Any) -> bytes:
    """A file of layers in → out, and other tensors (for a "." write "__")."""
    tensors: dict[str, Any] = {}
    for name, (into, out) in sizes.items():
        tensors[f"{name}.weight"] = np.full((out, into), 0.01, np.float32)
        tensors[f"{name}.bias"] = np.zeros(out, np.float32)
    return save(tensors | {name.replace("__", "."): array for name, array in others.items()})


def make_foreign(folder: Path) -> list[BadFile]:
    """Write bad state dicts into `folder`, which is made if it is not there, and list them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (message, content) in {**_headers(), **_other_models(), **_values()}.items():
        path = folder / f"{name}.safetensors"
        path.write_bytes(content)
        made.append(BadFile(f"foreign-{name}", path, "foreign", message))
    return made


def _headers() -> dict[str, tuple[str, bytes]]:
    """Headers that lie, or are absurd."""

    def described(shape: list[int], size: int, dtype: str = "F32") -> bytes:
        header = {"fc1.weight": {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}}
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + bytes(size)

    whole = "is not a whole safetensors file"
    return {
        "says-more-than-it-has": (whole, described([400, 784], 64)),
        "says-4-tb": (whole, described([1 << 20, 1 << 20], 64)),
        "empty-but-vast": (
            "absurd shape 0×46116860|a shape no array can have",
            described([0, 2**62], 0),
        ),
        "bf16": ("has type BF16", described([2, 2], 8, "BF16")),
        "nothing": ("it holds no tensors", save({})),
        "wide": (
            "do not lead from an image",
            layers({"fc1": (9, 20_000), "fc21": (20_000, 2), "fc22": (20_000, 2), "fc4": (2, 9)}),
        ),
    }


def _other_models() -> dict[str, tuple[str, bytes]]:
    """Whole files of something else."""
    square = {f"layer{index}": (8, 8) for index in range(30)}
    classifier = {"fc1": (784, 128), "fc2": (128, 10)}
    latent = {"fc1": (4, 3000), "fc21": (3000, 1500), "fc22": (3000, 1500), "fc3": (1500, 3000),
              "fc4": (3000, 4)}  # fmt: skip
    lead = "do not lead from an image to two heads"
    kernel = np.zeros((8, 1, 3, 3), np.float32)
    return {
        "convolutions": (
            "its layers conv1 8×1×3×3, fc1 784→8, .* do not lead",
            layers(GOOD_LAYERS, conv1__weight=kernel),
        ),
        "oblong": (
            "tensor conv1.weight has shape 8×1×3×5, and only square kernels",
            layers(GOOD_LAYERS, conv1__weight=np.zeros((8, 1, 3, 5), np.float32)),
        ),
        "vast-kernel": (
            "tensor conv1.weight has shape 1×1×900×900, and only square kernels of up to 32",
            layers(GOOD_LAYERS, conv1__weight=np.zeros((1, 1, 900, 900), np.float32)),
        ),
        "no-kernel": (
            "tensor conv1.weight has the absurd shape 8×0×3×3",
            layers(GOOD_LAYERS, conv1__weight=np.zeros((8, 0, 3, 3), np.float32)),
        ),
        "convolutions-of-no-image": (
            "conv1 9×1×3×3, conv2 4×1×4×4, .* do not lead",
            layers(_CONV_DENSE, **{**_CONV, "conv1__weight": np.zeros((9, 1, 3, 3), np.float32)}),
        ),
        "convolutions-many": (
            "in too many ways",
            layers(
                _CONV_DENSE,
                **{f"c{n}__weight": np.zeros((4, 4, 3, 3), np.float32) for n in range(20)},
            ),
        ),
        "group-norm": (
            "its norm norm is no LayerNorm behind a hidden layer",
            layers(
                _CONV_DENSE,
                **_CONV,
                norm__weight=np.ones(4, np.float32),
                norm__bias=np.ones(4, np.float32),
            ),
        ),
        "batch-norm-in-part": (
            "its batch norm bn has tensors of shapes that disagree",
            layers(GOOD_LAYERS, bn__running_mean=np.zeros(8, np.float32)),
        ),
        "batch-norm-of-nothing": (
            "its batch norm bn of 77 values follows no layer",
            layers(GOOD_LAYERS, **batch_norm(77)),
        ),
        "a-number": (
            r"tensor log_sigma has shape of a single number",
            layers(GOOD_LAYERS, log_sigma=np.zeros((), np.float32)),
        ),
        "classifier": (f"its layers fc1 784→128, fc2 128→10 {lead}", layers(classifier)),
        "autoencoder": (lead, layers({"e": (784, 8), "d": (8, 784)})),
        "no-decoder": (lead, layers({n: GOOD_LAYERS[n] for n in ("fc1", "fc21", "fc22")})),
        "one-layer-too-many": (f"and 2 more {lead}", layers({**GOOD_LAYERS, "fc9": (5, 7)})),
        "unknown-names": (r"tensor a b has shape 3", save({"a\nb": np.zeros(3, np.float32)})),
        "names-long": (lead, layers({"x" * 900 + str(index): (3, 4) for index in range(9)})),
        "layers-many": ("it has 99 layers", layers({f"fc{n}": (3, 3) for n in range(99)})),
        "ways-many": ("in too many ways", layers({**square, "odd": (5, 7)})),
        "latent-1500": (lead, layers(latent)),
    }


def _values() -> dict[str, tuple[str, bytes]]:
    """Layers of a VAE that hold no numbers to compute with."""
    good = GOOD_LAYERS["fc1"][::-1]
    nan, vast = np.full(good, np.nan, np.float32), np.full(good, 1e300)
    return {
        "batch-norm-nan": (
            r"tensor bn\.running_mean holds values that are not finite",
            layers(GOOD_LAYERS, **batch_norm(8, mean=np.nan)),
        ),
        "batch-norm-negative": (
            r"tensor bn\.running_var holds values below 0",
            layers(GOOD_LAYERS, **batch_norm(8, variance=-1)),
        ),
        "convolution-nan": (
            r"tensor conv2\.weight holds values that are not finite",
            layers(
                _CONV_DENSE, **{**_CONV, "conv2__weight": np.full((4, 1, 4, 4), np.nan, np.float32)}
            ),
        ),
        "nan": ("holds values that are not finite", layers(GOOD_LAYERS, fc1__weight=nan)),
        "vast": ("holds values that are not finite", layers(GOOD_LAYERS, fc1__weight=vast)),
        "integers": (
            r"tensor fc1\.weight has type int64",
            layers(GOOD_LAYERS, fc1__weight=np.ones(good, np.int64)),
        ),
    }
