"""The choice of the next symbol: first temperature, then the k most probable, then those that make up p.

K symbols can come next, in the order of the head. Of equally probable ones the first in that order counts as
more probable. The random number of a symbol depends on seed and position alone, so that a text goes back and
branches, and what comes then is repeated.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.setting import Settings, setting

Floats = NDArray[np.float64]

_AT_ONCE = 256
"""The random numbers that are made together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing(Settings):
    """The settings by which the next symbol is chosen."""

    temperature: float = setting(0.7, between=(0.0, 2.0))
    """Temperature. The number by which the logarithms of the probabilities are divided. At 1 they stay as
    they are, below 1 the probable becomes more probable, above 1 all become more alike. At 0 the most
    probable symbol is taken.
    """
    top_k: int = setting(0, between=(0, 1_000_000), zero="all")
    """Only the k most probable. How many of the most probable symbols can be chosen; 0 leaves all."""
    top_p: float = setting(1.0, between=(0.0, 1.0))
    """The most probable that make up p. As few of the most probable symbols can be chosen as have this
    probability together, after temperature and k.
    """
    seed: int = setting(0, between=(0, 2**31 - 1))
    """Seed. Where the random numbers start: the same seed writes the same text again."""


def distribution(log_probabilities: Floats, choosing: Choosing) -> Floats:
    """The probabilities (K,) by which the next symbol is chosen, given the logarithms (K,) of a network's.

    They are natural ones, need not add up to 1, and -inf is never chosen.

    >>> distribution(np.log([0.5, 0.3, 0.2]), Choosing(temperature=1, top_p=0.7)).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    if choosing.temperature == 0:
        chosen = np.zeros(len(log_probabilities))
        chosen[log_probabilities.argmax()] = 1
        return chosen
    with np.errstate(over="ignore"):  # of a very small temperature: to -inf
        found: Floats = np.exp((log_probabilities - log_probabilities.max()) / choosing.temperature)
    if 0 < choosing.top_k < len(found) or choosing.top_p < 1:
        order = np.argsort(-found, kind="stable")
        found[order[choosing.top_k or len(found) :]] = 0
        so_far = found[order].cumsum()
        found[order[so_far.searchsorted(choosing.top_p * so_far[-1]) + 1 :]] = 0
    found /= found.sum()
    return found


def random_number(seed: int, position: int) -> float:
    """The random number from 0 up to 1 of the symbol at a position, the same on each machine.

    It is one of Philox (Salmon et al., 2011) with the seed as a part of its key.
    """
    block, place = divmod(position, _AT_ONCE)
    return _numbers(seed, block)[place]


@lru_cache(maxsize=64)
def _numbers(seed: int, block: int) -> list[float]:
    raw = np.random.Philox(key=np.array([seed, block], np.uint64)).random_raw(_AT_ONCE)
    return ((raw >> np.uint64(11)) * 2.0**-53).tolist()  # 53 bits fit in a float


def choose(probabilities: Floats, number: float) -> int:
    """The index of the symbol in whose part of 0 to 1 the number lies, given probabilities (K,).

    >>> [choose(np.array([0.5, 0.0, 0.5]), number) for number in (0.0, 0.4999, 0.5, 0.9999)]
    [0, 0, 2, 2]
    """
    so_far = probabilities.cumsum()
    index = int(so_far.searchsorted(number * so_far[-1], side="right"))
    return index if index < len(so_far) else int(np.flatnonzero(probabilities)[-1])  # rounded up to the sum
