"""The posteriors a file brings along, to be shown before a network is ready. Imports no torch."""

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.spec import Likelihood
from latentlab.data.dataset import Dataset
from latentlab.training.cloud import Cloud


def stored_cloud(checkpoint: Checkpoint, train: Dataset, likelihood: Likelihood) -> Cloud | None:
    """The posteriors in `checkpoint`, if they are of just these images as `likelihood` sees them.

    Else None: also where the file has none.
    """
    if not checkpoint.cloud:
        return None
    mu, logvar = checkpoint.cloud["mu"], checkpoint.cloud["logvar"]
    # The lengths first: the hash of all images takes its time.
    fits = (
        len(mu) == len(train)
        and likelihood.binarises == checkpoint.likelihood.binarises
        and checkpoint.data.get("cloud_sha256") == train.sha256
    )
    return Cloud(checkpoint.weights_step, mu, logvar) if fits else None
