"""Texts and tokens without characters that can't be seen, or that no font has a glyph for.

Some reviews of IMDB were once in Windows-1252: their dashes and dots became the control characters U+0080 to
U+009F, which browsers draw as boxes.
"""

import unicodedata
from functools import cache

import regex

from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.tokenizer import BLANK, SPACE, tokenize

_LAYOUT = "\n\t"
_NO_GLYPH = ("Cc", "Co")  # control characters and private use
_OF_WINDOWS = regex.compile(r"[\x80-\x9f--[\x81\x8d\x8f\x90\x9d]]", regex.VERSION1)
_CONTROL = regex.compile(rf"[\p{{Cc}}\p{{Cs}}--[{_LAYOUT}]]", regex.VERSION1)
_SIGNS = {" ": SPACE, "\n": "↵", "\t": "⇥", "\r": "␍"}
_ALL_UNSEEN = regex.compile(rf"[{BLANK}\p{{Default_Ignorable_Code_Point}}]++")


def visible(token: str) -> str:
    r"""The token as it is shown: of signs that can't be seen, by others that say which; else as it is.

    >>> print(visible("\n"), visible(" "), visible("\u200b"), visible("a b"))
    ↵ ␣ \u{200b} a b
    """
    if not _ALL_UNSEEN.fullmatch(token):
        return token
    return "".join(map(_by_another, token))


def _by_another(sign: str) -> str:
    return _SIGNS.get(sign, f"\\u{{{ord(sign):x}}}")


def printable(text: str) -> str:
    r"""The text as a terminal can print it: control characters and half letters by others that say which.

    The ends of lines and tabs stay.

    >>> print(printable("a\x1b[2Jb\ud800\r\n"), end="")
    a\u{1b}[2Jb\u{d800}␍
    """
    return _CONTROL.sub(lambda found: _by_another(found[0]), text)


def readable(text: str, rules: TokenRules = WORDS) -> str:
    """The review with a sign that can be read, or a space, in the place of each that has no glyph.

    Its tokens stay the same: a sign that would join two of them, an apostrophe, becomes a space, too; so do
    all where tokens are characters. Exact tokens are those signs, so then the text stays as it is.

    >>> readable("a plan \x96 and a joke\x85"), readable("don\x92t")
    ('a plan – and a joke…', 'don t')
    """
    return text if rules.exact else "".join(_shown(sign, rules) for sign in text)


def as_meant(text: str) -> str:
    """The text with the signs of Windows-1252 that its control characters U+0080 to U+009F stand for.

    >>> as_meant("a plan \x96 and a joke\x85 \x81") == "a plan – and a joke… \x81"
    True
    """
    return _OF_WINDOWS.sub(lambda found: found[0].encode("latin-1").decode("cp1252"), text)


@cache
def _shown(sign: str, rules: TokenRules) -> str:
    if sign in _LAYOUT or unicodedata.category(sign) not in _NO_GLYPH:
        return sign
    meant = as_meant(sign)
    if meant == sign:
        return " "
    return meant if tokenize(f"a{meant}b", rules) == tokenize(f"a{sign}b", rules) else " "
