"""Two readings by one network: how the verdict changes, where the states part, and both in one picture."""

from collections.abc import Sequence

from pages.components.read.readings import Reading
from pages.components.shared.format import literal, signed
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.saying import folded
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import readings_in_words
from rnn_core.figures.pairs import two_readings
from rnn_core.figures.text import counted, percent
from rnn_core.inspection.tables import what_if_table
from rnn_core.inspection.trace import norms
from rnn_core.inspection.what_if import APART, WhatIf


def in_words(changed: WhatIf, reading: Reading) -> str:
    """What changes, in numbers, for Markdown."""
    before, after = changed.before.probability, changed.after.probability
    sentence = (
        f"**{percent(after)}** {reading.followed_in_words} in place of {percent(before)}: the logit "
        f"changes by **{signed(changed.change)}**."
    )
    if changed.before.label != changed.after.label:
        sentence += f" **The verdict is now {literal(changed.after.label)}.**"
    if changed.parted is None:
        return f"{sentence} The hidden states never differ by more than {APART:.0%}."
    word = reading.trace.review.window[changed.parted[0]]
    return (
        f"{sentence} The hidden states first differ by more than {APART:.0%} at “{literal(word)}” "
        f"(time step {counted(changed.parted[0])})."
    )


def show_both(
    changed: WhatIf, reading: Reading, labels: Sequence[str], time: int, names: tuple[str, str], theme: Theme,
    *, saved_as: str, more: str = "",
) -> None:  # fmt: skip
    """Draw both readings on the time steps of the first; `more` ends what is said of them when asked for."""
    before, after = changed.before, changed.after
    there = changed.pairs[:, 1]
    panel_chart(
        two_readings(
            labels=labels,
            names=names,
            followed=before.classes[before.followed],
            probabilities=(before.probabilities, changed.on_first(after.probabilities[there])),
            norms=(
                norms(before.arrays["h"]),
                changed.on_first(norms(after.arrays["h"][there])),
            ),
            apart=changed.on_first(changed.distances),
            cursor=time,
            theme=theme,
        ),
        key="what_if_chart",
        alt=f"The verdicts of both readings; the logit changes by {signed(changed.change)}.",
        table=lambda: what_if_table(changed),
        saved_as=saved_as,
        says=readings_in_words(names, reading.followed, (before.probabilities, after.probabilities)),
    )
    folded("Where the two readings part").markdown(in_words(changed, reading) + more)
