"""What the written texts of the published questions are made of."""

from collections.abc import Callable
from typing import NamedTuple, Optional

from rnn_core.sweeps.over_seeds import Cases, OverSeeds
from rnn_core.sweeps.questions import QUESTIONS


class Found(NamedTuple):
    """The results that a text is about."""

    cases: Cases
    noise: float
    """The noise over seeds of all cases, and of those of a question on the same networks."""
    beside: Callable[[str], Optional["Found"]]
    """Those of another published question; None while it has no whole answer."""

    def gain(self, before: object, after: object) -> float:
        """How much better one case is than another."""
        return self.cases[after].mean - self.cases[before].mean


class Written(NamedTuple):
    """A text about results, and the conditions under which its words hold."""

    keys: tuple[str, ...]
    """The columns that tell the cases apart."""
    holds: Callable[[Found], bool]
    says: Callable[[Found], str]
    same_networks: str = ""
    """A question whose networks are trained alike, so that the noise over seeds is that of both: the same two
    cases in both must not be called different in one and alike in the other."""


def is_as_good(one: OverSeeds, other: OverSeeds, within: float) -> bool:
    """Whether two cases differ by no more than the noise over seeds."""
    return abs(one.mean - other.mean) <= within


def overlap(one: OverSeeds, other: OverSeeds) -> bool:
    """Whether the seeds of two cases reach into each other."""
    return one.low <= other.high and other.low <= one.high


def titled(name: str) -> str:
    """A question as a text names it."""
    return f"“{QUESTIONS[name].title}”"
