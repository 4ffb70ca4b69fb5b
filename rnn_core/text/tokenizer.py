"""A text as written -> its tokens: words by Unicode's rules, or characters as a reader sees them.

A word is a run of letters, marks and digits of any script with inner apostrophes, or `!` or `?`. It begins
with a letter or a digit; a joiner of zero width between its signs belongs to it. A character is a grapheme
cluster: a letter with all its marks, a syllable of Hangul, an emoji with all that it is made of. In the place
of blanks between characters stands one SPACE. Exact tokens leave nothing out: beside words and characters
each blank, end of a line and sign is a token, and all of them joined are the text in NFC.

No token is longer than LONGEST_WORD: what is left of a longer word is the next one, and a character loses the
marks beyond; of an exact one they are the next token. Unicode's data come with the package `regex`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

import regex

from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.vocabulary import LONGEST_WORD

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ", "'"))
ACCENTED, ACCENT = r"\p{Latin}\p{Greek}\p{Cyrillic}", r"\p{Mn}"
"""The letters that accents are stripped from, and the accents; as all such sets, to stand in brackets."""
_ACCENTS = regex.compile(rf"(?<=[{ACCENTED}])[{ACCENT}]+")


def fold(text: str, rules: TokenRules) -> str:
    """NFKC, curly apostrophes straightened, `<br />` replaced by a space; lower case and no accents if asked.
    NFC alone for exact tokens.

    Accents are stripped from letters of the Latin, Greek and Cyrillic scripts alone (й becomes и, too), since
    in other scripts marks are vowels, or distinguish letters. A stroke, as in ø or ł, is no mark.

    >>> fold("Café ＮＯ<br/>ÿ", TokenRules(accents="strip"))
    'cafe no y'
    """
    if rules.exact:
        return unicodedata.normalize("NFC", text)
    folded = unicodedata.normalize("NFKC", without_breaks(text)).translate(_APOSTROPHES)
    if rules.lowercase:
        folded = folded.lower()
    if folded.isascii():
        return folded
    if rules.accents == "strip":
        folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded))
    return unicodedata.normalize("NFC", folded)  # a small letter may melt with a mark, its capital not


def without_breaks(text: str, by: str = " ") -> str:
    """The text with `by` in the place of every `<br />`."""
    return _LINE_BREAK.sub(by, text)


SPACE = "␣"
"""The token of a space, where tokens are characters; a blank could not be seen."""

BASE, MARK = r"\p{L}\p{N}", r"\p{M}"
"""Signs that a word begins with, and others that it is made of."""
_JOINERS = "\u200c\u200d"
_LETTER = BASE + MARK
APOSTROPHES = "'’‘‛"  # the fourth, ʼ, is a letter
"""The apostrophes within an exact word."""


def _word(apostrophe: str) -> str:
    inner = rf"[{apostrophe}](?=[{BASE}])|[{_JOINERS}](?=[{_LETTER}])"
    return rf"[{BASE}][{_LETTER}]*+(?:(?:{inner})[{_LETTER}]++)*+"


_WORD = regex.compile(_word("'") + "|[!?]")
_EXACT = {"words": regex.compile(_word(APOSTROPHES) + r"|\X"), "characters": regex.compile(r"\X")}
_EXACT_ASCII_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\r\n|(?s:.)")
_ASCII_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[!?]")  # finds the same in ASCII, nearly twice as fast
_PIECE = regex.compile(rf"[{BASE}](?:[{_LETTER}'{_JOINERS}]{{0,{LONGEST_WORD - 2}}}[{_LETTER}])?+")

BLANK, UNSEEN = r"\s\p{Cc}\p{Co}\p{Cs}", r"\p{M}\p{Default_Ignorable_Code_Point}"
"""Blanks and what has no glyph, and what is not seen where it stands alone."""
_GAP = rf"\A[{BLANK}{UNSEEN}]++|[{BLANK}][{BLANK}{UNSEEN}]*+"
_GAPS = regex.compile(_GAP)
# A sign that is written around the next ones, such as the Arabic sign of a number, takes no blank.
_CLUSTER = rf"(?![{UNSEEN}])(?:\p{{Grapheme_Cluster_Break=Prepend}}+(?=[{BLANK}{SPACE}])|\X)"
_CLUSTERS = regex.compile(_CLUSTER)
_GAP_OR_CLUSTER = regex.compile(rf"(?P<gap>{_GAP})|{_CLUSTER}")


def clean(text: str, rules: TokenRules = WORDS) -> str:
    """The text in the one spelling that tokens are cut from (see `fold`); SPACE for blanks among characters.

    >>> clean("Don’t miss it!<br /><br />ＷＯＷ")  # noqa: RUF002
    "don't miss it!  wow"
    >>> clean(" Don’t  miss it! ", TokenRules(unit="characters", lowercase=False))
    "Don't␣miss␣it!"
    """
    folded = fold(text, rules)
    return folded if rules.unit == "words" or rules.exact else _GAPS.sub(_sign_of_gap, folded)


def _sign_of_gap(gap: regex.Match[str]) -> str:
    """SPACE between characters; nothing where no character comes before or none after it."""
    return "" if gap.start() == 0 or gap.end() == len(gap.string) else SPACE


def tokenize(text: str, rules: TokenRules = WORDS) -> list[str]:
    r"""The tokens of a text, in order.

    >>> tokenize("It's 'so-so' :-( Or is it? 7/10!")
    ["it's", 'so', 'so', 'or', 'is', 'it', '?', '7', '10', '!']
    >>> tokenize("Not bad.", TokenRules(unit="characters"))
    ['n', 'o', 't', '␣', 'b', 'a', 'd', '.']
    >>> tokenize("Not bad.\n", TokenRules(lowercase=False, exact=True))
    ['Not', ' ', 'bad', '.', '\n']
    """
    cleaned = clean(text, rules)
    if rules.exact:
        found = _cut_exactly(cleaned, rules.unit)
    elif rules.unit == "words":
        found = _ASCII_WORD.findall(cleaned) if cleaned.isascii() else _WORD.findall(cleaned)
    else:
        found = _CLUSTERS.findall(cleaned)
    if len(cleaned) > LONGEST_WORD and max(map(len, found), default=0) > LONGEST_WORD:
        return [piece for token in found for piece, _, _ in _bounded(token, rules)]
    return list(found)


def _cut_exactly(text: str, unit: str) -> list[str]:
    """Tokens of any length; of ASCII five times as fast."""
    if not text.isascii() or (unit == "characters" and "\r\n" in text):
        return _EXACT[unit].findall(text)
    return list(text) if unit == "characters" else _EXACT_ASCII_WORD.findall(text)


def _bounded(token: str, rules: TokenRules) -> Iterator[tuple[str, int, int]]:
    """A token of any length as tokens of at most LONGEST_WORD, with where in it each begins and ends."""
    if rules.exact:
        for first in range(0, len(token), LONGEST_WORD):
            piece = token[first : first + LONGEST_WORD]
            yield piece, first, first + len(piece)
    elif len(token) <= LONGEST_WORD or rules.unit == "characters":
        yield token[:LONGEST_WORD], 0, len(token)
    else:
        yield from ((piece[0], *piece.span()) for piece in _PIECE.finditer(token))


def spelled(tokens: Sequence[str], rules: TokenRules) -> str:
    """Tokens as a text to read: words with a blank between them, characters and exact tokens in a row."""
    joined = rules.gap.join(tokens)
    return joined if rules.unit == "words" or rules.exact else joined.replace(SPACE, " ")


def find_words(text: str, words: Collection[str], rules: TokenRules = WORDS) -> list[tuple[int, int]]:
    """Find these tokens in a text as it was written: (first, behind the last) of each, in order.

    A sign that is several tokens, such as ½, is found once, whole.

    >>> find_words("Don’t! I DON'T<br />know", {"don't", "know"})
    [(0, 5), (9, 14), (20, 24)]
    >>> find_words("Ça va", {"a", "␣"}, TokenRules(unit="characters", accents="strip"))
    [(1, 2), (2, 3), (4, 5)]
    """
    # Of each sign of the folded text, from where to where it was written.
    written = (_EXACT_PARTS if rules.exact else _PARTS).finditer(text)
    parts = [(part.span(), _length_of_folded(part[0], rules)) for part in written]
    sources = [place for place, length in parts for _ in range(length)]
    places: list[tuple[int, int]] = []
    for token, first, last in _tokens_in(fold(text, rules), rules):
        place = (sources[first][0], sources[last - 1][1])
        if token in words and (not places or places[-1][1] <= place[0]):
            places.append(place)
    return places


def _tokens_in(folded: str, rules: TokenRules) -> Iterator[tuple[str, int, int]]:
    """Each token of a folded text, and from where to where it stands there."""
    usual = _WORD if rules.unit == "words" else _GAP_OR_CLUSTER
    for found in (_EXACT[rules.unit] if rules.exact else usual).finditer(folded):
        if rules.unit == "characters" and not rules.exact and found["gap"]:
            if _sign_of_gap(found):
                yield SPACE, *found.span()
            continue
        for token, first, last in _bounded(found[0], rules):
            yield token, found.start() + first, found.start() + last


# Signs that may melt with the one before them when they are folded: marks, and letters of Hangul.
_MELTING = r"\p{M}\uff9e\uff9f\u1160-\u11ff\u3131-\u318e\uffa0-\uffdc\ud7b0-\ud7ff"
_EXACT_PARTS = regex.compile(rf"(?s:.)[{_MELTING}]*+")
_PARTS = regex.compile(rf"<br[\s\x1c-\x1f]*/?>|{_EXACT_PARTS.pattern}", regex.IGNORECASE)


@lru_cache(maxsize=10_000)
def _length_of_folded(part: str, rules: TokenRules) -> int:
    return len(fold(part, rules))
