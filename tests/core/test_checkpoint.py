"""Models in files: what is written comes back, what is damaged does not, nothing is lost."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from latentlab.core.checkpoint import (
    MAX_BYTES,
    Checkpoint,
    check_shapes,
    load_checkpoint,
    save_checkpoint,
)
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from tests.core.examples import (
    TINY,
    architectures,
    likelihoods,
    loss_weights,
    model,
    parameters,
)

# Every example writes the same file anew.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def assert_same_arrays(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert found[name].shape == array.shape
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def assert_same(found: Checkpoint, expected: Checkpoint) -> None:
    for name in ("architecture", "likelihood", "weights", "data", "training"):
        assert getattr(found, name) == getattr(expected, name)
    for name in ("parameters", "optimizer", "cloud", "curves", "progress"):
        assert_same_arrays(getattr(found, name), getattr(expected, name))


# --- round trips ---------------------------------------------------------------------------------


@same_folder
@given(architectures, likelihoods, loss_weights)
def test_what_is_saved_comes_back(
    path: Path, architecture: Architecture, likelihood: Likelihood, weights: LossWeights
) -> None:
    saved = model(architecture, likelihood=likelihood, weights=weights)
    save_checkpoint(saved, path)
    loaded = load_checkpoint(path)
    assert_same(loaded, saved)
    vae = vae_from_parameters(loaded.architecture, loaded.parameters)
    assert vae.architecture == architecture


texts = st.text(max_size=200).filter(str.isprintable) | st.just("μ" * 200)


@same_folder
@given(texts, texts, st.integers(0, 2**53), st.floats(0, 2**53))
def test_any_text_and_number_about_the_data_and_the_training_comes_back(
    path: Path, name: str, formula: str, steps: int, seconds: float
) -> None:
    marks = [{"step": steps, "formula": formula, "weights": {}}]
    training = {"steps": steps, "seconds": seconds, "marks": marks}
    saved = model(data={"name": name}, training=training)
    save_checkpoint(saved, path)
    assert_same(load_checkpoint(path), saved)


def test_a_model_without_history_comes_back(path: Path) -> None:
    bare = Checkpoint(TINY, Likelihood(), LossWeights(), parameters(TINY))
    save_checkpoint(bare, path)
    assert_same(load_checkpoint(path), bare)


def test_arrays_that_are_not_contiguous_come_back(path: Path) -> None:
    cloud = np.arange(20, dtype=np.float32).reshape(2, 10).T
    saved = model(cloud={"mu": cloud, "logvar": cloud[::-1]})
    save_checkpoint(saved, path)
    assert_same(load_checkpoint(path), saved)


def test_the_metadata_is_json_that_others_can_read(path: Path) -> None:
    saved = model()
    save_checkpoint(saved, path)
    with safe_open(path, framework="numpy") as file:
        header = file.metadata()
    metadata = json.loads(header["latentlab"])
    assert metadata["architecture"]["hidden"] == [4]
    assert metadata["likelihood"] == {"name": "gaussian", "variance": 0.25}
    assert metadata["training"]["steps"] == 7
    assert len(header["sha256"]) == 64


# --- damage --------------------------------------------------------------------------------------


def test_every_flipped_bit_of_a_byte_is_noticed(path: Path) -> None:
    """One bit of every byte: length, header (padding, names, metadata, checksum) and tensors."""
    save_checkpoint(model(Architecture((1, 1, 2), 1, "mlp", (1,)), optimizer={}), path)
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    assert header < len(whole)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"model\.safetensors"):
            load_checkpoint(path)
    path.write_bytes(whole)
    load_checkpoint(path)


@same_folder
@given(st.data())
def test_any_other_byte_in_the_tensors_is_noticed(path: Path, data: st.DataObject) -> None:
    save_checkpoint(model(), path)
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    position = data.draw(st.integers(start, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises(InputError, match="SHA-256"):
        load_checkpoint(path)


def test_every_shorter_and_longer_file_is_noticed(path: Path) -> None:
    save_checkpoint(model(Architecture((1, 1, 2), 1, "mlp", (1,)), optimizer={}), path)
    whole = path.read_bytes()
    for content in [*(whole[:length] for length in range(len(whole))), whole + b"\0"]:
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"model\.safetensors"):
            load_checkpoint(path)


@same_folder
@given(st.binary(max_size=200))
def test_noise_is_refused(path: Path, noise: bytes) -> None:
    path.write_bytes(noise)
    with pytest.raises(InputError, match=r"model\.safetensors"):
        load_checkpoint(path)


def test_tensors_that_swapped_names_are_noticed(path: Path) -> None:
    same_shape = {"a": np.zeros(2, np.float32), "b": np.ones(2, np.float32)}
    save_checkpoint(model(optimizer=same_shape), path)
    content = path.read_bytes()
    swapped = content.replace(b'"optimizer.a"', b'"optimizer.x"')
    swapped = swapped.replace(b'"optimizer.b"', b'"optimizer.a"')
    path.write_bytes(swapped.replace(b'"optimizer.x"', b'"optimizer.b"'))
    with pytest.raises(InputError, match="SHA-256"):
        load_checkpoint(path)


# --- what would be lost --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"parameters": {"w": np.array([math.nan], np.float32)}}, "not finite"),
        ({"parameters": {"w": np.zeros(1)}}, "float64, not float32"),
        ({"cloud": {"mu": np.zeros((3, 2), np.float32)}}, "stored posteriors"),
        ({"cloud": {"mu": np.zeros((3, 5), np.float32)} | {"logvar": np.zeros(1)}}, "posteriors"),
        ({"training": {"steps": -1}}, r"training\.steps"),
        # Strided, so that it takes no memory.
        (
            {"optimizer": {"w": np.broadcast_to(np.float32(0), (MAX_BYTES // 4 + 1,))}},
            "2 GB",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_model_that_could_not_be_opened_again_does_not_replace_a_good_one(
    path: Path, changes: dict[str, Any], what: str
) -> None:
    save_checkpoint(model(), path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=rf"model\.safetensors: .*{what}"):
        save_checkpoint(model(**changes), path)
    assert path.read_bytes() == before


def test_half_precision_halves_the_parameters_alone(path: Path) -> None:
    whole = model(Architecture(hidden=(64,)))
    save_checkpoint(whole, path)
    size = path.stat().st_size
    save_checkpoint(whole, path, half=True)
    assert size - path.stat().st_size == pytest.approx(
        2 * sum(array.size for array in whole.parameters.values()), rel=0.01
    )
    found = load_checkpoint(path)
    rounded = {n: a.astype(np.float16).astype(np.float32) for n, a in whole.parameters.items()}
    assert_same(found, replace(whole, parameters=rounded))


def test_half_precision_refuses_what_it_cannot_hold(path: Path) -> None:
    huge = {name: array * np.float32(1e6) + 1e6 for name, array in model().parameters.items()}
    with pytest.raises(InputError, match="not finite"):
        save_checkpoint(model(parameters=huge), path, half=True)
    assert not path.exists()


def test_a_header_of_any_length_is_a_header(path: Path) -> None:
    """The file begins with its header's length, which may look like the start of a pickle."""
    weights = {"w": np.zeros(1, np.float32)}
    starts = set()
    for padding in range(0, 520, 8):
        data = {"note": "x" * padding}
        save_checkpoint(Checkpoint(TINY, Likelihood(), LossWeights(), weights, data=data), path)
        starts.add(path.read_bytes()[:2])
        load_checkpoint(path)
    assert starts & {b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"}


def test_a_type_that_is_not_for_models_is_a_mistake_of_the_caller(path: Path) -> None:
    with pytest.raises(ValueError, match="float16"):
        save_checkpoint(model(optimizer={"w": np.zeros(1, np.float16)}), path)
    assert not path.exists()


LIMITED = """
import resource, sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
path = Path(sys.argv[1])
old = load_checkpoint(path)
if sys.argv[2:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
save_checkpoint(old, path)
try:
    save_checkpoint(replace(old, optimizer={"w": np.zeros(1 << 20)}), path)
except OSError as error:
    print(error.strerror)
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on file sizes")
def test_the_old_file_survives_a_write_past_the_limit_on_file_sizes(path: Path) -> None:
    save_checkpoint(model(), path)
    before = load_checkpoint(path)
    done = run(sys.executable, "-c", LIMITED, str(path), str(1 << 16))
    assert (done.stdout, done.stderr) == ("File too large\n", "")
    assert_same(load_checkpoint(path), before)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="a small file system takes a mount namespace")
def test_the_old_file_survives_a_full_disk(path: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    save_checkpoint(model(), path)
    before = load_checkpoint(path)
    mount = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
    if run(*mount, 'mount -t tmpfs -o size=256k tmpfs "$1"', "sh", str(disk)).returncode:
        pytest.skip("this machine lets no user mount a file system")
    script = (
        'mount -t tmpfs -o size=256k tmpfs "$1"; cp "$2" "$1/model.safetensors"; '
        '"$3" -c "$4" "$1/model.safetensors"; ls -A "$1"; cp "$1/model.safetensors" "$2"'
    )
    done = run(*mount, script, "sh", str(disk), str(path), sys.executable, LIMITED)
    assert done.stdout == "No space left on device\nmodel.safetensors\n", done.stderr
    assert_same(load_checkpoint(path), before)


# --- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "what"),
    [
        ({}, "tensor a is missing"),
        ({"a": np.zeros(2), "b": np.zeros(1)}, "tensor b does not belong"),
        ({"a": np.zeros((2, 1))}, r"tensor a has shape \(2, 1\).*needs \(2,\)"),
    ],
)
def test_other_tensors_than_expected_are_named(found: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        check_shapes("tensor", found, {"a": (2,)})
    check_shapes("tensor", {"a": np.zeros(2)}, {"a": (2,)})
