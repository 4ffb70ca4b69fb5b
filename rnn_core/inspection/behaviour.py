"""What a unit does when the same input comes again and again: holds, leaks, oscillates, saturates or grows.

m is the memory of the unit, c or h, after each of N time steps; m_0 is what it began with. The first of these
rules that is met decides:

    oscillates  m turns back `TURNS` times or more, each time by `SWING` at least
    holds       m never moves away from m_0 by more than `SWING`
    saturates   m moved away from 0 to where the tanh that bounds it, or shows it, has a slope below
                `SATURATED`; a gated h is bounded by its candidate's tanh, so both must be there
    oscillates  it turns back so often in the next `PATIENCE` time steps
    leaks       m comes to rest, in those time steps or later: its changes then shrink by the same factor q
                at each step, and those to come add up to the last one times q / (1 - q); its half-life is
                the time in which half of the way from m_0 to there is gone, where that is a way at all
    grows       none of these, or beyond all numbers
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rnn_core.inspection.by_hand import Floats, Play, go_on

SWING = 0.02
TURNS = 3
SATURATED = 0.1
PATIENCE = 1_000
_AT_REST = 1e-9
_SHRINKS = 1 - 1e-6
"""Changes that shrink by less than this factor at each time step do not shrink."""


class Kind(StrEnum):
    """What a unit does, as a word."""

    HOLDS = "holds"
    LEAKS = "leaks"
    OSCILLATES = "oscillates"
    SATURATES = "saturates"
    GROWS = "grows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a unit did."""

    kind: Kind
    memory: Floats
    """(N + 1,) m; of one that oscillates only later, with the time steps until then."""
    half_life: float | None = None
    """In time steps, where it leaks and does not come back to where it began."""
    rest: float | None = None
    """Where it comes to rest, where it leaks."""
    turns: tuple[int, ...] = ()
    """The time steps after which it turns back, where it oscillates."""
    slope: float | None = None
    """Of the tanh where it ends, where it saturates."""

    @property
    def moved(self) -> float:
        """How far it was away from where it began, at most."""
        return float(np.abs(self.memory - self.memory[0]).max())


def behaviour(played: Play, unit: int) -> Behaviour:
    """What a unit does, by the rules above."""
    m = played.states[played.memory][:, unit]
    if not np.isfinite(m).all():
        return Behaviour(kind=Kind.GROWS, memory=m)
    turns = turns_of(m)
    if len(turns) >= TURNS:
        return Behaviour(kind=Kind.OSCILLATES, memory=m, turns=turns)
    if np.abs(m - m[0]).max() <= SWING:
        return Behaviour(kind=Kind.HOLDS, memory=m)
    slope = _slope(played, unit)
    if slope is not None and slope < SATURATED and abs(m[-1]) > abs(m[0]):
        return Behaviour(kind=Kind.SATURATES, memory=m, slope=slope)
    m_on = _played_on(played, unit)
    if not np.isfinite(m_on).all():
        return Behaviour(kind=Kind.GROWS, memory=m)
    turns = turns_of(m_on)
    if len(turns) >= TURNS:
        return Behaviour(kind=Kind.OSCILLATES, memory=m_on, turns=turns)
    rest = rest_of(m_on)
    if rest is None:
        return Behaviour(kind=Kind.GROWS, memory=m)
    came_back = abs(m[0] - rest) <= SWING
    half = None if came_back else half_life(m_on, rest)
    return Behaviour(kind=Kind.LEAKS, memory=m, rest=rest, half_life=half)


def turns_of(m: Floats) -> tuple[int, ...]:
    """The time steps after which a curve turns back by `SWING` or more."""
    turns: list[int] = []
    extreme, direction = 0, 0
    for time in range(1, len(m)):
        away = m[time] - m[extreme]
        if direction * away > 0 or (direction == 0 and abs(away) >= SWING):
            direction, extreme = int(np.sign(away)), time
        elif direction and abs(away) >= SWING:
            turns.append(extreme)
            direction, extreme = -direction, time
    return tuple(turns)


def rest_of(m: Floats) -> float | None:
    """Where a curve of three values or more comes to rest; None where it does not.

    >>> round(rest_of(3 + 0.9999 ** np.arange(50.0)), 6)
    3.0
    """
    before, last = m[-2] - m[-3], m[-1] - m[-2]
    if abs(last) <= _AT_REST:
        return float(m[-1])
    q = last / before if before else np.inf
    return float(m[-1] + last * q / (1 - q)) if abs(q) < _SHRINKS else None


def half_life(m: Floats, rest: float) -> float:
    """After how many time steps half of the way from the first value to `rest` is gone for the first time.

    Between two time steps, and after the last one, it is taken to fall by the same factor in each moment.

    >>> round(half_life(0.9 ** np.arange(40.0), 0.0), 3)  # ln(1/2) / ln(0.9)
    6.579
    >>> round(half_life(0.9 ** np.arange(4.0), 0.0), 3)
    6.579
    """
    left = np.abs(m - rest) / abs(m[0] - rest)
    gone = np.flatnonzero(left <= 0.5)
    after = int(gone[0]) if len(gone) else len(left) - 1
    if left[after] == 0:
        return float(after)
    return after - 1 + float(np.log(left[after - 1] / 0.5) / np.log(left[after - 1] / left[after]))


def _slope(played: Play, unit: int) -> float | None:
    """In the end, of the tanh that shows the memory, or of the one that bounds it; None without either."""
    update, m = played.declared.update, float(played.states[played.memory][-1, unit])
    if update is not None and update.shows is not None:
        return 1 - float(np.tanh(m)) ** 2
    if played.declared[played.memory].bounds != (-1.0, 1.0):
        return None
    if update is None:
        return 1 - m**2
    return 1 - min(m**2, float(played.computed[update.candidate][-1, unit]) ** 2)


def _played_on(played: Play, unit: int) -> Floats:
    """The memory from its first value until it rests, for `PATIENCE` more time steps at most."""
    m = played.states[played.memory][:, unit].tolist()
    for value in go_on(played, unit, PATIENCE):
        m.append(value)
        if not abs(m[-1] - m[-2]) > _AT_REST:
            break
    return np.array(m)
