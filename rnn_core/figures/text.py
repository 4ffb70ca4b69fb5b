"""Text on figures: what a user wrote, as it stands; shares as people read them."""

import html

from rnn_core.text.scripts import isolated


def plain(text: str) -> str:
    """A user's text as it stands: Plotly reads a few HTML tags and entities in every label.

    What is written from right to left does not change the order of what stands beside it (see `isolated`).

    >>> plain("<b>run & run</b>")
    '&lt;b&gt;run &amp; run&lt;/b&gt;'
    """
    return isolated(html.escape(text, quote=False))


def in_template(text: str) -> str:
    """The same for a hover template, in which %{...} stands for a value: a space of no width parts them.

    >>> in_template("<x> %{y}") == "&lt;x&gt; %" + chr(0x200B) + "{y}"
    True
    """
    return plain(text).replace("%{", "%\u200b{")


def shorten(text: str, most: int) -> str:
    """A text of at most so many characters.

    >>> shorten("boring", 6), shorten("wonderful", 6)
    ('boring', 'wonde…')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def whole_percent(share: float) -> str:
    """The same without a digit after the point, where space is short.

    >>> whole_percent(0.614), whole_percent(0.998)
    ('61%', '> 99%')
    """
    return "> 99%" if share >= 0.995 else f"{share:.0%}"


def percent(share: float) -> str:
    """A share as people read it; never a rounded 100 %, which no network means.

    >>> percent(0.9236), percent(0.99987), percent(1.0)
    ('92.4%', '> 99.9%', '> 99.9%')
    """
    return "> 99.9%" if share >= 0.9995 else f"{share:.1%}"
