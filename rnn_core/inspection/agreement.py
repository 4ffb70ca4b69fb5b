"""How far the weights of attention agree with what the verdict depends on: ranks of words, three ways.

A weight says how much of a state the readout takes. A state is made of all words up to it, so a large weight
need not be what decided the verdict. Whether it explains the verdict is disputed: very different weights can
lead to the same verdict (Jain and Wallace, 2019), but they serve worse than learned ones (Wiegreffe and
Pinter, 2019). Spearman's rank correlation is that of Pearson over the ranks, where equal values share the
mean of theirs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnn_core.inspection.attribution import Attribution
from rnn_core.inspection.trace import Trace
from rnn_core.text.vocabulary import UNK_ID

FEWEST = 3
"""Words; the ranks of fewer say nothing."""
DISAGREES_BELOW = 0.5
"""A rank correlation below it is called a disagreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The order by weight of the N words that occlusion can leave out, against two other orders."""

    words: int
    occlusion: float
    """Rank correlation of the weights with the size of the contributions that occlusion finds; nan where all
    weights or all contributions are equal."""
    connectivity: float
    """With the connectivity of the hidden state."""
    other: str
    """"occlusion" or "connectivity": the order that differs more from that by weight."""
    time: int
    """The time step of the word whose ranks in these two orders differ most."""
    rank_of_weight: int
    """Its rank by weight, 1 for the largest."""
    rank_of_other: int

    @property
    def disagrees(self) -> bool:
        """Whether the order by weight differs much from the other one."""
        return bool(getattr(self, self.other) < DISAGREES_BELOW)


def agreement(
    trace: Trace, attribution: Attribution, contributions: NDArray[np.float32], *, since: int = 0
) -> Agreement | None:
    """How far the orders agree; None without attention, or where there are fewer than `FEWEST` words.

    `contributions` (T,) are those that `occlusion` returns, computed from the time step `since` on.
    """
    ids = np.array(trace.review.ids)
    at = np.flatnonzero((ids > UNK_ID) & (np.arange(len(ids)) >= since))
    if attribution.attention is None or len(at) < FEWEST:
        return None
    weights = ranks(-attribution.attention[at])
    orders = {
        "occlusion": ranks(-np.abs(contributions[at])),
        "connectivity": ranks(-attribution.connectivity["h"][at]),
    }
    found = {name: _correlation(weights, order) for name, order in orders.items()}
    other = min(found, key=lambda name: np.inf if np.isnan(found[name]) else found[name])
    most = int(np.abs(weights - orders[other]).argmax())
    return Agreement(
        words=len(at),
        **found,
        other=other,
        time=int(at[most]),
        rank_of_weight=round(weights[most]),
        rank_of_other=round(orders[other][most]),
    )


def ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N,) from 1 for the least; equal values share the mean of their ranks.

    >>> ranks(np.array([0.5, 0.1, 0.5])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last: NDArray[np.int64] = counts.cumsum()
    means: NDArray[np.float64] = last - (counts - 1) / 2
    return means[place]


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / spread if spread else float("nan")
