"""A limited process that runs one ONNX model, between standard input and output.

The model is a stranger's: the process may have 4 GB, may write no files, and can open none once
it has seen the model. Messages are a length (4 bytes, little-endian), JSON, and float32 values;
nothing is pickled, so that whatever happens in here cannot reach the program that asks.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt

MEMORY = 4 << 30  # bytes of address space
_CPU_SECONDS = 3_600

_log_nothing = 4  # onnxruntime's level "fatal"


class RefusedError(Exception):
    """The model cannot be used: the rest of a sentence that begins with its file's name."""


def main() -> None:
    """Answer until standard input ends."""
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what else is printed must not be taken for an answer
    import onnx  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415

    _limit_process()
    model: Any = None
    session: Any = None
    while (asked := receive(source)) is not None:
        request, content = asked
        del asked
        try:
            if session is None:
                if model is None:
                    model = _model(onnx, content)
                    if (name := _weights_file(onnx, model)) is not None:
                        send(answers, {"beside": name})
                        continue
                else:
                    _take_in(onnx, model, content)
                    content = model.SerializeToString()
                opset = _opset(model)
                model = None
                session = _session(onnxruntime, content)
                send(answers, {"inputs": _ports(session.get_inputs()), "opset": opset,
                               "outputs": _ports(session.get_outputs())})  # fmt: skip
            else:
                named = _run(session, np.frombuffer(content, np.float32).reshape(request["shape"]))
                shapes = {name: list(array.shape) for name, array in named.items()}
                send(answers, {"shapes": shapes}, *named.values())
        except RefusedError as error:
            send(answers, {"refused": str(error)})
        except MemoryError:
            send(answers, {"memory": True})
        except Exception as error:  # onnxruntime's own have no common kind
            memory = any(words in str(error).lower() for words in ("bad_alloc", "allocate"))
            send(answers, {"memory": True} if memory else {"failed": str(error)[:500]})


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """A message and what comes with it; None where the stream ends."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    message = json.loads(stream.read(int.from_bytes(head, "little")))
    return message, stream.read(message["size"])


def send(stream: IO[bytes], message: Mapping[str, Any], *arrays: npt.NDArray[Any] | bytes) -> None:
    """A message, and its arrays' bytes."""
    parts = [part if isinstance(part, bytes) else part.tobytes() for part in arrays]
    text = json.dumps({**message, "size": sum(map(len, parts))}).encode()
    stream.write(len(text).to_bytes(4, "little") + text)
    for part in parts:
        stream.write(part)
    stream.flush()


def _limit_process() -> None:
    """Where there are limits, which Windows has not."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    with contextlib.suppress(ValueError, OSError):  # macOS has no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _no_more_files() -> None:
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _model(onnx: Any, content: bytes) -> Any:
    try:
        return onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's, whichever of its implementations is installed
        raise RefusedError("is not an ONNX model") from error


def _weights_file(onnx: Any, model: Any) -> str | None:
    """What the model calls the other file that its weights are in; None: they are all inside."""
    names = {_where(tensor).get("location", "") for tensor in _outside(onnx, model)}
    if len(names) > 1:
        raise RefusedError(
            f"takes weights from {len(names)} other files, and at most one is opened: export it "
            "with all weights inside (external_data=False)"
        )
    return next(iter(names), None)


def _take_in(onnx: Any, model: Any, weights: bytes) -> None:
    """Put what the model's other file holds into the model."""
    for tensor in _outside(onnx, model):
        where = _where(tensor)
        try:
            start = int(where.get("offset", 0))
            length = int(where.get("length", len(weights) - start))
        except ValueError as error:
            raise RefusedError("is not an ONNX model") from error
        if not (0 <= start <= start + length <= len(weights)):
            raise RefusedError(
                "takes more weights from its other file than it holds: export both again"
            )
        tensor.raw_data = weights[start : start + length]
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]


def _outside(onnx: Any, model: Any) -> list[Any]:
    """The tensors whose values are not in the model itself."""
    outside = onnx.TensorProto.EXTERNAL
    return [t for t in _tensors(model) if t.external_data or t.data_location == outside]


def _where(tensor: Any) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}


def _opset(model: Any) -> int:
    """The version of ONNX's own operators that the model asks for; 0: of none."""
    return max((s.version for s in model.opset_import if s.domain in ("", "ai.onnx")), default=0)


def _session(onnxruntime: Any, content: bytes) -> Any:
    """What runs the model."""
    # Before the runtime sees it.
    _no_more_files()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _log_nothing
    options.intra_op_num_threads = max(1, (os.cpu_count() or 1) - 1)
    options.inter_op_num_threads = 1
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(content, options, providers=providers)


def _tensors(message: Any) -> Iterator[Any]:
    """Every tensor anywhere in a model: in graphs within graphs, in functions, sparse ones."""
    if message.DESCRIPTOR.name == "TensorProto":
        yield message
        return
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None:
            for part in value if hasattr(value, "__len__") else (value,):
                yield from _tensors(part)


def _ports(ports: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": port.name,
            "type": port.type,
            "shape": [size if isinstance(size, int) else None for size in port.shape],
        }
        for port in ports
    ]


def _run(session: Any, x: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
    outputs = [port.name for port in session.get_outputs()]
    found = session.run(outputs, {session.get_inputs()[0].name: x})
    named = {}
    for name, array in zip(outputs, found, strict=True):
        if not isinstance(array, np.ndarray) or array.dtype != np.float32:
            raise RefusedError(f"gives {name[:60]} that is no float32")
        named[name] = array
    return named


if __name__ == "__main__":
    main()
