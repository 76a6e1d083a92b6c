"""An ONNX model in a limited process of its own, asked from here."""

import hashlib
import importlib.util
import json
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import shown
from latentlab.errors import InputError
from latentlab.training.onnx_child import MEMORY, send

Float32Array = npt.NDArray[np.float32]

MAX_BYTES = 1 << 30
SECONDS = 60.0  # at most, for an answer: loading is one
# For the answer to some rows: a window may wait for one of them, but not for long.
_RUN_SECONDS, _ROW_SECONDS = 5.0, 0.03
# Room for some images at once, where the system lets it be chosen: fewer turns to read them.
_PIPE_BYTES = 1 << 20
_MOST_ANSWER = 1 << 30  # bytes
_MOST_TEXT = 1 << 20


@dataclass(frozen=True)
class Port:
    """An input or output. shape: None for a size that is not fixed."""

    name: str
    type: str
    shape: tuple[int | None, ...]


class OnnxProcess:
    """One model; `close` ends the process. Every method raises InputError naming the file.

    Threads take turns, in the order in which they come: one that asks much, slice after slice,
    lets others in between.
    """

    def __init__(
        self,
        path: Path,
        seconds: float = SECONDS,
        started: "Callable[[OnnxProcess], None] | None" = None,
    ) -> None:
        """started: is given this before it is loaded, so that another thread can close it."""
        self.path = path
        self._seconds = seconds
        self._next, self._turn = threading.Lock(), threading.Lock()
        content = _content(path)
        self.size, digest = len(content), hashlib.sha256(content)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "latentlab.training.onnx_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=_PIPE_BYTES,
        )
        try:
            if started is not None:
                started(self)
            answer, _ = self._ask({}, content, seconds)
            if "beside" in answer:
                content = self._weights(str(answer["beside"]))
                self.size += len(content)
                digest.update(content)
                answer, _ = self._ask({}, content, seconds)
            self.sha256 = digest.hexdigest()
            self.inputs = _ports(answer["inputs"])
            self.outputs = _ports(answer["outputs"])
            self.opset = int(answer["opset"])
            self._check()
        except BaseException:
            self.close()
            raise

    def run(self, x: Float32Array) -> dict[str, Float32Array]:
        """All outputs at x, whose first axis is the batch, in the shape its input asks for."""
        batch = self.inputs[0].shape[0] if self.inputs[0].shape else None
        size = batch if batch and batch < len(x) else len(x)
        parts = []
        for start in range(0, len(x), size):
            rows = x[start : start + size]
            missing = batch - len(rows) if batch else 0
            # A model that was exported for so many at once always gets so many.
            full = np.concatenate([rows, np.repeat(rows[:1], missing, axis=0)]) if missing else rows
            parts.append({name: a[: len(rows)] for name, a in self._run(full).items()})
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process; whoever waits for its answer gets an InputError."""
        self._process.kill()
        self._process.wait()
        with self._turn:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with _ended():
                        pipe.close()

    def _run(self, x: Float32Array) -> dict[str, Float32Array]:
        rows = np.ascontiguousarray(x, np.float32)
        limit = min(self._seconds, _RUN_SECONDS + _ROW_SECONDS * len(rows))
        answer, content = self._ask({"shape": list(rows.shape)}, rows, limit)
        found, start = {}, 0  # in bytes
        for name, shape in answer["shapes"].items():
            count = int(np.prod(shape))
            values = np.frombuffer(content, np.float32, count, start).reshape(shape)
            start += values.nbytes
            if values.ndim == 0 or len(values) != len(rows):
                raise InputError(
                    f"{self.path} gives {shown(name)} of shape {tuple(shape)} for {len(rows)} "
                    f"inputs of shape {tuple(rows.shape[1:])}: one of each is needed."
                )
            if not np.isfinite(values).all():
                raise InputError(
                    f"{self.path} cannot be used: its output {shown(name)} holds values that are "
                    "not finite."
                )
            found[name] = values
        return found

    def _weights(self, name: str) -> bytes:
        """The content of the other file that holds the model's weights, by the name it gives."""
        inside = "export it with all weights inside (external_data=False)"
        # As Windows has it, which parts names at more than others do.
        if PureWindowsPath(name).name != name or name in ("", "..") or "\0" in name:
            raise InputError(
                f"{self.path} takes weights from {shown(name) or 'a file without a name'}, and "
                f"only a file beside it is opened: {inside}."
            )
        try:
            return _content(self.path.with_name(name))
        except InputError as error:
            raise InputError(
                f"{self.path} takes its weights from another file, and {str(error).rstrip('.')}: "
                f"put both into one folder, or {inside}."
            ) from error

    def _check(self) -> None:
        if len(self.inputs) != 1:
            raise InputError(f"{self.path} has {len(self.inputs)} inputs, but one is needed.")
        port = self.inputs[0]
        if port.type != "tensor(float)":
            raise InputError(
                f"{self.path} takes {shown(port.name)} as {shown(port.type)}, but only float32, "
                "tensor(float), is given: export it in float32."
            )

    def _ask(
        self, message: dict[str, Any], content: bytes | Float32Array, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        # Who holds `_next` has the next turn, so that none who has just had one takes it again.
        with self._next:
            self._turn.acquire()
        try:
            return self._ask_now(message, content, seconds)
        finally:
            self._turn.release()

    def _ask_now(
        self, message: dict[str, Any], content: bytes | Float32Array, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        source, answers = self._process.stdin, self._process.stdout
        assert source is not None and answers is not None  # noqa: PT018
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        if self.ended:
            raise InputError(
                f"{self.path} answers no more, since its process ended: open it again."
            )
        timer = threading.Timer(seconds, give_up)
        timer.start()
        try:
            with _ended():
                send(source, message, content)
            answer, values = self._answer(answers)
        finally:
            timer.cancel()
            timer.join()
        if answer is None:
            # It may be closing its pipes still.
            self._process.kill()
            self._process.wait()
            why = f"no answer within {seconds:g} s" if late.is_set() else "its process ended"
            raise InputError(f"{self.path} cannot be used: {why}.")
        if answer.get("memory"):
            raise InputError(
                f"{self.path} cannot be used: it needs more than {MEMORY >> 30} GB of memory."
            )
        if "refused" in answer:
            raise InputError(f"{self.path} {shown(str(answer['refused']))}.")
        if "failed" in answer:
            # One sentence, however many the runtime says.
            reason = re.sub(r"[.!?](?=\s|$)", ";", shown(str(answer["failed"]))).rstrip("; ")
            raise InputError(f"{self.path} cannot be run ({reason}).")
        return answer, values

    @staticmethod
    def _answer(answers: Any) -> tuple[dict[str, Any] | None, bytes]:
        """None where the process is gone, or says what it must not."""
        head = answers.read(4)
        length = int.from_bytes(head, "little")
        if len(head) < 4 or length > _MOST_TEXT:
            return None, b""
        text = answers.read(length)
        if len(text) < length:
            return None, b""
        answer = json.loads(text)
        if not 0 <= answer["size"] <= _MOST_ANSWER:
            return {"memory": True}, b""
        values = answers.read(answer["size"])
        return (answer, values) if len(values) == answer["size"] else (None, b"")


@contextmanager
def _ended() -> Iterator[None]:
    """What is written to a process that is gone is noticed when its answer is read."""
    try:
        yield
    except (BrokenPipeError, OSError):
        return


def _content(path: Path) -> bytes:
    if any(importlib.util.find_spec(name) is None for name in ("onnxruntime", "onnx")):
        raise InputError(
            f'{path} is not opened without onnxruntime: pip install "latentlab[onnx]".'
        )
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file.")
        if status.st_size > MAX_BYTES:
            size = status.st_size / 1e9
            raise InputError(f"{path} is {size:.1f} GB, but only models of up to 1 GB are opened.")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not content:
        raise InputError(f"{path} is empty.")
    return content


def _ports(values: list[dict[str, Any]]) -> tuple[Port, ...]:
    return tuple(Port(v["name"], v["type"], tuple(v["shape"])) for v in values)
