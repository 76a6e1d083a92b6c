"""What a comparison begins with: the regimes, and the networks that are shipped for them."""

from dataclasses import replace

from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.core.regime import PRESETS, Regime
from latentlab.core.spec import Architecture
from latentlab.data.dataset import Dataset
from latentlab.paths import pretrained_models

MODELS = {
    "reconstruction only": "compare-reconstruction",
    "KL only": "compare-kl",
    "both": "compare-both",
    "β = 100": "compare-beta-100",
    "autoencoder": "compare-autoencoder",
}
# Half the live model's: there are several of them to train and to look at.
_ARCHITECTURE = Architecture(hidden=(256,))


def architecture_for(train: Dataset) -> Architecture:
    """Of networks from scratch for images of this size."""
    return replace(_ARCHITECTURE, image_shape=train.image_shape)


def shipped_model(regime: Regime, train: Dataset) -> Checkpoint | None:
    """The network that is shipped for this regime, if it was trained on just these images.

    Raises InputError when its file is damaged.
    """
    for name, model in MODELS.items():
        if PRESETS[name] == regime and model in pretrained_models():
            checkpoint = load_checkpoint(pretrained_models()[model])
            if checkpoint.data.get("sha256") == train.sha256:
                return checkpoint
    return None
