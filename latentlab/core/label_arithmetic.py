"""Label arithmetic: the way in the latent space from images of one class to those of another."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class LabelDifference:
    """step: (K,) the mean of the means μₙ of class A, less that of class B. counts: of both."""

    step: npt.NDArray[np.float64]
    counts: tuple[int, int]

    @property
    def length(self) -> float:
        """‖A − B‖."""
        return float(np.linalg.norm(self.step))


def label_difference(
    mu: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], plus: int, minus: int
) -> LabelDifference | None:
    """Of the posterior means mu (N, K) with these labels (N,): of class `plus` less `minus`.

    Means that are not finite do not count. None where a class has no other. After Larsen et al.
    2016, §4.2, with the difference of two classes in place of that of an attribute.
    """
    there = np.isfinite(mu).all(axis=1)
    ends = [mu[there & (labels == label)].astype(np.float64) for label in (plus, minus)]
    if not all(len(end) for end in ends):
        return None
    first, second = (end.mean(axis=0) for end in ends)
    return LabelDifference(first - second, (len(ends[0]), len(ends[1])))
