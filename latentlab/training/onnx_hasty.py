"""An ONNX model for a thread that must not wait: that of a window."""

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

from latentlab.core.spec import Unseen
from latentlab.errors import BusyError
from latentlab.training.onnx_vae import OnnxVAE

Found = TypeVar("Found")
_SECONDS = 0.5


class HastyVAE:
    """Encodes and decodes as `model` does; where its answer takes long raises BusyError instead.

    The answer is then left to come to nobody; until it has, BusyError is raised at once. All
    methods are for one thread.
    """

    def __init__(self, model: OnnxVAE) -> None:
        self.architecture: Unseen = model.architecture
        self.device: torch.device = model.device
        self._model = model
        self._left: queue.SimpleQueue[Any] | None = None  # for an answer that nobody waits for

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As OnnxVAE.encode."""
        return self._ask(lambda: self._model.encode(x))

    def decode(self, z: Tensor) -> Tensor:
        """As OnnxVAE.decode."""
        return self._ask(lambda: self._model.decode(z))

    def _ask(self, what: Callable[[], Found]) -> Found:
        if self._left is not None and self._left.empty():
            raise self._busy()
        answers: queue.SimpleQueue[Found | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(what())
            except Exception as error:  # it is raised where it was asked
                answers.put(error)

        # It ends by itself: with the answer, or with the process that does not give it.
        threading.Thread(target=ask, name="latentlab-onnx", daemon=True).start()
        try:
            answer = answers.get(timeout=_SECONDS)
        except queue.Empty:
            self._left = answers
            raise self._busy() from None
        self._left = None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _busy(self) -> BusyError:
        names = " and ".join(path.name for path in self._model.paths)
        return BusyError(f"{names} have not answered yet: try again in a moment.")
