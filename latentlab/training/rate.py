"""How fast training is."""

import time


class Rate:
    """Images per second over the last second or so."""

    def __init__(self, images: int) -> None:
        self.value = 0.0
        self._since = time.perf_counter()
        self._images = images

    def update(self, images: int) -> None:
        """`images` have been seen in all."""
        elapsed = time.perf_counter() - self._since
        if elapsed >= 1.0 or (self.value == 0 and elapsed >= 0.25):
            self.value = (images - self._images) / elapsed
            self._since, self._images = time.perf_counter(), images
