"""Everything can be reached, read and understood, also in a small window and at 200 %."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea

from tests.check import ROOT
from tests.window.lab import Lab
from tests.window.reach import all_faults, ambiguous, overlong, unexplained

AT_200_PERCENT = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from latentlab.app.profile import Profile
from latentlab.ui.shell import Shell, WindowOptions
from tests.window.reach import all_faults

app = QApplication(["latentlab"])
options = WindowOptions(theme="light", size=(960, 540), workspace=sys.argv[2])
shell = Shell(app, Profile(Path(sys.argv[1])), options)

def settled():
    if len(sys.argv) > 3:
        shell.window.grab().save(sys.argv[3])
    found = {
        "ratio": shell.window.devicePixelRatioF(),
        "faults": all_faults(shell.window, 960, 540),
    }
    print(json.dumps(found))
    shell.close_at_once()

shell.settled.connect(settled)
shell.start()
sys.exit(app.exec())
"""


def resize(lab: Lab, width: int, height: int) -> None:
    lab.window.resize(width, height)
    for _ in range(3):
        QApplication.processEvents()


def test_every_control_is_explained_and_named(lab: Lab) -> None:
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
    assert overlong(lab.window) == []


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (1024, 700)], ids=str)
def test_everything_has_room(lab: Lab, size: tuple[int, int]) -> None:
    resize(lab, *size)
    assert all_faults(lab.window, *size) == []
    # Also with a message, while training, with a Gaussian, forces, and figures as long as they get.
    lab.click("forcesToggle")
    lab.type("betaValue", "100")
    lab.window.message_bar.error("A sentence that is as long as such sentences are. " * 2)
    lab.shell.choices.choose_likelihood("gaussian")
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running and lab.snapshot.likelihood.name == "gaussian")
    lab.wait_for_steps(20)
    lab.type("zxField", "-1234.5")
    lab.click("trainButton")
    lab.wait_until_exact()
    resize(lab, *size)
    assert all_faults(lab.window, *size) == []


def test_columns_scroll_to_their_end(lab: Lab) -> None:
    resize(lab, 1280, 720)
    for name in ("leftColumn", "rightColumn"):
        area = lab.child(name, QScrollArea)
        content = area.widget()
        assert content.width() <= area.viewport().width()
        assert area.horizontalScrollBar().maximum() == 0
        bar = area.verticalScrollBar()
        assert bar.maximum() >= content.height() - area.viewport().height()


@pytest.mark.parametrize("workspace", ["explore", "infer", "learn"])
def test_everything_has_room_at_200_percent(tmp_path: Path, workspace: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", AT_200_PERCENT, str(tmp_path), workspace],
        cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": "2"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["ratio"] == 2.0
    assert found["faults"] == []
