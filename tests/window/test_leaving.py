"""Closing the window while a thread is at work: in a process of its own, up to its end."""

from pathlib import Path

from tests.window.test_closing import run

# The engine's thread makes torch ready to train, and the window closes in the midst of it. Held up
# there, it goes on when Python has ended torch, as it may on a busy machine.
CLOSE_WHILE_IT_GETS_READY = """
import atexit, importlib.machinery, sys, threading

python_has_ended_torch, is_there, over = (threading.Event() for _ in range(3))

@atexit.register
def the_last_thing_python_does():
    python_has_ended_torch.set()
    over.wait(60)

class Hold:
    def find_spec(self, name, path=None, target=None):
        if name != "torch.distributed.tensor._ops._tensor_ops":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        load = spec.loader.exec_module
        def held(module):
            is_there.set()
            python_has_ended_torch.wait()
            try:
                load(module)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                raise
            finally:
                over.set()
        spec.loader.exec_module = held
        return spec

sys.meta_path.insert(0, Hold())
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from latentlab.training.driver import Driver

Driver.shutdown.__defaults__ = (0.1,)  # seconds; the machine is taken to be busy
app = QApplication(["latentlab"])
clock = QTimer()

def poll():
    for window in app.topLevelWidgets():
        if window.objectName() == "mainWindow" and window.isVisible() and is_there.is_set():
            clock.stop()
            window.close()

clock.timeout.connect(poll)
clock.start(20)
from latentlab.cli import main
sys.exit(main(["--engine", "thread", "--profile", sys.argv[1]]))
"""

# What is needed to decode and to train is not there, and the window closes before that is told.
CLOSE_WITHOUT_TORCH = """
import sys

sys.modules["latentlab.app.laboratory"] = None
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from latentlab.ui.bridge import Bridge

app = QApplication(["latentlab"])
start = Bridge.start

def start_and_close(bridge):
    start(bridge)
    bridge._thread.join()
    window = next(w for w in app.topLevelWidgets() if w.objectName() == "mainWindow")
    window.close()
    shown = [w.objectName() for w in app.topLevelWidgets() if w.isVisible()]
    print("shown", *shown)
    app.quit()

Bridge.start = start_and_close
from latentlab.cli import main
sys.exit(main(["--profile", sys.argv[1]]))
"""


def test_closing_while_torch_gets_ready_to_train_breaks_nothing(tmp_path: Path) -> None:
    result = run(CLOSE_WHILE_IT_GETS_READY, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Error" not in result.stderr, result.stderr


def test_what_could_not_start_says_nothing_once_the_window_is_closed(tmp_path: Path) -> None:
    result = run(CLOSE_WITHOUT_TORCH, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["shown"], result.stdout + result.stderr
    assert "could not start" in (tmp_path / "latentlab.log").read_text()
