"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.discrete_kl import DiscreteKl

FIGURES: dict[str, type[Figure]] = {
    # page 2
    "discrete-kl": DiscreteKl,
}
