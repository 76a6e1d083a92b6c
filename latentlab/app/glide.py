"""Points that glide from the last posteriors to the newest, instead of jumping."""

import numpy as np

from latentlab.training.cloud import Cloud

# A glide takes as long as the last two clouds lay apart, within these bounds, in seconds.
_SHORTEST, _LONGEST = 0.08, 1.5
# From one frame to the next, for each point: a million of them take their time.
_FRAME_SECONDS = 2e-7


class Glide:
    """Where every posterior is drawn at a moment. Times are in seconds, from any steady clock."""

    def __init__(self) -> None:
        self._from: Cloud | None = None
        self._to: Cloud | None = None
        self._start = 0.0
        self._duration = 0.0
        self._frame: tuple[float, Cloud] | None = None  # from when on, and what is seen then

    def aim(self, cloud: Cloud, now: float, *, at_once: bool = False) -> None:
        """Move to `cloud` from where the points are at `now`; at once if they cannot glide.

        A glide under way to the same posteriors goes on as it was.
        """
        if not at_once and self._to is not None and same(self._to, cloud):
            return
        shown = self.at(now)
        if at_once or shown is None or shown.mu.shape != cloud.mu.shape:
            self._from, self._duration = None, 0.0
        else:
            self._from = shown
            self._duration = min(max(now - self._start, _SHORTEST), _LONGEST)
        self._to, self._start, self._frame = cloud, now, None

    def at(self, now: float) -> Cloud | None:
        """The posteriors at `now`, with the step they are gliding to; None before the first.

        Of very many points it is a frame of a little earlier.
        """
        if self._to is None or self._from is None or not self.moving(now):
            return self._to
        if self._frame is not None:
            since, frame = self._frame
            if 0 <= now - since < _FRAME_SECONDS * len(frame.mu):
                return frame
        t = (now - self._start) / self._duration
        frame = Cloud(
            self._to.step,
            self._from.mu + t * (self._to.mu - self._from.mu),
            self._from.logvar + t * (self._to.logvar - self._from.logvar),
        )
        self._frame = now, frame
        return frame

    def moving(self, now: float) -> bool:
        """Whether the newest posteriors are not yet reached at `now`."""
        return self._from is not None and now < self._start + self._duration


def same(one: Cloud, other: Cloud) -> bool:
    """Whether they are the same posteriors of the same step."""
    return one is other or (
        one.step == other.step
        and np.array_equal(one.mu, other.mu)
        and np.array_equal(one.logvar, other.logvar)
    )
