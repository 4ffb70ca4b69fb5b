"""Time of a training so far, and from that how long the rest will take."""

import math
import statistics
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

_STEPS, _EVALUATIONS = 60, 12  # so many of the last ones count
_OUTSIDE = 0.2
"""Share of the steps, at either end, that are too quick or too slow to count: the first one, which finds
nothing prepared, or those beside another program."""
_OF_A_STEP = 1 / 3  # to read a token without learning from it takes about so much of the time


class Pace:
    """The seconds that steps and evaluations took lately."""

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


@dataclass(kw_only=True)
class Clock:
    """Seconds, tokens and evaluations of a training, which are part of its state."""

    total_steps: int
    total_evaluations: int
    validation_tokens: int
    test_tokens: int

    steps: int = 0
    tokens: int = 0
    evaluations: int = 0
    step_seconds: float = 0.0
    evaluation_seconds: float = 0.0
    _pace: Pace = field(default_factory=Pace)

    @property
    def seconds(self) -> float:
        """All that it took, evaluations included."""
        return self.step_seconds + self.evaluation_seconds

    @property
    def seconds_left(self) -> float:
        """Return the seconds until the test reviews are scored, at the pace of the last few steps."""
        evaluations = (self.total_evaluations - self.evaluations) * self._pace.evaluation(
            self.validation_tokens
        )
        return (self.total_steps - self.steps) * self._pace.step + evaluations + self.scoring_seconds

    @property
    def scoring_seconds(self) -> float:
        """Return the seconds of the test reviews, at the pace of the evaluations, once a step was noted."""
        return self._pace.evaluation(self.validation_tokens) * self.test_tokens / self.validation_tokens

    def add_step(self, seconds: float, tokens: int) -> None:
        """Note an optimizer step."""
        self.steps += 1
        self.tokens += tokens
        self.step_seconds += seconds
        self._pace.add_step(seconds, self.tokens / self.steps)

    def add_evaluation(self, seconds: float) -> None:
        """Note an evaluation of the validation reviews."""
        self.evaluations += 1
        self.evaluation_seconds += seconds
        self._pace.add_evaluation(seconds)

    def restore(self, steps: int, seconds: Mapping[str, float], counts: Mapping[str, int]) -> None:
        """Go on from here, at the mean pace so far until newer times are known."""
        self.steps, self.tokens, self.evaluations = steps, counts["tokens"], counts["evaluations"]
        self.step_seconds, self.evaluation_seconds = seconds["step_seconds"], seconds["evaluation_seconds"]
        self._pace = Pace()
        if self.steps:
            self._pace.add_step(self.step_seconds / self.steps, self.tokens / self.steps)
        if self.evaluations:
            self._pace.add_evaluation(self.evaluation_seconds / self.evaluations)
