"""What the likelihoods are called."""

from latentlab.core.spec import LikelihoodName

LIKELIHOODS: dict[LikelihoodName, str] = {
    "bernoulli": "Bernoulli",
    "gaussian": "Gaussian",
    "continuous_bernoulli": "continuous Bernoulli",
}
