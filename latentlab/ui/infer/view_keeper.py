"""Where the posterior's plane looks: where the mass is, until the user looks elsewhere."""

from PySide6.QtCore import QObject, Signal

from latentlab.app.state import AppState, Viewport
from latentlab.app.store import Store
from latentlab.ui.infer.posterior_plane import PosteriorPlane

# The view stays while what it should show fills at least this part of it, so that it stands still
# from a preview to the exact posterior, and for most of a drag.
_LEAST = 0.5


class ViewKeeper(QObject):
    """Follows the mass, or stays where the user has put it."""

    rested = Signal()  # it shows another part of the plane, and stays there

    def __init__(self, plane: PosteriorPlane, store: Store) -> None:
        super().__init__(plane)
        self._plane = plane
        self._store = store
        self._area: Viewport | None = None  # where the mass was last
        if store.state.infer_view is not None:
            plane.set_view(store.state.infer_view)
        store.changed.connect(self._state_changed)
        plane.viewMoved.connect(self._leave)
        plane.rested.connect(self._rest)
        plane.fitWanted.connect(self.fit)

    @property
    def follows(self) -> bool:
        """Whether it shows where the mass is, as the user has not put it elsewhere."""
        return self._store.state.infer_view is None

    @property
    def area(self) -> Viewport:
        """What is in view."""
        return self._plane.view

    @property
    def shape(self) -> float:
        """Its width divided by its height."""
        view = self.area
        return (view.x_max - view.x_min) / (view.y_max - view.y_min)

    def adopt(self, area: Viewport) -> None:
        """The mass lies here now. Where none of it is in view, it is followed again."""
        self._area = area
        if not _meet(area, self.area):
            self._store.set_quietly(infer_view=None)
        if self.follows and not _fits(area, self.area):
            self._plane.set_view(area)

    def fit(self) -> None:
        """Follow the mass from now on."""
        self._store.set_quietly(infer_view=None)
        self._rest()

    def _leave(self) -> None:
        self._store.set_quietly(infer_view=self.area)

    def _state_changed(self, state: AppState, names: frozenset[str]) -> None:
        wanted = state.infer_view
        if "infer_view" in names and wanted is not None and wanted != self.area:
            self._plane.set_view(wanted)  # a session's
            self.rested.emit()

    def _rest(self) -> None:
        if self.follows and self._area is not None:
            self._plane.set_view(self._area)
        self.rested.emit()


def _meet(one: Viewport, other: Viewport) -> bool:
    return (
        one.x_min < other.x_max
        and other.x_min < one.x_max
        and one.y_min < other.y_max
        and other.y_min < one.y_max
    )


def _fits(area: Viewport, view: Viewport) -> bool:
    inside = (
        view.x_min <= area.x_min
        and area.x_max <= view.x_max
        and view.y_min <= area.y_min
        and area.y_max <= view.y_max
    )
    across = (area.x_max - area.x_min) / (view.x_max - view.x_min)
    up = (area.y_max - area.y_min) / (view.y_max - view.y_min)
    return inside and max(across, up) >= _LEAST
