"""The engine and the viewer together. Importing this imports torch."""

import threading
from collections.abc import Callable
from pathlib import Path

from latentlab.app.inference import Inference
from latentlab.app.looks import Reply, Worker
from latentlab.app.onnx_model import OnnxOffer
from latentlab.app.opening import Opened
from latentlab.app.profile import EngineKind
from latentlab.app.viewer import Viewer
from latentlab.core.spec import Likelihood
from latentlab.core.vae import check_size, vae_from_parameters
from latentlab.data.dataset import Dataset
from latentlab.data.image_folder import Preview
from latentlab.errors import InputError
from latentlab.training.comparison import ComparisonEngine
from latentlab.training.device import devices
from latentlab.training.engine import Engine
from latentlab.training.frozen import FrozenEngine
from latentlab.training.messages import Compared, DeviceName, Snapshot
from latentlab.training.onnx_hasty import HastyVAE
from latentlab.training.onnx_process import OnnxProcess
from latentlab.training.onnx_vae import OnnxVAE
from latentlab.training.process import ProcessEngine
from latentlab.training.rescue import rescue
from latentlab.training.threads import leave_a_core_free

AnyEngine = Engine | FrozenEngine | ProcessEngine[Snapshot]


class Laboratory:
    """What works behind a window: threads that train, look and read, ended by `shutdown`.

    The engine may be in a process of its own instead. Looks, integrals, lessons and files have a
    worker each, since an integral takes up to a second, and a large folder is read for seconds.
    """

    def __init__(self, kind: EngineKind = "thread") -> None:
        leave_a_core_free()
        self._kind = kind
        self._started = False
        self.worker = Worker("latentlab-viewer")
        self.reader = Worker("latentlab-reader")
        self.inference = Inference()
        self.lessons = Worker("latentlab-lessons")
        self.viewer = Viewer(self.worker)
        self._onnx: OnnxVAE | None = None  # the model that is open, if it is one
        self._processes: list[OnnxVAE] = []
        self._lock = threading.Lock()
        self._loading: list[OnnxProcess] = []  # of a model that is looked into by the reader
        self._ending = False
        self.engine = self._new_engine()
        self.comparison: ComparisonEngine | ProcessEngine[Compared] | None = None

    def start_comparison(self) -> ComparisonEngine | ProcessEngine[Compared]:
        """The engine for comparisons; if there was none, it knows of nothing yet."""
        if self.comparison is None:
            own = self._kind == "process"
            self.comparison = ProcessEngine("comparison") if own else ComparisonEngine()
            self.comparison.start()
        return self.comparison

    def end_comparison(self) -> None:
        """End the engine for comparisons, if there is one."""
        if self.comparison is not None:
            self.comparison.shutdown()
            self.comparison = None

    def new_viewer(self, train: Dataset) -> Viewer:
        """Another viewer, of these images, which has no weights yet."""
        viewer = Viewer(self.worker)
        viewer.set_data(train)
        return viewer

    def start_engine(self) -> None:
        """Start the engine, unless it is: what was sent to it waits until then."""
        if not self._started:
            self._started = True
            self.engine.start()

    def look_with(self, opened: Opened, likelihood: Likelihood) -> bool:
        """Look with what is opened until an engine has more to say; whether there is a model.

        The engine is one for it: another takes its place where one cannot train, or again can. An
        ONNX model that was open ends. Raises InputError when weights are not of their architecture.
        """
        before, self._onnx = self._onnx, opened.onnx
        if self._onnx is not before:
            self.end_onnx(self._onnx)
            self.engine.shutdown()
            self.engine = self._new_engine()
            self._started = False
        if opened.onnx is not None:
            self.viewer.take_fixed(opened.onnx, HastyVAE(opened.onnx), likelihood)
        elif opened.checkpoint is not None:
            self.viewer.take_opened(opened.checkpoint, likelihood)
        return self.viewer.ready

    def look_into_onnx(self, start: Callable[[Callable[[OnnxProcess], None]], OnnxOffer]) -> None:
        """Look into ONNX files in the background; the reply "onnx" is what `start` gives.

        Its processes end with the laboratory, if not before; what was looked into before is given
        up. start: tells what it is given of each process, before it waits for it.
        """
        self._give_up_loading()
        self.reader.submit("onnx", lambda: self._offer(start))

    def _offer(self, start: Callable[[Callable[[OnnxProcess], None]], OnnxOffer]) -> OnnxOffer:
        try:
            offer = start(self._begin_loading)
            self._processes.append(offer.model)
            return offer
        finally:
            with self._lock:
                self._loading.clear()

    def _begin_loading(self, process: OnnxProcess) -> None:
        with self._lock:
            self._loading.append(process)
            ending = self._ending
        if ending:
            process.close()

    def _give_up_loading(self) -> None:
        """End the ONNX model that is looked into: no reply to it follows."""
        self.reader.forget("onnx")
        with self._lock:
            loading = list(self._loading)
        for process in loading:
            process.close()

    def end_onnx(self, but: OnnxVAE | None = None) -> None:
        """End the processes of ONNX models, but those of this one."""
        kept = [model for model in self._processes if but is not None and model.shares(but)]
        for model in self._processes:
            if model not in kept:
                model.close()
        self._processes = kept

    def replace_engine(self) -> None:
        """Start an engine in place of one whose process has ended; it knows of nothing yet."""
        self.engine.shutdown()
        self.engine = self._new_engine()
        self._started = False
        self.start_engine()

    @property
    def devices(self) -> tuple[DeviceName, ...]:
        """Where torch could train on this machine; the processor first."""
        return devices()

    def open(self, read: Callable[[], Opened | Preview]) -> None:
        """Read and check in the background; the reply "open" is what was read or an error.

        What was to be opened before and is not yet read is given up.
        """
        self.reader.forget("open")
        self._give_up_loading()
        self.reader.submit("open", lambda: _checked(read()))

    def rescue(self, last: Snapshot, train: Dataset, path: Path, *, autosave: bool) -> None:
        """Save what was last seen of a run whose engine is gone; the reply is its notice."""
        self.reader.submit(
            f"rescue to {path}", lambda: rescue(last, train, path, autosave=autosave)
        )

    def replies(self) -> list[Reply]:
        """The newest reply of each kind, of looks and of files, since last asked."""
        return [
            *self.worker.replies(),
            *self.inference.replies(),
            *self.lessons.replies(),
            *self.reader.replies(),
        ]

    def shutdown(self) -> bool:
        """End all threads; False if one did not end in time."""
        parts = (self.engine, self.worker, self.inference, self.lessons, self.reader)
        self._ending = True
        self._give_up_loading()  # first: whoever waits for an answer of theirs would wait on
        self.end_onnx()
        ended = [part.shutdown() for part in parts]
        self.end_onnx()  # and one that came up meanwhile
        if self.comparison is not None:
            ended.append(self.comparison.shutdown())
        return all(ended)

    def _new_engine(self) -> AnyEngine:
        if self._onnx is not None:
            return FrozenEngine(self._onnx)
        return ProcessEngine() if self._kind == "process" else Engine()


def _checked(opened: Opened | Preview) -> Opened | Preview:
    """`opened`, if its network can be had: that of its file, or one from scratch."""
    if isinstance(opened, Preview):
        return opened
    checkpoint = opened.checkpoint
    if opened.onnx is not None:
        return opened
    if checkpoint is not None:
        try:
            vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
        except InputError as error:
            raise InputError(
                f"{opened.model} cannot be used: {error}; use another copy."
            ) from error
    else:
        try:
            check_size(opened.architecture)
        except InputError as error:
            size = "×".join(str(n) for n in opened.pair.train.image_shape[1:])
            raise InputError(
                f"{opened.data} has images of {size}, which are too large: {error}."
            ) from error
    return opened
