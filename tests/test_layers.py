"""What import-linter cannot say of the layers."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.check import ROOT, long_files, python_files

PACKAGE = ROOT / "latentlab"


def imported(file: Path) -> Iterator[str]:
    """Dotted names of what `file` imports, at its top or within a function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_window_is_imported_without_torch() -> None:
    code = "import sys, latentlab.ui.main_window; print('torch' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "False"


def test_the_app_layer_knows_of_qt_only_what_has_no_widgets() -> None:
    allowed = ("PySide6.QtCore", "PySide6.QtGui")
    found = [
        f"{file.name}: {name}"
        for file in (PACKAGE / "app").rglob("*.py")
        for name in imported(file)
        if name.startswith("PySide6") and not name.startswith(allowed)
    ]
    assert found == []


def test_no_file_is_too_long() -> None:
    assert long_files(python_files()) == []
