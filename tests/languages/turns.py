"""A language outside of the catalogue."""

from dataclasses import dataclass
from typing import ClassVar

from rnn_core.languages.language import NUMBER, Language
from rnn_core.languages.law import Law, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns(Language):
    """x and y in turns, once or twice."""

    name = "turns"
    title = "x and y in turns"
    rule = "x and y in turns, x first."
    decides = "every y"
    tracked: ClassVar = {"x so far": NUMBER}
    symbols = ("x", "y")
    law = Law(
        ways=(Way("start", "x", "x"), Way("x", "y", "y"), Way("y", "x", "x")),
        end="y", counted="x", sizes=range(1, 3),
    )  # fmt: skip

    def write(self, size, rng):
        return "xy" * size

    def hidden(self, state):
        return {"x so far": state.size}
