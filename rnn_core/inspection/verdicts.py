"""The verdict after each token as it is shown: the class that is followed, the next two, and the turns."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.inspection.trace import Trace, turns_of

Floats = NDArray[np.float32]


class OneClass(NamedTuple):
    """A class along a text of T tokens."""

    name: str
    probabilities: Floats
    """(T,) after each token."""


class Turn(NamedTuple):
    """A token that turned the verdict, as `rnn_core.inspection.trace` defines it."""

    time: int
    to: str
    """The name of the class that it turned to."""
    probability: float
    """The probability of the followed one of two classes; of more, of the class which the verdict turned to.

    It is that after this token, at which the verdict need not yet be decided."""
    before: float | None = None
    """This probability one token earlier; None at the first token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The verdict after each of T tokens, on two classes or on more."""

    followed: OneClass
    against: str | None
    """The other one of two classes; None where there are more."""
    others: tuple[OneClass, ...]
    """The next most probable classes in the end; none where there are two."""
    turns: tuple[Turn, ...]


def verdicts(trace: Trace) -> Verdicts:
    """The verdicts along a text that was read."""
    of_two, of_classes = len(trace.classes) == 2, trace.probabilities_of_classes
    followed = OneClass(trace.classes[trace.followed], trace.probabilities)
    turns = []
    for time, number in turns_of(trace.answers).items():
        p = followed.probabilities if of_two else of_classes[:, number]
        turns.append(Turn(time, trace.classes[number], float(p[time]), float(p[time - 1]) if time else None))
    others = () if of_two else trace.coloured[1:]
    return Verdicts(
        followed=followed,
        against=trace.sides[0] if of_two else None,
        others=tuple(OneClass(trace.classes[number], of_classes[:, number]) for number in others),
        turns=tuple(turns),
    )
