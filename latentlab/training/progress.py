"""What a run needs, beside weights and moments, to go on just where it stopped."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from latentlab.core.checkpoint import Checkpoint
from latentlab.training.course import Course

if TYPE_CHECKING:
    from latentlab.training.trainer import Trainer


def progress_of(trainer: "Trainer") -> dict[str, npt.NDArray[Any]]:
    """Random numbers, the rest of the epoch's order, and the state of a plan."""
    course = trainer.course
    return {
        "random": trainer.generator.get_state().numpy().view(np.int64).copy(),
        "order": trainer.order.numpy().copy(),
        **(course.to_arrays() if course else {}),
    }


def load_progress(trainer: "Trainer", checkpoint: Checkpoint) -> None:
    """Go on where `progress_of` stopped, if it is of these very images and makes sense."""
    dataset, known = trainer.images.dataset, checkpoint.training
    random, order = checkpoint.progress.get("random"), checkpoint.progress.get("order")
    if random is None or order is None or checkpoint.data.get("sha256") != dataset.sha256:
        return
    if order.dtype != np.int64 or order.ndim != 1 or not _within(order, dataset.total):
        return
    try:
        trainer.generator.set_state(torch.from_numpy(random.copy().view(np.uint8)))
    except (RuntimeError, ValueError, TypeError):
        return  # not the state of this torch's generator
    trainer.order = torch.from_numpy(order.copy())
    if "course" in known:
        trainer.course = Course.from_checkpoint(checkpoint, trainer.images, trainer.device)
        size = trainer.settings.batch_size
        if trainer.course is not None and size != known["batch_size"]:
            trainer.course.rebatch(trainer.step_count, len(order), size)


def _within(order: npt.NDArray[np.int64], count: int) -> bool:
    return not len(order) or (int(order.min()) >= 0 and int(order.max()) < count)
