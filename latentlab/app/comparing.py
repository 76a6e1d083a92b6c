"""What a comparison begins with: the regimes, and the networks that are shipped for them."""

from dataclasses import replace
from pathlib import Path

from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.core.history import history_beside
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
    path = _shipped(regime)
    if path is None:
        return None
    checkpoint = load_checkpoint(path)
    return checkpoint if checkpoint.data.get("sha256") == train.sha256 else None


def shipped_history(regime: Regime) -> Path | None:
    """The file that tells how the network shipped for this regime was trained, if there is one."""
    path = _shipped(regime)
    return history_beside(path) if path is not None and history_beside(path).exists() else None


def _shipped(regime: Regime) -> Path | None:
    for name, model in MODELS.items():
        if PRESETS[name] == regime and model in pretrained_models():
            return pretrained_models()[model]
    return None
