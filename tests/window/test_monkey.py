"""A minute of a monkey at the window."""

import json
import os
import subprocess
import sys

import pytest

from tests.check import ROOT

SECONDS = float(os.environ.get("LATENTLAB_MONKEY_SECONDS", "60"))
# The same in CI each time, as with hypothesis; another each time at a desk.
SEED = os.environ.get("LATENTLAB_MONKEY_SEED", "1" if os.environ.get("CI") else "")


@pytest.mark.timeout(4 * SECONDS + 300)
def test_a_monkey_finds_nothing() -> None:
    """In a process of its own: it may hang or crash, and then says where."""
    command = [sys.executable, "-m", "tests.window.monkey", "--seconds", str(SECONDS)]
    result = subprocess.run(
        [*command, *(["--seed", SEED] if SEED else [])],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = result.stdout.splitlines()
    end = "\n".join([lines[0], *lines[-120:]])
    assert result.returncode == 0, end
    print(end)
    tally = json.loads(lines[-1])
    # A machine of two cores, busy with other things, gives four times as many.
    assert tally["acts"] > 5 * SECONDS
    assert tally["steps"] > 0
    assert tally["while_training"] > 0
