"""ONNX files against torch, by onnxruntime."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from latentlab.core.objective import mean_image
from latentlab.core.onnx_export import write_onnx
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from tests.core import examples
from tests.core.test_snippet import CASES


@pytest.mark.parametrize("case", CASES)
def test_the_files_compute_what_torch_does(case: str, tmp_path: Path) -> None:
    architecture, likelihood = CASES[case]
    checkpoint = examples.model(architecture, likelihood=likelihood, cloud={})
    encoder, decoder = write_onnx(checkpoint, case, tmp_path / "new" / "folder")
    model = vae_from_parameters(architecture, checkpoint.parameters)
    generator = torch.Generator().manual_seed(3)
    cpu = ["CPUExecutionProvider"]
    for count in (1, 2, 70):
        x = torch.rand(count, architecture.pixels, generator=generator)
        z = 3 * torch.randn(count, architecture.latent_dim, generator=generator)
        with torch.no_grad():
            mu, logvar = model.encode(x)
            logits = model.decode(z)
            image = mean_image(likelihood, logits)
        session = onnxruntime.InferenceSession(encoder, providers=cpu)
        found = session.run(["mu", "logvar"], {"x": x.numpy()})
        session = onnxruntime.InferenceSession(decoder, providers=cpu)
        found += session.run(["image", "logits"], {"z": z.numpy()})
        for got, wanted in zip(found, (mu, logvar, image, logits), strict=True):
            np.testing.assert_allclose(got, wanted.numpy(), rtol=1e-5, atol=1e-5)
    proto = onnx.load(decoder)
    onnx.checker.check_model(proto, full_check=True)
    known = {prop.key: prop.value for prop in proto.metadata_props}
    assert known["likelihood"] == likelihood.name
    assert known.get("variance", "0.2") == "0.2"
    assert str(Path.cwd()).encode() not in decoder.read_bytes()


def test_without_the_extra_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnxscript" else found(name)
    )
    with pytest.raises(InputError, match=r'pip install "latentlab\[onnx\]"'):
        write_onnx(examples.model(), "tiny", tmp_path)
    assert not list(tmp_path.iterdir())


def test_onnx_is_not_imported_unasked() -> None:
    code = (
        "import sys, latentlab.core.onnx_export, latentlab.commands.export\n"
        "print([m for m in sys.modules if m in ('torch.onnx._internal.exporter', 'onnx', "
        "'onnxscript')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=200
    )
    assert done.stdout.strip() == "[]", done.stdout
