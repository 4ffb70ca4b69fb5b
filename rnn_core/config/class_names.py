"""What a class may be called: anything that can be seen on one line, in any script, emoji too."""

import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_CLASS = 100
"""Characters of the name of a class."""
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""Not seen themselves, they decide what is: in Persian words, in emoji of several parts, in flags."""
_NEVER = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of Unicode: control characters, half letters, breaks of lines."""


def is_class_name(name: object) -> bool:
    r"""Whether a class may be called that.

    >>> is_class_name("תודה"), is_class_name("👩\u200d💻"), is_class_name("two\nlines"), is_class_name("")
    (True, True, False, False)
    """
    if not (isinstance(name, str) and 1 <= len(name) <= LONGEST_CLASS):
        return False
    return name.isprintable() or (
        without_unseen(name) == name and not any(unicodedata.category(sign) in _NEVER for sign in name)
    )


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
    """Which of these classes somebody means who typed its name; None where it is none of them."""
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
