"""Reviews without characters that no font has a glyph for.

Some reviews of IMDB were once in Windows-1252: their dashes and dots became the control characters U+0080 to
U+009F, which browsers draw as boxes.
"""

import unicodedata
from functools import cache

from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.tokenizer import tokenize

_LAYOUT = "\n\t"
_NO_GLYPH = ("Cc", "Co")  # control characters and private use


def readable(text: str, rules: TokenRules = WORDS) -> str:
    """The review with a sign that can be read, or a space, in the place of each that has no glyph.

    Its tokens stay the same: a sign that would join two of them, an apostrophe, becomes a space, too; so do
    all where tokens are characters.

    >>> readable("a plan \x96 and a joke\x85"), readable("don\x92t")
    ('a plan – and a joke…', 'don t')
    """
    return "".join(_shown(sign, rules) for sign in text)


@cache
def _shown(sign: str, rules: TokenRules) -> str:
    if sign in _LAYOUT or unicodedata.category(sign) not in _NO_GLYPH:
        return sign
    try:
        meant = sign.encode("latin-1").decode("cp1252")
    except UnicodeError:
        return " "
    if unicodedata.category(meant) in _NO_GLYPH:
        return " "
    return meant if tokenize(f"a{meant}b", rules) == tokenize(f"a{sign}b", rules) else " "
