"""Finding and reading what the user wants to open. Imports no torch: a window paints from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.core.spec import LIVE_ARCHITECTURE, LIVE_CONVOLUTIONS, Architecture, NetworkKind
from latentlab.data.dataset import DataPair
from latentlab.data.form import parted
from latentlab.data.named import NAMES, is_data_file, is_name, load_named
from latentlab.data.reading import Reading
from latentlab.errors import InputError
from latentlab.fitting import misfit
from latentlab.paths import find_model, pretrained_models
from latentlab.training.cloud import Cloud
from latentlab.training.stored import stored_cloud

if TYPE_CHECKING:
    from latentlab.data.image_folder import Preview
    from latentlab.training.onnx_vae import OnnxVAE

DEFAULT_MODEL = "mnist-2d-live"
DEFAULT_DATA = "mnist"
LATENT_DIMS = (1, 64)  # the fewest and most that the window shows


@dataclass(frozen=True)
class Opened:
    """A model with data that fit it.

    model: a shipped name, the whole path of a file, or None for a network from scratch. data: the
    name of a set or the whole path of a folder. So they mean the same at the next start.
    onnx: the model of two ONNX files, which `model` (its encoder) then does not open again.
    untrained_dim, untrained_kind: of the network from scratch, where there is no model. note: a
    sentence for the user where something else had to be opened, as what was there did not fit; or
    "".
    """

    model: str | None
    checkpoint: Checkpoint | None
    data: str
    pair: DataPair
    untrained_dim: int = LIVE_ARCHITECTURE.latent_dim
    untrained_kind: NetworkKind = "mlp"
    note: str = ""
    onnx: "OnnxVAE | None" = None

    @property
    def title(self) -> str:
        """The model's name, for people."""
        if self.onnx is not None:
            return f"{self.onnx.encoder.path.stem} + {self.onnx.decoder.path.stem}"
        if self.model is None:
            return f"new network, K = {self.untrained_dim}"
        return self.model if self.model in pretrained_models() else Path(self.model).stem

    @property
    def file_stem(self) -> str:
        """The model's name, for files."""
        return f"new-network-K{self.untrained_dim}" if self.model is None else self.title

    @property
    def architecture(self) -> Architecture:
        """The model's; without one, the live model's for images of this size and its own K.

        Raises InputError where no network takes such images.
        """
        if self.checkpoint is not None:
            return self.checkpoint.architecture
        if self.onnx is not None:
            return self.onnx.architecture
        shape = self.pair.train.image_shape
        start = LIVE_ARCHITECTURE if self.untrained_kind == "mlp" else LIVE_CONVOLUTIONS
        return replace(start, image_shape=shape, latent_dim=self.untrained_dim)

    @property
    def latent_dim(self) -> int:
        """K, the model's number of latent dimensions."""
        known = self.checkpoint or self.onnx
        return known.architecture.latent_dim if known else self.untrained_dim

    @property
    def stored_cloud(self) -> Cloud | None:
        """The posteriors of the training images, if the file holds those of just these."""
        checkpoint = self.checkpoint
        if checkpoint is None:
            return None
        return stored_cloud(checkpoint, self.pair.train, checkpoint.likelihood)


def shipped() -> Opened:
    """What a window begins with at its very first start."""
    return open_model(DEFAULT_MODEL)


def open_model(name_or_path: str, present: tuple[str, DataPair] | None = None) -> Opened:
    """Read a model, and data for it: `present` (name and data) if it was trained on data of that
    name, else the named set it was trained on, else `present`, else the default set; the first
    of these that fit.

    Raises InputError when the model cannot be shown or no data fit.
    """
    model, checkpoint = _read_model(name_or_path)
    shape = checkpoint.architecture.image_shape
    trained_on = checkpoint.data.get("name")
    unfit = present if present is not None and present[1].train.image_shape != shape else None
    present = None if unfit else present
    if present is not None and present[1].name == trained_on:
        return Opened(model, checkpoint, *present)
    if trained_on in NAMES:
        pair = load_named(trained_on)
        if pair.train.image_shape == shape:
            return _beside(unfit, Opened(model, checkpoint, trained_on, pair))
    data, pair = present or (DEFAULT_DATA, load_named(DEFAULT_DATA))
    if pair.train.image_shape != shape:
        name, kept = (unfit[1].name, unfit[1]) if unfit else (data, pair)
        raise InputError(
            f"{misfit(name_or_path, shape, name, kept.train.image_shape)}: open its data first, or "
            f"train a new network on {name} (Ctrl+N)."
        )
    return _beside(unfit, Opened(model, checkpoint, data, pair))


def open_images(
    name_or_path: str, present: Opened | None = None, reading: Reading | None = None
) -> Opened:
    """Read data, for the present model if it fits, else for one from scratch, of the present K
    if that is from scratch too. Raises InputError.
    """
    data, pair = _read_data(name_or_path, reading)
    known = present is not None and (present.checkpoint or present.onnx)
    if present is not None and known and known.architecture.image_shape == pair.train.image_shape:
        return replace(present, data=data, pair=pair, note="")
    opened = Opened(None, None, data, pair)
    if present is None:
        return opened
    if not known:
        dim, kind = present.untrained_dim, present.untrained_kind
        return replace(opened, untrained_dim=dim, untrained_kind=kind)
    takes, has = known.architecture.image_shape, pair.train.image_shape
    note = (
        f"{misfit(present.title, takes, pair.name, has)}: in its place is a new network, "
        f"K = {opened.latent_dim} (Ctrl+N for another K)."
    )
    return replace(opened, note=note)


def new_network(present: Opened, latent_dim: int, kind: NetworkKind = "mlp") -> Opened:
    """A network from scratch of `latent_dim` (in LATENT_DIMS) dimensions for the present data."""
    return Opened(None, None, present.data, present.pair, latent_dim, kind)


def open_both(
    model: str | None,
    data: str,
    reading: Reading | None = None,
    *,
    untrained_dim: int = LIVE_ARCHITECTURE.latent_dim,
) -> Opened:
    """Read just these: what a session names, or the last start; where it names no model, a
    network from scratch of `untrained_dim` dimensions. Raises InputError.
    """
    if model is None:
        return replace(open_images(data, reading=reading), untrained_dim=untrained_dim)
    name, checkpoint = _read_model(model)
    opened = Opened(name, checkpoint, *_read_data(data, reading))
    takes, has = checkpoint.architecture.image_shape, opened.pair.train.image_shape
    if takes != has:
        raise InputError(
            f"{misfit(model, takes, opened.pair.name, has)}: open just one of the two."
        )
    return opened


def open_anything(
    name_or_path: str, present: Opened | None = None, reading: Reading | None = None
) -> Opened:
    """A model or data, whichever the path is. Raises InputError."""
    if is_name(name_or_path) or _is_folder(name_or_path) or _is_data(name_or_path):
        return open_images(name_or_path, present, reading)
    return open_model(name_or_path, (present.data, present.pair) if present else None)


def or_preview(name_or_path: str, read: Callable[[], Opened]) -> "Opened | Preview":
    """What `read` gives; but of a folder of pictures whose form is not said, a preview.

    Raises InputError.
    """
    if _is_folder(name_or_path):
        from latentlab.data.image_folder import preview  # noqa: PLC0415
        from latentlab.data.open import pictures_without_form  # noqa: PLC0415

        folder = pictures_without_form(name_or_path)
        if folder is not None:
            return preview(folder)
    return read()


def is_slow(name_or_path: str) -> bool:
    """Whether to read it can take more than a moment: pictures, or a file of them."""
    if is_name(name_or_path):
        return False
    if _is_data(name_or_path):
        return True
    from latentlab.data.open import pictures_without_form  # noqa: PLC0415

    try:
        return _is_folder(name_or_path) and pictures_without_form(name_or_path) is not None
    except InputError:
        return False  # reading it will say why


def _is_data(name_or_path: str) -> bool:
    from latentlab.data.idx import is_idx  # noqa: PLC0415

    by_name = _says_form(name_or_path) or is_data_file(name_or_path)
    return by_name or is_idx(Path(name_or_path))


def _says_form(name_or_path: str) -> bool:
    try:
        return parted(name_or_path)[1] is not None
    except InputError:
        return True


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False  # reading it will say why


def _read_model(name_or_path: str) -> tuple[str, Checkpoint]:
    try:
        path = find_model(name_or_path)
    except OSError as error:
        raise InputError(f"{name_or_path} cannot be read: {error.strerror or error}.") from error
    checkpoint = load_checkpoint(path)
    latent_dim = checkpoint.architecture.latent_dim
    fewest, most = LATENT_DIMS
    if not fewest <= latent_dim <= most:
        raise InputError(
            f"{name_or_path} has {latent_dim:,} latent dimension{'s' if latent_dim > 1 else ''}, "
            f"but the window shows models of {fewest} to {most}: use latentlab evaluate for it, or "
            "train one with another --latent-dim."
        )
    shipped = name_or_path in pretrained_models()
    return name_or_path if shipped else str(path.absolute()), checkpoint


def _read_data(name_or_path: str, reading: Reading | None) -> tuple[str, DataPair]:
    from latentlab.data.open import open_data  # noqa: PLC0415

    pair = open_data(name_or_path, reading)
    return name_or_path if is_name(name_or_path) else str(Path(name_or_path).absolute()), pair


def _beside(unfit: tuple[str, DataPair] | None, opened: Opened) -> Opened:
    """`opened`, with a note where its data are others than those present, which do not fit."""
    if unfit is None:
        return opened
    shape, name = opened.pair.train.image_shape, opened.pair.name
    said = misfit(opened.title, shape, unfit[1].name, unfit[1].train.image_shape)
    return replace(opened, note=f"{said}: it is open with {name} in their place.")
