"""Numbers, times and other people's text, as the pages say them."""

import re

from rnn_core.runs.naming import DATA_NAMES as DATA_NAMES
from rnn_core.runs.naming import SHORT_NAMES as SHORT_NAMES
from rnn_core.runs.naming import network_name as network_name


def literal(text: str) -> str:
    """Text that someone else wrote, so that Markdown shows it as it stands.

    What escaping does not reach stays: Streamlit draws `->` as an arrow and `:material/home:` as an icon.

    >>> literal("*now* [here]")
    '\\\\*now\\\\* \\\\[here\\\\]'
    """
    on_one_line = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]()#+!<>|~$:&-])", r"\\\1", on_one_line)


def duration(seconds: float) -> str:
    """Seconds in the unit that fits, with few digits.

    >>> duration(8.2), duration(95), duration(5400)
    ('8 s', '1 min 35 s', '1 h 30 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


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
