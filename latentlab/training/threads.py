"""How many cores torch may use."""

import os

import torch


def leave_a_core_free() -> None:
    """Keep torch to all cores but one, or to fewer where it was told so (OMP_NUM_THREADS).

    Its threads wait for each other at every operation: with as many as there are cores, one busy
    core stops them all (with two cores, training was seen to fall to a twentieth).
    """
    torch.set_num_threads(min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) - 1)))
