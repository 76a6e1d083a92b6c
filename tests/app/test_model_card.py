"""The card's text: what it says, and that what a file says is no Markdown of ours."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.app.model_card import model_card
from latentlab.app.opening import Opened, open_model
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import count_parameters
from latentlab.data.dataset import DataPair, Dataset
from latentlab.data.open import open_data
from latentlab.data.sample import Limits
from latentlab.paths import PRETRAINED
from tests.core import examples


def pair(name: str = "dots") -> DataPair:
    def images(split: str, count: int) -> Dataset:
        return Dataset(
            name, split, np.zeros((count, 1, 3, 3), np.uint8), np.zeros(count, np.int64),
            ("a",), "made here", "CC0",
        )  # type: ignore[arg-type]  # fmt: skip

    return DataPair(images("train", 12), images("test", 5))


def tiny(**changes: object) -> Opened:
    return Opened("/somewhere/tiny.safetensors", examples.model(**changes), "dots", pair())


@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_every_layer_is_listed_and_their_counts_add_up(kind: str) -> None:
    architecture = Architecture(
        image_shape=(1, 3, 3), kind=kind, hidden=(4, 3), residual_blocks=1, normalised=True
    )  # type: ignore[arg-type]
    text = model_card(tiny(architecture=architecture, parameters=examples.parameters(architecture),
                           cloud={}), None)  # fmt: skip
    rows = re.findall(r"^\| ((?:en|de)coder\.\S+) \| (.*?) \| .* \| ([\d,]+) \|$", text, re.M)
    assert sum(int(count.replace(",", "")) for *_, count in rows) == count_parameters(architecture)
    kinds = {what for _, what, _ in rows}
    assert kinds == {"linear", "layer norm"} | ({"3×3 convolution"} if kind == "conv" else set())
    assert f"| parameters | {count_parameters(architecture):,}, float32 |" in text


def test_objective_data_and_training_are_said() -> None:
    text = model_card(tiny(weights=LossWeights(beta=4.0)), None)
    assert "rec + 4·KL" in text
    assert "gaussian with σ² = 0.25" in text
    assert "12 training images, 5 held-out images" in text
    assert pair().train.sha256[:12] in text
    assert "dots: 5 images, SHA-256 ab" in text  # what the file was trained on, another set
    for row in ("| seed | -3 |", "| steps | 7 |", "| batch | 64 |", "| seconds | 2 |"):
        assert row in text
    assert "not yet measured" in text


def test_of_a_set_that_is_larger_than_memory_it_says_what_is_a_sample(tmp_path: Path) -> None:
    np.save(tmp_path / "many.npy", np.arange(500 * 64, dtype=np.uint8).reshape(500, 8, 8))
    limits = Limits(in_memory=0, shown=60, held_out=10)
    large = open_data(str(tmp_path / "many.npy"), limits=limits)
    architecture = Architecture(image_shape=(1, 8, 8))
    model = examples.model(
        architecture=architecture,
        parameters=examples.parameters(architecture),
        cloud={},
        data=large.train.provenance,
    )
    text = model_card(Opened("/somewhere/m.safetensors", model, "many", large), None)
    assert "many: 450 training images, 10 of 50 held-out images" in text
    assert "| on the plane | a sample of 60 of 450 training images |" in text
    assert f"{large.train.sha256[:12]}, of a sample of 60 of 450 images" in text
    assert "loaded model's training set" not in text  # it is this very one

    other = replace(model, data={**large.train.provenance, "sha256": "ab" * 32})
    text = model_card(Opened("/somewhere/m.safetensors", other, "many", large), None)
    assert "many: 450 images, of a sample of 60 the SHA-256 abab" in text


def test_a_shipped_model_brings_its_text() -> None:
    text = model_card(open_model("mnist-2d-live"), None)
    shipped = (PRETRAINED / "mnist-2d-live.md").read_text(encoding="utf-8")
    assert shipped.partition("\n")[2].strip() in text
    assert "As shipped" not in model_card(tiny(), None)


def test_names_from_files_are_no_markdown() -> None:
    opened = replace(tiny(), model="/x/<b>*a*|\n# b.safetensors")
    title = model_card(opened, None).splitlines()[0]
    assert title == "# \\<b\\>\\*a\\*| \\# b"


def test_without_a_network_it_says_so() -> None:
    opened = Opened(None, None, "dots", pair())
    assert "comes in a moment" in model_card(opened, None)


def test_the_likelihood_says_when_images_are_binarised() -> None:
    assert "bernoulli, images binarised" in model_card(tiny(likelihood=Likelihood()), None)


def test_no_table_is_broken_by_a_bar(tmp_path: Path) -> None:
    text = model_card(tiny(), None)
    for line in text.splitlines():
        if line.startswith("|"):
            bars = len(re.findall(r"(?<!\\)\|", line))
            assert bars in (3, 5), line
