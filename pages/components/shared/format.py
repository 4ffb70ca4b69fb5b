"""Numbers, times and other people's text, as the pages say them."""

import re

from rnn_core.figures.text import percent
from rnn_core.text.scripts import isolated


def literal(text: str) -> str:
    """Text that someone else wrote, so that Markdown shows it as it stands.

    What escaping does not reach stays: Streamlit draws `->` as an arrow and `:material/home:` as an icon.
    What is written from right to left does not change the order of the words around it (see `isolated`).

    >>> literal("*now* [here]")
    '\\\\*now\\\\* \\\\[here\\\\]'
    """
    on_one_line = " ".join(text.split())
    return isolated(re.sub(r"([\\`*_{}\[\]()#+!<>|~$:&-])", r"\\\1", on_one_line))


def with_code(sentence: str) -> str:
    """A sentence for Markdown: what stands between backticks is code, all else as it is written.

    >>> with_code("Write `h * z`, not *n*.")
    'Write `h * z`, not \\\\*n\\\\*.'
    """
    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # one without its other
        return literal(sentence)
    return "".join(f"`{part}`" if place % 2 else _kept(part) for place, part in enumerate(parts) if part)


def _kept(text: str) -> str:
    """Literal text with the spaces at its ends."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{literal(text)}{after}" if text.strip() else text


def size(count: float) -> str:
    """Bytes in the unit that fits.

    >>> size(84_125_825)
    '84.1 MB'
    """
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def signed(value: float) -> str:
    """A number with two digits and its sign; without a sign where they are zeros.

    >>> signed(-0.001), signed(-2.5), signed(0.126)
    ('0.00', '−2.50', '+0.13')
    """
    text = f"{value:+.2f}"
    return text.replace("-", "−") if float(text) else text[1:]


def share_of_all(share: float) -> str:
    """A share of things that were counted; nearly all is not all, and hardly any not none.

    >>> share_of_all(0.2525), share_of_all(0.9997), share_of_all(1), share_of_all(0.0001), share_of_all(0)
    ('25.2%', '> 99.9%', '100.0%', '< 0.1%', '0.0%')
    """
    return f"{share:.1%}" if share in (0, 1) else percent(share)
