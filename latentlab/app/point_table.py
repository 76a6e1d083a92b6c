"""Posteriors and losses of images as a table, and what has to be known of its numbers."""

import csv
import io
import json
from collections.abc import Generator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab import __version__
from latentlab.app.expected import QUADRATURE_POINTS, expected, nodes_of, samples_of
from latentlab.app.pictures import pixels
from latentlab.app.sight import Sight
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError
from latentlab.system import write_atomic

ABOUT = ".about.json"
# Values of decoded images at once: some hundredths of a second, and 16 MB.
_VALUES = 1 << 22


def about_file(target: Path) -> Path:
    """What stands beside the table and says what its numbers are."""
    return target.with_name(target.stem + ABOUT)


def write_table(
    sight: Sight,
    images: Dataset,
    indices: npt.NDArray[np.int64],
    title: str,
    target: Path,
) -> Generator[int]:
    """Write a CSV of the `images` at `indices` (M,), with the weights of `sight`; yields how many
    are done, and writes nothing before all are.

    A row an image: index (of a sample its place in the file), label (−1 for none), class_name,
    mu_1 to mu_K, logvar_1 to logvar_K, and reconstruction, kl and neg_elbo in nats. title: the
    model's name. Beside it stands a JSON file that says of what model, data and likelihood they
    are, and how they were computed. Raises InputError where that one would replace a file that is
    there, and OSError.
    """
    about = about_file(target)
    if about.exists() and not target.exists():
        raise InputError(f"{about} exists, and would be replaced: choose another name.")
    latent_dim = sight.model.architecture.latent_dim
    text = io.StringIO(newline="")
    table = csv.writer(text)
    axes = range(1, latent_dim + 1)
    posterior = [f"{what}_{k}" for what in ("mu", "logvar") for k in axes]
    table.writerow(["index", "label", "class_name", *posterior, "reconstruction", "kl", "neg_elbo"])
    size = max(1, _VALUES // (nodes_of(latent_dim) * sight.model.architecture.pixels))
    for start in range(0, len(indices), size):
        part = indices[start : start + size]
        table.writerows(_rows(sight, images, part))
        yield start + len(part)
    write_atomic(target, text.getvalue().encode())
    content = json.dumps(_about(sight, images, len(indices), title), indent=2, ensure_ascii=False)
    write_atomic(about, content.encode())


def _rows(sight: Sight, images: Dataset, part: npt.NDArray[np.int64]) -> list[list[object]]:
    found = expected(sight.model, sight.likelihood, pixels(sight.likelihood, images.images[part]))
    terms = np.stack([found.reconstruction.numpy(), found.kl.numpy()], axis=1).astype(np.float64)
    numbers = np.concatenate(
        [found.mu.numpy(), found.logvar.numpy(), terms, terms.sum(axis=1, keepdims=True)], axis=1
    )
    rows: list[list[object]] = []
    for index, row in zip(part.tolist(), numbers.tolist(), strict=True):
        label = int(images.labels[index])
        name = images.class_names[label] if label >= 0 else ""
        # Nine digits are a float32 whole.
        rows.append([images.number(index), label, name, *(f"{value:.9g}" for value in row)])
    return rows


def _about(sight: Sight, images: Dataset, count: int, title: str) -> dict[str, object]:
    latent_dim = sight.model.architecture.latent_dim
    samples = samples_of(latent_dim)
    how = (
        f"Gauss-Hermite quadrature over ε with {QUADRATURE_POINTS} points an axis: no estimate"
        if samples is None
        else f"an estimate: the mean over {samples} samples of ε, the same for every image"
    )
    binarised = "binarised once, always alike" if sight.likelihood.binarises else "grey level / 255"
    return {
        "written_by": f"latentlab {__version__}",
        "model": title,
        "step": sight.step,
        "network": sight.model.architecture.summary,
        "latent_dim": latent_dim,
        "data": images.name,
        "split": images.split,
        "images": count,
        "images_of_split": len(images),
        "data_sha256": images.sha256,
        "likelihood": sight.likelihood.to_json(),
        "x": binarised,
        "unit": "nats per image",
        "reconstruction": f"E_q(z|x)[−log p(x|z)], {how}",
        "kl": "KL(q(z|x) ‖ N(0, I)) in closed form, weight 1",
        "neg_elbo": "reconstruction + kl",
        "mu, logvar": "q(z|x) = N(mu, diag(exp(logvar)))",
    }
