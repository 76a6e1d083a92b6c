"""A run from what was last seen of it, where its engine is gone. Imports no torch."""

import logging
from pathlib import Path

import numpy as np

from latentlab.core.checkpoint import Checkpoint, save_checkpoint
from latentlab.data.dataset import Dataset
from latentlab.errors import not_written, told
from latentlab.training.messages import Failed, Saved, Series, Snapshot

_log = logging.getLogger(__name__)


def checkpoint_of(snapshot: Snapshot, train: Dataset) -> Checkpoint:
    """The run of `snapshot` on the images of `train`, as a file holds it.

    A snapshot has no optimiser's moments, so that Adam begins anew; its cloud counts where it is
    of the last weights.
    """
    cloud, settings = snapshot.cloud, snapshot.settings
    exact = cloud.step == snapshot.weights_step
    weights = snapshot.weights.to_json()
    return Checkpoint(
        architecture=snapshot.architecture,
        likelihood=snapshot.likelihood,
        weights=snapshot.weights,
        parameters=snapshot.parameters,
        cloud={"mu": cloud.mu, "logvar": cloud.logvar} if exact else {},
        curves={
            "train": _rows(snapshot.curves.train),
            "heldout": _rows(snapshot.curves.heldout),
        },
        data={**train.provenance, "cloud_sha256": train.sha256},
        training={
            "seed": settings.seed,
            "steps": snapshot.step,
            "weights_step": snapshot.weights_step,
            "epochs": snapshot.epoch,
            "learning_rate": settings.learning_rate,
            "weight_decay": settings.weight_decay,
            "batch_size": settings.batch_size,
            # What a mark's weights were is asked of the last one alone, and these are its.
            "marks": [
                {"step": mark.step, "formula": mark.formula, "weights": weights}
                for mark in snapshot.curves.marks
            ],
        },
    )


def rescue(
    last: Snapshot, train: Dataset, path: Path, *, autosave: bool = False
) -> Saved | Failed | None:
    """Do what Save asks of an engine, with what was last seen of its run; it has no plan then.

    None where an autosave could not be written, which is kept quiet.
    """
    try:
        save_checkpoint(checkpoint_of(last, train), path)
    except Exception as error:
        if autosave:
            _log.warning("no autosave at %s", path, exc_info=error)
            return None
        if isinstance(error, OSError):
            return Failed(not_written(path, error))
        return Failed(*told(error, f"{path} could not be written"))
    return Saved(path, autosave, last.run)


def _rows(series: Series) -> np.ndarray:
    """(B, 4): step, reconstruction, kl, objective, as CurveRecorder keeps them."""
    columns = (series.step, series.reconstruction, series.kl, series.objective)
    return np.stack([column.astype(np.float64) for column in columns], axis=1)
