"""What the likelihoods are called."""

from latentlab.core.spec import Likelihood, LikelihoodName

LIKELIHOODS: dict[LikelihoodName, str] = {
    "bernoulli": "Bernoulli",
    "gaussian": "Gaussian",
    "continuous_bernoulli": "continuous Bernoulli",
}


def likelihood_words(likelihood: Likelihood) -> str:
    """With all that an ELBO depends on, for example "Gaussian, σ² = 0.1"."""
    name = LIKELIHOODS[likelihood.name]
    return f"{name}, σ² = {likelihood.variance:g}" if likelihood.name == "gaussian" else name
