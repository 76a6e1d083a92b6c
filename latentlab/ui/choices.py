"""What the user chooses: changes of the state that undo brings back."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from latentlab.app.state import Z_LIMIT, LayerName, Point, Viewport
from latentlab.app.store import Store
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood, LikelihoodName
from latentlab.ui.bridge import Bridge

_REGIMES = {
    "reconstruction": {"reconstruction_on": True, "kl_on": False},
    "kl": {"reconstruction_on": False, "kl_on": True},
    "both": {"reconstruction_on": True, "kl_on": True},
}


class Choices(QObject):
    """Changes the store; whoever it concerns hears of the difference from there."""

    eps = Signal(object)  # ε of a posterior sample

    def __init__(self, store: Store, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._bridge = bridge

    # --- training --------------------------------------------------------------------------------

    def set_learning_rate(self, rate: float) -> None:
        """Adam's learning rate from the next step on."""
        self._store.change("learning rate", learning_rate=rate)

    def set_batch_size(self, size: int) -> None:
        """The batch size from the next step on."""
        self._store.change("batch size", batch_size=size)

    # --- objective -------------------------------------------------------------------------------

    def switch_reconstruction(self, on: bool) -> None:
        """The reconstruction term's switch."""
        label = f"switch reconstruction {'on' if on else 'off'}"
        self._change_weights(label, reconstruction_on=on)

    def switch_kl(self, on: bool) -> None:
        """The KL term's switch."""
        self._change_weights(f"switch KL {'on' if on else 'off'}", kl_on=on)

    def set_beta(self, beta: float, finished: bool) -> None:
        """The KL term's factor."""
        weights = replace(self._store.state.weights, beta=beta)
        self._gesture("change β", finished, weights=weights)

    def choose_regime(self, name: str) -> None:
        """One of the three regimes of the lecture: "reconstruction", "kl", "both"."""
        self._change_weights("choose a regime", **_REGIMES[name])

    def choose_likelihood(self, name: LikelihoodName) -> None:
        """The decoder's likelihood."""
        likelihood = Likelihood(name, self._store.state.likelihood.variance)
        self._store.change("change the likelihood", likelihood=likelihood)

    def set_variance(self, variance: float, finished: bool) -> None:
        """The Gaussian's σ²."""
        likelihood = Likelihood(self._store.state.likelihood.name, variance)
        self._gesture("change σ²", finished, likelihood=likelihood)

    # --- the plane -------------------------------------------------------------------------------

    def move_z(self, x: float, y: float, finished: bool = True) -> None:
        """Decode here."""
        self._gesture("move z", finished, z=_clamped(x, y))

    def move_z1(self, x: float, y: float, finished: bool = True) -> None:
        """Interpolate from here."""
        self._gesture("move z1", finished, z1=_clamped(x, y))

    def move_z2(self, x: float, y: float, finished: bool = True) -> None:
        """Interpolate to here."""
        self._gesture("move z2", finished, z2=_clamped(x, y))

    def go_to(self, z: Iterable[float]) -> None:
        """Decode at this point (K,), on the parallel plane through it."""
        full = np.array([_limited(value) for value in z])
        section = self._store.state.section.through(full)
        self._store.change("move z", z=_clamped(*section.project(full)), section=section)

    def on_plane(self, z: tuple[float, ...]) -> Point:
        """Where the plane shows the point z (K,)."""
        x, y = self._store.state.section.project(np.array(z)).tolist()
        return (x, y)

    def choose_axes(self, first: int, second: int) -> None:
        """Look along these axes, through z as it is. One of the other's swaps the two."""
        state = self._store.state
        before = state.section
        if first == second:
            first, second = (
                (before.axes[1], second) if before.axes[0] == second else (first, before.axes[0])
            )
        self.lay_plane("choose the axes", Section.at((first, second), before.lift(state.z)))

    def lay_plane(self, label: str, section: Section, *, quietly: bool = False) -> None:
        """Look at this plane, with z, z1 and z2 where they are projected on it.

        quietly: it is nothing the user did, and undo leaves it as it is.
        """
        state = self._store.state
        ends = state.section.lift([state.z, state.z1, state.z2])
        z, z1, z2 = (_clamped(*point) for point in section.project(ends).tolist())
        if quietly:
            self._store.set_quietly(section=section, z=z, z1=z1, z2=z2)
        else:
            self._store.change(label, section=section, z=z, z1=z1, z2=z2)

    def set_coordinate(self, axis: int, value: float, finished: bool = True) -> None:
        """Move the plane along an axis that it does not run along."""
        section = self._store.state.section
        origin = [*section.origin]
        origin[axis] = _limited(value)
        self._gesture("move the plane", finished, section=Section.at(section.axes, origin))

    def move_along(self, axis: int, value: float) -> None:
        """Move z along one axis: on the plane, or with it."""
        state = self._store.state
        z = state.section.lift(state.z)
        z[axis] = value
        self.go_to(z.tolist())

    def move_plane(self, z: Iterable[float]) -> None:
        """Take the parallel plane through z (K,)."""
        section = self._store.state.section.through([_limited(value) for value in z])
        self._store.change("move the plane", section=section)

    def centre_plane(self) -> None:
        """Take the parallel plane through 0."""
        self.move_plane([0.0] * self._latent_dim)

    def fit_section(self, section: Section) -> None:
        """The axes to begin with: nothing the user did."""
        self._store.set_quietly(section=section)

    def swap_ends(self) -> None:
        """Exchange z1 and z2."""
        state = self._store.state
        self._store.change("swap z1 and z2", z1=state.z2, z2=state.z1)

    def isolate(self, label: int) -> None:
        """Show one class; −1 for all."""
        self._store.change("isolate a class", isolated_class=label if label >= 0 else None)

    def set_viewport(
        self, x_min: float, x_max: float, y_min: float, y_max: float, finished: bool
    ) -> None:
        """Look at this part of the plane."""
        self._gesture("move the view", finished, viewport=Viewport(x_min, x_max, y_min, y_max))

    def set_compare_view(
        self, x_min: float, x_max: float, y_min: float, y_max: float, finished: bool
    ) -> None:
        """Look at this part of every plane that is compared."""
        view = Viewport(x_min, x_max, y_min, y_max)
        self._gesture("move the view", finished, compare_view=view)

    def fit_viewport(self, viewport: Viewport) -> None:
        """The plane's own shape has changed: nothing the user did."""
        self._store.set_quietly(viewport=viewport)

    def set_ellipse_scale(self, scale: int) -> None:
        """Magnify the ellipses."""
        self._store.change("magnify ellipses", ellipse_scale=scale)

    def choose_layer(self, name: LayerName) -> None:
        """What lies behind the points."""
        self._store.change("choose the layer", layer=name)

    def colour_by(self, name: str) -> None:
        """What the points' colours say: the class, or a factor of the images."""
        self._store.change("choose the colours", colour_by=name)

    def switch_forces(self, on: bool) -> None:
        """Show what pulls on the posteriors."""
        self._store.change("switch the forces", forces_on=on)

    def switch_log(self, on: bool) -> None:
        """Logarithmic curves."""
        self._store.change("switch the curves' scale", log_curves=on)

    def sample_prior(self) -> None:
        """z ~ N(0, I)."""
        laboratory = self._bridge.laboratory
        if laboratory is not None:
            self.go_to(laboratory.viewer.noise(self._latent_dim))

    def sample_posterior(self) -> None:
        """z = μ + σ·ε of the selected image."""
        laboratory, selected = self._bridge.laboratory, self._store.state.selected
        if laboratory is None or not laboratory.viewer.ready or selected is None:
            return
        view = laboratory.viewer.explain(selected)
        eps = laboratory.viewer.noise(len(view.mu))
        self.go_to(m + s * e for m, s, e in zip(view.mu, view.sigma, eps, strict=True))
        self.eps.emit(eps)

    # --- interpolation ---------------------------------------------------------------------------

    def set_strip_count(self, count: int) -> None:
        """How many images lie between z1 and z2, ends included."""
        self._store.change("change the strip", strip_count=count)

    def switch_spherical(self, on: bool) -> None:
        """Interpolate spherically."""
        self._store.change("change the path", spherical=on)

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _latent_dim(self) -> int:
        return self._store.state.section.latent_dim

    def _gesture(self, label: str, finished: bool, **values: object) -> None:
        self._store.change(label, merge=True, **values)
        if finished:
            self._store.end_gesture()

    def _change_weights(self, label: str, **values: bool) -> None:
        self._store.change(label, weights=replace(self._store.state.weights, **values))


def _clamped(x: float, y: float) -> Point:
    return (_limited(x), _limited(y))


def _limited(value: float) -> float:
    return max(-Z_LIMIT, min(Z_LIMIT, float(value))) if math.isfinite(value) else 0.0
