"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.elbo_chain import ElboChain
from latentlab.ui.learn.figures.few_draws import FewDraws
from latentlab.ui.learn.figures.grid_sum import GridSumFigure

FIGURES: dict[str, type[Figure]] = {
    # page 6
    "grid-sum": GridSumFigure,
    "few-draws": FewDraws,
    # page 7
    "elbo-chain": ElboChain,
}
