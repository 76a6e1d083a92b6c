"""What a window begins with where nothing is asked for: what was open the last time."""

from concurrent.futures import Future, ThreadPoolExecutor

from latentlab.app.opening import Opened, is_slow, open_both, open_model, shipped
from latentlab.app.profile import Preferences


def last_opened(preferences: Preferences) -> Opened:
    """What was open the last time, or the shipped model. Raises InputError where it is gone."""
    if not preferences.last_model:
        return shipped()
    if not preferences.last_data:
        return open_model(preferences.last_model)
    return open_both(preferences.last_model, preferences.last_data)


def last_is_slow(preferences: Preferences) -> bool:
    """Whether reading its data again can take more than a moment."""
    return bool(preferences.last_data) and is_slow(preferences.last_data)


def read_ahead(preferences: Preferences) -> Future[Opened] | None:
    """Begin to read it in a thread, while the window is made; None where that is slow."""
    if last_is_slow(preferences):
        return None
    threads = ThreadPoolExecutor(1, "latentlab-reading-ahead")
    coming = threads.submit(last_opened, preferences)
    threads.shutdown(wait=False)  # there is nothing more to do for it
    return coming
