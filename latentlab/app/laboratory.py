"""The engine and the viewer together. Importing this imports torch."""

import os
from collections.abc import Callable

import torch

from latentlab.app.looks import Worker
from latentlab.app.opening import Opened
from latentlab.app.viewer import Viewer
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from latentlab.training.engine import Engine


class Laboratory:
    """What works behind a window: two threads, ended by `shutdown`."""

    def __init__(self) -> None:
        # With all cores in one operation, the window and the trainer starve each other.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        self.worker = Worker()
        self.viewer = Viewer(self.worker)
        self.engine = Engine()
        self.engine.start()

    def open(self, read: Callable[[], Opened]) -> None:
        """Read and check in the background; the worker's reply "open" is an Opened or an error.

        What was to be opened before and is not yet read is given up.
        """
        self.worker.forget("open")
        self.worker.submit("open", 0, lambda: _checked(read()))

    def shutdown(self) -> bool:
        """End both threads; False if one did not end in time."""
        ended = self.engine.shutdown()
        return self.worker.shutdown() and ended


def _checked(opened: Opened) -> Opened:
    if opened.checkpoint is not None:
        try:
            vae_from_parameters(opened.checkpoint.architecture, opened.checkpoint.parameters)
        except InputError as error:
            raise InputError(f"{opened.model} cannot be used: {error}.") from error
    return opened
