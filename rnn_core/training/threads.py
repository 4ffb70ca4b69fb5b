"""Number of threads of a training: several wait for each other where other programs are busy.

So one and the number that was set are timed, in turn, on the beginnings of a batch: when the training begins,
when its steps have become twice as slow, and when an epoch begins. Timing changes nothing: where the number
stays, so does every bit.
"""

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping

import torch

from rnn_core.training.records import ThreadEvent

_ROUNDS = 3
_LATELY, _REST = 5, 100
"""The pace is the median of so many steps; an epoch that begins within so many after a timing has none."""
_SLOW = 2.0
_WORTH, _HOPELESS = 1.2, 3.0
"""Several threads are given up where they take so many times as long as one; so many end the timing early."""


class Threads:
    """The number of threads in force, and when one and the number that was set are timed again."""

    def __init__(self, *, keep: bool) -> None:
        """`keep` is True where the number that torch computes with now stays, whatever it takes."""
        self.number = self._set = torch.get_num_threads()
        self._again: Mapping[int, int] = {}
        self._repeats_until = 0
        self.seconds = 0.0
        """Taken by the timing before the optimizer step at hand."""
        self._keeps = keep or self._set == 1
        self._lately, self._least = deque[float](maxlen=_LATELY), math.inf
        self._steps: int | None = None  # since it was timed

    def restore(self, number: int) -> None:
        """Go on with the number that was in force."""
        self.number = min(number, self._set)

    def repeat(self, changes: Mapping[int, int], until: int) -> None:
        """Change to these numbers again, at the same optimizer steps; until the last nothing is timed."""
        self._again, self._repeats_until = changes, until

    def begin(self) -> None:
        """Let torch compute with the number in force."""
        self._use(self.number)

    def note(self, seconds: float, tokens: int) -> None:
        """Note an optimizer step."""
        self._steps = (self._steps or 0) + 1
        self._lately.append(seconds / tokens)
        if len(self._lately) == _LATELY:
            self._least = min(self._least, statistics.median(self._lately))

    def choose(self, step: int, epoch: float, rehearse: Callable[[], None]) -> ThreadEvent | None:
        """Return the change with which an optimizer step begins, `epoch` epochs after the first one.

        `rehearse` computes the step without learning from it.
        """
        before, self.seconds = self.number, 0.0
        if step <= self._repeats_until:
            self.number = self._again.get(step, before)
        elif not self._keeps and self._is_due(epoch):
            self.number = self._faster(rehearse)
            self._lately.clear()
            self._least, self._steps = math.inf, 0
        self._use(self.number)
        return None if self.number == before else ThreadEvent(epoch, before, self.number)

    def end(self) -> None:
        """Let torch compute with the number that was set."""
        self._use(self._set)

    @staticmethod
    def _use(number: int) -> None:
        if torch.get_num_threads() != number:
            torch.set_num_threads(number)

    def _is_due(self, epoch: float) -> bool:
        if self._steps is None or (epoch.is_integer() and self._steps >= _REST):
            return True
        return len(self._lately) == _LATELY and statistics.median(self._lately) > _SLOW * self._least

    def _faster(self, rehearse: Callable[[], None]) -> int:
        """Times both numbers in turn; returns the faster, and the one in force where they hardly differ."""
        seconds: dict[int, list[float]] = {1: [], self._set: []}
        for _ in range(_ROUNDS):
            for number, took in seconds.items():
                self._use(number)
                began = time.perf_counter()
                rehearse()
                took.append(time.perf_counter() - began)
                self.seconds += took[-1]
            if len(seconds[1]) == 2 and min(seconds[self._set]) > _HOPELESS * min(seconds[1]):
                return 1
        one, several = map(statistics.median, seconds.values())
        return self._set if several < (one if self.number == 1 else _WORTH * one) else 1
