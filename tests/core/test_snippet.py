"""The Python that decodes: run by a Python that knows nothing of latentlab."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from latentlab.core.checkpoint import Checkpoint, save_checkpoint
from latentlab.core.layers import Layer
from latentlab.core.objective import mean_image
from latentlab.core.snippet import checkpoint_snippet, write_python
from latentlab.core.spec import Architecture, Likelihood
from latentlab.core.vae import vae_from_parameters
from tests.core import examples

POINTS = ((0.41, -1.2), (-2.0, 1.2), (0.0, 0.0))
CASES = {
    "mlp": (Architecture(image_shape=(1, 5, 4), hidden=(8, 6)), Likelihood()),
    "residual": (
        Architecture(
            image_shape=(1, 5, 4), hidden=(9,), activation="gelu", residual_blocks=2,
            decoder_blocks=1, normalised=True,
        ),
        Likelihood("gaussian", 0.2),
    ),
    "conv": (
        Architecture(image_shape=(3, 7, 6), kind="conv", hidden=(3, 4), activation="relu"),
        Likelihood("continuous_bernoulli"),
    ),
    "another's convolutions": (
        Architecture(
            image_shape=(1, 8, 8), kind="conv", hidden=(3,), activation="relu", logvar_head="sigma",
            encoder_layers=(
                Layer("unflatten", shape=(1, 8, 8)), Layer("conv", 3, 4, 2, 1),
                Layer("activation"), Layer("pool", kernel=2), Layer("flatten"), Layer("dense", 4),
            ),
            decoder_layers=(
                Layer("dense", 12), Layer("unflatten", shape=(3, 2, 2)),
                Layer("deconv", 3, 3, 2, 1, 1), Layer("activation"),
                Layer("enlarge", stride=2), Layer("conv", 1, 3, 1, 1), Layer("flatten"),
            ),
        ),
        Likelihood(),
    ),
    "another's": (
        Architecture(
            image_shape=(1, 5, 4), hidden=(8, 6), activation="leaky_relu", leak=0.2,
            decoder_hidden=(7,), logvar_head="free", output="image",
        ),
        Likelihood(),
    ),
}  # fmt: skip


def images_of(folder: Path, code: str) -> npt.NDArray[np.float32]:
    """What the code leaves in `images`. -S -I: none of this process's paths, but the packages'."""
    packages = [p for p in sys.path if p.endswith("site-packages")]
    script = folder / "run.py"
    out = folder / "images.npy"
    script.write_text(
        f"import sys; sys.path += {packages!r}; sys.modules['latentlab'] = None\n"
        + code
        + f"import numpy\nnumpy.save({str(out)!r}, images.numpy())\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script)],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: npt.NDArray[np.float32] = np.load(out)
    return found


def expected(checkpoint: Checkpoint, z: object) -> npt.NDArray[np.float32]:
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    with torch.no_grad():
        image = mean_image(checkpoint.likelihood, model.decode(torch.tensor(z)))
    result: npt.NDArray[np.float32] = image.reshape(
        -1, *checkpoint.architecture.image_shape
    ).numpy()
    return result


@pytest.mark.parametrize("case", CASES)
def test_the_file_decodes_as_the_model_does(case: str, tmp_path: Path) -> None:
    architecture, likelihood = CASES[case]
    checkpoint = examples.model(architecture, likelihood=likelihood, cloud={})
    target = tmp_path / "decode.py"
    weights = write_python(checkpoint, case, target, POINTS)
    assert weights == tmp_path / "decode.weights.safetensors"
    # It finds its weights beside itself, whatever the folder it is run from.
    code = target.read_text(encoding="utf-8")
    assert "latentlab" not in code.replace(str(tmp_path), "")
    found = images_of(tmp_path, code)
    np.testing.assert_allclose(found, expected(checkpoint, POINTS), rtol=0, atol=1e-6)


def test_the_lines_to_copy_read_the_models_own_file(tmp_path: Path) -> None:
    checkpoint = examples.model(CASES["mlp"][0], likelihood=Likelihood(), cloud={})
    file = tmp_path / "it's mine ü.safetensors"
    save_checkpoint(checkpoint, file)
    code = checkpoint_snippet(checkpoint, "mine", file, POINTS[:1])
    assert len(code.splitlines()) < 25
    found = images_of(tmp_path, code)
    np.testing.assert_allclose(found, expected(checkpoint, POINTS[:1]), rtol=0, atol=1e-6)


def test_a_title_is_no_code(tmp_path: Path) -> None:
    checkpoint = examples.model(CASES["mlp"][0], cloud={})
    target = tmp_path / "decode.py"
    write_python(checkpoint, "x\nraise SystemExit('run')\r#", target)
    assert len(images_of(tmp_path, target.read_text(encoding="utf-8"))) == 1
