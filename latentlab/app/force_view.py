"""The pulls on posteriors as they are shown, computed once and handed to the window."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from latentlab.core.section import Section
from latentlab.core.spec import LossWeights
from latentlab.core.tilt import Tilt, principal_axes

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pulls:
    """Minus a term's gradient: mu (n, K) in nats per latent unit, logvar (n, K) in nats per unit.

    On mu it points where descent would move the mean; on logvar, above 0 σ would grow.
    """

    mu: Floats
    logvar: Floats

    def times(self, weight: float) -> "Pulls":
        """Of the term with this weight; 0 where that is 0, whatever the term does."""
        if weight == 0:
            return Pulls(np.zeros_like(self.mu), np.zeros_like(self.logvar))
        factor = np.float32(weight)
        with np.errstate(over="ignore"):  # of a run that diverges
            return Pulls(factor * self.mu, factor * self.logvar)

    def along(self, section: Section) -> "Pulls":
        """Its components along the section's axes, (n, 2)."""
        return Pulls(section.project(self.mu), section.project(self.logvar))


@dataclass(frozen=True, slots=True, eq=False)
class ForceView:
    """The posteriors of the images `indices` (n,), and the pull of each weighted term on them.

    mu, logvar: (n, K). samples: of the noise, over which the reconstruction's pull is a mean.
    angle: (n,) on a tilted plane, where logvar and the pulls on it are of the axes of each
    posterior's ellipse, the longer first, at this angle (radians) from the plane's first direction.
    """

    indices: Ints
    mu: Floats
    logvar: Floats
    reconstruction: Pulls
    kl: Pulls
    samples: int
    weights: LossWeights = field(default_factory=LossWeights)
    angle: npt.NDArray[np.float64] | None = None

    @property
    def total(self) -> Pulls:
        """The pull of the sum."""
        rec, kl = self.reconstruction, self.kl
        with np.errstate(over="ignore", invalid="ignore"):
            return Pulls(rec.mu + kl.mu, rec.logvar + kl.logvar)

    def weighted(self, weights: LossWeights) -> "ForceView":
        """With these weights in place of 1 and 1: a term switched off pulls nothing."""
        return replace(
            self,
            reconstruction=self.reconstruction.times(weights.reconstruction),
            kl=self.kl.times(weights.kl),
            weights=weights,
        )

    def along(self, section: Section) -> "ForceView":
        """As it is on the section's axes, (n, 2)."""
        if section.tilt is not None:
            return self._tilted(section.tilt)
        return replace(
            self,
            mu=section.project(self.mu),
            logvar=section.posteriors(self.mu, self.logvar)[1],
            reconstruction=self.reconstruction.along(section),
            kl=self.kl.along(section),
        )

    def _tilted(self, tilt: Tilt) -> "ForceView":
        axes = principal_axes(tilt, self.logvar)

        def along(pulls: Pulls) -> Pulls:
            return Pulls(tilt.project(pulls.mu), axes.pulls(pulls.logvar).astype(np.float32))

        return replace(
            self,
            mu=tilt.project(self.mu),
            logvar=axes.logvar.astype(np.float32),
            reconstruction=along(self.reconstruction),
            kl=along(self.kl),
            angle=axes.angle,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Where the forces on the selected posterior cancel under `weights`; there None: nowhere near.

    there: that one image, with mu and logvar of the place and the pulls at it.
    """

    weights: LossWeights
    there: ForceView | None


@dataclass(frozen=True, slots=True, eq=False)
class ForceAnswer:
    """A sample of posteriors, and the selected one exactly; terms with weights 1.

    rest: None where it was not asked for. number: what the selected image is called, where that is
    not its index.
    """

    sample: ForceView
    selected: ForceView | None
    rest: Rest | None
    number: int | None = None

    def weighted(self, weights: LossWeights) -> "ForceAnswer":
        """As it is under these weights; a place of rest under others is not known any more."""
        rest = self.rest
        if rest is not None and rest.weights != weights:
            rest = None
        elif rest is not None and rest.there is not None:
            rest = Rest(weights, rest.there.weighted(weights))
        return ForceAnswer(
            self.sample.weighted(weights),
            self.selected.weighted(weights) if self.selected else None,
            rest,
            self.number,
        )

    def along(self, section: Section) -> "ForceAnswer":
        """As it is on the section's axes, (n, 2)."""
        rest = self.rest
        if rest is not None and rest.there is not None:
            rest = replace(rest, there=rest.there.along(section))
        return ForceAnswer(
            self.sample.along(section),
            self.selected.along(section) if self.selected else None,
            rest,
            self.number,
        )
