"""The command line: `latentlab`, and `latentlab train`, `evaluate`, `export`, `data`."""

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from latentlab import __version__
from latentlab.errors import InputError

BAD_INPUT = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (0 good, 2 bad input, 130 interrupted)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal has σ and −; better a question mark than no answer.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        # Imports are late: the window must not wait for torch, nor a batch job for Qt.
        command = _command(given[0]) if given else None
        if command is not None:
            return command(given[1:])
        return _open_window(_parser().parse_args(given))
    except InputError as error:
        print(f"latentlab: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED


def _command(name: str) -> Callable[[Sequence[str]], int] | None:
    """What does the work of `latentlab NAME`; None where that is no command."""
    if name == "train":
        from latentlab.commands.train import run_train as run  # noqa: PLC0415
    elif name == "evaluate":
        from latentlab.commands.evaluate import run_evaluate as run  # noqa: PLC0415
    elif name == "export":
        from latentlab.commands.export import run_export as run  # noqa: PLC0415
    elif name == "data":
        from latentlab.commands.data import run_data as run  # noqa: PLC0415
    else:
        return None
    return run


def _open_window(options: argparse.Namespace) -> int:
    from latentlab.preflight import problem  # noqa: PLC0415

    if options.screenshot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    trouble = problem(offscreen=os.environ.get("QT_QPA_PLATFORM") == "offscreen")
    if trouble:
        raise InputError(trouble)
    # Until torch is loaded (Bridge): what comes by then stays, and to look through it again and
    # again for what could be freed takes a tenth of the time to the first paint.
    gc.disable()
    from latentlab.ui.application import run_window  # noqa: PLC0415
    from latentlab.ui.shell import WindowOptions  # noqa: PLC0415

    return run_window(
        WindowOptions(
            path=_path(options),
            onnx=_onnx(options),
            workspace=options.workspace,
            theme=options.theme,
            engine=options.engine,
            profile=options.profile,
            screenshot=options.screenshot,
            size=options.size,
            page=options.page,
            presentation=options.presentation,
        )
    )


def _path(options: argparse.Namespace) -> str | None:
    """What to open; a folder of pictures with its form, where that is said or nobody can choose."""
    from latentlab.commands.arguments import data_name, says_form  # noqa: PLC0415

    path: str | None = options.path
    if path is None:
        if says_form(options):
            raise InputError("--image-size, --colour, --crop and --invert need a folder: give it.")
        return None
    unasked = options.screenshot is not None and Path(path).is_dir()
    return data_name(path, options) if says_form(options) or unasked else path


def _onnx(options: argparse.Namespace) -> tuple[str, str] | None:
    """An encoder and a decoder, where they are to be opened."""
    both = (options.encoder, options.decoder)
    if both == (None, None):
        return None
    if None in both or options.path is not None:
        raise InputError(
            "An ONNX model is --encoder and --decoder, and nothing beside them: give both alone."
        )
    return both


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    try:
        size = int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT") from None
    if not all(100 <= n <= 10_000 for n in size):
        raise argparse.ArgumentTypeError("width and height must be from 100 to 10000 pixels")
    return size


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="latentlab",
        description="A desktop laboratory for variational autoencoders.",
        epilog="commands:\n"
        "  latentlab [PATH]        open the window, on a model or a folder of data if given\n"
        "  latentlab train ...     train a model without a window (latentlab train --help)\n"
        "  latentlab evaluate ...  measure a model (latentlab evaluate --help)\n"
        "  latentlab export ...    write a model for other programs (latentlab export --help)\n"
        "  latentlab data [NAME]   list the data sets by name, or download one\n\n"
        "example:\n  latentlab --theme dark my-model.safetensors",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="a model, data (a folder or a file), or a shipped name",
    )
    parser.add_argument("--encoder", metavar="E.onnx", help="of a model in two ONNX files")
    parser.add_argument("--decoder", metavar="D.onnx", help="its other file")
    parser.add_argument(
        "--workspace",
        choices=["explore", "compare", "infer", "learn"],
        default="explore",
        help="to begin with",
    )
    parser.add_argument(
        "--page", type=int, metavar="N", help="of the workspace learn, to begin with"
    )
    parser.add_argument(
        "--presentation", action="store_true", help="begin in presentation mode, for a projector"
    )
    parser.add_argument("--theme", choices=["light", "dark"], help="default: the desktop's")
    parser.add_argument(
        "--engine",
        choices=["thread", "process"],
        help="where training runs, for this time (default: as in the Train menu)",
    )
    parser.add_argument(
        "--profile", type=Path, metavar="DIR", help="where settings and autosaves live"
    )
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="OUT.png",
        help="save a picture of the settled window and end; needs no display",
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="of the window, in pixels (1440x900)"
    )
    from latentlab.commands.arguments import add_form_arguments  # noqa: PLC0415

    add_form_arguments(parser)
    parser.add_argument("--version", action="version", version=f"latentlab {__version__}")
    return parser
