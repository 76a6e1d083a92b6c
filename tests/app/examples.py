"""States for hypothesis, small folders of images, and snapshots of a real engine."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from latentlab.app.opening import Opened
from latentlab.app.state import (
    BATCH_SIZE_RANGE,
    ELLIPSE_SCALES,
    LEARNING_RATE_RANGE,
    STRIP_COUNTS,
    VIEW_LIMIT,
    Z_LIMIT,
    AppState,
    LayerName,
    Viewport,
)
from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.section import Section
from latentlab.core.spec import Architecture, Likelihood
from latentlab.core.tilt import Tilt
from latentlab.data.dataset import DataPair, Dataset
from latentlab.training.engine import Engine
from latentlab.training.messages import Open, Settings, Snapshot
from tests.bad_files.idx import idx
from tests.core.examples import likelihoods, loss_weights, model

_coordinate = st.floats(-Z_LIMIT, Z_LIMIT)
_point = st.tuples(_coordinate, _coordinate)
_bounds = (
    st.tuples(st.floats(-VIEW_LIMIT, VIEW_LIMIT), st.floats(-VIEW_LIMIT, VIEW_LIMIT))
    .map(sorted)
    .filter(lambda bounds: bounds[0] < bounds[1])
)
_viewport = st.builds(lambda x, y: Viewport(*x, *y), _bounds, _bounds)
_whole_or_none = st.none() | st.integers(0, 60_000)


def _tilted(latent_dim: int, seed: int, images: tuple[int, int, int] | tuple[()]) -> Section:
    random = np.random.default_rng(seed)
    rows = np.linalg.qr(random.standard_normal((latent_dim, 2)))[0].T.tolist()
    home = tuple(random.uniform(-Z_LIMIT, Z_LIMIT, latent_dim).tolist())
    tilt = Tilt((tuple(rows[0]), tuple(rows[1])), home, images, (0.4, 0.25))
    return Section.tilted(tilt, random.uniform(-Z_LIMIT, Z_LIMIT, latent_dim), (2, 0))


_images = st.just(()) | st.tuples(*3 * [st.integers(0, 60_000)])
_section = st.builds(_tilted, st.integers(3, 64), st.integers(0, 2**32), _images) | st.integers(
    2, 64
).flatmap(
    lambda k: st.builds(
        Section.at,
        st.permutations(range(k)).map(lambda axes: (axes[0], axes[1])),
        st.lists(_coordinate, min_size=k, max_size=k),
    )
)

# Every choice a user can make; the run is the engine's.
states = st.builds(
    AppState,
    z=_point,
    z1=_point,
    z2=_point,
    section=_section,
    selected=_whole_or_none,
    weights=loss_weights,
    likelihood=likelihoods,
    learning_rate=st.floats(*LEARNING_RATE_RANGE),
    batch_size=st.integers(*BATCH_SIZE_RANGE),
    viewport=_viewport,
    infer_view=st.none() | _viewport,
    isolated_class=_whole_or_none,
    ellipse_scale=st.sampled_from(ELLIPSE_SCALES),
    layer=st.sampled_from(get_args(LayerName)),
    forces_on=st.booleans(),
    strip_count=st.integers(*STRIP_COUNTS),
    spherical=st.booleans(),
    log_curves=st.booleans(),
)


def write_images(folder: Path, count: int = 20, side: int = 4) -> Path:
    """A folder of labelled IDX files, with `count` images of `side`×`side`."""
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(count, side, side)))
    labels = bytes(i % 3 for i in range(count))
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(count, content=labels)))
    return folder


def write_model(
    path: Path, side: int = 4, latent_dim: int = 2, trained_on: str = "elsewhere"
) -> Path:
    """A model of random weights for images of `side`×`side`."""
    architecture = Architecture(image_shape=(1, side, side), latent_dim=latent_dim, hidden=(4,))
    save_checkpoint(model(architecture, data={"name": trained_on}), path)
    return path


def colour_pair(side: int = 6) -> DataPair:
    """Noise in three colours, 12 images to train on and 4 held out."""
    pixels = np.random.default_rng(1).integers(0, 256, (16, 3, side, side), dtype=np.uint8)

    def split(name: str, rows: slice) -> Dataset:
        images = pixels[rows]
        labels: npt.NDArray[np.int64] = np.zeros(len(images), np.int64)
        return Dataset("noise", name, images, labels, ("noise",), "made here", "none")  # type: ignore[arg-type]

    return DataPair(split("train", slice(12)), split("test", slice(12, 16)))


def command_to_open(opened: Opened, likelihood: Likelihood | None = None, run: int = 1) -> Open:
    """What the window sends the engine."""
    checkpoint = opened.checkpoint
    architecture = (
        checkpoint.architecture
        if checkpoint
        else Architecture(opened.pair.train.image_shape, hidden=(8,))
    )
    return Open(
        data=opened.pair,
        checkpoint=checkpoint,
        architecture=architecture,
        weights=AppState().weights,
        likelihood=likelihood or (checkpoint.likelihood if checkpoint else Likelihood()),
        settings=Settings(),
        run=run,
    )


def snapshot_of(opened: Opened, likelihood: Likelihood | None = None) -> Snapshot:
    """The first that an engine publishes of it."""
    engine = Engine()
    engine.send(command_to_open(opened, likelihood))
    while engine.tick():
        snapshot = engine.mailbox.take()
        if snapshot is not None:
            return snapshot
    raise AssertionError("the engine ended without a snapshot")


def first(pair: DataPair, train: int, test: int) -> DataPair:
    """A smaller set, for what need not see all images."""

    def cut(dataset: Dataset, n: int) -> Dataset:
        return replace(dataset, images=dataset.images[:n], labels=dataset.labels[:n])

    return DataPair(cut(pair.train, train), cut(pair.test, test))
