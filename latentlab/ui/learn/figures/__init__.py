"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.between import BetweenFigure
from latentlab.ui.learn.figures.codes import CodesFigure
from latentlab.ui.learn.figures.discrete_kl import DiscreteKl
from latentlab.ui.learn.figures.regimes import RegimesFigure

FIGURES: dict[str, type[Figure]] = {
    # page 2
    "discrete-kl": DiscreteKl,
    # page 5
    "codes": CodesFigure,
    # page 11
    "regimes": RegimesFigure,
    # page 12
    "between": BetweenFigure,
}
