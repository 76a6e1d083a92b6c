"""`latentlab export`: a model for other programs."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.onnx_export import write_onnx
from latentlab.core.snippet import write_python
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError, not_written
from latentlab.paths import find_model


def run_export(arguments: Sequence[str]) -> int:
    """Write what is asked for and print its paths; returns the exit code. Raises InputError."""
    options = _parser().parse_args(arguments)
    if options.onnx is None and options.python is None:
        raise InputError("Nothing to export was asked for: add --onnx FOLDER or --python FILE.py.")
    path = find_model(options.model)
    checkpoint = load_checkpoint(path)
    try:
        vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}; use another copy.") from error
    title = options.title or path.stem
    written: list[Path] = []
    for target in filter(None, (options.python, options.onnx)):
        try:
            if target is options.python:
                written += [target, write_python(checkpoint, title, target)]
            else:
                written += write_onnx(checkpoint, title, target)
        except OSError as error:
            raise InputError(not_written(target, error)) from error
    print(*written, sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="latentlab export",
        description="Write a model for other programs.",
        epilog="example:\n  latentlab export mnist-2d-live --onnx onnx --python decode.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="a .safetensors file or a shipped name")
    wanted = parser.add_argument_group("what (at least one)")
    wanted.add_argument(
        "--onnx", type=Path, metavar="FOLDER",
        help="encoder.onnx (x to mu, logvar) and decoder.onnx (z to image, logits) there; needs "
        "the extra latentlab[onnx]",
    )  # fmt: skip
    wanted.add_argument(
        "--python", type=Path, metavar="FILE.py",
        help="lines of Python that decode with torch and safetensors alone, and their weights "
        "beside them",
    )  # fmt: skip
    parser.add_argument("--title", help="the model's name there (default: its file's)")
    return parser
