"""`latentlab data`: which sets there are by name, and download one."""

import argparse
import sys
from collections.abc import Sequence

from tqdm import tqdm

from latentlab.commands.loop import Interrupted
from latentlab.data.download import CancelledError, download
from latentlab.data.named import NAMES
from latentlab.data.remote import REMOTE, RemoteSet, folder_of, is_here, open_remote
from latentlab.errors import InputError

_INTERRUPTED = 130


def run_data(arguments: Sequence[str]) -> int:
    """List or download; returns the exit code. Raises InputError."""
    name = _parser().parse_args(arguments).name
    if name is None:
        _list()
        return 0
    if name in NAMES:
        print(f"{name} comes with latentlab: nothing has to be downloaded.")
        return 0
    if name not in REMOTE:
        raise InputError(f"{name} cannot be downloaded by name; choose {', '.join(REMOTE)}.")
    return _download(REMOTE[name])


def _list() -> None:
    for name in NAMES:
        print(f"{name:20} comes with latentlab")
    for remote in REMOTE.values():
        where = str(folder_of(remote)) if is_here(remote) else "not downloaded"
        print(f"{remote.name:20} {remote.megabytes:>8}  {remote.licence:13} {where}")
        print(f"{'':20} {remote.source}")


def _download(remote: RemoteSet) -> int:
    folder, interrupted = folder_of(remote), Interrupted()
    print(f"{remote.source}, {remote.licence}, {remote.megabytes}, from {remote.host}",
          file=sys.stderr)  # fmt: skip
    try:
        with tqdm(total=remote.size, unit="B", unit_scale=True, file=sys.stderr) as bar:
            download(remote, folder, lambda done: _show(bar, done), lambda: bool(interrupted))
    except CancelledError:
        print("latentlab: interrupted; the next time it goes on from here.", file=sys.stderr)
        return _INTERRUPTED
    finally:
        interrupted.restore()
    pair = open_remote(remote)
    print(
        f"{remote.name}: {len(pair.train):,} training, {len(pair.test):,} test images in {folder}"
    )
    return 0


def _show(bar: "tqdm[None]", done: int) -> None:
    bar.update(done - bar.n)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="latentlab data",
        description="List the data sets that have a name, or download one. Ctrl+C stops it, and "
        "the next time it goes on from there. LATENTLAB_DATA=DIR keeps sets elsewhere.",
        epilog="example:\n  latentlab data mnist-full",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help=", ".join(REMOTE))
    return parser
