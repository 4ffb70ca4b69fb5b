"""A labelled text, as every source gives it."""

from typing import NamedTuple

SPLITS = ("training", "validation", "test")


class Text(NamedTuple):
    """One labelled text as it was written; `split` is one of SPLITS."""

    text: str
    label: int
    """Index into the names of the classes of its corpus; in IMDB and the verdict corpus 1 for positive."""
    split: str
    group: int = -1
    """Texts of the same group are never both learned from and scored; -1 in a corpus without groups."""
