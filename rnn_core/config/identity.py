"""The identity of a corpus: its classes, its tokens, the mark of its source, and if its texts end.

A class may be called anything that can be seen on one line, in any script, emoji too.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.errors import ConfigError
from rnn_core.refusals import shown

CORPUS_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,49}"
CLASSES = ("negative", "positive")
"""The classes of film reviews."""
MOST_CLASSES = 50
LONGEST_CLASS = 100
"""Characters of the name of a class."""
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""Not seen themselves, they decide what is: in Persian words, in emoji of several parts, in flags."""
_NEVER = {"Cc", "Cs", "Zl", "Zp"}  # categories of Unicode: control characters, half letters, breaks of lines
_NAMED = 4  # classes that a sentence names


class Identity(NamedTuple):
    """The identity of a corpus: a network of another one reads other classes, other tokens or other texts."""

    classes: tuple[str, ...]
    tokens: TokenRules = WORDS
    mark: str = ""
    texts_end: bool = True
    """True if the end of a text is one that its author chose, so that a network can learn it; False where
    texts are pieces of longer ones.
    """

    def differs(self, found: "Identity") -> str:
        """Say how a corpus found in its place differs, as a part of a sentence; empty where it does not.

        >>> Identity(("a", "b")).differs(Identity(("a", "c")))
        'it has the classes a, c, not a, b'
        """
        if found.classes != self.classes:
            return f"it has the classes {_some(found.classes)}, not {_some(self.classes)}"
        if found.tokens != self.tokens:
            return "its texts are cut into other tokens"
        return "" if found[2:] == self[2:] else "it was made of another table, or in another way"


def _some(names: tuple[str, ...]) -> str:
    """The first few names, and how many more there are.

    >>> _some(("a", "b", "c", "d", "e", "f"))
    'a, b, c, d and 2 more'
    """
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def is_class_name(name: object) -> bool:
    r"""True if a class may be called that.

    >>> is_class_name("תודה"), is_class_name("👩\u200d💻"), is_class_name("two\nlines"), is_class_name("")
    (True, True, False, False)
    """
    if not (isinstance(name, str) and 1 <= len(name) <= LONGEST_CLASS):
        return False
    return name.isprintable() or (
        without_unseen(name) == name and not any(unicodedata.category(sign) in _NEVER for sign in name)
    )


def check_class_name(name: object) -> None:
    """Raise ConfigError where no class may be called that."""
    if not is_class_name(name):
        raise ConfigError(
            f"The name of a class must have 1 to {LONGEST_CLASS} printable characters, got {shown(name)}."
        )


def check_classes(names: Sequence[str]) -> None:
    """Raise ConfigError where a corpus can't have these classes; one is enough for texts to write like."""
    if not 1 <= len(names) <= MOST_CLASSES:
        raise wrong_count(names)
    for name in names:
        check_class_name(name)
    if len(set(names)) < len(names):
        raise ConfigError("Each class must have a name of its own.")


def wrong_count(names: Sequence[str]) -> ConfigError:
    """The error for texts to classify with too few classes or too many, to be raised."""
    return ConfigError(f"There must be 2 to {MOST_CLASSES} classes, got {len(names):,}.")


def one_spelling(name: str) -> str:
    r"""The name in the one form of Unicode, NFC, that all names of its look have.

    >>> one_spelling("cafe\u0301") == one_spelling("caf\u00e9") == "caf\u00e9"
    True
    """
    return unicodedata.normalize("NFC", name)


def look_alike(names: Iterable[str]) -> str:
    r"""The first name that looks like one before it, however each is written; empty where all differ.

    >>> look_alike(["caf\u00e9", "bar", "cafe\u0301"]) == "cafe\u0301", look_alike(["a", "b"])
    (True, '')
    """
    seen: set[str] = set()
    for name in names:
        if (spelling := one_spelling(name)) in seen:
            return name
        seen.add(spelling)
    return ""


def spelled_alike(names: Iterable[str]) -> tuple[str, ...]:
    """Each name in its one spelling; all as they are where two look alike, which earlier versions allowed."""
    given = tuple(names)
    return given if look_alike(given) else tuple(map(one_spelling, given))


def place_of(name: str, names: Sequence[str]) -> int | None:
    """Return the place of the class that somebody means who typed its name; None where it is none of them."""
    meant = next((spelling for spelling in (name, one_spelling(name)) if spelling in names), None)
    return None if meant is None else names.index(meant)


def without_unseen(name: str) -> str:
    r"""The name without characters that only change how others are shown, such as marks of direction.

    >>> without_unseen("\u200fשלום\u200f") == "שלום", without_unseen("soft\xadware")
    (True, 'software')
    """
    if name.isprintable():
        return name
    return "".join(sign for sign in name if unicodedata.category(sign) != "Cf" or sign in _JOINERS)
