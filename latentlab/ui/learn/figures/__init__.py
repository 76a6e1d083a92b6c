"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.between import BetweenFigure
from latentlab.ui.learn.figures.codes import CodesFigure
from latentlab.ui.learn.figures.die import DieFigure
from latentlab.ui.learn.figures.discrete_kl import DiscreteKl
from latentlab.ui.learn.figures.elbo_chain import ElboChain
from latentlab.ui.learn.figures.few_draws import FewDraws
from latentlab.ui.learn.figures.gaussian_proof import GaussianProof
from latentlab.ui.learn.figures.gradient_estimators import GradientEstimators
from latentlab.ui.learn.figures.grid_sum import GridSumFigure
from latentlab.ui.learn.figures.joint_table import JointTable
from latentlab.ui.learn.figures.logvar_bound import LogvarBound
from latentlab.ui.learn.figures.mixture_fit import MixtureFit
from latentlab.ui.learn.figures.model_gradient import ModelGradient
from latentlab.ui.learn.figures.pixel_likelihood import PixelLikelihood
from latentlab.ui.learn.figures.regimes import RegimesFigure
from latentlab.ui.learn.figures.reparameterise import Reparameterise
from latentlab.ui.learn.figures.standard_kl import StandardKlFigure
from latentlab.ui.learn.figures.two_gaussians import TwoGaussians
from latentlab.ui.learn.figures.variance_as_beta import VarianceAsBeta
from latentlab.ui.learn.figures.variance_descent import VarianceDescent

FIGURES: dict[str, type[Figure]] = {
    # page 1
    "joint-table": JointTable,
    "die": DieFigure,
    # page 2
    "discrete-kl": DiscreteKl,
    # page 3
    "two-gaussians": TwoGaussians,
    "mixture-fit": MixtureFit,
    # page 4
    "gaussian-proof": GaussianProof,
    # page 5
    "codes": CodesFigure,
    # page 6
    "grid-sum": GridSumFigure,
    "few-draws": FewDraws,
    # page 7
    "elbo-chain": ElboChain,
    # page 8
    "reparameterise": Reparameterise,
    "gradient-estimators": GradientEstimators,
    "model-gradient": ModelGradient,
    # page 9
    "pixel-likelihood": PixelLikelihood,
    "variance-as-beta": VarianceAsBeta,
    # page 10
    "standard-kl": StandardKlFigure,
    "variance-descent": VarianceDescent,
    "logvar-bound": LogvarBound,
    # page 11
    "regimes": RegimesFigure,
    # page 12
    "between": BetweenFigure,
}
