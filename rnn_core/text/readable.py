"""Reviews without characters that no font has a glyph for.

Some reviews of IMDB were once in Windows-1252: their dashes and dots became the control characters U+0080 to
U+009F, which browsers draw as boxes.
"""

import unicodedata
from functools import cache

from rnn_core.text.tokenizer import tokenize

_LAYOUT = "\n\t"
_NO_GLYPH = ("Cc", "Co")  # control characters and private use


def readable(text: str) -> str:
    """The review with a sign that can be read, or a space, in the place of each that has no glyph.

    Its tokens stay the same: a sign that would join two of them, an apostrophe, becomes a space, too.

    >>> readable("a plan \x96 and a joke\x85"), readable("don\x92t")
    ('a plan – and a joke…', 'don t')
    """
    return "".join(map(_shown, text))


@cache
def _shown(sign: str) -> str:
    if sign in _LAYOUT or unicodedata.category(sign) not in _NO_GLYPH:
        return sign
    try:
        meant = sign.encode("latin-1").decode("cp1252")
    except UnicodeError:
        return " "
    is_readable = unicodedata.category(meant) not in _NO_GLYPH
    return meant if is_readable and tokenize(f"a{meant}b") == ["a", "b"] else " "
