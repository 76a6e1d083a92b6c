"""`python -m tests.window.monkey --seconds 3600`: a monkey at the real window.

It clicks, drags, types, opens, saves and resizes at random while a model trains, and says each act
before it does it. It ends with 1 at the first exception, Qt warning or error dialog, and with a
stack where the window does not come back for some seconds. Each act is drawn from the seed, its
number and what is there to be done, so a seed does the same again as far as timing permits.
"""

import argparse
import faulthandler
import gc
import json
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

# As tests/conftest.py has it: before Qt and torch load.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from latentlab.ui.application import make_application
from tests.window.monkey.player import FaultError, Faults, Monkey


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.window.monkey", description=__doc__)
    parser.add_argument("--seed", type=int, help="by default another one each time")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it plays")
    parser.add_argument("--acts", type=int, help="how often it acts at most")
    return parser.parse_args(given)


def _log_unraisable(found: "sys.UnraisableHookArgs") -> None:
    logging.error("%s", found.err_msg, exc_info=found.exc_value)


def _log_uncaught(*exc_info: Any) -> None:
    logging.error("uncaught", exc_info=exc_info)


def main(given: Sequence[str] | None = None) -> int:
    """Play; returns 0 if nothing was found."""
    options = _arguments(given)
    seed = options.seed if options.seed is not None else Random().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    faulthandler.enable()
    warnings.simplefilter("error")
    sys.unraisablehook, sys.excepthook = _log_unraisable, _log_uncaught
    faults = Faults()
    logging.getLogger().addHandler(faults)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    # A look for what is left behind goes over all objects: those of modules are none of it.
    gc.freeze()
    app = make_application()
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory(prefix="latentlab-monkey-") as folder:
        # Dialogs begin at home, and what is typed into them may be relative.
        os.environ["HOME"] = folder
        os.chdir(folder)
        monkey = Monkey(app, Path(folder), seed, faults)
        try:
            monkey.play(options.seconds, options.acts)
        except FaultError as error:
            print(f"seed {seed}, act {monkey.tally.acts}:\n{error}", flush=True)
            # The window may be in any state, so nothing of it is taken apart.
            os._exit(1)
        finally:
            faulthandler.cancel_dump_traceback_later()
            os.chdir("/")
    print(json.dumps({"seed": seed, **vars(monkey.tally)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
