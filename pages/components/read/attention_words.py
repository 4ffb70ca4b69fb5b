"""What the weights of attention say, in one sentence beside their picture."""

import math

from pages.components.read.readings import Reading
from pages.components.shared.format import literal
from rnn_core.figures.text import counted, shorten
from rnn_core.inspection.agreement import FEWEST, Agreement, agreement

_LONGEST = 30


def attention_in_words(reading: Reading) -> str:
    """How far attention agrees with occlusion and connectivity; empty where the readout is no attention."""
    if reading.attribution.attention is None:
        return ""
    found = agreement(reading.trace, reading.attribution, reading.contributions, since=reading.occluded_from)
    if found is None:
        few = f"Fewer than {FEWEST} {reading.unit}s are known here"
        return f"{few}, too few to compare attention with occlusion."
    words = (
        f"Over the {found.words:,} {reading.unit}s that occlusion leaves out, the rank correlation "
        f"(Spearman) of the attention weights is **{_number(found.occlusion)}** with the size of occlusion "
        f"and **{_number(found.connectivity)}** with connectivity."
    )
    return f"{words} {_difference(found, reading)}" if found.disagrees else words


def _difference(found: Agreement, reading: Reading) -> str:
    word = literal(shorten(reading.trace.review.window[found.time], _LONGEST))
    return (
        f"“{word}” (time step {counted(found.time)}) is number {found.rank_of_weight:,} by weight and number "
        f"{found.rank_of_other:,} by {found.other}. A weight says how much of a state the readout takes. "
        "**Whether it explains the verdict is disputed**: it does not, since very different weights can lead "
        "to the same verdict (Jain and Wallace, 2019); it may, since that depends on what is called an "
        "explanation, and weights made to differ serve worse than learned ones (Wiegreffe and Pinter, 2019)."
    )


def _number(correlation: float) -> str:
    return "not defined" if math.isnan(correlation) else f"{correlation:+.2f}"
