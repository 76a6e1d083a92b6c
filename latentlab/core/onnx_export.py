"""An encoder and a decoder as ONNX files, for other programs. torch.onnx is imported when asked."""

import importlib.util
import logging
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.plain import PlainDecoder, PlainEncoder
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from latentlab.system import write_atomic

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"


def write_onnx(checkpoint: Checkpoint, title: str, folder: Path) -> tuple[Path, Path]:
    """Write encoder.onnx and decoder.onnx into `folder`, which is made; returns their paths.

    The encoder takes x (N, D), pixels 0 to 1, and gives mu and logvar (N, K); the decoder takes z
    (N, K) and gives image, E[x|z], and logits, both (N, D), D = channels × height × width; all
    float32, N any number. What else there is to know is in the files' metadata. Neither is
    written before both are made. Raises InputError where the extra is missing, and OSError.
    """
    if any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxscript")):
        raise InputError(
            'Exporting to ONNX needs packages that are not installed: pip install "latentlab[onnx]"'
            " brings them."
        )
    architecture, likelihood = checkpoint.architecture, checkpoint.likelihood
    model = vae_from_parameters(architecture, checkpoint.parameters)
    known = {
        "model": title,
        "made_by": "latentlab",
        "image_shape": "×".join(map(str, architecture.image_shape)),
        "latent_dim": str(architecture.latent_dim),
        "likelihood": likelihood.name,
        "binarised": str(likelihood.binarises).lower(),
    }
    if likelihood.name == "gaussian":
        known["variance"] = repr(likelihood.variance)
    x, z = torch.zeros(2, architecture.pixels), torch.zeros(2, architecture.latent_dim)
    encoder = _serialised(PlainEncoder(model), "x", x, ["mu", "logvar"], known)
    decoder = _serialised(PlainDecoder(model, likelihood), "z", z, ["image", "logits"], known)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / ENCODER, encoder)
    write_atomic(folder / DECODER, decoder)
    return folder / ENCODER, folder / DECODER


def _serialised(
    module: nn.Module, name: str, example: Tensor, outputs: list[str], known: dict[str, str]
) -> bytes:
    """example: for the shape, any number of rows but 0 and 1, which would be taken for fixed."""
    import torch.onnx  # noqa: PLC0415

    # It tells of packages that only other models need.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of its own parts that will change
        program = torch.onnx.export(
            module.eval(),
            (example,),
            input_names=[name],
            output_names=outputs,
            dynamic_shapes=({0: torch.export.Dim("N")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    proto: Any = program.model_proto
    for node in proto.graph.node:
        del node.metadata_props[:]  # how torch came to it, with files of this machine
    for key, value in known.items():
        proto.metadata_props.add(key=key, value=value)
    serialised: bytes = proto.SerializeToString()
    return serialised
