"""The probes: minimal pairs of sentences that ask what a network understands, and texts without an opinion.

In the manner of CheckList (Ribeiro et al., 2020). The two sentences of a pair differ in little and in their
verdict, so a pair is right only where what differs was understood. The two halves have different authors,
other opinion words and other patterns. Settings are chosen on the development half. The reported half is
scored for what ships, and decides nothing.
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rnn_core.text.tokenizer import tokenize

_FOLDER = Path(__file__).parent

DEVELOPMENT, REPORTED = HALVES = ("development", "reported")

PHENOMENA = {
    "plain": "Plain opinion",
    "negation": "Negation",
    "negation_elsewhere": "Negation of something else",
    "negative_quantifier": "Nobody, nothing, not one",
    "double_negation": "Double negation",
    "but": "But",
    "although": "Although",
    "concession": "Despite",
    "comparison": "Comparison",
    "expectation": "Expected and found",
    "irrealis": "Could have been",
    "reported_opinion": "What others say",
    "without_lack_fail": "Without, lack, fail",
    "intensity": "Stronger and weaker",
}
"""Key -> title."""


class Pair(NamedTuple):
    """Two sentences that differ in little and in their verdict."""

    phenomenon: str
    """A key of PHENOMENA."""
    positive: str
    negative: str

    @property
    def differs_in_order_alone(self) -> bool:
        """Whether both sentences have the same words, which a model that counts words can't set apart."""
        return sorted(tokenize(self.positive)) == sorted(tokenize(self.negative))


@cache
def pairs(half: str) -> tuple[Pair, ...]:
    """All pairs of a half, in the order of PHENOMENA. Raises ValueError where it is none of HALVES."""
    _check(half)
    with (_FOLDER / f"{half}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Pair(**row) for row in csv.DictReader(file))


@cache
def texts_without_opinion(half: str) -> tuple[str, ...]:
    """All texts of a half to which no verdict is right. Raises ValueError as `pairs` does."""
    _check(half)
    return tuple((_FOLDER / f"{half}-neutral.txt").read_text(encoding="utf-8").splitlines())


def _check(half: str) -> None:
    if half not in HALVES:
        raise ValueError(f"a half of the probes must be one of {', '.join(HALVES)}, got {half!r}")
