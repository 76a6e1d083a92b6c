"""What a comparison begins with: the regimes, and the networks that are shipped for them."""

from dataclasses import replace
from pathlib import Path

from latentlab.app.timeline import Kept
from latentlab.core.checkpoint import Checkpoint, load_checkpoint
from latentlab.core.history import History, history_beside, load_history
from latentlab.core.regime import PRESETS, Regime
from latentlab.core.spec import Architecture
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError
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


def shipped_history(regime: Regime, test: Dataset) -> History | None:
    """How that network was trained, if it is told of just these images.

    Raises InputError when its file is damaged, or of another network.
    """
    path = _shipped(regime)
    if path is None or not history_beside(path).exists():
        return None
    history = load_history(history_beside(path))
    if history.data.get("sha256") != test.sha256:
        return None
    checkpoint = load_checkpoint(path)
    if history.architecture != checkpoint.architecture or not history.ends_with(
        checkpoint.parameters
    ):
        raise InputError(
            f"{history_beside(path)} is of another network than the model beside it, so it is not "
            "shown: put the file there that came with it."
        )
    return history


def kept_checkpoint(kept: Kept, regime: Regime, images: int, batch_size: int) -> Checkpoint:
    """The network as it was then, to be trained on by `regime` on so many images."""
    steps_an_epoch = -(-images // batch_size)
    return Checkpoint(
        architecture=kept.architecture,
        likelihood=kept.likelihood,
        weights=regime.weights,
        parameters=kept.whole(),
        training={"steps": kept.step, "epochs": kept.step / steps_an_epoch},
    )


def _shipped(regime: Regime) -> Path | None:
    for name, model in MODELS.items():
        if PRESETS[name] == regime and model in pretrained_models():
            return pretrained_models()[model]
    return None
