"""How many processor threads torch computes with."""

import os

import torch


def use_threads(asked: int = 0, *, processes: int = 1) -> int:
    """Let torch compute with so many threads from here on, but no more than there are cores; how many.

    0 means all cores but one, divided among so many processes that compute at once.

    With another busy process beside it, as many threads as cores train many times slower: they wait for
    each other at every small product.
    """
    cores = os.cpu_count() or 1
    threads = min(asked or max(1, (cores - 1) // processes), cores)
    torch.set_num_threads(threads)
    return threads
