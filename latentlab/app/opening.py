"""Finding and reading what the user wants to open. Imports no torch: a window paints from it."""

from dataclasses import dataclass
from pathlib import Path

from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.data.bundled import BUNDLED, load_bundled
from latentlab.data.dataset import DataPair
from latentlab.data.open import open_data
from latentlab.errors import InputError
from latentlab.paths import find_model, pretrained_models
from latentlab.training.messages import Cloud

DEFAULT_MODEL = "mnist-2d-live"
DEFAULT_DATA = "mnist"


@dataclass(frozen=True)
class Opened:
    """A model with data that fit it.

    model: as `find_model` takes it, or None for a network from scratch. data: as `open_data`.
    """

    model: str | None
    checkpoint: Checkpoint | None
    data: str
    pair: DataPair

    @property
    def title(self) -> str:
        """The model's name, for people."""
        if self.model is None:
            return "untrained model"
        return self.model if self.model in pretrained_models() else Path(self.model).stem

    @property
    def stored_cloud(self) -> Cloud | None:
        """The posteriors of the training images, if the file holds them."""
        checkpoint = self.checkpoint
        if checkpoint is None or not checkpoint.cloud:
            return None
        if checkpoint.data.get("cloud_sha256") != self.pair.train.sha256:
            return None
        mu, logvar = checkpoint.cloud["mu"], checkpoint.cloud["logvar"]
        return Cloud(int(checkpoint.training.get("steps", 0)), mu, logvar)


def open_model(name_or_path: str, present: tuple[str, DataPair] | None = None) -> Opened:
    """Read a model, and its data: `present` (name and data) if they fit, else the bundled set it
    was trained on.

    Raises InputError when the model cannot be shown or no data fit.
    """
    checkpoint = load_checkpoint(find_model(name_or_path))
    architecture = checkpoint.architecture
    if architecture.latent_dim != 2:
        raise InputError(
            f"{name_or_path} has {architecture.latent_dim} latent dimensions, but the plane shows "
            "2: use latentlab evaluate for it, or train one with --latent-dim 2."
        )
    trained_on = checkpoint.data.get("name")
    if present is not None and present[1].name == trained_on:
        data, pair = present
    elif trained_on in BUNDLED:
        data, pair = trained_on, load_bundled(trained_on)
    elif present is not None:
        data, pair = present
    else:
        data, pair = DEFAULT_DATA, load_bundled(DEFAULT_DATA)
    _check_fit(name_or_path, architecture.image_shape, pair)
    return Opened(name_or_path, checkpoint, data, pair)


def open_images(name_or_path: str, present: Opened | None = None) -> Opened:
    """Read data, for the present model if it fits, else for one from scratch. Raises InputError."""
    pair = open_data(name_or_path)
    if (
        present is not None
        and present.checkpoint is not None
        and present.checkpoint.architecture.image_shape == pair.train.image_shape
    ):
        return Opened(present.model, present.checkpoint, name_or_path, pair)
    return Opened(None, None, name_or_path, pair)


def open_anything(name_or_path: str, present: Opened | None = None) -> Opened:
    """A model or data, whichever the path is. Raises InputError."""
    if name_or_path in BUNDLED or Path(name_or_path).is_dir():
        return open_images(name_or_path, present)
    return open_model(name_or_path, (present.data, present.pair) if present else None)


def _check_fit(name: str, image_shape: tuple[int, int, int], pair: DataPair) -> None:
    if pair.train.image_shape != image_shape:
        raise InputError(
            f"{name} takes images of shape {image_shape}, but {pair.name} has "
            f"{pair.train.image_shape}: open its data first, then the model."
        )
