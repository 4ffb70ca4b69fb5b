"""Unicode's tables for the page: the sets of characters by which Gatescope cuts tokens, packed as text.

A browser has tables of its own, of another version than those of `regex` and of Python. So a page brings
along the sets that the rules of its tokens name, and no others.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np
import regex

from rnn_core.config.tokens import TokenRules
from rnn_core.text.tokenizer import ACCENT, ACCENTED, BASE, BLANK, MARK, UNSEEN

_ALL, _NONE = r"\0-\U0010ffff", r"^\0-\U0010ffff"
_CONSONANT = r"\p{Indic_Conjunct_Break=Consonant}"


def _linkable() -> str:
    """Find what a linking sign may follow to join the next consonant (GB9c of Unicode's annex 29).

    Versions of `regex` differ: in 2026.11 it is every character, in 2025.11 a consonant, in 2024.5 none.
    """

    def joins(before: str) -> bool:
        return regex.fullmatch(r"\X", f"{before}\u094dष") is not None

    return _ALL if joins("a") else _CONSONANT if joins("क") else _NONE


_CLUSTERS: Mapping[str, str] = {
    "control": r"\p{Grapheme_Cluster_Break=Control}",
    "prepend": r"\p{Grapheme_Cluster_Break=Prepend}",
    "extend": r"\p{Grapheme_Cluster_Break=Extend}",
    "spacing": r"\p{Grapheme_Cluster_Break=SpacingMark}",
    "leading": r"\p{Grapheme_Cluster_Break=L}",
    "vowel": r"\p{Grapheme_Cluster_Break=V}",
    "trailing": r"\p{Grapheme_Cluster_Break=T}",
    "pictograph": r"\p{Extended_Pictographic}",
    "consonant": _CONSONANT,
    "linker": r"\p{Indic_Conjunct_Break=Linker}",
    "linked": r"\p{Indic_Conjunct_Break=Extend}",
    "linkable": _linkable(),
}
_WORDS: Mapping[str, str] = {"base": BASE, "mark": MARK}
_OF_UNIT: Mapping[str, Mapping[str, str]] = {
    "words": _WORDS,
    "characters": {"blank": BLANK, "unseen": UNSEEN, **_CLUSTERS},
}
_OF_EXACT: Mapping[str, Mapping[str, str]] = {"words": {**_WORDS, **_CLUSTERS}, "characters": _CLUSTERS}
_ACCENTS = {"accented": ACCENTED, "accent": ACCENT}


def _is_cased(sign: str) -> bool:
    """True if Python writes the sigma at the end of a word after it."""
    return f"{sign}Σ".lower().endswith("ς")


def _is_passed_over(sign: str) -> bool:
    """True if it may stand between a word and that sigma, such as an accent."""
    return f"a{sign}Σ".lower().endswith("ς") and not _is_cased(sign)


_DIRECTIONS: Mapping[str, Callable[[str], bool]] = {
    "left": lambda sign: unicodedata.bidirectional(sign) == "L",
    "right": lambda sign: unicodedata.bidirectional(sign) in ("R", "AL"),
}
_SIGMA: Mapping[str, Callable[[str], bool]] = {"cased": _is_cased, "passed": _is_passed_over}


def ranges_for(rules: TokenRules) -> dict[str, str]:
    """The sets of characters that these rules name, by the names that the page has for them; each packed.

    >>> [*ranges_for(TokenRules())]
    ['base', 'mark', 'left', 'right', 'cased', 'passed']
    """
    of_unit = _OF_EXACT if rules.exact else _OF_UNIT
    named = {**of_unit[rules.unit], **(_ACCENTS if rules.accents == "strip" else {})}
    tested = {**_DIRECTIONS, **(_SIGMA if rules.lowercase else {})}
    return {
        **{name: _named(members) for name, members in named.items()},
        **{name: _tested(holds) for name, holds in tested.items()},
    }


@cache
def _characters() -> str:
    return "".join(map(chr, range(sys.maxunicode + 1)))


@cache
def _named(members: str) -> str:
    """Pack the members of a set of `regex`, given what stands between its brackets."""
    return packed(found.span() for found in regex.finditer(f"[{members}]++", _characters()))


@cache
def _tested(holds: Callable[[str], bool]) -> str:
    """The characters that it holds for, packed; one that Python doesn't know is as the one before it."""
    marks, mark = [], "-"
    for character in _characters():
        if unicodedata.category(character) != "Cn":
            mark = "+" if holds(character) else "-"
        marks.append(mark)
    return packed(found.span() for found in regex.finditer(r"\++", "".join(marks)))


def packed(ranges: Iterable[tuple[int, int]]) -> str:
    """Ranges as a text: how many numbers are before each since the last one, and how many follow its first.

    Both are written in base 36; the second is left out where it is 0. A range is given as its first number
    and the one behind its last.

    >>> packed([(65, 91), (95, 96), (97, 123)])
    '1t,p 4 1,p'
    """
    texts, end = [], 0
    for first, behind in ranges:
        more = behind - first - 1
        numbers = [first - end, more] if more else [first - end]
        texts.append(",".join(np.base_repr(number, 36).lower() for number in numbers))
        end = behind
    return " ".join(texts)
