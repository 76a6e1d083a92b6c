"""Records a run of known length, to be replayed."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from latentlab.core.history import History
from latentlab.core.vae import parameters_of
from latentlab.training.cloud import Cloud
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.images import Images
from latentlab.training.messages import Float32Array
from latentlab.training.trainer import Trainer


def moments(steps: int, count: int) -> npt.NDArray[np.int64]:
    """`count` steps from 0 to `steps`, the closer the earlier: a run changes most at its start."""
    numbers = np.arange(count)
    spaced = np.rint((steps + 1) ** (numbers / (count - 1)) - 1)
    return np.unique(np.maximum(numbers, spaced).astype(np.int64).clip(max=steps))


class Recorder:
    """Of `steps` steps of `trainer`: what becomes of `images` at `clouds` of them, and the weights
    at `weights` of these."""

    def __init__(
        self, trainer: Trainer, images: Images, steps: int, clouds: int = 100, weights: int = 12
    ) -> None:
        self._trainer = trainer
        self._images = images
        self._of_weights = set(moments(steps, weights).tolist())
        self._of_clouds = set(moments(steps, clouds).tolist()) | self._of_weights
        self._clouds: list[Cloud] = []
        self._weights: dict[int, Mapping[str, Float32Array]] = {}
        self.look()

    def look(self) -> None:
        """Record the moment, if it is one to be recorded; call it after each step."""
        step = self._trainer.step_count
        if step in self._of_clouds:
            self._take(step, weights=step in self._of_weights)

    def end(self) -> History:
        """The history up to the weights that the trainer has now, which may be earlier ones."""
        trainer = self._trainer
        last = trainer.weights_step
        self._clouds = [cloud for cloud in self._clouds if cloud.step < last]
        self._weights = {step: kept for step, kept in self._weights.items() if step < last}
        self._take(last, weights=True)
        dataset = self._images.dataset
        return History(
            architecture=trainer.model.architecture,
            likelihood=trainer.likelihood,
            data={"name": dataset.name, "sha256": dataset.sha256},
            steps=np.array([cloud.step for cloud in self._clouds]),
            mu=np.stack([cloud.mu for cloud in self._clouds]),
            logvar=np.stack([cloud.logvar for cloud in self._clouds]),
            weight_steps=np.array(list(self._weights)),
            weights={
                name: np.stack([kept[name] for kept in self._weights.values()])
                for name in self._weights[last]
            },
        )

    def _take(self, step: int, *, weights: bool) -> None:
        trainer = self._trainer
        self._clouds.append(
            finish(encode_cloud(trainer.model, self._images, trainer.likelihood, step))
        )
        if weights:
            self._weights[step] = parameters_of(trainer.model)
