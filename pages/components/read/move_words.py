"""Why a token is of one colour on the strip and of the other in the picture of contributions."""

from pages.components.read.readings import Reading
from pages.components.shared.format import literal, signed
from rnn_core.figures.text import shorten
from rnn_core.inspection.occlusion import most_turned

_LONGEST = 30


def move_in_words(reading: Reading) -> str:
    """The token where the two differ most, in a sentence for Markdown; empty where none differs much."""
    time = most_turned(reading.trace, reading.contributions)
    if time is None:
        return ""
    word = literal(shorten(reading.trace.review.window[time], _LONGEST))
    return (
        f"“{word}” moved the logit by **{signed(float(reading.trace.moves[time]))}** when it was read, and "
        f"contributes **{signed(float(reading.contributions[time]))}** to the last one. Both hold: the first "
        f"compares with the verdict before the {reading.unit}, the second with the whole text read with "
        "`<unk>` in its place."
    )
