"""The command line of the benchmarks."""

import argparse
import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QLockFile

from latentlab.app.profile import EngineKind
from tests.bench import benches
from tests.bench.machine import machine
from tests.bench.result import BenchError, Options

ALL = "all"
ROOT = Path(__file__).resolve().parents[2]
_FAILED = 1


def names() -> list[str]:
    """Every benchmark there is."""
    return [module.name for module in pkgutil.iter_modules(benches.__path__)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for. 0 also where a target is missed: the table says so; 1 if it broke."""
    parser = _parser()
    options = parser.parse_args(arguments)
    out: Path | None = options.json
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        parser.error(f"argument --json: {out} cannot be written: give a file in a folder")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.name == ALL:
        quick = ["--quick"] if options.quick else []
        engine = ["--engine", options.engine] if options.engine else []
        results, code = _run_all([*quick, *engine])
    else:
        try:
            asked = Options(options.quick, options.engine)
            with _alone():
                results, code = {options.name: _run(options.name, asked)}, 0
        except BenchError as error:
            print(f"{options.name}: {error}", file=sys.stderr)
            return _FAILED
    if out is not None:
        out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return code


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other benchmark runs on this machine: each would measure the other."""
    lock = QLockFile(str(Path(tempfile.gettempdir()) / "latentlab-bench.lock"))
    lock.setStaleLockTime(0)  # a long benchmark is not a dead one
    if not lock.tryLock(0):
        print("waiting for another benchmark to end", file=sys.stderr, flush=True)
        lock.lock()
    try:
        yield
    finally:
        lock.unlock()


def _run(name: str, options: Options) -> dict[str, Any]:
    bench = importlib.import_module(f"{benches.__name__}.{name}")
    ran_on = machine()
    print(f"\n{', '.join(f'{key} {value}' for key, value in ran_on.items())}", flush=True)
    result = bench.run(options)
    ran_on["torch_threads"] = _torch_threads()
    facts = {**result.facts, "torch threads": ran_on["torch_threads"]}
    said = ", ".join(f"{key} {value}" for key, value in facts.items())
    print(f"{name}: {inspect.getdoc(bench)}\n({said})\n{result.table()}", flush=True)
    return {**result.to_json(), "machine": ran_on}


def _torch_threads() -> int | None:
    """As many as the benchmark set; None where it does nothing with torch."""
    torch = sys.modules.get("torch")
    return torch.get_num_threads() if torch else None


def _run_all(more: Sequence[str]) -> tuple[dict[str, Any], int]:
    """Each in a process of its own, so that none begins with what another left in memory."""
    results: dict[str, Any] = {}
    code = 0
    with tempfile.TemporaryDirectory(prefix="latentlab-bench-") as folder:
        for name in names():
            file = Path(folder) / f"{name}.json"
            command = [sys.executable, "-m", "tests.bench", name, "--json", str(file), *more]
            if subprocess.run(command, cwd=ROOT, check=False).returncode == 0:
                results |= json.loads(file.read_text(encoding="utf-8"))
            else:
                code = _FAILED
    return results, code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=benches.__doc__)
    parser.add_argument("name", choices=[*names(), ALL], metavar="NAME", help="%(choices)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--quick", action="store_true", help="only see that it runs: the figures say nothing"
    )
    parser.add_argument(
        "--engine",
        choices=get_args(EngineKind),
        help="where training runs beside a window (default: where the app has it)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
