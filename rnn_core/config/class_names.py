"""What a class may be called: anything that can be seen on one line, in any script, emoji too."""

import unicodedata

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


def without_unseen(name: str) -> str:
    r"""The name without characters that only change how others are shown, such as marks of direction.

    >>> without_unseen("\u200fשלום\u200f") == "שלום", without_unseen("soft\xadware")
    (True, 'software')
    """
    if name.isprintable():
        return name
    return "".join(sign for sign in name if unicodedata.category(sign) != "Cf" or sign in _JOINERS)
