"""A language outside of the catalogue."""

from dataclasses import dataclass
from typing import ClassVar

from rnn_core.languages.language import NUMBER, Language
from rnn_core.text.vocabulary import END


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns(Language[int]):
    """x and y in turns, once or twice."""

    name = "turns"
    title = "x and y in turns"
    rule = "x and y in turns, x first."
    decides = "every y"
    tracked: ClassVar = {"symbols so far": NUMBER}
    symbols = ("x", "y")
    sizes = range(1, 3)
    start = 0

    def write(self, size, rng):
        return "xy" * size

    def step(self, state, symbol):
        return state + 1

    def allowed(self, state):
        return ("y",) if state % 2 else ("x", END) if state else ("x",)

    def probabilities(self, state):
        ends = self.ends_at(state // 2)
        return {"x": 1 - ends, END: ends}

    def hidden(self, state):
        return {"symbols so far": state}
