"""The processor threads that torch computes with."""

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import torch

Result = TypeVar("Result")


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


@contextlib.contextmanager
def threads_here(asked: int = 0) -> Iterator[int]:
    """Let this thread alone compute with so many, as `use_threads` counts them, until the end of the block.

    torch has a number for each thread, and one that later threads begin with: in a server, where every page
    has a thread of its own, theirs must not be the one of a measurement.
    """
    here, of_later_threads = torch.get_num_threads(), _run_in_new_thread(torch.get_num_threads)
    try:
        given = use_threads(asked)
        _run_in_new_thread(partial(torch.set_num_threads, of_later_threads))
        yield given
    finally:
        torch.set_num_threads(here)
        _run_in_new_thread(partial(torch.set_num_threads, of_later_threads))


def _run_in_new_thread(work: Callable[[], Result]) -> Result:
    """The answer of `work` where no number of threads was set yet."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()
