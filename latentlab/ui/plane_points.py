"""The posteriors on the plane, as its axes show them."""

import numpy as np
import numpy.typing as npt

from latentlab.app.store import Store
from latentlab.training.cloud import Cloud
from latentlab.ui.plane import LatentPlane


class PlanePoints:
    """Projects posteriors on the plane of the moment. `cloud`: those that are there now."""

    def __init__(self, plane: LatentPlane, store: Store) -> None:
        self._plane = plane
        self._store = store
        self.cloud: Cloud | None = None

    def put(self, cloud: Cloud, labels: npt.NDArray[np.int64], *, pickable: bool = True) -> None:
        """Other points, labels (N,)."""
        mu, logvar = self._projected(cloud)
        self._plane.set_points(mu, logvar, labels, pickable=pickable)

    def move(self, cloud: Cloud, *, exact: bool) -> None:
        """The same points elsewhere."""
        mu, logvar = self._projected(cloud)
        self._plane.move_points(mu, logvar, exact=exact)

    def _projected(self, cloud: Cloud) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        self.cloud = cloud
        return self._store.state.section.posteriors(cloud.mu, cloud.logvar)
