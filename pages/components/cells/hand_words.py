"""What a unit does under the same input, in a sentence with its numbers."""

from collections.abc import Sequence

from pages.components.cells.reach_words import short
from rnn_core.figures.step import digits
from rnn_core.inspection.by_hand import SWING, Behaviour, Kind

_CHANGED = 0.1
"""By this share swings must shrink or grow to be said to do so at first,"""
_CHANGES = 0.01
"""and by this share in the second half of them to be said to go on."""
_ARRIVED = 5e-4
"""A value as near as this to where it comes to rest is shown as that."""
_NO_GRADIENT = 1e-3


def in_words(found: Behaviour, letter: str) -> str:
    """`letter` is that of the memory."""
    m, steps = found.memory, len(found.memory) - 1
    if found.kind == Kind.HOLDS:
        return (
            f"**It holds.** In {steps} time steps {letter} is never farther than {digits(found.moved)} from "
            "where it began."
        )
    if found.kind == Kind.LEAKS:
        return _comes_to_rest(found, letter)
    if found.kind == Kind.OSCILLATES:
        turns = found.turns
        every = (turns[-1] - turns[0]) / (len(turns) - 1)
        return (
            f"**It oscillates.** {letter} turns back every **{every:.1f}** time steps; its swings "
            f"{_become(found.swings)}."
        )
    if found.kind == Kind.SATURATES:
        return (
            f"**It saturates.** {letter} goes to {digits(m[-1])}, where the tanh behind it has a slope of "
            f"{digits(found.slope or 0.0)}: a change inside that tanh hardly shows any more."
        )
    if found.kind == Kind.GROWS:
        return (
            f"**It grows.** {letter} goes to {digits(m[-1])} in {steps} time steps, and its changes do not "
            "get smaller: it never comes to rest."
        )
    return (
        f"**It moves on.** After {steps} time steps {letter} is at {digits(m[-1])}, and does not rest there."
    )


def _comes_to_rest(found: Behaviour, letter: str) -> str:
    """The sentence on a unit that comes to rest: it leaks, fills up, is overwritten or comes back."""
    begin, rest = found.memory[0], found.rest or 0.0
    if abs(begin - rest) <= SWING:
        return (
            f"**It comes back.** {letter} is up to {digits(found.moved)} away from where it began, and comes "
            f"to rest at {digits(rest)}."
        )
    does = "leaks" if abs(rest) < abs(begin) else "fills up"
    if rest * begin < 0 and abs(rest) > SWING:
        does = "is overwritten"
    ends = "comes to rest at" if _last(found) == rest else "goes slowly to"
    half = "takes **more than " + f"{_watched(found):,}** time steps"
    if found.half_life is not None:
        half = f"is gone after **{found.half_life:,.1f}** time steps"
    return f"**It {does}.** {letter} {ends} {digits(rest)}; half of the way {half}."


def in_detail(found: Behaviour, letter: str, gradient: float) -> str:
    """What stands in small letters below; `gradient` is that of the last memory with respect to the first."""
    said = [f"{letter} begins with {digits(found.memory[0])}."]
    if found.kind == Kind.HOLDS:
        said.append(f"Up to {SWING:g} away counts as holding.")
    if found.kind == Kind.LEAKS and _last(found) != found.rest:
        said.append(f"After {_watched(found):,} time steps it is still at {digits(_last(found))}.")
    said.append(
        f"A small change of it is {short(gradient)} times as large after {len(found.memory) - 1} time steps: "
        "the gradient."
    )
    if found.kind == Kind.HOLDS and gradient < _NO_GRADIENT:
        said.append(
            "So the memory is perfect and the gradient has vanished: the unit keeps what it has, but a "
            "training could not learn from it what to keep."
        )
    return " ".join(said)


def _watched(found: Behaviour) -> int:
    assert found.later is not None
    return len(found.later) - 1


def _last(found: Behaviour) -> float:
    """The memory after all the time steps that were computed: its rest, if it shows as that."""
    assert found.later is not None
    assert found.rest is not None
    last = float(found.later[-1])
    return found.rest if abs(last - found.rest) < _ARRIVED else last


def _become(swings: Sequence[float]) -> str:
    """What swings do, from the first to the last, and in their second half.

    >>> _become([1.4, 1.5, 1.6, 1.7, 1.7, 1.7]), _become([1.0, 0.8, 0.6, 0.4]), _become([1.0, 1.0, 1.0, 1.0])
    ('get wider at first, then stay as wide', 'get narrower', 'stay as wide')
    """
    first, middle, last = swings[0], swings[len(swings) // 2], swings[-1]
    if abs(last / first - 1) <= _CHANGED:
        return "stay as wide"
    become = "get wider" if last > first else "get narrower"
    is_settled = len(swings) > 3 and abs(last / middle - 1) <= _CHANGES
    return f"{become} at first, then stay as wide" if is_settled else become
