"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.discrete_kl import DiscreteKl
from latentlab.ui.learn.figures.elbo_chain import ElboChain
from latentlab.ui.learn.figures.few_draws import FewDraws
from latentlab.ui.learn.figures.gaussian_proof import GaussianProof
from latentlab.ui.learn.figures.grid_sum import GridSumFigure
from latentlab.ui.learn.figures.mixture_fit import MixtureFit
from latentlab.ui.learn.figures.pixel_likelihood import PixelLikelihood
from latentlab.ui.learn.figures.two_gaussians import TwoGaussians
from latentlab.ui.learn.figures.variance_as_beta import VarianceAsBeta

FIGURES: dict[str, type[Figure]] = {
    # page 2
    "discrete-kl": DiscreteKl,
    # page 3
    "two-gaussians": TwoGaussians,
    "mixture-fit": MixtureFit,
    # page 4
    "gaussian-proof": GaussianProof,
    # page 6
    "grid-sum": GridSumFigure,
    "few-draws": FewDraws,
    # page 7
    "elbo-chain": ElboChain,
    # page 9
    "pixel-likelihood": PixelLikelihood,
    "variance-as-beta": VarianceAsBeta,
}
