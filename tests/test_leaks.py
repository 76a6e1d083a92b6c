"""The leak check finds what it must: each kind of leak fails a real run of pytest."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LEAKS = {
    "window": """
        from PySide6.QtWidgets import QWidget
        kept = []
        def test_leak(qapp):
            kept.append(QWidget())
        """,
    "thread": """
        import threading
        def test_leak():
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        """,
    "process": """
        import subprocess, sys
        kept = []
        def test_leak():
            command = [sys.executable, "-c", "import time; time.sleep(20)"]
            kept.append(subprocess.Popen(command))
        """,
    "running timer": """
        from PySide6.QtCore import QTimer
        kept = []
        def test_leak(qapp):
            kept.append(QTimer())
            kept[0].start(1000)
        """,
}
CLEAN = """
    import subprocess, sys
    import threading
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QMainWindow
    def test_clean(qtbot):
        window = QMainWindow()
        window.timer = QTimer(window)
        window.timer.start(1000)
        window.itself = window
        qtbot.addWidget(window)
        window.show()
        thread = threading.Thread(target=threading.Event().wait, args=(0.1,))
        thread.start()
        window.process = subprocess.Popen([sys.executable, "-c", ""])
    """


def run(tmp_path: Path, source: str) -> subprocess.CompletedProcess[str]:
    lines = source.strip("\n").splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    file = tmp_path / "test_inner.py"
    file.write_text("\n".join(line[indent:] for line in lines))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_fails(tmp_path: Path, kind: str) -> None:
    result = run(tmp_path, LEAKS[kind])
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"left behind: {kind}" in result.stdout


def test_what_is_cleaned_up_passes(tmp_path: Path) -> None:
    result = run(tmp_path, CLEAN)
    assert result.returncode == 0, result.stdout + result.stderr
