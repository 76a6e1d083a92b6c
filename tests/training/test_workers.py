"""Work in processes: as it would be here, with its errors, and nothing left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from latentlab.training import workers
from latentlab.training.workers import shared_out

SAYS = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"


class Share:
    """Divides by the items."""

    def __init__(self, number: float) -> None:
        self._number = number

    def __call__(self, item: int) -> tuple[float, int]:
        return self._number / item, os.getpid()


def test_results_come_in_order_and_from_elsewhere() -> None:
    found = list(shared_out(partial(Share, 6.0), [1, 2, 3], 2))
    assert [value for value, _ in found] == [6.0, 3.0, 2.0]
    assert os.getpid() not in {process for _, process in found}
    assert list(shared_out(partial(Share, 6.0), [3], 2)) == [(2.0, os.getpid())]


def test_what_goes_wrong_there_is_said_here_and_leaves_none_behind() -> None:
    with pytest.raises(ZeroDivisionError):
        list(shared_out(partial(Share, 6.0), [1, 0], 2))
    assert not multiprocessing.active_children()


@pytest.mark.skipif(sys.platform == "win32", reason="has no masks of signals")
def test_ctrl_c_waits_until_the_processes_are_started_and_is_theirs_never() -> None:
    said: list[bytes] = []
    before = signal.getsignal(signal.SIGINT)

    def start() -> None:
        with workers._ctrl_c_after():
            signal.raise_signal(signal.SIGINT)
            said.append(subprocess.check_output([sys.executable, "-c", SAYS]))

    with pytest.raises(KeyboardInterrupt):
        start()
    assert said[0].strip() == b"True"
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
