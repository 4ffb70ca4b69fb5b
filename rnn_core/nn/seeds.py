"""First weights that are the same each time, while other threads draw theirs."""

import contextlib
import threading
from collections.abc import Iterator

import torch

_DRAWS = threading.RLock()


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch draw from this seed, and afterwards go on as if nothing had been drawn.

    All threads of a process draw from one generator, so one of them is in here at a time.
    """
    with _DRAWS, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
