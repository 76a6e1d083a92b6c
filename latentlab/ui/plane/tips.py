"""What a tooltip says about each part of the picture."""

import math

import numpy as np
from PySide6.QtCore import QPoint

from latentlab.ui.number_text import signed_tuple
from latentlab.ui.plane.prior import RINGS, mass_inside
from latentlab.ui.plane.scene import PlaneScene

PLANE = (
    "The latent plane: each point is the mean μ of q(z|x) for one image, over the prior N(0, I). "
    "Drag to decode p(x|z) at z."
)
FORCES = (
    "Minus the gradient of each weighted term for one image: where descent would move its "
    "posterior. Arrows: on μ; for KL −β·μ. Bands on the ring, which is the 1σ ellipse where that "
    "can be seen: on log σ² along each axis; for KL ½·β·(1 − σ²). The encoder serves all images at "
    "once, so when it is trained the forces cancel on the whole rather than on each."
)
_RING_PIXELS = 4


def tip(scene: PlaneScene, at: QPoint) -> str:
    """The words for what lies under `at`; empty over open ground."""
    if scene.areas.top.contains(at) or scene.areas.right.contains(at):
        axis = "z₁" if scene.areas.top.contains(at) else "z₂"
        return (
            f"Densities of {axis}, area 1. Bars: the N = {len(scene.cloud):,} posterior means μₙ. "
            f"Dark line: the aggregate posterior q({axis}) = (1/N) Σₙ N({axis}; μₙ, σₙ²). "
            "Grey line: the prior N(0, 1)."
        )
    if not scene.areas.plane.contains(at):
        return ""
    if handle := scene.handles.under(scene.camera, at.x(), at.y(), scene.style.scale):
        x, y = scene.handles.z1 if handle == 1 else scene.handles.z2
        return f"z{handle} = ({x:.3f}, {y:.3f}): an end of z(t) = (1 − t)·z1 + t·z2. Drag it."
    if scene.hovered is not None:
        return _point(scene, scene.hovered) + _pulls(scene, scene.hovered)
    return _key(scene, at) or _ring(scene, at)


def _key(scene: PlaneScene, at: QPoint) -> str:
    tones, layer, forces = scene.tone_key(), scene.layer_key(), scene.force_key()
    if tones is not None and tones.rect.contains(at):
        return tones.about
    if layer is not None and layer.rect.contains(at):
        return layer.words.about
    return FORCES if forces is not None and forces.rect.contains(at) else ""


def _ring(scene: PlaneScene, at: QPoint) -> str:
    camera = scene.camera
    radius = math.hypot(*camera.to_latent(at.x(), at.y()))
    for ring in RINGS:
        if abs(radius - ring) * camera.scale <= _RING_PIXELS:
            mass = f"{mass_inside(ring):.1%}".replace("%", " %")
            return f"|z| = {ring}: {mass} of the prior N(0, I) lies inside, 1 − exp(−{ring}²/2)."
    return ""


def _point(scene: PlaneScene, index: int) -> str:
    cloud = scene.cloud
    label = int(cloud.labels[index])
    name = scene.names[label] if 0 <= label < len(scene.names) else "none"
    mu, sigma = np.round(cloud.mu[index], 3), cloud.sigma[index]
    factor = scene.factor
    made = f", {factor.name} {factor.values[index]:.1f} {factor.unit}" if factor else ""
    return (
        f"Image {index}, class {name}{made}: μ = ({mu[0]:.3f}, {mu[1]:.3f}), "
        f"σ = ({sigma[0]:.3g}, {sigma[1]:.3g})"
    )


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
