"""A review as written -> its tokens.

A token is a run of letters and digits with inner apostrophes, or `!` or `?`.
"""

import re
import unicodedata
from collections.abc import Collection

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ", "'"))
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[!?]")


def clean(text: str) -> str:
    """The review in the one spelling that tokens are cut from.

    NFKC, curly apostrophes straightened, `<br />` replaced by a space, lower case.

    >>> clean("Don’t miss it!<br /><br />ＷＯＷ")  # noqa: RUF002
    "don't miss it!  wow"
    """
    return unicodedata.normalize("NFKC", without_breaks(text)).translate(_APOSTROPHES).lower()


def without_breaks(text: str) -> str:
    """The review with a space in the place of every `<br />`."""
    return _LINE_BREAK.sub(" ", text)


def tokenize(text: str) -> list[str]:
    """The tokens of a review, in order.

    >>> tokenize("It's 'so-so' :-( Or is it? 7/10!")
    ["it's", 'so', 'so', 'or', 'is', 'it', '?', '7', '10', '!']
    """
    return _TOKEN.findall(clean(text))


def find_words(text: str, words: Collection[str]) -> list[tuple[int, int]]:
    """Where these words stand in a review as it was written: (first, behind the last) of each, in order.

    >>> find_words("Don’t! I DON'T<br />know", {"don't", "know"})
    [(0, 5), (9, 14), (20, 24)]
    """
    # Signs are exchanged one for one, so that a place here is a place in the text.
    same_length = _LINE_BREAK.sub(lambda found: " " * len(found[0]), text).translate(_APOSTROPHES)
    return [found.span() for found in _TOKEN.finditer(same_length) if clean(found[0]) in words]
