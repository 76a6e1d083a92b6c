"""The posteriors on the plane, as its axes show them."""

import numpy as np
import numpy.typing as npt

from latentlab.app.store import Store
from latentlab.training.cloud import Cloud
from latentlab.ui.plane import LatentPlane

Floats = npt.NDArray[np.float32]


class PlanePoints:
    """Projects posteriors on the plane of the moment. `cloud`: those that are there now."""

    def __init__(self, plane: LatentPlane, store: Store) -> None:
        self._plane = plane
        self._store = store
        self.cloud: Cloud | None = None

    def put(self, cloud: Cloud, labels: npt.NDArray[np.int64], *, pickable: bool = True) -> None:
        """Other points, labels (N,)."""
        mu, logvar, correlation = self._projected(cloud)
        self._plane.set_points(mu, logvar, labels, correlation=correlation, pickable=pickable)

    def move(self, cloud: Cloud, *, exact: bool) -> None:
        """The same points elsewhere."""
        mu, logvar, correlation = self._projected(cloud)
        self._plane.move_points(mu, logvar, exact=exact, correlation=correlation)

    def _projected(self, cloud: Cloud) -> tuple[Floats, Floats, Floats | None]:
        self.cloud = cloud
        section = self._store.state.section
        mu, logvar = section.posteriors(cloud.mu, cloud.logvar)
        return mu, logvar, section.correlation(cloud.logvar)
