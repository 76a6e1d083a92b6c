"""What the figures were measured on."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from latentlab import __version__

_PACKAGES = ("torch", "PySide6-Essentials", "pyqtgraph", "numpy")
_CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """Processor, cores, memory, versions, what Qt paints on, and how busy it is with other things
    now (`load_average`).
    """
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "platform": platform.platform(),
        "qt_platform": os.environ.get("QT_QPA_PLATFORM", "the system's own"),
        "python": platform.python_version(),
        "latentlab": __version__,
        **{package: metadata.version(package) for package in _PACKAGES},
    }


def _memory_gb() -> float | None:
    """None where the system does not tell it so."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)


def _cpu() -> str:
    if _CPUINFO.exists():
        for line in _CPUINFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
