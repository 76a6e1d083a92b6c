"""What a tooltip says about each part of the picture."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPoint

from latentlab.ui.number_text import fixed, signed_tuple, significant
from latentlab.ui.plane.prior import RINGS, mass_inside
from latentlab.ui.plane.scene import PlaneScene

PLANE = (
    "The latent plane: each point is the mean μ of q(z|x) for one image, over the prior N(0, I). "
    "Drag to decode p(x|z) at z."
)
LINE = (
    "A latent space of one dimension. On the line: the mean μ of q(z|x) for each image. Above it, "
    "to one scale: q(z) = (1/N) Σₙ N(z; μₙ, σₙ²) dark, with each class's part of it in its colour, "
    "and the prior N(0, 1) grey. Dashed: 1, 2 and 3σ of the prior, with the mass inside."
)
FORCES = (
    "Minus the gradient of each weighted term for one image: where descent would move its "
    "posterior. Arrows: on μ; for KL −β·μ. Bands on the ring, which is the 1σ ellipse where that "
    "can be seen: on log σ² along each axis; for KL ½·β·(1 − σ²). The encoder serves all images at "
    "once, so when it is trained the forces cancel on the whole rather than on each."
)
TILTED = (
    "This plane runs along no axis: arrows are the components along it, and bands say how the "
    "half-axes of the projected ellipse change."
)
_RING_PIXELS = 4


def tip(scene: PlaneScene, at: QPoint) -> str:
    """The words for what lies under `at`; empty over open ground."""
    upright = scene.areas.right.contains(at) and not scene.section.line
    if scene.areas.top.contains(at) or upright:
        axis = scene.section.names[0 if scene.areas.top.contains(at) else 1]
        return (
            f"Densities of {axis}, area 1. Bars: the N = {len(scene.cloud):,} posterior means μₙ. "
            f"Dark line: the aggregate posterior q({axis}) = (1/N) Σₙ N({axis}; μₙ, σₙ²). "
            "Grey line: the prior N(0, 1)."
        )
    if not scene.areas.plane.contains(at):
        return ""
    if handle := scene.handles.under(scene.camera, at.x(), at.y(), scene.style.scale):
        end = scene.handles.z1 if handle == 1 else scene.handles.z2
        place = f"z{handle} = {_tuple(scene, end)}{_on(scene)}"
        return f"{place}: an end of z(t) = (1 − t)·z1 + t·z2. Drag it."
    if scene.hovered is not None:
        return _point(scene, scene.hovered) + _pulls(scene, scene.hovered)
    if words := _key(scene, at):
        return words
    return LINE if scene.section.line else _ring(scene, at)


def _key(scene: PlaneScene, at: QPoint) -> str:
    tones, layer, forces = scene.tone_key(), scene.layer_key(), scene.force_key()
    if tones is not None and tones.rect.contains(at):
        return tones.about
    if layer is not None and layer.rect.contains(at):
        return layer.words.about
    if forces is None or not forces.rect.contains(at):
        return ""
    return FORCES if scene.section.tilt is None else f"{FORCES} {TILTED}"


def _ring(scene: PlaneScene, at: QPoint) -> str:
    camera = scene.camera
    radius = math.hypot(*camera.to_latent(at.x(), at.y()))
    for ring in RINGS:
        if abs(radius - ring) * camera.scale <= _RING_PIXELS:
            mass = f"{mass_inside(ring):.1%}".replace("%", " %")
            first, second = scene.section.names
            radius_of = "|z|" if scene.section.whole else f"|({first}, {second})|"
            prior = "the prior N(0, I)"
            if not scene.section.whole:
                prior = f"the prior, of its marginal on {first} and {second},"
            return f"{radius_of} = {ring}: {mass} of {prior} lies inside, 1 − exp(−{ring}²/2)."
    return ""


def _coordinate(value: float) -> str:
    return fixed(value, 3)


def _point(scene: PlaneScene, index: int) -> str:
    cloud = scene.cloud
    label = int(cloud.labels[index])
    name = scene.names[label] if 0 <= label < len(scene.names) else "none"
    mu, sigma = np.round(cloud.mu[index], 3).tolist(), cloud.sigma[index].tolist()
    factor = scene.factor
    made = f", {factor.name} {factor.values[index]:.1f} {factor.unit}" if factor else ""
    number = index if scene.numbers is None else scene.numbers[index]
    return (
        f"Image {number}, class {name}{made}: μ = {_tuple(scene, mu)}, "
        f"σ = {_tuple(scene, sigma, significant)}{_tilt(scene, index)}{_on(scene)}"
    )


def _tuple(
    scene: PlaneScene, point: Sequence[float], say: Callable[[float], str] = _coordinate
) -> str:
    x, y = point
    return say(x) if scene.section.line else f"({say(x)}, {say(y)})"


def _tilt(scene: PlaneScene, index: int) -> str:
    """How the two coordinates are correlated, where they can be."""
    known = scene.cloud.correlation is not None
    return f", correlation {fixed(scene.cloud.tilt(index))}" if known else ""


def _on(scene: PlaneScene) -> str:
    """Which of its coordinates a point is said to have, where there are more."""
    first, second = scene.section.names
    return "" if scene.section.latent_dim <= 2 else f" on {first} and {second}"


def _pulls(scene: PlaneScene, index: int) -> str:
    """What pulls on a posterior, where that is shown."""
    answer = scene.forces.answer
    if answer is None:
        return ""
    views = [view for view in (answer.selected, answer.sample) if view is not None]
    for view in views:
        places = np.flatnonzero(view.indices == index)
        if len(places):
            terms = (("reconstruction", view.reconstruction), ("KL", view.kl), ("sum", view.total))
            pulls = ", ".join(
                f"{name} {signed_tuple(pull.mu[places[0]])} on μ and "
                f"{signed_tuple(pull.logvar[places[0]])} on log σ²"
                for name, pull in terms
            )
            return f". Pulls: {pulls}"
    return ""
