"""Text on figures: what a user wrote, as it stands; shares as people read them."""

import html
import unicodedata
from collections import Counter
from collections.abc import Sequence

from rnn_core.text.readable import visible
from rnn_core.text.scripts import isolated


def counted(time: int) -> str:
    """The number of a time step as it is shown: from 1. Arrays, addresses, files and commands count from 0.

    >>> counted(0), counted(1_233)
    ('1', '1,234')
    """
    return f"{time + 1:,}"


def plain(text: str) -> str:
    """A user's text as it stands: Plotly reads a few HTML tags and entities in every label.

    What is written from right to left does not change the order of what stands beside it (see `isolated`);
    a token that can't be seen is shown by a sign (see `visible`).

    >>> plain("<b>run & run</b>")
    '&lt;b&gt;run &amp; run&lt;/b&gt;'
    """
    return isolated(html.escape(visible(text), quote=False))


def in_template(text: str) -> str:
    """A text for a hover template, where %{...} stands for a value: a space of no width parts the two.

    >>> in_template("<x> %{y}") == "&lt;x&gt; %" + chr(0x200B) + "{y}"
    True
    """
    return plain(text).replace("%{", "%\u200b{")


def shorten(text: str, most: int) -> str:
    """A text that takes the room of at most so many letters, of which a wide sign takes two.

    >>> shorten("boring", 6), shorten("wonderful", 6), shorten("素晴らしい", 6)
    ('boring', 'wonde…', '素晴…')
    """
    text = visible(text)
    if room_of(text) <= most:
        return text
    short = text[: most - 1]
    while room_of(short) >= most:
        short = short[:-1]
    return f"{short}…"


def shorten_apart(texts: Sequence[str], most: int) -> list[str]:
    """Each text shortened; those that would then look alike keep their beginning and their end.

    >>> shorten_apart(["refunds, new", "refunds, late", "hardware"], 8)
    ['ref… new', 'ref…late', 'hardware']
    """
    short = [shorten(text, most) for text in texts]
    count = Counter(short)
    return [
        _shorten_middle(text, most) if one != text and count[one] > 1 else one
        for text, one in zip(texts, short, strict=True)
    ]


def _shorten_middle(text: str, most: int) -> str:
    first = most // 2
    return f"{shorten(text, first)}{shorten(text[::-1], most - first + 1)[-2::-1]}"


def room_of(text: str) -> int:
    """Letters that a text takes the room of; a wide sign, as of Chinese, takes that of two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)


def whole_percent(share: float) -> str:
    """A share in percent without a digit after the point, where space is short.

    >>> whole_percent(0.614), whole_percent(0.998), whole_percent(0.001)
    ('61%', '> 99%', '< 1%')
    """
    return "> 99%" if share >= 0.995 else "< 1%" if share < 0.005 else f"{share:.0%}"


def percent(share: float) -> str:
    """A share as people read it; never a rounded 100 % or 0 %, which no network means.

    >>> percent(0.9236), percent(0.99987), percent(1.0), percent(0.0002)
    ('92.4%', '> 99.9%', '> 99.9%', '< 0.1%')
    """
    return "> 99.9%" if share >= 0.9995 else "< 0.1%" if share < 0.0005 else f"{share:.1%}"
