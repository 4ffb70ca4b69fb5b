"""What a unit does under the same input, in a sentence with its numbers."""

import numpy as np

from rnn_core.figures.step import digits
from rnn_core.inspection.behaviour import SWING, Behaviour, Kind

_CHANGED = 0.1
"""By this share swings must shrink or grow to be said to do so."""


def in_words(found: Behaviour, letter: str) -> str:
    """`letter` is that of the memory."""
    m, steps = found.memory, len(found.memory) - 1
    ends = f"{letter} goes from {digits(m[0])} to {digits(m[-1])}"
    if found.kind == Kind.HOLDS:
        return (
            f"**It holds.** In {steps} time steps {letter} is never farther than {digits(found.moved)} from "
            f"the {digits(m[0])} that it began with; up to {SWING:g} counts as holding."
        )
    if found.kind == Kind.LEAKS:
        return _comes_to_rest(found, letter)
    if found.kind == Kind.OSCILLATES:
        return f"**It oscillates.** {_turns(found, letter)}"
    if found.kind == Kind.SATURATES:
        return (
            f"**It saturates.** {ends}, where the tanh behind it has a slope of "
            f"{digits(found.slope or 0.0)}: a change inside that tanh hardly shows any more."
        )
    return (
        f"**It grows.** {ends} in {steps} time steps, and its changes do not get smaller: it never comes to "
        "rest."
    )


def _comes_to_rest(found: Behaviour, letter: str) -> str:
    """It leaks what it began with, fills up, or comes back."""
    begin, rest = found.memory[0], found.rest or 0.0
    if found.half_life is None:
        return (
            f"**It comes back.** {letter} begins with {digits(begin)}, is up to {digits(found.moved)} away "
            f"from it, and comes to rest at {digits(rest)}."
        )
    does = "leaks" if abs(rest) < abs(begin) else "fills up"
    if rest * begin < 0 and abs(rest) > SWING:
        does = "is overwritten"
    return (
        f"**It {does}.** {letter} goes from {digits(begin)} to {digits(rest)}, where it comes to rest; "
        f"half of the way is gone after **{found.half_life:,.1f}** time steps."
    )


def _turns(found: Behaviour, letter: str) -> str:
    turns, m = found.turns, found.memory
    every = (turns[-1] - turns[0]) / (len(turns) - 1)
    swings = np.abs(np.diff(m[list(turns)]))
    low, high = m[list(turns)].min(), m[list(turns)].max()
    changes = "stay as wide"
    if swings[-1] < swings[0] * (1 - _CHANGED):
        changes = "get narrower"
    elif swings[-1] > swings[0] * (1 + _CHANGED):
        changes = "get wider"
    return (
        f"{letter} turns back every **{every:.1f}** time steps, between {digits(low)} and {digits(high)}; "
        f"its swings {changes}."
    )
