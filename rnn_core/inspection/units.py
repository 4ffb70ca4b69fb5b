"""What the units of a network respond to in many reviews: what opens each most, which set the labels apart.

`<start>`, which is the same in every review, and padding don't count in a mean.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from rnn_core.inspection.moments import Moment, moment_of

_BLOCK = 4096  # states turned into float32 at a time, few enough to stay in the processor's cache

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class Ranking(NamedTuple):
    """The H units of a gate or state, those first that set the labels apart best."""

    units: NDArray[np.int64]
    """(H,)"""
    auc: Floats
    """(H,) of `units`, in this order: above 0.5 where the unit is larger in texts of the followed class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitIndex:
    """L gates and states of H units each, over many reviews: K moments of each unit, and S states."""

    letters: tuple[str, ...]
    """(L,) as in `Trace.arrays`."""
    activations: Floats
    """(L, H, K) the largest, the largest first; -inf where there were fewer than K reviews."""
    reviews: Integers
    """(L, H, K) which review of the corpus each is of; no unit has one twice."""
    times: Integers
    """(L, H, K) and which time step."""
    auc: Floats
    """(L, H) of the second of two classes; (L, H, C) of C classes, each against the rest."""
    states: NDArray[np.float16]
    """(S, H) some of all h, in the order of the corpus, of length 1."""
    state_reviews: Integers
    """(S,)"""
    state_times: Integers
    """(S,)"""
    labels: NDArray[np.int8]
    """(N,) those of the corpus."""
    classes: tuple[str, ...]
    """The names of the C classes of the corpus."""

    def openers(self, letter: str, unit: int) -> list[Moment]:
        """The moments at which a unit was largest, at most one of a review, the largest first.

        Of equal ones, such as those of a gate that is quite open, those of the longest windows are kept.
        """
        place = self.letters.index(letter), unit
        there = np.isfinite(self.activations[place])
        kept = (values[place][there] for values in (self.reviews, self.times, self.activations))
        return [moment_of(self.labels, self.classes, *moment) for moment in zip(*kept, strict=True)]

    def ranking(self, letter: str, followed: int = 1) -> Ranking:
        """The units by how well their mean activation sets a class apart from the rest: by |AUC - 0.5|.

        `followed` is the index of the class.
        """
        auc = self.auc[self.letters.index(letter)]
        if auc.ndim == 2:
            auc = auc[:, followed]
        elif not followed:
            auc = 1 - auc
        units = np.argsort(-np.abs(auc - 0.5), kind="stable")
        return Ranking(units, auc[units])

    def nearest(self, h: Floats, count: int) -> list[Moment]:
        """The moments of the sample whose states have the largest cosine to h, (H,), one of a review."""
        with torch.inference_mode():
            direction = normalize(torch.from_numpy(np.asarray(h, np.float32)), dim=0)
            blocks = torch.from_numpy(self.states).split(_BLOCK)
            cosines = torch.cat([block.float() @ direction for block in blocks]).numpy()  # (S,)
        begins = np.flatnonzero(np.diff(self.state_reviews, prepend=-1))  # where each review begins
        ends = np.append(begins[1:], len(cosines))
        best = np.argsort(-np.maximum.reduceat(cosines, begins), kind="stable")[:count]
        places = [begins[i] + cosines[begins[i] : ends[i]].argmax() for i in best]
        return [
            moment_of(self.labels, self.classes, self.state_reviews[i], self.state_times[i], cosines[i])
            for i in places
        ]
