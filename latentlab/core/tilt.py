"""Planes through the latent space that run along no axis: two directions, and how they are found.

Coordinates on such a plane are measured from the origin of R^K, u = B·z for the two orthonormal
rows of B, so that the prior N(0, I) is N(0, I₂) on it, exactly. A diagonal Gaussian's marginal has
the covariance B·diag(σ²)·Bᵀ: its ellipse is tilted.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from latentlab.errors import InputError

Floats = npt.NDArray[np.float64]
Row = tuple[float, ...]

_FLAT = 1e-4
"""Of the longest side: three points nearer to a line than this have no plane of their own."""
_ORTHONORMAL = 1e-9
_FULL_CORRELATION = 0.999999


@dataclass(frozen=True, slots=True)
class Tilt:
    """Two orthonormal directions in R^K.

    basis: two rows of K. home: the point (K,) that the plane was first laid through. images: the
    three training images through whose means it was laid; () for principal components. shares: of
    the variance of the means, summed over all directions, what each of the two has, 0 to 1. Raises
    ValueError where the rows are not orthonormal or the sizes do not fit.
    """

    basis: tuple[Row, Row]
    home: Row
    images: tuple[int, ...] = ()
    shares: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        size = len(self.home)
        if len(self.basis) != 2 or any(len(row) != size for row in self.basis) or size < 3:
            raise ValueError(f"a basis needs two rows of {size} ≥ 3 numbers")
        rows = self.rows
        if not (
            np.isfinite(self.home).all()
            and np.allclose(rows @ rows.T, np.eye(2), rtol=0, atol=_ORTHONORMAL)
        ):
            raise ValueError("the rows of the basis are not orthonormal, or the home is not finite")

    @property
    def kind(self) -> Literal["principal", "images"]:
        """How it was found."""
        return "images" if self.images else "principal"

    @property
    def rows(self) -> Floats:
        """The basis, (2, K)."""
        return np.array(self.basis)

    @property
    def names(self) -> tuple[str, str]:
        """Of the two directions."""
        return ("u", "v") if self.images else ("PC 1", "PC 2")

    @property
    def titles(self) -> tuple[str, str]:
        """The same with the share of the variance that each has."""
        first, second = (
            f"{name} ({100 * share:.0f} %)"
            for name, share in zip(self.names, self.shares, strict=True)
        )
        return first, second

    def beside(self, z: npt.ArrayLike) -> Row:
        """The part of z (K,) orthogonal to the plane: where the parallel plane through z is."""
        rows, rest = self.rows, np.array(z, np.float64)
        for _ in range(2):  # once more, as the first leaves a rounding error
            rest = rest - (rows @ rest) @ rows
        return tuple(rest.tolist())

    def project(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """B·z of `values` (…, K), of their type: (…, 2)."""
        with np.errstate(invalid="ignore", over="ignore"):  # of a run that diverges
            found: npt.NDArray[Any] = values @ self._rows_as(values).T
        return found

    def log_variances(self, logvar: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Log of the marginal variances of N(·, diag e^logvar) along both directions: (…, 2)."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            found: npt.NDArray[Any] = np.log(np.exp(logvar) @ np.square(self._rows_as(logvar)).T)
        return found

    def correlation(self, logvar: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Of both coordinates under N(·, diag e^logvar), (N, K): (N,), within ±1; 0 where the
        variances are not finite.
        """
        first, second = self._rows_as(logvar)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            variance = np.exp(logvar)
            size = (variance @ np.square(first)) * (variance @ np.square(second))
            found = (variance @ (first * second)) / np.sqrt(size)
        finite: npt.NDArray[Any] = np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
        return finite.clip(-_FULL_CORRELATION, _FULL_CORRELATION)

    def _rows_as(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return self.rows.astype(values.dtype, copy=False)


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalAxes:
    """Of N marginals on a plane, the axes of their ellipses, the longer first.

    angle: (N,) radians from the plane's first direction. logvar: (N, 2). weights: (N, 2, K), each
    row adds up to 1: what log σ_k² adds to the log variance along an axis, to first order.
    """

    angle: Floats
    logvar: Floats
    weights: Floats

    def pulls(self, on_logvar: npt.NDArray[Any]) -> Floats:
        """How fast each axis' log variance changes where those of z change so, (N, K): (N, 2)."""
        found: Floats = np.einsum("nik,nk->ni", self.weights, on_logvar)
        return found


def principal_axes(tilt: Tilt, logvar: npt.NDArray[Any]) -> PrincipalAxes:
    """Those of N(·, diag e^logvar), (N, K).

    Along a unit vector e of the plane the variance is Σ_k σ_k²·(Bᵀe)_k², so its logarithm's
    derivative by log σ_k² is that term's share of the sum.
    """
    rows, logs = tilt.rows, np.asarray(logvar, np.float64)
    # The largest variance as unit: none overflows then, and neither angle nor share changes.
    unit = logs.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        variance = np.exp(logs - unit)
    across, up = (variance @ np.square(row) for row in rows)
    both = variance @ (rows[0] * rows[1])
    angle = 0.5 * np.arctan2(2 * both, across - up)
    cos, sin = np.cos(angle), np.sin(angle)
    axes = np.stack([np.stack([cos, sin], axis=1), np.stack([-sin, cos], axis=1)], axis=1)
    terms = variance[:, None, :] * np.square(axes @ rows)
    sums = np.maximum(terms.sum(axis=2), np.finfo(np.float64).tiny)
    return PrincipalAxes(angle, np.log(sums) + unit, terms / sums[:, :, None])


def principal_plane(mu: npt.NDArray[Any]) -> Tilt:
    """The plane of the two largest principal components of the means mu (N, K), centred.

    Each points to where its component largest in size is positive. Means that are not finite do
    not count. Raises InputError where the means do not spread over at least two directions.
    """
    means = _finite(mu)
    centre = means.mean(axis=0) if len(means) else np.zeros(mu.shape[1])
    values, vectors = np.linalg.eigh(_covariance(means))
    if not values[-2] > 1e-12 * max(values[-1], 1e-30):
        raise InputError(
            "There is no PCA plane, as the means do not spread over two directions: train first, "
            "or switch KL to a smaller β."
        )
    rows = vectors[:, :-3:-1].T
    largest = np.abs(rows).argmax(axis=1)
    rows = rows * np.sign(rows[[0, 1], largest])[:, None]
    return _tilt(rows, centre, (), means)


def plane_of_three(mu: npt.NDArray[Any], images: tuple[int, int, int]) -> Tilt:
    """The plane through the means of three images, of all means mu (N, K).

    u runs from the first to the second; v is what of the way to the third is orthogonal to that
    (Gram–Schmidt). Raises InputError where the three are on a line or not finite.
    """
    first, second, third = mu[list(images)].astype(np.float64)
    ways = np.stack([second - first, third - first, third - second])
    sides = np.linalg.norm(ways, axis=1)
    longest = float(sides.max())
    if not np.isfinite(longest):
        raise InputError("One of the three means is not finite: go back to weights that are.")
    if sides.min() > _FLAT * longest:
        u = ways[0] / sides[0]
        rest = ways[1] - (ways[1] @ u) * u
        rest = rest - (rest @ u) * u
        height = float(np.linalg.norm(rest))
        if height > _FLAT * longest:
            return _tilt(np.stack([u, rest / height]), first, images, _finite(mu))
        raise InputError(
            "The means of these three images are on one line, through which there are many "
            "planes: choose another third image."
        )
    raise InputError(
        "Two of these three images have the same mean, and through two points there are many "
        "planes: choose images that lie apart."
    )


def _tilt(rows: Floats, home: Floats, images: tuple[int, ...], means: Floats) -> Tilt:
    covariance = _covariance(means)
    total = float(np.trace(covariance))
    first, second = (float(row @ covariance @ row) / total if total > 0 else 0.0 for row in rows)
    one, two = (tuple(row.tolist()) for row in rows)
    return Tilt((one, two), tuple(home.tolist()), images, (first, second))


def _finite(mu: npt.NDArray[Any]) -> Floats:
    means: Floats = mu[np.isfinite(mu).all(axis=1)].astype(np.float64)
    return means


def _covariance(means: Floats) -> Floats:
    """(K, K), of N means about their mean."""
    if not len(means):
        return np.zeros((means.shape[1],) * 2)
    away = means - means.mean(axis=0)
    found: Floats = away.T @ away / len(means)
    return found
