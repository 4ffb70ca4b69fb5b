"""A labelled review, as every source gives it."""

from typing import NamedTuple

SPLITS = ("training", "validation", "test")


class Review(NamedTuple):
    """One labelled review as it was written; `split` is one of SPLITS."""

    text: str
    positive: bool
    split: str
