"""Messages through a pipe: whole, in order, and no cloud twice in a row."""

import io
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from latentlab.data.dataset import DataPair
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Crashed, Snapshot, Train
from latentlab.training.wire import Receiver, Sender
from tests.training.desk import Desk, assert_same_numbers, opening


@pytest.fixture
def snapshot(desk: Desk, mnist: DataPair) -> Snapshot:
    return desk.do(opening(mnist), Train(3))


def through(*messages: object) -> tuple[list[object], list[int]]:
    """What comes out at the other end, and how many bytes each took."""
    pipe = io.BytesIO()
    sender = Sender(pipe)
    ends = [0]
    for message in messages:
        sender.send(message)
        ends.append(pipe.tell())
    pipe.seek(0)
    receiver = Receiver(pipe)
    return [receiver.receive() for _ in messages], list(np.diff(ends))


def test_messages_come_whole_and_in_order(snapshot: Snapshot, mnist: DataPair) -> None:
    found, _ = through(Train(7), snapshot, Crashed("so"), opening(mnist, last=snapshot))
    assert found[0] == Train(7)
    assert isinstance(found[1], Snapshot)
    assert_same_numbers(found[1], snapshot)
    assert (found[1].architecture, found[1].latest) == (snapshot.architecture, snapshot.latest)
    assert found[2] == Crashed("so")
    assert np.array_equal(found[3].data.train.images, mnist.train.images)  # type: ignore[attr-defined]
    assert_same_numbers(found[3].last, snapshot)  # type: ignore[attr-defined]


def test_a_cloud_is_sent_once_and_stays_the_same_object(snapshot: Snapshot) -> None:
    cloud = Cloud(9, snapshot.cloud.mu + 1, snapshot.cloud.logvar)
    sent = [
        snapshot,
        replace(snapshot, step=4),
        replace(snapshot, cloud=cloud),
        Train(1),
        replace(snapshot, cloud=cloud, step=5),
        replace(snapshot, step=6),
    ]
    found, sizes = through(*sent)
    clouds = [each.cloud for each in found if isinstance(each, Snapshot)]
    assert clouds[0] is clouds[1]
    assert clouds[2] is clouds[3]
    assert clouds[1] is not clouds[2]
    assert clouds[3] is not clouds[4]
    for given, came in zip((s.cloud for s in sent if isinstance(s, Snapshot)), clouds, strict=True):
        assert came.step == given.step
        np.testing.assert_array_equal(came.mu, given.mu)
    nbytes = cloud.mu.nbytes + cloud.logvar.nbytes
    assert sizes[0] - sizes[1] > 0.9 * nbytes
    assert sizes[2] - sizes[4] > 0.9 * nbytes


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_a_message_cut_off_is_no_message(snapshot: Snapshot, part: float) -> None:
    pipe = io.BytesIO()
    Sender(pipe).send(snapshot)
    cut = io.BytesIO(pipe.getvalue()[: int(part * pipe.tell())])
    with pytest.raises((EOFError, pickle.UnpicklingError)):
        Receiver(cut).receive()


class _Busy(io.BytesIO):
    """A pipe; while the first large array goes through it, something else happens."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def write(self, content: Any) -> int:
        if memoryview(content).nbytes > 1 << 16:
            self._meanwhile()
        return super().write(content)


def test_images_are_sent_whole_while_another_thread_asks_for_their_hash(mnist: DataPair) -> None:
    pair = DataPair(replace(mnist.train), replace(mnist.test))  # whose hash nobody knows yet
    wanted = mnist.train.sha256, mnist.test.sha256
    pipe = _Busy(lambda: (pair.train.sha256, pair.test.sha256))
    Sender(pipe).send(opening(pair))
    pipe.seek(0)
    found = Receiver(pipe).receive().data
    assert (found.train.sha256, found.test.sha256) == wanted
