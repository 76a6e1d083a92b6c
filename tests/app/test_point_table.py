"""The table of posteriors and losses, read back and checked against the core's own functions."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.app.expected import expected
from latentlab.app.point_table import about_file, write_table
from latentlab.app.sight import Sight
from latentlab.core.objective import kl_to_prior
from latentlab.core.spec import Architecture, Likelihood
from latentlab.core.vae import VAE
from latentlab.data.binarise import binarise_fixed
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError


@pytest.fixture(scope="module")
def images() -> Dataset:
    return load_bundled("mnist").test


def sight(images: Dataset, latent_dim: int, likelihood: Likelihood) -> Sight:
    torch.manual_seed(3)
    model = VAE(Architecture(images.image_shape, latent_dim=latent_dim, hidden=(16,)))
    return Sight(model.eval(), likelihood, images, 940)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("likelihood", [Likelihood(), Likelihood("gaussian", 0.02)], ids=str)
@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_each_number_is_the_cores(
    tmp_path: Path, images: Dataset, latent_dim: int, likelihood: Likelihood
) -> None:
    seen = sight(images, latent_dim, likelihood)
    indices = np.array([3, 17, 250, 251, 1_999])
    target = tmp_path / "points.csv"
    assert list(write_table(seen, images, indices, "a model", target))[-1] == 5
    found = rows(target)
    assert [int(row["index"]) for row in found] == indices.tolist()
    assert [int(row["label"]) for row in found] == images.labels[indices].tolist()
    assert [row["class_name"] for row in found] == [str(n) for n in images.labels[indices]]
    grey = images.images[indices].reshape(5, -1)
    x = torch.from_numpy(grey).float() / 255
    if likelihood.binarises:
        x = torch.from_numpy(binarise_fixed(grey)).float()
    with torch.inference_mode():
        mu, logvar = seen.model.encode(x)
    for name, expected_values in (("mu", mu), ("logvar", logvar)):
        values = [[float(row[f"{name}_{k + 1}"]) for k in range(latent_dim)] for row in found]
        np.testing.assert_allclose(values, expected_values.numpy(), rtol=1e-5, atol=1e-6)
    kl = [float(row["kl"]) for row in found]
    np.testing.assert_allclose(kl, kl_to_prior(mu, logvar).numpy(), rtol=1e-5)
    reconstruction = np.array([float(row["reconstruction"]) for row in found])
    drawn = monte_carlo(seen, mu, logvar, x)
    np.testing.assert_allclose(reconstruction, drawn, rtol=0.01)
    total = np.array([float(row["neg_elbo"]) for row in found])
    np.testing.assert_allclose(total, reconstruction + kl, rtol=1e-6)


def monte_carlo(
    seen: Sight, mu: torch.Tensor, logvar: torch.Tensor, x: torch.Tensor
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """E_q[−log p(x|z)] by torch's own distributions."""
    torch.manual_seed(1)
    z = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample((4_000,))
    with torch.inference_mode():
        output = seen.model.decode(z.flatten(0, 1)).reshape(4_000, len(x), -1)
        if seen.likelihood.binarises:
            spread = torch.distributions.Bernoulli(logits=output).log_prob(x)
        else:
            sigma = seen.likelihood.variance**0.5
            spread = torch.distributions.Normal(torch.sigmoid(output), sigma).log_prob(x)
        result: np.ndarray[tuple[int], np.dtype[np.float64]] = (
            -spread.sum(-1).double().mean(0).numpy()
        )
    return result


def test_a_number_does_not_depend_on_what_stands_beside_it(tmp_path: Path, images: Dataset) -> None:
    seen = sight(images, 5, Likelihood())
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    list(write_table(seen, images, np.array([40]), "", few))
    progress = list(write_table(seen, images, np.arange(30, 60), "", many))
    assert progress == sorted(set(progress))
    assert progress[-1] == 30
    one, same = rows(few)[0], rows(many)[10]
    for name, value in one.items():
        if name != "class_name":
            assert float(value) == pytest.approx(float(same[name]), rel=1e-5, abs=1e-6)


def test_what_stands_beside_the_table_says_what_it_is(tmp_path: Path, images: Dataset) -> None:
    target = tmp_path / "points.csv"
    for latent_dim, words in ((2, "quadrature"), (5, "256 samples")):
        list(
            write_table(sight(images, latent_dim, Likelihood()), images, np.arange(3), "m", target)
        )
        about = json.loads(about_file(target).read_text(encoding="utf-8"))
        assert words in about["reconstruction"]
        assert about["likelihood"]["name"] == "bernoulli"
        assert (about["model"], about["step"], about["latent_dim"]) == ("m", 940, latent_dim)
        assert (about["data"], about["split"], about["images"]) == ("mnist", "test", 3)
        assert about["data_sha256"] == images.sha256


def test_another_file_is_not_replaced_unasked(tmp_path: Path, images: Dataset) -> None:
    target = tmp_path / "points.csv"
    about_file(target).write_text("mine")
    seen = sight(images, 2, Likelihood())
    with pytest.raises(InputError, match="would be replaced: choose another name"):
        list(write_table(seen, images, np.arange(3), "", target))
    assert about_file(target).read_text() == "mine"
    assert not target.exists()


def test_what_is_given_up_leaves_the_file_as_it_was(tmp_path: Path, images: Dataset) -> None:
    target = tmp_path / "points.csv"
    target.write_text("before")
    work = write_table(sight(images, 5, Likelihood()), images, np.arange(200), "", target)
    assert next(work) < 200
    work.close()
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_one_image_is_what_the_window_says_of_it(images: Dataset) -> None:
    seen = sight(images, 2, Likelihood())
    x = seen.x(np.arange(4))
    together = expected(seen.model, seen.likelihood, x)
    for index in range(4):
        alone = expected(seen.model, seen.likelihood, x[index : index + 1])
        torch.testing.assert_close(alone.reconstruction[0], together.reconstruction[index])
        torch.testing.assert_close(alone.kl[0], together.kl[index])
