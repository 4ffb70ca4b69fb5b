"""The verdict after each token as it is shown: the class that is followed, the next two, and the turns."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.identity import CLASSES
from rnn_core.inspection.trace import Trace, turns_of
from rnn_core.tasks.classes import probabilities_of

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

    @classmethod
    def of_two(cls, logits: Floats, classes: tuple[str, str] = CLASSES) -> Self:
        """Given the logits (T,) of the second of two classes, which is followed."""
        against, name = classes
        probabilities = probabilities_of(logits).astype(np.float32)
        turns = (
            _turn(time, classes[number], probabilities) for time, number in turns_of(logits[:, None]).items()
        )
        return cls(followed=OneClass(name, probabilities), against=against, others=(), turns=tuple(turns))


def verdicts(trace: Trace) -> Verdicts:
    """The verdicts along a text that was read."""
    if len(trace.classes) == 2:
        against, name = trace.sides
        return Verdicts.of_two(trace.logits, (against, name))
    probabilities = trace.probabilities_of_classes
    _, *others = trace.in_sight
    return Verdicts(
        followed=OneClass(trace.classes[trace.followed], trace.probabilities),
        against=None,
        others=tuple(OneClass(trace.classes[number], probabilities[:, number]) for number in others),
        turns=tuple(
            _turn(time, trace.classes[number], probabilities[:, number])
            for time, number in turns_of(trace.answers).items()
        ),
    )


def _turn(time: int, to: str, probabilities: Floats) -> Turn:
    return Turn(time, to, float(probabilities[time]), float(probabilities[time - 1]) if time else None)
