"""Every case is a process of its own, with the fault made for real."""

import ctypes.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux can lack a display or a library of Qt"
)

ROOT = Path(__file__).parents[1]
ASK = """
import sys
from latentlab import preflight
print(preflight.problem(offscreen=%s))
print(*preflight.missing_packages())
assert not any(name.startswith("PySide6") for name in sys.modules)
"""


def ask(*before: str, offscreen: bool = False, **variables: str) -> tuple[str, str]:
    """(the problem told, the packages missing) under an environment with just these variables."""
    unset = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {k: v for k, v in os.environ.items() if k not in unset} | variables
    result = subprocess.run(
        [*before, sys.executable, "-c", ASK % offscreen],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    told, packages = result.stdout.splitlines()
    return told, packages


def assert_one_sentence(told: str) -> None:
    assert told.endswith(".")
    assert ". " not in told
    assert told[0].isupper()


def free_display() -> int:
    return next(n for n in range(99, 999) if not Path(f"/tmp/.X11-unix/X{n}").exists())


def test_without_a_display_it_says_what_to_do() -> None:
    told, _ = ask()
    assert_one_sentence(told)
    assert "DISPLAY is not set" in told
    assert "latentlab --screenshot OUT.png" in told


def test_xcb_asked_for_by_name_needs_a_display_too() -> None:
    told, _ = ask(QT_QPA_PLATFORM="xcb")
    assert "DISPLAY is not set" in told


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "offscreen:size=800x600"])
def test_a_platform_without_a_display_is_no_problem(platform: str) -> None:
    assert ask(QT_QPA_PLATFORM=platform) == ("None", "")


def test_drawing_offscreen_is_no_problem_whatever_the_environment_says() -> None:
    assert ask(offscreen=True)[0] == "None"
    assert ask(offscreen=True, QT_QPA_PLATFORM="xcb", DISPLAY=f":{free_display()}")[0] == "None"


def test_a_platform_that_qt_lacks_is_named() -> None:
    told, _ = ask(QT_QPA_PLATFORM="crystal")
    assert_one_sentence(told)
    assert "crystal" in told


def test_a_display_that_does_not_exist_is_named() -> None:
    display = f":{free_display()}"
    told, _ = ask(DISPLAY=display)
    assert_one_sentence(told)
    assert f"display {display} cannot be reached" in told
    assert "latentlab --screenshot OUT.png" in told


def test_a_display_that_answers_is_no_problem() -> None:
    if not (xvfb := shutil.which("Xvfb")):
        pytest.skip("needs Xvfb")
    reader, writer = os.pipe()
    command = [xvfb, "-displayfd", str(writer), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as numbers:
                display = f":{int(numbers.readline())}"
            assert ask(DISPLAY=display) == ("None", "")
            # A broken Wayland beside it must not stand in the way: Qt falls back to X11.
            assert ask(DISPLAY=display, WAYLAND_DISPLAY="wayland-none") == ("None", "")
        finally:
            server.terminate()


def test_wayland_is_tried_where_its_library_is() -> None:
    if any(ctypes.util.find_library(f"wayland-{part}") is None for part in ("client", "cursor")):
        pytest.skip("needs libwayland-client0 and libwayland-cursor0")
    # Its own short folder: the path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as compositor:
        told, _ = ask(WAYLAND_DISPLAY="wayland-7", XDG_RUNTIME_DIR=folder)
        assert_one_sentence(told)
        assert "display wayland-7 cannot be reached" in told
        compositor.bind(f"{folder}/wayland-7")
        compositor.listen(1)
        told, _ = ask(WAYLAND_DISPLAY="wayland-7", XDG_RUNTIME_DIR=folder)
        assert told == "None"


def hiding(*names: str) -> list[str]:
    """A command prefix under which these libraries cannot be loaded, and all else is as it was."""
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run([unshare, "-m", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to make a mount namespace")
    maps = subprocess.run(
        [sys.executable, "-c", LOCATE, *names], capture_output=True, text=True, check=True
    )
    mounts = "".join(f"mount --bind /dev/null '{path}'; " for path in maps.stdout.split())
    return [unshare, "-m", "sh", "-ec", f'{mounts}exec "$@"', "sh"]


LOCATE = """
import ctypes, os, sys
for name in sys.argv[1:]:
    ctypes.CDLL(name)
mapped = {line.split()[-1] for line in open("/proc/self/maps")}
for name in sys.argv[1:]:
    print(*(path for path in mapped if os.path.basename(path).startswith(name)))
"""


def test_a_missing_library_is_named_with_its_package() -> None:
    told, packages = ask(*hiding("libEGL.so.1"), QT_QPA_PLATFORM="offscreen")
    assert_one_sentence(told)
    assert "libEGL.so.1" in told
    assert "sudo apt-get install libegl1" in told
    assert packages == "libegl1"
    assert ask(*hiding("libEGL.so.1"), offscreen=True)[0] == told


def test_all_missing_libraries_are_named_at_once() -> None:
    hidden = hiding("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1")
    told, packages = ask(*hidden, DISPLAY=f":{free_display()}")
    assert_one_sentence(told)
    assert "libxcb-cursor.so.0, libxcb-icccm.so.4, libxcb-keysyms.so.1" in told
    assert "sudo apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1" in told
    assert packages == "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1"
    # They matter to a window only.
    assert ask(*hidden, QT_QPA_PLATFORM="offscreen")[0] == "None"
