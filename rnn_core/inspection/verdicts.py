"""The verdict after each token as it is shown: the class that is followed, the next two, and the turns."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.run import CLASSES
from rnn_core.inspection.trace import Trace, verdict_turns

Floats = NDArray[np.float32]


class OneClass(NamedTuple):
    """A class along a text of T tokens."""

    name: str
    probabilities: Floats
    """(T,) after each token."""


class Turn(NamedTuple):
    """A token that turned the verdict."""

    time: int
    to: str
    """The name of the class that it turned to."""
    probability: float
    """That of the followed one of two classes; of more, that of the class which the verdict turned to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The verdict after each of T tokens, on two classes or on more."""

    followed: OneClass
    against: str | None
    """The other one of two classes; None where there are more."""
    others: tuple[OneClass, ...]
    """The next most probable classes in the end; none where there are two."""
    turns: tuple[Turn, ...]

    @classmethod
    def of_two(cls, probabilities: Floats, classes: tuple[str, str] = CLASSES) -> Self:
        """Given the probabilities (T,) of the second of two classes, which is followed."""
        against, name = classes
        turns = (
            Turn(step, name if probabilities[step] > 0.5 else against, float(probabilities[step]))
            for step in verdict_turns(probabilities).tolist()
        )
        return cls(followed=OneClass(name, probabilities), against=against, others=(), turns=tuple(turns))


def verdicts(trace: Trace) -> Verdicts:
    """Those of a text that was read."""
    if len(trace.classes) == 2:
        against, name = trace.sides
        return Verdicts.of_two(trace.probabilities, (against, name))
    probabilities, predicted = trace.probabilities_of_classes, trace.predicted
    _, *others = trace.in_sight
    return Verdicts(
        followed=OneClass(trace.classes[trace.followed], trace.probabilities),
        against=None,
        others=tuple(OneClass(trace.classes[number], probabilities[:, number]) for number in others),
        turns=tuple(
            Turn(step, trace.classes[predicted[step]], float(probabilities[step, predicted[step]]))
            for step in trace.turns.tolist()
        ),
    )
