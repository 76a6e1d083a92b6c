"""The proof of the closed form of KL between two Gaussians, each of its lines as a number.

Each line is computed as it is written, by itself: the first knows only the two densities, the last
only the closed form. Expectations under p are Gauss–Hermite sums, which are exact for the
quadratics that stand in them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.kl_terms import factors, kl_terms
from latentlab.core.normal import Gaussian
from latentlab.core.quadrature import normal_nodes

Floats = npt.NDArray[np.float64]

# Of one axis: exact for polynomials of degree 5; 2 would do.
_NODES = 3


@dataclass(frozen=True)
class Proof:
    """Values in nats, by the name of the line, in the order of the proof.

    chain: the lines that all equal KL(p ‖ q). sides: what is worked out beside it.
    """

    chain: dict[str, float]
    sides: dict[str, float]

    @property
    def apart(self) -> float:
        """How far two lines of the chain are from each other at most, in nats: roundings."""
        return max(self.chain.values()) - min(self.chain.values())


def prove(p: Gaussian, q: Gaussian) -> Proof:
    """For KL(p ‖ q), p = N(μ₁, Σ₁), q = N(μ₂, Σ₂), both (K,).

    The steps (see Duchi, "Derivations for Linear Algebra and Optimization", section 9): expand the
    logs; E[(x−μ₁)ᵀΣ₁⁻¹(x−μ₁)] = K by the trace trick; split (x−μ₂) = (x−μ₁) + (μ₁−μ₂); the cross
    term is 0; the trace trick once more. Raises InputError where a covariance is singular.
    """
    first, second = factors(p, q)
    nodes, weights = normal_nodes(_NODES, len(p.mean))
    x = p.mean + nodes @ first.T
    apart = p.mean - q.mean

    def mean(value: Callable[[Floats], Floats]) -> Floats:
        """E_p of a function of all nodes (M, K), which gives (M, ...)."""
        result: Floats = np.tensordot(weights, value(x), axes=1)
        return result

    def quadratic(offset: Floats, covariance: Floats) -> Floats:
        """(…)ᵀ Σ⁻¹ (…) of each row: (M,)."""
        result: Floats = np.einsum("mk,mk->m", offset, np.linalg.solve(covariance, offset.T).T)
        return result

    def outer(points: Floats) -> Floats:
        """(x−μ₁)(x−μ₁)ᵀ, (M, K, K)."""
        result: Floats = np.einsum("mi,mj->mij", points - p.mean, points - p.mean)
        return result

    def traces(covariance: Floats, matrices: Floats) -> Floats:
        """tr(Σ⁻¹ A) of each A (..., K, K)."""
        result: Floats = np.trace(np.linalg.solve(covariance, matrices), axis1=-2, axis2=-1)
        return result

    logs = 2 * float(np.log(np.diag(second)).sum() - np.log(np.diag(first)).sum())
    k = float(len(p.mean))
    own = float(mean(lambda at: quadratic(at - p.mean, p.covariance)))
    other = float(mean(lambda at: quadratic(at - q.mean, q.covariance)))
    spread = float(mean(lambda at: quadratic(at - p.mean, q.covariance)))
    cross = 2 * float(apart @ np.linalg.solve(q.covariance, mean(lambda at: at - p.mean)))
    shift = float(apart @ np.linalg.solve(q.covariance, apart))
    covariance = mean(outer)

    def expanded(at: Floats) -> Floats:
        own, other = at - p.mean, at - q.mean
        return 0.5 * (logs - quadratic(own, p.covariance) + quadratic(other, q.covariance))

    return Proof(
        chain={
            "definition": float(mean(lambda at: p.log_density(at) - q.log_density(at))),
            "logs": float(mean(expanded)),
            "linear": 0.5 * (logs - own + other),
            "own": 0.5 * (logs - k + other),
            "split": 0.5 * (logs - k + spread + cross + shift),
            "cross": 0.5 * (logs - k + spread + shift),
            "closed": kl_terms(p, q).kl,
        },
        sides={
            "own_expectation": own,
            "own_trace": float(mean(lambda at: traces(p.covariance, outer(at)))),
            "own_inside": float(traces(p.covariance, covariance)),
            "own_identity": float(traces(p.covariance, p.covariance)),
            "split_whole": other,
            "split_spread": spread,
            "split_cross": cross,
            "split_shift": shift,
            "cross_mean": float(np.abs(mean(lambda at: at - p.mean)).max()),
            "cross_term": cross,
            "spread_expectation": spread,
            "spread_inside": float(traces(q.covariance, covariance)),
            "spread_trace": float(traces(q.covariance, p.covariance)),
        },
    )
