"""What a network makes of an image that is in no data set: one that the user drew."""

import numpy as np
import numpy.typing as npt
import torch

from latentlab.app.drawn_view import NEIGHBOURS, DrawnView, Neighbour
from latentlab.app.pictures import Picture, decoded, pictures
from latentlab.app.sight import Sight
from latentlab.app.subject import Drawn
from latentlab.core.objective import gauss_hermite, kl_to_prior, log_likelihood, reparameterise
from latentlab.data.binarise import binarise_fixed
from latentlab.data.drawing import prepared
from latentlab.training.cloud import Cloud

VOTERS = 15
_QUADRATURE_POINTS = 8
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def drawn_view(sight: Sight, canvas: Picture, cloud: Cloud | None, *, as_mnist: bool) -> DrawnView:
    """What the network makes of `canvas`, (H, W) or (H, W, 3) of any size.

    as_mnist: it is light ink on black, to be scaled and centred. cloud: the posteriors of the
    training images, None where they are not known. A network of RGB images is given what is grey
    in all three channels; one of grey images is given the luma of what has colours.
    """
    channels, height, width = sight.model.architecture.image_shape
    if canvas.ndim == 3 and (channels == 1 or as_mnist):
        canvas = np.rint(canvas @ np.array(_LUMA)).astype(np.uint8)
    image = prepared(canvas, height, width, as_mnist=as_mnist)
    image = image.transpose(2, 0, 1) if image.ndim == 3 else image[None]
    grey = np.broadcast_to(image, (1, channels, height, width)).copy()
    drawn = Drawn.of(grey[0])
    x = sight.x(drawn)
    with torch.inference_mode():
        mu, logvar = sight.model.encode(x)
        kl = kl_to_prior(mu, logvar).item()
        reconstruction = None
        if mu.shape[1] <= 2:
            nodes, weights = gauss_hermite(_QUADRATURE_POINTS, mu.shape[1])
            output = sight.model.decode(reparameterise(mu, logvar, nodes))
            logs = log_likelihood(sight.likelihood, output, x)
            reconstruction = -(weights * logs).sum().item()
    mean = mu[0].numpy()
    order = np.empty(0, np.int64) if cloud is None else _nearest(cloud, mean)
    return DrawnView(
        drawn=drawn,
        grey=pictures(grey)[0],
        x=pictures(binarise_fixed(grey) * np.uint8(255))[0] if sight.likelihood.binarises else None,
        reconstruction_image=decoded(sight.model, sight.likelihood, mu.numpy())[0],
        mu=tuple(mean.tolist()),
        sigma=tuple(torch.exp(0.5 * logvar)[0].tolist()),
        reconstruction=reconstruction,
        kl=kl,
        nearest=tuple(_neighbour(sight, cloud, int(i), mean) for i in order[:NEIGHBOURS]),
        vote=_vote(sight, order),
        step=sight.step,
    )


def _nearest(cloud: Cloud, mean: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """The indices of the VOTERS nearest means, nearest first."""
    distance = np.square(cloud.mu - mean).sum(axis=1)
    count = min(VOTERS, len(distance))
    some = np.argpartition(distance, count - 1)[:count]
    return some[np.argsort(distance[some], kind="stable")]


def _neighbour(
    sight: Sight, cloud: Cloud | None, index: int, mean: npt.NDArray[np.float32]
) -> Neighbour:
    assert cloud is not None
    dataset = sight.dataset
    return Neighbour(
        index,
        dataset.number(index),
        dataset.class_names[int(dataset.labels[index])],
        pictures(dataset.images[index : index + 1])[0],
        float(np.linalg.norm(cloud.mu[index] - mean)),
    )


def _vote(sight: Sight, order: npt.NDArray[np.int64]) -> tuple[str, int, int] | None:
    if not len(order):
        return None
    counts = np.bincount(sight.dataset.labels[order])
    winner = int(counts.argmax())
    return sight.dataset.class_names[winner], int(counts[winner]), len(order)
