"""The stages of an optimiser step, and what is said at each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from latentlab.training.dissected import Dissected, Floats
from latentlab.ui.flow_strip import Backward, Flow
from latentlab.ui.number_text import brief_tuple, fixed, significant


@dataclass(frozen=True, slots=True)
class Stage:
    """title: a few words. says: of a step, and of the image that is followed (its place)."""

    title: str
    says: Callable[[Dissected, int], str]


def _batch(step: Dissected, _image: int) -> str:
    return (
        f"{step.batch_size:,} of {step.epoch_images:,} training images are drawn at random, each "
        f"once an epoch. {len(step.shown.x)} of them are followed: they are ringed on the plane."
    )


def _encode(step: Dissected, image: int) -> str:
    shown = step.shown
    sigma = np.exp(0.5 * shown.logvar[image])
    moves = float(np.abs(shown.mu - shown.mu_before).max())
    anew = (
        " It is not quite where its point was: each step draws x anew from the grey image."
        if moves > 0.01
        else ""
    )
    return (
        "The encoder gives each image a Gaussian q(z|x): for this one the mean "
        f"μ = {_point(shown.mu[image])} and σ = {_point(sigma)}, from the log-variance "
        f"log σ² = {_point(shown.logvar[image])}.{anew}"
    )


def _sample(step: Dissected, image: int) -> str:
    shown = step.shown
    if step.noise == 0:
        return f"There is no noise here: z = μ = {_point(shown.z[image])}, a plain autoencoder."
    return (
        f"ε = {_point(shown.eps[image])} is drawn from N(0, I), and z = μ + σ·ε = "
        f"{_point(shown.z[image])}. Written so, z has a gradient with respect to μ and σ."
    )


def _decode(_step: Dissected, _image: int) -> str:
    return (
        "The decoder makes of z a probability for each pixel: the image x̂. It has never seen x, "
        "only z."
    )


def _terms(step: Dissected, image: int) -> str:
    shown = step.shown
    return (
        f"For this image: −log p(x|z) = {fixed(float(shown.reconstruction[image]))} and "
        f"KL(q(z|x) ‖ p(z)) = {fixed(float(shown.kl[image]))} nats. Means over the batch: "
        f"{fixed(step.reconstruction)} and {fixed(step.kl)}; minimised is "
        f"{step.weights.formula} = {fixed(step.objective)}."
    )


def _gradients(step: Dissected, _image: int) -> str:
    rec, kl = step.by_reconstruction, step.by_kl
    parts = []
    if step.weights.reconstruction != 0:
        parts.append(
            f"the reconstruction's has length {significant(rec.encoder)} on the encoder's weights "
            f"and {significant(rec.decoder)} on the decoder's"
        )
    if step.weights.kl != 0:
        parts.append(f"KL's {significant(kl.encoder)} on the encoder's, and it knows no decoder")
    return (
        f"Backwards, the gradient of each term: {'; '.join(parts)}. The arrows on the plane are "
        "where each would move μ."
    )


def _step(step: Dissected, image: int) -> str:
    moved = float(np.linalg.norm(step.shown.mu_after[image] - step.shown.mu[image]))
    share = 100 * step.moved / step.norm if step.norm else 0.0
    return (
        f"Adam moves all weights against the sum, at the rate {step.learning_rate:g}: by "
        f"{significant(step.moved)} in all, {significant(share)} % of their length. "
        f"This image's μ moves by {significant(moved)}, and all others "
        "with it: the arrows, drawn longer than they are."
    )


STAGES = (
    Stage("A batch is drawn", _batch),
    Stage("It is encoded", _encode),
    Stage("z is sampled", _sample),
    Stage("z is decoded", _decode),
    Stage("The two terms", _terms),
    Stage("The two gradients", _gradients),
    Stage("The step", _step),
)


def flow_of(step: Dissected) -> Flow:
    """The way of the batch's images through this step."""
    return Flow(
        passed=step.shown,
        group="the batch",
        weights=step.weights,
        noise=step.noise != 0,
        summed=f"mean {step.weights.formula}",
        objective=step.objective,
        backward=Backward(step.by_reconstruction, step.by_kl, step.moved),
    )


def _point(values: Floats) -> str:
    return brief_tuple(values.tolist(), 3)
