"""The viewer: answers every look with the newest weights it was given.

Single decodes are done at once; anything larger goes to one worker, where the newest request of
a kind replaces an older one that has not begun. It has a random generator of its own, so that
looking never changes a run.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from latentlab.app.expected import expected, samples_of
from latentlab.app.force_look import ForceLook
from latentlab.app.force_view import Ints
from latentlab.app.layer_look import aggregate_map, centres, likelihood_map, uncertainty_map
from latentlab.app.layer_view import MapImage
from latentlab.app.looks import Worker
from latentlab.app.pictures import decoded, decoded_levels, pictures, pixels
from latentlab.app.point_view import PointView, VectorView
from latentlab.app.sight import Sight
from latentlab.app.state import Point, Viewport
from latentlab.app.timeline import Kept
from latentlab.app.traversal import Traversal, places, points
from latentlab.core.axes import AxisFigures
from latentlab.core.checkpoint import Checkpoint
from latentlab.core.exponential import Decoder
from latentlab.core.interpolate import path
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import Coder, vae_from_parameters
from latentlab.data.binarise import binarise_fixed
from latentlab.data.dataset import Dataset, Split
from latentlab.data.vector_picture import drawn_over
from latentlab.data.vectors import MOST_FEATURES, are_vectors
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Float32Array, Member, Snapshot

UInt8Array = npt.NDArray[np.uint8]

# Of a layer's pixels, over all cells and channels: what a network of any size decodes in little
# memory, and more than a screen shows.
_MAP_VALUES = 1 << 23
_TILE = 48  # pixels of the side of a vector's picture on the map


@dataclass(frozen=True)
class _Weights:
    """A network that nobody changes any more, and when it was; `version` None: as in its file."""

    model: Coder
    likelihood: Likelihood
    version: tuple[int, int] | None  # the run, and its version
    step: int
    # Of a model that is all there will be, since it cannot be trained: it, for who must not wait.
    hasty: Coder | None = None

    @property
    def at_once(self) -> Coder:
        """For looks in the window's thread; it may raise BusyError."""
        return self.model if self.hasty is None else self.hasty

    @property
    def decoder(self) -> Decoder:
        return Decoder(self.model.decode, self.likelihood, self.model.architecture.latent_dim)


class Viewer:
    """Owns the newest copy of the weights. All methods are for one thread, the window's."""

    def __init__(self, worker: Worker, seed: int = 0) -> None:
        self._weights: _Weights | None = None
        self._past: _Weights | None = None  # looked with instead, while there are any
        self._dataset: Dataset | None = None
        self._generator = torch.Generator().manual_seed(seed)
        self._worker = worker

    @property
    def ready(self) -> bool:
        """Whether there are weights to look with."""
        return self._weights is not None

    @property
    def looks_back(self) -> bool:
        """Whether looks use weights of the past."""
        return self._past is not None

    @property
    def step(self) -> int:
        """The training step of the weights every look uses; 0 before the first."""
        weights = self._past or self._weights
        return weights.step if weights else 0

    def set_data(self, dataset: Dataset) -> None:
        """Take the images that indices mean.

        The weights of before, perhaps for other images, are dropped, and what was asked of them.
        """
        self._dataset = dataset
        self._weights = self._past = None
        self._worker.forget("layer", "strip", "forces", "traversal")

    def take_opened(self, checkpoint: Checkpoint, likelihood: Likelihood) -> None:
        """Look with the weights of a file until the engine has some: an engine may take seconds.

        Raises InputError when they are not of its architecture.
        """
        model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
        step = checkpoint.weights_step
        self._weights = _Weights(model, likelihood, None, step)

    def take_fixed(self, model: Coder, hasty: Coder, likelihood: Likelihood) -> None:
        """Look with a model of which an engine has no weights.

        hasty: the same for the window's thread, which must not wait; it may raise BusyError.
        """
        self._weights = _Weights(model, likelihood, None, 0, hasty)

    def take(self, snapshot: Snapshot) -> bool:
        """Look with the weights of `snapshot` from now on; False if they are the present ones."""
        # The run too: an engine that takes another's place counts its versions from the start.
        version = (snapshot.run, snapshot.version)
        return self._take(snapshot, snapshot.likelihood, version, snapshot.weights_step)

    def take_member(self, member: Member, run: int) -> bool:
        """Likewise with those of one of a comparison, whose number is `run`."""
        version = (run, member.version)
        return self._take(member, member.regime.likelihood, version, member.step)

    def _take(
        self, of: Snapshot | Member, likelihood: Likelihood, version: tuple[int, int], step: int
    ) -> bool:
        old = self._weights
        same = old is not None and (old.hasty is not None or old.version == version)
        if old is not None and same and old.likelihood == likelihood:
            return False
        model = (
            old.model
            if old is not None and same
            else vae_from_parameters(of.architecture, of.parameters)
        )
        self._weights = _Weights(model, likelihood, version, step, old.hasty if old else None)
        return True

    def look_back(self, kept: Kept) -> bool:
        """Look with these weights of the past until `look_at_now`; False if it does already."""
        old = self._past
        if old is not None and old.step == kept.step:
            return False
        model = vae_from_parameters(kept.architecture, kept.whole())
        self._past = _Weights(model, kept.likelihood, None, kept.step)
        return True

    def look_at_now(self) -> None:
        """Look with the newest weights again."""
        self._past = None

    def decode(self, points: npt.ArrayLike) -> UInt8Array:
        """The mean images at `points` (n, K), at once: (n, H, W) or (n, H, W, 3), 0 to 255.

        Raises BusyError where a model of another program does not answer soon.
        """
        weights = self._newest()
        return decoded(weights.at_once, weights.likelihood, np.asarray(points, dtype=np.float32))

    def explain(self, index: int) -> PointView:
        """Everything about image `index` under the newest weights, as `expected` has it.

        Raises IndexError when there is no such image, and BusyError as `decode` does.
        """
        weights, dataset = self._newest(), self._images()
        if not 0 <= index < len(dataset):
            raise IndexError(f"{index} is not the index of one of {len(dataset)} images")
        grey = dataset.images[index : index + 1]
        x = pixels(weights.likelihood, grey)
        found = expected(weights.at_once, weights.likelihood, x)
        sigma = torch.exp(0.5 * found.logvar)
        return PointView(
            index=index,
            number=dataset.number(index),
            class_name=dataset.class_names[int(dataset.labels[index])],
            grey=pictures(grey)[0],
            x=pictures(binarise_fixed(grey) * np.uint8(255))[0]
            if weights.likelihood.binarises
            else None,
            reconstruction_image=self.decode(found.mu.numpy())[0],
            vector=_vector(weights, dataset, index, found.mu.numpy()),
            mu=tuple(found.mu[0].tolist()),
            sigma=tuple(sigma[0].tolist()),
            reconstruction=found.reconstruction.item(),
            kl=found.kl.item(),
            samples=samples_of(found.mu.shape[1]),
            likelihood=weights.likelihood,
        )

    def sight(self) -> Sight:
        """The weights and the images, for looks that are made elsewhere."""
        weights = self._newest()
        return Sight(weights.model, weights.likelihood, self._images(), weights.step)

    def sight_at_once(self) -> Sight:
        """The same for looks in the window's thread, which may raise BusyError."""
        weights = self._newest()
        return Sight(weights.at_once, weights.likelihood, self._images(), weights.step)

    def noise(self, latent_dim: int) -> tuple[float, ...]:
        """A draw (K,) from N(0, I): a z of the prior, or the ε of z = μ + σ·ε."""
        return tuple(torch.randn(latent_dim, generator=self._generator).tolist())

    def request_map(self, section: Section, viewport: Viewport, columns: int, rows: int) -> None:
        """Ask for the decoded map of `viewport` on `section`; the reply "layer" is a MapImage.

        It has fewer cells than asked for where images are large.
        """
        weights = self._newest()
        columns, rows = _affordable(weights, columns, rows)
        self._worker.submit("layer", lambda: _map(weights, section, viewport, columns, rows))

    def request_aggregate(
        self, section: Section, cloud: Cloud, split: Split, viewport: Viewport
    ) -> None:
        """Ask for the aggregate posterior against the prior, both projected onto `section`.

        The reply "layer" is an AggregateMap.
        """
        self._worker.submit("layer", lambda: aggregate_map(cloud, split, viewport, section))

    def request_likelihood(
        self, section: Section, index: int, viewport: Viewport, columns: int, rows: int
    ) -> None:
        """Ask how likely image `index` is from each z of `section`; the reply: a LikelihoodMap.

        It has fewer cells than asked for where images are large. Raises IndexError when there is no
        such image.
        """
        weights, dataset = self._newest(), self._images()
        if not 0 <= index < len(dataset):
            raise IndexError(f"{index} is not the index of one of {len(dataset)} images")
        columns, rows = _affordable(weights, columns, rows)
        x, step = pixels(weights.likelihood, dataset.images[index : index + 1]), weights.step
        decoder, number = weights.decoder, dataset.number(index)
        self._worker.submit(
            "layer",
            lambda: likelihood_map(
                decoder, x, viewport, columns, rows, section=section, number=number, step=step
            ),
        )

    def request_uncertainty(
        self, section: Section, viewport: Viewport, columns: int, rows: int
    ) -> None:
        """Ask for the entropy of p(x|z) at each z of `section`; the reply is an UncertaintyMap.

        It has fewer cells than asked for where images are large.
        """
        weights = self._newest()
        columns, rows = _affordable(weights, columns, rows)
        decoder, step = weights.decoder, weights.step
        self._worker.submit(
            "layer",
            lambda: uncertainty_map(decoder, viewport, columns, rows, section=section, step=step),
        )

    def request_strip(
        self, section: Section, z1: Point, z2: Point, count: int, spherical: bool
    ) -> None:
        """Ask for the images between z1 and z2 on `section`; the reply "strip" is a Strip."""
        weights = self._newest()
        points = section.lift(path(z1, z2, count, spherical)).astype(np.float32)
        self._worker.submit(
            "strip", lambda: Strip(points, decoded(weights.model, weights.likelihood, points))
        )

    def request_traversal(self, z: npt.NDArray[np.float64], figures: AxisFigures) -> None:
        """Ask for strips along each axis through z (K,); the reply "traversal" is a Traversal."""
        weights = self._newest()
        axes, values = figures.order, places(figures)
        self._worker.submit("traversal", lambda: _traversal(weights, z, axes, values))

    def request_forces(
        self, indices: Ints, selected: int | None, rest_under: LossWeights | None
    ) -> None:
        """Ask what pulls on the posteriors of these images; the reply "forces" is a ForceAnswer.

        rest_under: find, too, where the forces on the selected one cancel under these weights.
        """
        weights, dataset = self._newest(), self._images()
        look = ForceLook(weights.model, weights.likelihood, dataset)
        self._worker.submit("forces", lambda: look.at(indices, selected, rest_under))

    def _newest(self) -> _Weights:
        weights = self._past or self._weights
        if weights is None:
            raise RuntimeError("the viewer has no weights yet")
        return weights

    def _images(self) -> Dataset:
        if self._dataset is None:
            raise RuntimeError("the viewer has no data yet")
        return self._dataset


@dataclass(frozen=True)
class Strip:
    """points (count, K) from z1 to z2 and the images there."""

    points: Float32Array
    images: UInt8Array


def _vector(
    weights: _Weights, dataset: Dataset, index: int, mu: npt.NDArray[np.float32]
) -> VectorView | None:
    """What is told of a vector; None of an image."""
    scale = dataset.vectors
    if scale is None:
        return None
    x = dataset.images[index, 0, 0]
    x_hat = decoded_levels(weights.at_once, weights.likelihood, mu)[0, 0, 0]
    over = drawn_over(x, x_hat)
    if len(x) > MOST_FEATURES:
        return VectorView(over, (), (), ())
    names = scale.names or tuple(str(column + 1) for column in range(len(x)))
    real, made = scale.values(x).tolist(), scale.values(x_hat).tolist()
    return VectorView(over, names, tuple(real), tuple(made))


def _traversal(
    weights: _Weights,
    z: npt.NDArray[np.float64],
    axes: tuple[int, ...],
    values: npt.NDArray[np.float64],
) -> Traversal:
    rows = [
        decoded(weights.model, weights.likelihood, row.astype(np.float32))
        for row in points(z, axes, values)
    ]
    return Traversal(axes, values, np.stack(rows))


def _affordable(weights: _Weights, columns: int, rows: int) -> tuple[int, int]:
    """As many cells, or fewer where images are large."""
    architecture = weights.model.architecture
    tile = _TILE**2 if are_vectors(architecture.image_shape) else 1
    values = columns * rows * max(architecture.pixels, tile)
    fewer = min(1.0, math.sqrt(_MAP_VALUES / values))
    return max(1, math.floor(columns * fewer)), max(1, math.floor(rows * fewer))


def _map(
    weights: _Weights, section: Section, viewport: Viewport, columns: int, rows: int
) -> MapImage:
    points = section.lift(centres(viewport, columns, rows)).astype(np.float32)
    tiles = decoded(weights.model, weights.likelihood, points, _TILE)
    tall, wide = tiles.shape[1:3]
    colours = tiles.shape[3:]
    cells = tiles.reshape(rows, columns, tall, wide, *colours).swapaxes(1, 2)
    return MapImage(viewport, cells.reshape(rows * tall, columns * wide, *colours))
