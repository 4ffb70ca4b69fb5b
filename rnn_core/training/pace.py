"""How long an optimizer step and an evaluation take, a few that took much longer left out."""

import math
import statistics
from collections import deque

_STEPS, _EVALUATIONS = 60, 12
"""So many of the last ones count."""
_OUTSIDE = 0.2
"""Share of the steps, at either end, that are too quick or too slow to count: the first one, which finds
nothing prepared, or those beside another program."""
_OF_A_STEP = 1 / 3
"""To read a token without learning from it takes about so much of the time."""


class Pace:
    """What steps and evaluations took lately."""

    def __init__(self) -> None:
        self._steps: deque[float] = deque(maxlen=_STEPS)
        self._evaluations: deque[float] = deque(maxlen=_EVALUATIONS)
        self._tokens_per_step = 1.0

    def add_step(self, seconds: float, tokens_per_step: float) -> None:
        """Note a step, and how many tokens one reads in the mean."""
        self._steps.append(seconds)
        self._tokens_per_step = tokens_per_step

    def add_evaluation(self, seconds: float) -> None:
        """Note an evaluation of the validation reviews."""
        self._evaluations.append(seconds)

    @property
    def step(self) -> float:
        """Seconds of a step: the mean of those in the middle. One must have been noted."""
        outside = math.ceil(_OUTSIDE * len(self._steps)) if len(self._steps) > 2 else 0
        ordered = sorted(self._steps)
        return statistics.fmean(ordered[outside : len(ordered) - outside])

    def evaluation(self, tokens: int) -> float:
        """Seconds of an evaluation of so many tokens, estimated from the steps before there was one."""
        if self._evaluations:
            return statistics.median_low(self._evaluations)
        return tokens * self.step / self._tokens_per_step * _OF_A_STEP
