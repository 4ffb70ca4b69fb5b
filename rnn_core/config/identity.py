"""What a corpus is: its classes, its tokens, and of what it was made."""

from typing import NamedTuple

from rnn_core.config.tokens import TokenRules

CORPUS_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,49}"
"""The name of a corpus, as a pattern."""
CLASSES = ("negative", "positive")
"""The classes of film reviews."""
MOST_CLASSES = 50
_NAMED = 4
"""Classes that a sentence names."""


class Identity(NamedTuple):
    """What a corpus is: a network of another one reads other classes, other tokens or other texts."""

    classes: tuple[str, ...]
    tokens: TokenRules
    mark: str

    def differs(self, found: "Identity") -> str:
        """How another corpus, found in its place, differs, as a part of a sentence; empty where it does not.

        >>> Identity(("a", "b"), TokenRules(), "").differs(Identity(("a", "c"), TokenRules(), ""))
        'it has the classes a, c, not a, b'
        """
        if found.classes != self.classes:
            return f"it has the classes {_some(found.classes)}, not {_some(self.classes)}"
        if found.tokens != self.tokens:
            return "its texts are cut into other tokens"
        return "" if found.mark == self.mark else "it was made of another table, or in another way"


def _some(names: tuple[str, ...]) -> str:
    """The first few names, and how many more there are.

    >>> _some(("a", "b", "c", "d", "e", "f"))
    'a, b, c, d and 2 more'
    """
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
