"""A review as written -> its tokens.

A token is a run of letters and digits with inner apostrophes, or `!` or `?`.
"""

import re
import unicodedata

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ", "'"))
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[!?]")


def clean(text: str) -> str:
    """The review in the one spelling that tokens are cut from.

    NFKC, curly apostrophes straightened, `<br />` replaced by a space, lower case.

    >>> clean("Don’t miss it!<br /><br />ＷＯＷ")  # noqa: RUF002
    "don't miss it!  wow"
    """
    spaced = _LINE_BREAK.sub(" ", text)
    return unicodedata.normalize("NFKC", spaced).translate(_APOSTROPHES).lower()


def tokenize(text: str) -> list[str]:
    """The tokens of a review, in order.

    >>> tokenize("It's 'so-so' :-( Or is it? 7/10!")
    ["it's", 'so', 'so', 'or', 'is', 'it', '?', '7', '10', '!']
    """
    return _TOKEN.findall(clean(text))
