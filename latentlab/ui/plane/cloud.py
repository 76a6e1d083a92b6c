"""The posteriors on the plane: cleaned arrays, and the questions the picture asks of them."""

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Z_LIMIT
from latentlab.ui.plane.camera import Camera

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LOGVAR_LIMIT = 40.0
_SHUFFLE_SEED = 5


class Cloud:
    """N posteriors: mu (N, 2), sigma (N, 2), labels (N,), negative where unlabelled.

    Means that are not finite, or beyond ±Z_LIMIT, are NaN here and so drawn nowhere.
    `order` draws points shuffled, the same way each time, so that no class hides the others.
    """

    def __init__(self) -> None:
        self.mu: Floats = np.zeros((0, 2))
        self.sigma: Floats = np.zeros((0, 2))
        self.labels: Ints = np.zeros(0, np.int64)
        self.order = np.zeros(0, np.intp)
        self._shuffled = self.order

    def __len__(self) -> int:
        return len(self.mu)

    def replace(
        self,
        mu: npt.NDArray[np.floating],
        logvar: npt.NDArray[np.floating],
        labels: npt.NDArray[np.integer],
    ) -> None:
        """A new cloud. Raises ValueError unless shapes are (N, 2), (N, 2) and (N,)."""
        if mu.ndim != 2 or mu.shape[1] != 2 or labels.shape != mu.shape[:1]:
            raise ValueError(f"mu {mu.shape} and labels {labels.shape} are not (N, 2) and (N,)")
        _check(mu.shape, mu, logvar)
        self.mu, self.sigma = _clean(mu, logvar)
        self.labels = labels.astype(np.int64)
        self._shuffled = np.random.default_rng(_SHUFFLE_SEED).permutation(len(mu))
        self.order = self._shuffled

    def move(self, mu: npt.NDArray[np.floating], logvar: npt.NDArray[np.floating]) -> None:
        """The same points elsewhere. Raises ValueError when the shapes are not those held."""
        _check(self.mu.shape, mu, logvar)
        self.mu, self.sigma = _clean(mu, logvar)

    def bring_to_front(self, label: int | None) -> None:
        """Draw the points of one class over the others; None: shuffled again."""
        self.order = self._shuffled
        if label is not None:
            front = self.labels[self._shuffled] == label
            self.order = np.concatenate([self._shuffled[~front], self._shuffled[front]])

    def medians(self, classes: int) -> Floats:
        """(classes, 2): the median of each class's means on each axis, NaN for a class of none."""
        result = np.full((classes, 2), np.nan)
        for label in range(classes):
            members = self.mu[self.labels == label]
            members = members[np.isfinite(members[:, 0])]
            if len(members):
                result[label] = np.median(members, axis=0)
        return result

    def bounds(self, share: float = 0.998) -> tuple[float, float, float, float] | None:
        """x_min, x_max, y_min, y_max of the middle `share` of the means; None where there are none.

        Each axis leaves out the same part at both ends.
        """
        means = self.mu[np.isfinite(self.mu[:, 0])]
        if not len(means):
            return None
        tail = (1 - share) / 2
        low, high = np.quantile(means, (tail, 1 - tail), axis=0)
        return float(low[0]), float(high[0]), float(low[1]), float(high[1])

    def nearest(self, camera: Camera, px: float, py: float, within: float) -> int:
        """The point nearest to a pixel position, at most `within` pixels away; −1 for none."""
        if not len(self):
            return -1
        x, y = camera.to_latent(px, py)
        reach = within / camera.scale
        square = np.square(self.mu[:, 0] - x) + np.square(self.mu[:, 1] - y)
        close = np.flatnonzero(square <= reach * reach)
        return int(close[np.argmin(square[close])]) if len(close) else -1


def _check(
    shape: tuple[int, ...], mu: npt.NDArray[np.floating], logvar: npt.NDArray[np.floating]
) -> None:
    if mu.shape != shape or logvar.shape != shape:
        raise ValueError(f"mu {mu.shape} and logvar {logvar.shape} are not both {shape}")


def _clean(mu: npt.NDArray[np.floating], logvar: npt.NDArray[np.floating]) -> tuple[Floats, Floats]:
    means: Floats = mu.astype(np.float64)
    # NaN compares false, so one comparison finds NaN, infinities and the far away.
    far = ~(np.abs(means) <= Z_LIMIT)
    if far.any():
        means[far.any(axis=1)] = np.nan
    bounded: Floats = np.clip(logvar.astype(np.float64), -LOGVAR_LIMIT, LOGVAR_LIMIT)
    return means, np.exp(0.5 * bounded)
