"""From the command line to the first picture, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.check import ROOT

# Watches the app that the real command line opens, from before it is there.
WATCHED_START = """
import json, sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

app = QApplication(["latentlab"])
found = {}

def windows():
    return [w for w in app.topLevelWidgets() if w.objectName() == "mainWindow" and w.isVisible()]

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.objectName() == "latentPlane":
            app.removeEventFilter(self)
            found["torch at first paint"] = "torch" in sys.modules
            found["points at first paint"] = len(watched.scene.cloud)
            found["status at first paint"] = windows()[0].status_text.text()
            # As soon as this paint is done, before anything else has its turn.
            QTimer.singleShot(0, self.look)
        return False

    def look(self):
        image = windows()[0].plane.plane_image()
        colours = sum(
            image.pixelColor(x, y).saturation() > 90
            for x in range(0, image.width(), 5)
            for y in range(0, image.height(), 5)
        )
        found["coloured part"] = colours / (image.width() * image.height() / 25)

watch = Watch()
app.installEventFilter(watch)
clock = QTimer()

def poll():
    for window in windows():
        if window.status_text.text().startswith("Ready") and window.decoded_panel._image.image:
            clock.stop()
            found["torch when ready"] = "torch" in sys.modules
            window.close()

clock.timeout.connect(poll)
clock.start(20)
from latentlab.cli import main
code = main(["--profile", sys.argv[1]])
print(json.dumps(found))
sys.exit(code)
"""


def test_points_are_painted_before_torch_is_imported(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WATCHED_START, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["torch at first paint"] is False
    assert found["points at first paint"] == 10_000
    assert "Loading torch" in found["status at first paint"]
    assert found["coloured part"] > 0.05
    assert found["torch when ready"] is True
    assert "Error" not in result.stderr, result.stderr


def test_a_screenshot_shows_the_settled_window(tmp_path: Path) -> None:
    from PIL import Image

    target = tmp_path / "window.png"
    command = [sys.executable, "-m", "latentlab", "--screenshot", str(target)]
    home = tmp_path / "home"
    result = subprocess.run(
        [*command, "--theme", "dark", "--size", "1280x720"],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    with Image.open(target) as image:
        assert image.size == (1280, 720)
        corner = image.convert("RGB").getpixel((2, 360))
    assert sum(corner) < 200, "dark was asked for"
    assert not home.exists(), "a screenshot leaves no profile behind"
