"""The process of a comparison ends unasked: a sentence, an offer, and on from where it was."""

import os
import signal

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from latentlab.core.regime import PRESETS
from latentlab.training.messages import Compared
from latentlab.training.process import ProcessEngine
from tests.window.conftest import OpenLab
from tests.window.lab import LONG, SHIFT, Lab
from tests.window.test_compare import NAMES, Comparing

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="only there it can be killed"
)


@pytest.fixture
def comparing(open_lab: OpenLab) -> Comparing:
    """In a process of its own, and trained for some steps."""
    lab = open_lab(engine="process", workspace="compare")
    found = Comparing(lab)
    begun = found.newest.members[0].step
    lab.click("trainButton")
    lab.wait(lambda: found.newest.running and found.newest.members[0].step > begun + 20)
    return found


def crash(comparing: Comparing) -> Compared:
    """End the process as the system does where memory runs out; what was last seen of it."""
    lab = comparing.lab
    laboratory = lab.shell.bridge.laboratory
    assert laboratory is not None
    assert isinstance(laboratory.comparison, ProcessEngine)
    pid = laboratory.comparison.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    lab.wait(lambda: "SIGKILL" in lab.said)
    return comparing.newest


def heard(comparing: Comparing, last: Compared) -> None:
    """Until another process, which loads torch first, has said how it stands."""
    comparing.lab.wait(lambda: comparing.compare.newest is not None
                       and comparing.newest.run > last.run, timeout=4 * LONG)  # fmt: skip


def assert_same(one: Compared, other: Compared) -> None:
    for a, b in zip(one.members, other.members, strict=True):
        assert (a.number, a.regime, a.step) == (b.number, b.regime, b.step)
        for name, array in a.parameters.items():
            np.testing.assert_array_equal(array, b.parameters[name])


def offer(lab: Lab) -> str:
    assert lab.window.message_bar.kind == "offer"
    return lab.child("messageAction_restart_comparison", QPushButton).text()


def test_what_was_offered_restarts_it_where_it_was_last_seen(comparing: Comparing) -> None:
    lab, last = comparing.lab, crash(comparing)
    step, kept = last.members[0].step, lab.shell.compare_opener.past.steps
    assert lab.said.startswith("The comparison stopped, since its process is gone")
    assert offer(lab) == f"Restart from step {step:,}"
    assert not last.running
    assert lab.child("trainButton", QPushButton).text() == "Train"
    assert "Nothing trains" in lab.status
    before = comparing.decoded(comparing.panels[0])
    comparing.click(comparing.panels[0], (1.5, -2.5))
    assert (comparing.decoded(comparing.panels[0]) != before).any()
    lab.click("messageAction_restart_comparison")
    heard(comparing, last)
    assert lab.said == ""
    comparing.rest()
    assert_same(last, comparing.newest)
    assert comparing.newest.epoch == pytest.approx(last.epoch)
    assert lab.shell.compare_opener.past.steps[: len(kept)] == kept
    assert kept[0] == 0


def test_train_goes_on_and_reset_still_brings_the_shipped_ones(comparing: Comparing) -> None:
    lab, last = comparing.lab, crash(comparing)
    lab.click("trainButton")
    heard(comparing, last)
    assert lab.said == ""
    lab.wait(lambda: comparing.newest.running)
    lab.wait(lambda: comparing.newest.members[0].step > last.members[0].step + 20)
    lab.click("trainButton")
    comparing.rest()
    # It was trained: another preset is what the next step minimises, not another network.
    number = comparing.panels[1].number
    comparing.choose(comparing.panels[1], "β = 100")
    comparing.rest(lambda c: c.members[1].regime == PRESETS["β = 100"])
    assert comparing.newest.members[1].number == number
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    comparing.rest(lambda c: c.members[1].regime == PRESETS["KL only"])
    last = crash(comparing)
    lab.click("messageClose")
    lab.key("R", SHIFT)
    heard(comparing, last)
    comparing.rest()
    assert [member.step for member in comparing.newest.members] == [0, 0, 0]
    assert comparing.names == NAMES


def test_who_comes_while_nothing_trains_takes_part_afterwards(comparing: Comparing) -> None:
    lab, last = comparing.lab, crash(comparing)
    lab.shell.compare.add("autoencoder")
    assert lab.said != ""
    lab.click("messageAction_restart_comparison")
    heard(comparing, last)
    comparing.rest()
    assert comparing.names == [*NAMES, "autoencoder"]
    assert comparing.newest.members[3].step > 1000
    assert comparing.newest.members[0].step == last.members[0].step
