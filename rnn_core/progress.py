"""Reports of long work: how far it is, how long the rest takes, and when it is time to say so again."""

import contextlib
import math
import time
from collections.abc import Callable, Generator
from typing import NamedTuple, TypeVar

_GRAINS = ((60, 5), (600, 30), (3_600, 60), (math.inf, 300))
"""Pairs: below so many seconds an estimate is a multiple of so many."""


class Progress(NamedTuple):
    """The part of some long work that is done. `done` and `total` are in the unit that `doing` names."""

    doing: str
    done: int
    total: int


Result = TypeVar("Result")


def finish(steps: Generator[Progress, None, Result], before: Callable[[], None] = lambda: None) -> Result:
    """The result of some work, which is done to its end without showing how far it is.

    `before` each step something is called, and what that raises ends the work.
    """
    with contextlib.closing(steps):
        while True:
            before()
            try:
                next(steps)
            except StopIteration as ended:
                return ended.value


class Stopwatch:
    """Times long work by its progress."""

    _LEAST = 1.0  # seconds: of a shorter time no pace is known

    def __init__(self) -> None:
        self._first: Progress | None = None
        """The first progress of what is done now."""
        self._last: Progress | None = None
        self._began = 0.0

    def note(self, progress: Progress) -> None:
        """Take in how far the work is now."""
        if self._first is None or progress.doing != self._first.doing:
            self._first, self._began = progress, time.monotonic()
        self._last = progress

    def seconds_left(self) -> float | None:
        """The seconds to the end of what is done now, by its pace so far; None where that is too early."""
        first, last = self._first, self._last
        elapsed = time.monotonic() - self._began
        if first is None or last is None or last.done <= first.done or elapsed < self._LEAST:
            return None
        return (last.total - last.done) * elapsed / (last.done - first.done)


class RateLimit:
    """Says True when called, but at most once in so many seconds."""

    def __init__(self, seconds: float, *, from_now: bool = False) -> None:
        """`from_now`: not before so many seconds are over."""
        self._seconds = seconds
        self._next = time.monotonic() + (seconds if from_now else 0)

    def __call__(self) -> bool:
        """True if it is time again."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


def duration(seconds: float) -> str:
    """Seconds in the unit that fits, with few digits.

    >>> duration(8.2), duration(95), duration(5400)
    ('8 s', '1 min 35 s', '1 h 30 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def roughly(seconds: float) -> str:
    """Returns an estimate in words, which is not known to the second.

    >>> roughly(8.2), roughly(95), roughly(114), roughly(1_230), roughly(5_500)
    ('10 s', '1.5 min', '2 min', '20 min', '1 h 30 min')
    """
    grain = next(grain for below, grain in _GRAINS if seconds < below)
    rounded = max(grain * round(seconds / grain), 5)
    return f"{rounded / 60:g} min" if 60 <= rounded < 600 else duration(rounded)
