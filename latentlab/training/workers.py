"""Work shared out to processes, for what no window waits for.

Not to threads of torch: these wait for each other at every operation, so that one busy core stops
them all.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

# In a worker: what its items are given to.
_work: list[Callable[[Any], Any]] = []


def shared_out(
    begin: Callable[[], Callable[[Item], Result]], items: Sequence[Item], processes: int
) -> Generator[Result, None, None]:
    """What the function that `begin` gives makes of each item, in their order.

    `begin` is called once in each process, and here where there is but one. It, items and results
    are pickled. When this is left early, by Ctrl+C, the processes are ended at once.
    Must be called in the main thread.
    """
    count = min(processes, len(items))
    if count <= 1:
        yield from map(begin(), items)
        return
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(count, context, _begin, (begin,))
    try:
        with _ctrl_c_after():
            results = executor.map(_do, items)  # starts the processes
        yield from results
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def _ctrl_c_after() -> Iterator[None]:
    """Let Ctrl+C wait until this is left, so that no process is half started.

    It goes to every process of a terminal; those started in here leave it to this one.
    """
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    masks = hasattr(signal, "pthread_sigmask")  # Windows has none
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _begin(begin: Callable[[], Callable[[Any], Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    _work.append(begin())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(item: Any) -> Any:
    return _work[0](item)
