"""The engine and the viewer together. Importing this imports torch."""

from collections.abc import Callable

from latentlab.app.looks import Reply, Worker
from latentlab.app.opening import Opened
from latentlab.app.viewer import Viewer
from latentlab.core.vae import check_size, vae_from_parameters
from latentlab.errors import InputError
from latentlab.training.engine import Engine
from latentlab.training.threads import leave_a_core_free


class Laboratory:
    """What works behind a window: threads that train, look and read, ended by `shutdown`.

    Looks and files have a worker each, since a large folder is read for seconds.
    """

    def __init__(self) -> None:
        leave_a_core_free()
        self.worker = Worker("latentlab-viewer")
        self.reader = Worker("latentlab-reader")
        self.viewer = Viewer(self.worker)
        self.engine = Engine()
        self.engine.start()

    def open(self, read: Callable[[], Opened]) -> None:
        """Read and check in the background; the reply "open" is an Opened or an error.

        What was to be opened before and is not yet read is given up.
        """
        self.reader.forget("open")
        self.reader.submit("open", lambda: _checked(read()))

    def replies(self) -> list[Reply]:
        """The newest reply of each kind, of looks and of files, since last asked."""
        return [*self.worker.replies(), *self.reader.replies()]

    def shutdown(self) -> bool:
        """End all threads; False if one did not end in time."""
        ended = [part.shutdown() for part in (self.engine, self.worker, self.reader)]
        return all(ended)


def _checked(opened: Opened) -> Opened:
    """`opened`, if its network can be had: that of its file, or one from scratch."""
    checkpoint = opened.checkpoint
    if checkpoint is not None:
        try:
            vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
        except InputError as error:
            raise InputError(f"{opened.model} cannot be used: {error}.") from error
    else:
        try:
            check_size(opened.architecture)
        except InputError as error:
            size = "×".join(str(n) for n in opened.pair.train.image_shape[1:])
            raise InputError(
                f"{opened.data} has images of {size}, which are too large: {error}."
            ) from error
    return opened
