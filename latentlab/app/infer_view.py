"""What is asked about the true posterior of one image, and what is shown of it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.app.point_view import Picture
from latentlab.app.state import Point, Viewport
from latentlab.app.subject import Subject
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood

if TYPE_CHECKING:
    from latentlab.app.sight import Sight

Floats = npt.NDArray[np.float64]

_WHOLE = Section()


@dataclass(frozen=True, slots=True)
class Normal:
    """A Gaussian over the latent plane: μ, and σ along the axes, whose correlation is −1 to 1."""

    mu: Point
    sigma: Point
    correlation: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Which image, under which weights, and what of the plane to show.

    q: in place of the encoder's. area: None for where the mass is. shape: width / height of the
    view. rough: the weights will soon be others. means: of all posteriors of the training images,
    (N, K), as far as they are known. section: where K > 2, the plane to look at is the parallel one
    through the image's mean.
    """

    sight: "Sight"
    subject: Subject
    q: Normal | None
    area: Viewport | None
    shape: float
    rough: bool
    means: npt.NDArray[np.float32] | None
    section: Section = field(default_factory=Section)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """log p(x|z) in nats at the centres of equal, square cells that tile `area`.

    values: (columns, rows), from x_min and from y_min up.
    """

    area: Viewport
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ModeView:
    """A peak of p(z|x), and the image there.

    log_density: log p(z|x). share: of the posterior's mass, or None in a preview. neighbours: the
    class of most of the training images whose means are the nearest to it, or ""; `agree` of them,
    0 to 1, are of that class.
    """

    z: Point
    log_density: float
    share: float | None
    image: Picture
    neighbours: str
    agree: float


@dataclass(frozen=True, slots=True)
class Account:
    """How log p(x) is made up, nats.

    log_likelihood: E_q[log p(x|z)]. kl: KL(q(z|x) ‖ p(z)). best_elbo: of the best diagonal
    Gaussian, full_elbo: of the best of any covariance; kl_to_posterior: KL(q(z|x) ‖ p(z|x)) by a
    quadrature of its own; None in a preview. allowed: what the residual may be, each side having an
    error of its own. error: what log_evidence may be off by; in a preview, about, or None where it
    is but of what is in view.
    """

    log_evidence: float
    log_likelihood: float
    kl: float
    best_elbo: float | None = None
    full_elbo: float | None = None
    kl_to_posterior: float | None = None
    allowed: float = 0.0
    error: float | None = None

    @property
    def elbo(self) -> float:
        """The ELBO of q."""
        return self.log_likelihood - self.kl

    @property
    def residual(self) -> float | None:
        """log p(x) less ELBO + KL(q(z|x) ‖ p(z|x)): 0 but for errors of quadrature."""
        if self.kl_to_posterior is None:
            return None
        return self.log_evidence - (self.elbo + self.kl_to_posterior)

    @property
    def holds(self) -> bool:
        """Whether both sides agree, as far as they are known."""
        return self.residual is None or abs(self.residual) < self.allowed


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """The true posterior of an image under the weights of `step`.

    likelihood: the decoder's. exact: no preview. problem: why log p(x) is not sure to be within the
    tolerance, or "". q: as the encoder has it, or as it was improved. best: the best diagonal
    Gaussian. best_full: of any covariance. area: holds the mass, and q. levels: of log p(z|x), at
    which the regions of highest density that hold 39, 86 and 99 % begin. seconds: of a processor
    that it took. section: where K > 2, all this is given that z is on it: p(x) is
    p(x | z's other coordinates).
    """

    subject: Subject
    step: int
    likelihood: Likelihood
    exact: bool
    problem: str
    q: Normal
    best: Normal | None
    best_full: Normal | None
    field: Field
    area: Viewport
    levels: tuple[float, ...]
    modes: tuple[ModeView, ...]
    account: Account
    seconds: float
    section: Section = _WHOLE


@dataclass(frozen=True, slots=True)
class Improved:
    """q after some steps up its ELBO: the two terms of that in nats, as in `Account`.

    steps: taken so far. done: whether more of them lead no further up.
    """

    subject: Subject
    q: Normal
    log_likelihood: float
    kl: float
    steps: int
    done: bool
