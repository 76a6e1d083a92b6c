"""The engine that compares, by ticks and in a process of its own."""

import time
from collections.abc import Callable

import numpy as np

from latentlab.core.regime import PRESETS
from latentlab.data.dataset import DataPair
from latentlab.system import process_alive
from latentlab.training.comparison import ComparisonEngine
from latentlab.training.messages import (
    Compared,
    Entrant,
    Failed,
    OpenComparison,
    Pause,
    Reset,
    SetEntrants,
    Settings,
    Train,
)
from latentlab.training.process import ProcessEngine
from tests.training.desk import SMALL

ENTRANTS = tuple(Entrant(n, PRESETS[name]) for n, name in enumerate(("KL only", "both")))


def opening(pair: DataPair, run: int = 1) -> OpenComparison:
    return OpenComparison(pair, SMALL, ENTRANTS, Settings(batch_size=128), run)


def ticked(engine: ComparisonEngine, until: Callable[[Compared], bool]) -> Compared:
    for _ in range(20_000):
        engine.tick()
        newest = engine.mailbox.take()
        if newest is not None and until(newest):
            return newest
    raise AssertionError("it did not come")


def rests(compared: Compared) -> bool:
    return compared.exact and not compared.running


def steps(compared: Compared) -> list[int]:
    return [member.step for member in compared.members]


def test_nothing_happens_before_a_comparison_is_open() -> None:
    engine = ComparisonEngine()
    for command in (Train(), Pause(), SetEntrants(ENTRANTS)):
        engine.send(command)
    for _ in range(3):
        engine.tick()
    assert engine.mailbox.take() is None
    assert engine.notices.empty()


def test_it_opens_trains_in_lockstep_and_pauses(mnist: DataPair) -> None:
    engine = ComparisonEngine()
    engine.send(opening(mnist, run=4))
    opened = ticked(engine, rests)
    assert (opened.run, steps(opened), opened.epoch) == (4, [0, 0], 0.0)
    assert all(member.figures is not None for member in opened.members)
    engine.send(Train(5))
    trained = ticked(engine, rests)
    assert steps(trained) == [5, 5]
    engine.send(Train("epoch"))
    assert steps(ticked(engine, rests)) == [8, 8]  # 1,000 images in batches of 128
    engine.send(Train())
    running = ticked(engine, lambda c: c.running and steps(c)[0] > 20)
    assert len(set(steps(running))) == 1
    engine.send(Pause())
    paused = ticked(engine, rests)
    assert len(set(steps(paused))) == 1


def test_who_takes_part_may_change_while_it_trains(mnist: DataPair) -> None:
    engine = ComparisonEngine()
    engine.send(opening(mnist))
    engine.send(Train())
    ticked(engine, lambda c: c.running and steps(c)[0] > 5)
    engine.send(SetEntrants((ENTRANTS[1], Entrant(7, PRESETS["β = 100"]))))
    changed = ticked(engine, lambda c: [m.number for m in c.members] == [1, 7])
    assert changed.running
    engine.send(Pause())
    ended = ticked(engine, rests)
    assert ended.members[1].step < ended.members[0].step


def test_a_command_of_the_other_engine_is_told_apart(mnist: DataPair) -> None:
    engine = ComparisonEngine()
    engine.send(opening(mnist))
    engine.send(Reset("loaded", 2))
    ticked(engine, rests)
    failed = engine.notices.get_nowait()
    assert isinstance(failed, Failed)
    assert failed.message.startswith("Reset failed")


def test_a_process_gives_the_numbers_of_ticks(mnist: DataPair) -> None:
    ticking = ComparisonEngine()
    engine: ProcessEngine[Compared] = ProcessEngine("comparison")
    engine.start()
    try:
        for each in (ticking, engine):
            each.send(opening(mnist))
            each.send(Train(12))
        expected = ticked(ticking, lambda c: rests(c) and steps(c)[0] == 12)
        late = time.monotonic() + 60
        found = None
        while found is None or not (rests(found) and steps(found)[0] == 12):
            assert time.monotonic() < late
            found = engine.mailbox.take() or found
    finally:
        assert engine.shutdown()
    for ours, theirs in zip(found.members, expected.members, strict=True):
        assert ours.figures == theirs.figures
        assert ours.cloud is not None
        assert theirs.cloud is not None
        np.testing.assert_array_equal(ours.cloud.mu, theirs.cloud.mu)
        for name, array in ours.parameters.items():
            np.testing.assert_array_equal(array, theirs.parameters[name])
    assert engine.pid is not None
    assert not process_alive(engine.pid)
