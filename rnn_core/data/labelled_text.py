"""A labelled text, as every source gives it."""

from typing import NamedTuple

SPLITS = ("training", "validation", "test")


class Text(NamedTuple):
    """One labelled text as it was written; `split` is one of SPLITS."""

    text: str
    label: int
    """Index into the names of the classes of its corpus; in IMDB and the verdict corpus 1 for positive."""
    split: str


class GroupedText(NamedTuple):
    """The same of a corpus with groups."""

    text: str
    label: int
    split: str
    group: int
    """Texts with the same number are never both learned from and scored."""
