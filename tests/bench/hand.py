"""A hand on a mouse: a process that says, so many times a second, that it has moved.

As with a real mouse, its events come whether the window has time for them or not, and each bears
the time at which it came. `python -m tests.bench.hand RATE` writes them to its standard output.
"""

import math
import struct
import sys
import time

EVENT = struct.Struct("=qd")
"""The number of the event, from 0, and when it came, in seconds of time.monotonic."""
# Turns a second and phases: no event comes where the last was, and hardly any place twice.
_ACROSS, _DOWN = (0.31, 0.7), (0.47, 1.3)


def place(t: float) -> tuple[float, float]:
    """Where the hand is `t` seconds after it began, each from −1 to 1."""
    x, y = (math.sin(2 * math.pi * turns * t + phase) for turns, phase in (_ACROSS, _DOWN))
    return x, y


def main(rate: float) -> None:
    """Move until nobody reads any more."""
    start = time.monotonic()
    number = 0
    with open(sys.stdout.fileno(), "wb", buffering=0, closefd=False) as out:
        while True:
            time.sleep(max(0.0, start + number / rate - time.monotonic()))
            try:
                out.write(EVENT.pack(number, time.monotonic()))
            except BrokenPipeError:
                return
            number += 1


if __name__ == "__main__":
    main(float(sys.argv[1]))
