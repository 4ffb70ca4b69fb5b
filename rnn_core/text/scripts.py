"""The demands of a script: to be drawn from right to left, or to be read by characters."""

import unicodedata
from collections.abc import Iterable

import regex

_ISOLATES = ("LRI", "RLI", "FSI")
_FIRST_STRONG, _END = "\u2068", "\u2069"
_LETTER = regex.compile(r"\p{L}")
_WITHOUT_SPACES = regex.compile(
    r"[[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}"
    r"\p{Script=Myanmar}\u30fc\uff70]&&\p{L}]",
    regex.VERSION1,
)


def is_right_to_left(text: str) -> bool:
    """True if the first sign with a direction of its own, a letter as a rule, is written from right to left.

    As Unicode's bidirectional algorithm finds the direction of a paragraph (UAX 9, rule P2): what stands
    between an isolate's beginning and its end is passed over.

    >>> is_right_to_left("100 % שלום"), is_right_to_left("Shalom שלום"), is_right_to_left("!?")
    (True, False, False)
    """
    isolates = 0
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in _ISOLATES:
            isolates += 1
        elif direction == "PDI":
            isolates = max(isolates - 1, 0)
        elif not isolates and direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def isolated(text: str) -> str:
    """A text that keeps its direction, and leaves that of its neighbours, in a line of the other one.

    Where something in it is written from right to left it stands between the signs FSI and PDI (UAX 9);
    otherwise, or if it is isolated, it stays as it is.

    >>> isolated("ham"), isolated("שלום") == chr(0x2068) + "שלום" + chr(0x2069)
    ('ham', True)
    """
    if text.isascii() or text.startswith(_FIRST_STRONG):
        return text
    is_turned = any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") for sign in text)
    return f"{_FIRST_STRONG}{text}{_END}" if is_turned else text


def has_no_spaces(texts: Iterable[str]) -> bool:
    """True if more than half of the letters of these texts are of a script without spaces between words.

    Those are Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar.

    >>> has_no_spaces(["这部电影很好看", "OK"]), has_no_spaces(["A film by 王家卫"])
    (True, False)
    """
    letters = without_spaces = 0
    for text in texts:
        letters += len(_LETTER.findall(text))
        without_spaces += len(_WITHOUT_SPACES.findall(text))
    return 2 * without_spaces > letters
