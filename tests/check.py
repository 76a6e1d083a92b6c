"""Runs every check of the project and ends with a table: `python -m tests.check`."""

import argparse
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 500
_TESTS_FAILED = 1  # pytest's exit code
_SOURCES = ("latentlab", "pretrained", "tests")


@dataclass(frozen=True)
class Check:
    """One check: `run` prints what it finds and returns 0 if all is well."""

    name: str
    run: Callable[[], int]


def python_files(root: Path = ROOT) -> list[Path]:
    """The project's Python files: those that git tracks, or all where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--", "*.py"], cwd=root, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return [path for folder in _SOURCES for path in sorted((root / folder).rglob("*.py"))]
    names = listed.stdout.decode().split("\0")
    # A file deleted but not yet committed is still listed.
    return [path for name in names if name and (path := root / name).is_file()]


def long_files(files: Sequence[Path], limit: int = MAX_LINES) -> list[str]:
    """One line for each of `files` with more than `limit` lines."""
    lengths = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in files)
    return [f"{path}: {length} lines, over {limit}" for path, length in lengths if length > limit]


def _command(*arguments: str) -> Callable[[], int]:
    def run() -> int:
        print("+", " ".join(arguments), flush=True)
        return subprocess.run(arguments, cwd=ROOT, check=False).returncode

    return run


def _module(*arguments: str) -> Callable[[], int]:
    return _command(sys.executable, "-m", *arguments)


def _check_lengths() -> int:
    files = python_files()
    found = long_files(files)
    print(*(found or [f"{len(files)} files of at most {MAX_LINES} lines"]), sep="\n", flush=True)
    return len(found)


def twice(first: Callable[[], int], failed: Callable[[], int]) -> Callable[[], int]:
    """`first`, and where tests of it failed, `failed` of them once more."""

    def run() -> int:
        code = first()
        if code != _TESTS_FAILED:
            return code
        print("\nOnce more, alone, what failed beside other tests:", flush=True)
        return failed()

    return run


def checks(fast: bool) -> list[Check]:
    """All checks, the quickest first; `fast` leaves out the tests marked slow."""
    lint_imports = Path(sysconfig.get_path("scripts")) / "lint-imports"
    slow = ["-m", "not slow"] if fast else []
    # By files, since what a file's tests have in common takes long to make.
    parallel = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
    last = ["--last-failed", "--last-failed-no-failures", "none", *slow]
    return [
        Check("ruff check", _module("ruff", "check", *_SOURCES)),
        Check("ruff format", _module("ruff", "format", "--check", *_SOURCES)),
        Check("file lengths", _check_lengths),
        Check("lint-imports", _command(str(lint_imports))),
        Check("mypy", _module("mypy")),
        Check("pytest", twice(_module("pytest", *parallel, *slow), _module("pytest", *last))),
    ]


def run_all(wanted: Sequence[Check]) -> int:
    """Run each of `wanted`, print a table of what failed; returns 0 if all passed, else 1."""
    rows = []
    for check in wanted:
        print(f"\n== {check.name}", flush=True)
        start = time.monotonic()
        failed = check.run() != 0
        rows.append((check.name, failed, time.monotonic() - start))
    print()
    for name, failed, seconds in rows:
        print(f"{name:<14} {'FAILED' if failed else 'passed'} {seconds:8.1f} s")
    return 1 if any(failed for _, failed, _ in rows) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks that were asked for; returns 0 if all of them passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.check", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="leave out the slow tests")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="one check; may be repeated"
    )
    options = parser.parse_args(arguments)
    wanted = checks(options.fast)
    if options.only:
        unknown = set(options.only) - {check.name for check in wanted}
        if unknown:
            parser.error(f"no check is called {', '.join(sorted(unknown))}")
        wanted = [check for check in wanted if check.name in options.only]
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return run_all(wanted)


if __name__ == "__main__":
    sys.exit(main())
