"""ONNX encoders that must be refused."""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.bad_files.entry import BadFile

_WEIGHTS = "weights.bin"
_FLOAT, _DOUBLE, _INTEGER = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64


def initial(name: str, values: Any) -> Any:
    return numpy_helper.from_array(np.asarray(values), name)


def encoder(
    nodes: list[Any],
    initial: list[Any],
    *,
    inputs: tuple[tuple[str, int, tuple[Any, ...]], ...] = (("x", _FLOAT, ("N", 784)),),
    output: int = _FLOAT,
    domain: str = "",
) -> bytes:
    """A model with the output "mu" of these nodes."""
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info(*port) for port in inputs],
        [helper.make_tensor_value_info("mu", output, None)], initial,
    )  # fmt: skip
    sets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    content: bytes = helper.make_model(graph, opset_imports=sets, ir_version=8).SerializeToString()
    return content


def linear(factor: float = 0.01) -> bytes:
    """mu and logvar in one output, 4 values, of x (N, 784)."""
    weight = np.full((784, 4), factor, np.float32)
    return encoder([helper.make_node("MatMul", ["x", "w"], ["mu"])], [initial("w", weight)])


def decoder() -> bytes:
    """An image of z (N, 2)."""
    weight = np.full((2, 784), 0.01, np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["mu"])]
    return encoder(nodes, [initial("w", weight)], inputs=(("x", _FLOAT, ("N", 2)),))


def endless() -> bytes:
    """A loop that goes on for 2^62 rounds."""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["again"]), helper.make_node("Sin", ["v"], ["w"])],
        "body",
        [value("i", _INTEGER, ()), value("c", TensorProto.BOOL, ()), value("v", _FLOAT, None)],
        [value("again", TensorProto.BOOL, ()), value("w", _FLOAT, None)],
    )
    loop = helper.make_node("Loop", ["rounds", "go", "x"], ["mu"], body=body)
    return encoder([loop], [initial("rounds", np.int64(2**62)), initial("go", np.bool_(True))])


def _outside(location: str = "/etc/passwd", name: str = "w", **where: str) -> Any:
    tensor = TensorProto(name=name, data_type=_FLOAT, dims=[784, 4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **where}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def _outside_within() -> bytes:
    """Outside data in a branch of an If."""
    constant = helper.make_node("Constant", [], ["b"], value=_outside())
    value = helper.make_tensor_value_info("b", _FLOAT, None)
    branch = helper.make_graph([constant], "b", [], [value])
    node = helper.make_node("If", ["yes"], ["mu"], then_branch=branch, else_branch=branch)
    return encoder([node], [initial("yes", np.bool_(True))])


def make_onnx(folder: Path) -> list[BadFile]:
    """Write bad encoders into `folder`, which is made if it is not there, and list them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (message, content) in {**_files(), **_graphs(), **_shapes()}.items():
        path = folder / f"{name}.onnx"
        path.write_bytes(content)
        made.append(BadFile(f"onnx-{name}", path, "onnx", message))
    (folder / _WEIGHTS).write_bytes(bytes(100))
    directory = folder / "folder.onnx"
    directory.mkdir(exist_ok=True)
    return [
        *made,
        BadFile("onnx-missing", folder / "missing.onnx", "onnx", "does not exist"),
        BadFile("onnx-folder", directory, "onnx", "is not a regular file"),
    ]


def _files() -> dict[str, tuple[str, bytes]]:
    good, matmul = linear(), [helper.make_node("MatMul", ["x", "w"], ["mu"])]
    return {
        "empty": ("is empty", b""),
        "text": ("is not an ONNX model", b"These are my weights: 0.1, 0.2, 0.3\n"),
        "truncated": ("is not an ONNX model", good[: len(good) // 2]),
        **{
            f"outside-{name}": (message, encoder(matmul, tensors))
            for name, (message, tensors) in _outsides().items()
        },
        "outside-within": ("passwd, and only a file beside it is opened", _outside_within()),
    }


def _outsides() -> dict[str, tuple[str, list[Any]]]:
    only, short = "and only a file beside it is opened", "takes more weights .* than it holds"
    return {
        "anywhere": (f"takes weights from /etc/passwd, {only}", [_outside()]),
        "above": (only, [_outside("../secret")]),
        "windows": (only, [_outside("C:secret")]),
        "unnamed": (f"a file without a name, {only}", [_outside("")]),
        "unsaid": (only, [_outside("a\0b")]),
        "missing": ("missing.bin does not exist: put both into one", [_outside("missing.bin")]),
        "folder": ("folder.onnx is not a regular file", [_outside("folder.onnx")]),
        "two": ("from 2 other files", [_outside("a.bin"), _outside("b.bin", "v")]),
        "short": (short, [_outside(_WEIGHTS, offset="0", length="12544")]),
        "before": (short, [_outside(_WEIGHTS, offset="-8", length="16")]),
        "few": (r"cannot be run \(", [_outside(_WEIGHTS, offset="0", length="100")]),
        "no-number": ("is not an ONNX model", [_outside(_WEIGHTS, offset="here")]),
    }


def _graphs() -> dict[str, tuple[str, bytes]]:
    node, scale = helper.make_node, initial("z", np.float32(0))
    vast = [node("ConstantOfShape", ["s"], ["big"]), node("ReduceSum", ["big"], ["mu"])]
    nan = [node("Mul", ["x", "z"], ["zero"]), node("Div", ["zero", "zero"], ["mu"])]
    doubled = [node("Cast", ["x"], ["mu"], to=_DOUBLE)]
    return {
        "4-tb": ("it needs more than 4 GB of memory", encoder(vast, [initial("s", [2**40])])),
        "overflow": ("cannot be run|more than 4 GB", encoder(vast, [initial("s", [2**61] * 3)])),
        "nan": ("its output mu holds values that are not finite", encoder(nan, [scale])),
        "float64": (
            r"takes x as tensor\(double\), but only float32",
            encoder([node("Identity", ["x"], ["mu"])], [], inputs=(("x", _DOUBLE, ("N", 784)),),
                    output=_DOUBLE),
        ),
        "gives-float64": ("gives mu that is no float32", encoder(doubled, [], output=_DOUBLE)),
        "unknown-operator": (
            r"cannot be run \(",
            encoder([node("Run", ["x"], ["mu"], domain="evil")], [], domain="evil"),
        ),
    }  # fmt: skip


def _shapes() -> dict[str, tuple[str, bytes]]:
    node = helper.make_node
    same = [node("Identity", ["x"], ["mu"])]
    three = [node("Add", ["three", "three"], ["mu"])]
    odd = [node("MatMul", ["x", "w"], ["mu"])]
    two = (("x", _FLOAT, ("N", 784)), ("y", _FLOAT, ("N", 784)))
    return {
        "two-inputs": ("has 2 inputs, but one is needed", encoder(
            [node("Add", ["x", "y"], ["mu"])], [], inputs=two)),
        "larger-images": (
            r"takes images of shape N×1×32×32, but the data has 28×28 grey \(1×28×28\)",
            encoder(same, [], inputs=(("x", _FLOAT, ("N", 1, 32, 32)),)),
        ),
        "one-for-all": (
            r"gives mu of shape \(3, 4\) for 2 inputs",
            encoder(three, [initial("three", np.ones((3, 4), np.float32))]),
        ),
        "no-spread": (
            "gives mu of 3 values and nothing for σ",
            encoder(odd, [initial("w", np.zeros((784, 3), np.float32))]),
        ),
    }  # fmt: skip
