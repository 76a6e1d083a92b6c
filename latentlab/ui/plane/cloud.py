"""The posteriors on the plane: cleaned arrays, and the questions the picture asks of them."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Z_LIMIT, Viewport
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.quantiles import quantiles

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

LOGVAR_LIMIT = 40.0
SAMPLE = 100_000
"""Of a larger cloud, this many points in random order stand for all where a median or a density
is asked for."""
_SHUFFLE_SEED = 5
_TAIL = 0.001  # of the means, at each end of an axis, that `bounds` leaves out


class Cloud:
    """N posteriors: mu (N, 2), sigma (N, 2), labels (N,), negative where unlabelled.

    correlation: (N,) of each one's two coordinates, within ±1; None where it is 0 for all.
    tones: (N,) what their colours go by, the labels unless `set_tones` gave others.

    Means that are not finite, or beyond ±Z_LIMIT, are NaN here and so drawn nowhere.
    `order` draws points shuffled, the same way each time, so that no class hides the others.
    `lit`: (N,) which stand out, or None where none is dimmed; those are drawn over the others.
    `version` grows with every change of what is drawn. `pickable`: whether a point can be found.
    """

    def __init__(self) -> None:
        self.mu: Floats = np.zeros((0, 2), np.float32)
        self.logvar: Floats = np.zeros((0, 2), np.float32)
        self.correlation: Floats | None = None
        self.labels: Ints = np.zeros(0, np.int64)
        self.tones: Ints = self.labels
        self.order: Places = np.zeros(0, np.intp)
        self.pickable = True
        self.lit: Flags | None = None
        self.version = 0
        self._shuffled = self.order
        self._front: int | None = None

    def __len__(self) -> int:
        return len(self.mu)

    def replace(
        self,
        mu: npt.NDArray[np.floating],
        logvar: npt.NDArray[np.floating],
        labels: npt.NDArray[np.integer],
        correlation: npt.NDArray[np.floating] | None = None,
    ) -> None:
        """A new cloud. Raises ValueError unless shapes are (N, 2), (N, 2), (N,) and (N,)."""
        if mu.ndim != 2 or mu.shape[1] != 2 or labels.shape != mu.shape[:1]:
            raise ValueError(f"mu {mu.shape} and labels {labels.shape} are not (N, 2) and (N,)")
        _check(mu.shape, mu, logvar)
        self._take(mu, logvar, correlation)
        self.labels = self.tones = labels.astype(np.int64)
        self._shuffled = np.random.default_rng(_SHUFFLE_SEED).permutation(len(mu))
        self.lit = self._front = None
        self._put_in_order(self._shuffled)

    def move(
        self,
        mu: npt.NDArray[np.floating],
        logvar: npt.NDArray[np.floating],
        correlation: npt.NDArray[np.floating] | None = None,
    ) -> None:
        """The same points elsewhere. Raises ValueError when the shapes are not those held."""
        _check(self.mu.shape, mu, logvar)
        self._take(mu, logvar, correlation)

    def set_tones(self, tones: Ints | None) -> None:
        """Colours of their own, (N,), or ValueError; None: by the labels."""
        if tones is not None and tones.shape != self.labels.shape:
            raise ValueError(f"tones {tones.shape} are not {self.labels.shape}")
        self.tones = self.labels if tones is None else tones
        self._forget("drawn_tones")

    def bring_to_front(self, label: int | None) -> None:
        """Draw the points of one class over the others; None: shuffled again."""
        self._front = label
        self._arrange()

    def light(self, indices: Ints | None) -> bool:
        """Have the points of these indices stand out; None, or no index: all alike.

        Indices that no point has are left out. False where all were alike, and are.
        """
        lit = None
        if indices is not None and len(indices):
            lit = np.zeros(len(self), np.bool_)
            lit[indices[indices < len(self)]] = True
        if lit is None and self.lit is None:
            return False
        self.lit = lit
        self._arrange()
        return True

    def bright(self, label: int | None) -> Flags | None:
        """(N,) what is in full colour where class `label` is shown alone; None: everything."""
        if label is None:
            return self.lit
        alone: Flags = self.labels == label
        return alone if self.lit is None else alone & self.lit

    @cached_property
    def sigma(self) -> Floats:
        """(N, 2)."""
        result: Floats = np.exp(np.float32(0.5) * self.logvar)
        return result

    @cached_property
    def widest(self) -> float:
        """The largest σ of all; 0 where there is no point."""
        return float(np.exp(0.5 * self.logvar.max())) if len(self) else 0.0

    @cached_property
    def drawn(self) -> Floats:
        """mu in drawing order, (N, 2)."""
        return pairs(self.mu, self.order)

    @cached_property
    def _columns(self) -> Floats:
        """The same as (2, N): numbers that lie side by side are compared far sooner."""
        return self.drawn.T.copy()

    def drawn_near(self, view: Viewport, margin: float) -> Places:
        """Which of the points in drawing order lie in the view, or `margin` units beside it."""
        x, y = self._columns
        near = (x >= view.x_min - margin) & (x <= view.x_max + margin)
        near &= (y >= view.y_min - margin) & (y <= view.y_max + margin)
        return np.flatnonzero(near)

    @cached_property
    def drawn_tones(self) -> Ints:
        """Tones in drawing order, (N,)."""
        return self.tones.take(self.order)

    @property
    def sample(self) -> Places:
        """Indices of points that stand for all: all of them, or SAMPLE at random."""
        return self._shuffled[:SAMPLE]

    @cached_property
    def sampled(self) -> tuple[Floats, Floats]:
        """mu and sigma of these, (M, 2) each."""
        return pairs(self.mu, self.sample), pairs(self.sigma, self.sample)

    def medians(self, classes: int) -> npt.NDArray[np.float64]:
        """(classes, 2): the median of each class's means on each axis, NaN for a class of none.

        Of a sample where there are more than SAMPLE points.
        """
        result = np.full((classes, 2), np.nan)
        mu, labels = pairs(self.mu, self.sample), self.labels.take(self.sample)
        known = np.isfinite(mu[:, 0])
        for label in range(classes):
            members = mu[(labels == label) & known]
            if len(members):
                result[label] = [quantiles(axis, 0.5)[0] for axis in members.T]
        return result

    def bounds(self) -> tuple[float, float, float, float] | None:
        """x_min, x_max, y_min, y_max of the middle 99.8 % of the means; None where there are none.

        Each axis leaves out the same part at both ends.
        """
        means = self.mu[np.isfinite(self.mu[:, 0])]
        if not len(means):
            return None
        (x_min, x_max), (y_min, y_max) = (quantiles(axis, _TAIL, 1 - _TAIL) for axis in means.T)
        return float(x_min), float(x_max), float(y_min), float(y_max)

    def nearest(self, camera: Camera, px: float, py: float, within: float) -> int:
        """The point nearest to a pixel position, at most `within` pixels away; −1 for none, and
        where points are not to be picked.
        """
        if not (self.pickable and len(self)):
            return -1
        x, y = camera.to_latent(px, py)
        reach = within / camera.scale
        # A little wider, as float32 has fewer digits than what follows.
        away = self.mu[:, 0] - np.float32(x)
        close = np.flatnonzero(np.abs(away) <= np.float32(reach + 1e-6 * (abs(x) + reach)))
        exact = self.mu[close].astype(np.float64) - (x, y)
        square = np.square(exact).sum(axis=1)
        close, square = close[square <= reach * reach], square[square <= reach * reach]
        return int(close[np.argmin(square)]) if len(close) else -1

    def tilt(self, index: int) -> float:
        """The correlation of one posterior's coordinates."""
        return 0.0 if self.correlation is None else float(self.correlation[index])

    def _take(
        self,
        mu: npt.NDArray[np.floating],
        logvar: npt.NDArray[np.floating],
        correlation: npt.NDArray[np.floating] | None,
    ) -> None:
        if correlation is not None and correlation.shape != mu.shape[:1]:
            raise ValueError(f"correlations {correlation.shape} are not {mu.shape[:1]}")
        self.mu, self.logvar = _clean(mu, logvar)
        self.correlation = None if correlation is None else correlation.astype(np.float32)
        self._forget("sigma", "widest", "drawn", "_columns", "sampled")

    def _arrange(self) -> None:
        order, bright = self._shuffled, self.bright(self._front)
        if bright is not None:
            front = bright[order]
            order = np.concatenate([order[~front], order[front]])
        self._put_in_order(order)

    def _put_in_order(self, order: Places) -> None:
        self.order = order
        self._forget("drawn", "_columns", "drawn_tones")

    def _forget(self, *names: str) -> None:
        self.version += 1
        for name in names:
            self.__dict__.pop(name, None)


def pairs(rows: Floats, indices: Places) -> Floats:
    """The `rows` (N, 2) of these indices. Fetched as one number each, they come far sooner."""
    numbers = np.ascontiguousarray(rows).view(np.complex64)[:, 0]
    return numbers.take(indices)[:, None].view(np.float32)


def _check(
    shape: tuple[int, ...], mu: npt.NDArray[np.floating], logvar: npt.NDArray[np.floating]
) -> None:
    if mu.shape != shape or logvar.shape != shape:
        raise ValueError(f"mu {mu.shape} and logvar {logvar.shape} are not both {shape}")


def _clean(mu: npt.NDArray[np.floating], logvar: npt.NDArray[np.floating]) -> tuple[Floats, Floats]:
    # What float32 cannot hold becomes infinite, and is dropped as such.
    with np.errstate(over="ignore"):
        means = mu.astype(np.float32)
        bounded = np.clip(logvar.astype(np.float32, copy=False), -LOGVAR_LIMIT, LOGVAR_LIMIT)
    # NaN compares false, so one comparison finds NaN, infinities and the far away.
    far = ~(np.abs(means) <= np.float32(Z_LIMIT))
    if far.any():
        means[far.any(axis=1)] = np.nan
    return means, bounded
