"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.elbo_chain import ElboChain

FIGURES: dict[str, type[Figure]] = {
    # page 7
    "elbo-chain": ElboChain,
}
