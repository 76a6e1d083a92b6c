"""Finds out, before Qt is imported, whether a window can open: Qt itself would abort the process.

On Linux, Qt's wheels expect libraries of the system, and a display. Elsewhere nothing is missing.
"""

import ctypes
import importlib.util
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

# What PySide6's libraries and platform plugins need, by the names of Debian and Ubuntu.
_BASE = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libzstd.so.1": "libzstd1",
    "libz.so.1": "zlib1g",
    "libstdc++.so.6": "libstdc++6",
}
_XCB = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
_PLATFORM = {"xcb": _XCB, "wayland": _WAYLAND}
_VARIABLE = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}

_WITHOUT_DISPLAY = "`latentlab --screenshot OUT.png` works without a display"


def problem(offscreen: bool = False) -> str | None:
    """Return why no window can open here and what to do, in one sentence, or None if one can.

    offscreen: Qt will be told to draw without a display. Otherwise it goes by QT_QPA_PLATFORM,
    DISPLAY and WAYLAND_DISPLAY, as this does. Takes some 20 ms, most of it loading Qt, which stays
    loaded.
    """
    if not sys.platform.startswith("linux"):
        return None
    folder = _pyside_folder()
    if folder is None:
        return "PySide6 is missing: install latentlab with pip, which brings it."
    if (fault := _cannot_load(folder / "lib" / "libQt6Widgets.so.6", _BASE)) is not None:
        return f"{fault}."
    problems = []
    for platform in ["offscreen"] if offscreen else _platforms():
        fault = _platform_problem(platform, folder)
        if fault is None:
            return None
        problems.append(fault)
    return problems[0]


def missing_packages() -> list[str]:
    """Debian packages that hold what Qt needs for a window on X11 and is not here, by name."""
    if not sys.platform.startswith("linux"):
        return []
    return sorted({package for name, package in (_BASE | _XCB).items() if not _loads(name)})


def _platforms() -> list[str]:
    """The Qt platforms that may be tried, in the order in which their problems are told."""
    requested = os.environ.get("QT_QPA_PLATFORM", "")
    names = [name.partition(":")[0] for name in requested.split(";") if name]
    if not names:
        # Without any display this asks for one in X11's name, as most of them speak X11.
        names = ["wayland"] if os.environ.get("WAYLAND_DISPLAY") else []
        if os.environ.get("DISPLAY") or not names:
            names.insert(0, "xcb")
    return ["wayland" if name.startswith("wayland") else name for name in names]


def _platform_problem(platform: str, folder: Path) -> str | None:
    variable = _VARIABLE.get(platform)
    if variable is not None and not os.environ.get(variable):
        return _no_display(variable)
    plugin = folder / "plugins" / "platforms" / f"libq{platform}.so"
    if plugin.parent.is_dir() and not plugin.exists():
        return f"QT_QPA_PLATFORM asks for {platform}, which Qt does not have here: unset it."
    fault = _cannot_load(plugin, _BASE | _PLATFORM.get(platform, {}))
    if fault is not None:
        return f"{fault}; {_WITHOUT_DISPLAY}."
    if variable is not None and not _answers(platform):
        return _unreachable(variable)
    return None


def _no_display(variable: str) -> str:
    return (
        f"There is no display ({variable} is not set): start latentlab in a desktop session, or "
        f"through `ssh -X` or `xvfb-run`; {_WITHOUT_DISPLAY}."
    )


def _unreachable(variable: str) -> str:
    return (
        f"The display {os.environ[variable]} cannot be reached: check that it runs, that "
        f"{variable} names it and that you may use it; {_WITHOUT_DISPLAY}."
    )


def _pyside_folder() -> Path | None:
    """Where Qt's libraries and plugins lie; None if PySide6 is not installed."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "Qt"


def _cannot_load(file: Path, packages: Mapping[str, str]) -> str | None:
    # A PySide6 of a distribution keeps Qt elsewhere, and its packages bring what it needs.
    if not file.exists():
        return None
    try:
        ctypes.CDLL(str(file))
    except OSError as error:
        return _describe(error, packages)
    return None


def _describe(error: OSError, packages: Mapping[str, str]) -> str:
    """Name every missing library: the loader tells only the first."""
    missing = [name for name in packages if not _loads(name)]
    if not missing:
        return f"Qt cannot be loaded ({error}): install what it names with your package manager"
    command = f"sudo apt-get install {' '.join(sorted({packages[name] for name in missing}))}"
    return (
        f"Qt needs {', '.join(missing)}, which cannot be loaded: install "
        f"{'it' if len(missing) == 1 else 'them'} with `{command}` (names of Debian and Ubuntu)"
    )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _answers(platform: str) -> bool:
    return _x11_answers() if platform == "xcb" else _wayland_answers()


def _x11_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    # Never null: a connection that failed carries its error, and is freed like any other.
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection) != 0
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_answers() -> bool:
    # An absolute WAYLAND_DISPLAY replaces the folder.
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / os.environ["WAYLAND_DISPLAY"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True
