"""What every source of reviews speaks in: a labelled review, a bit of progress, a sentence of error."""

from typing import NamedTuple

SPLITS = ("training", "validation", "test")


class Review(NamedTuple):
    """One labelled review as it was written; `split` is one of SPLITS."""

    text: str
    positive: bool
    split: str


class Progress(NamedTuple):
    """How far a long piece of work is. `done` and `total` are in the unit that `doing` names."""

    doing: str
    done: int
    total: int
