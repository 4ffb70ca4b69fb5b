"""Panels on surprise along a text: beside that of counts, and beside that of a copy that learns from it."""

from collections.abc import Generator, Mapping
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.read.counts import CONTEXT, counted_bits, opened_counts
from pages.components.read.panels import panel, writes
from pages.components.read.readings import Reading
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.found_by import found_by
from pages.components.shared.model_picker import changed_at
from pages.components.shared.panel_chart import panel_chart
from rnn_core.baselines.scores import symbols_of_context
from rnn_core.figures.builder import Array
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import name_of_next, two_surprises_in_words
from rnn_core.figures.next_tokens import two_surprises
from rnn_core.figures.text import counted, shorten
from rnn_core.models.model import Model
from rnn_core.progress import Progress
from rnn_core.text.vocabulary import END
from rnn_core.writing.learning import BLOCK, BothWays, Learning, read_both_ways

_MOST_BLOCKS = 200
"""Means that are drawn at most: a longer text has longer blocks."""
_PLACES, _BEFORE, _LONGEST = 3, 16, 24
"""Places that are listed, the symbols that are shown before each, and the room for both."""


@panel(
    "Where is it surprised?",
    f"Where is it surprised, and where do counts of n-grams, {symbols_of_context(CONTEXT)}, expect more?",
    needs=writes,
)
def show_surprise(reading: Reading, time: int, theme: Theme) -> None:
    """Both along the text, and the places where they differ most."""
    if (counts := opened_counts()) is None:
        st.info("There are no counts to compare with yet: see below the table of what comes next.")
        return
    ours, count = reading.next_tokens.surprise, counted_bits(counts, reading)
    if not np.isfinite(ours).any():
        st.info("Nothing has come yet that could surprise it: take a longer text.")
        return
    bits = {"network": ours, "counts": count}
    _show_both(reading, time, theme, "beside_counts", bits, len(ours) // _MOST_BLOCKS + 1)
    places = zip(
        st.columns(2, gap="medium"), ("counts", "network"), (count - ours, ours - count), strict=True
    )
    for place, who, more in places:
        place.markdown(f"**The {who} {'are' if who == 'counts' else 'is'} surprised more** by these:")
        place.dataframe(_places(reading, ours, count, more), hide_index=True, height="content")


def _places(reading: Reading, ours: Array, count: Array, more: Array) -> pd.DataFrame:
    """The places at which these differences (T,) are largest and above 0."""
    found, window, rows = reading.next_tokens, reading.trace.review.window, []
    for time in np.argsort(-np.nan_to_num(more), kind="stable")[:_PLACES].tolist():
        if more[time] > 0:
            texts = "".join(window[1 : time + 1][-_BEFORE:]), name_of_next(found, time)
            bits = (f"{values[time]:.1f}" for values in (ours, count))
            rows.append((counted(time), *(shorten(text, _LONGEST) for text in texts), *bits))
    return pd.DataFrame(rows, columns=["time step", "after", "comes", "network, bits", "counts, bits"])


_OFFERED = {
    "rate": (keys.LEARNING_RATE, ["off", "0.0001", "0.0002", "0.0004", "0.0008", "0.0016", "0.01"]),
    "decay": (keys.LEARNING_DECAY, ["0", "0.001", "0.003", "0.01", "0.03", "0.1"]),
}
"""Setting -> its key in the address, and the values to choose from."""


@panel(
    "It learns while it reads",
    f"Does it expect more if it learns from each {BLOCK} symbols of this text once it has read them?",
    needs=writes,
)
def show_learning(reading: Reading, time: int, theme: Theme) -> None:
    """Surprise along the text of the network as it is and of a copy that learns from it."""
    controls, picture = st.columns([3, 7], gap="medium")
    with controls:
        how = Learning(**{name: _choose(name) for name in _OFFERED})
        st.caption(
            f"Each block of {BLOCK} symbols is scored first; then the weights take one step that makes it "
            "less surprising. This happens on a copy, which is thrown away: the network itself, and all else "
            "on this page, stays as it is."
        )
    tokens, ends = reading.tokens, name_of_next(reading.next_tokens, -1) == END
    with picture:
        if not how.rate or len(tokens) <= BLOCK:
            longer = f"The first {BLOCK} symbols are scored before anything is learned: take a longer text."
            st.info(longer if how.rate else "Learning is off: the network reads the text as it is.")
            return
        about = f"{reading.model.folder} {changed_at(reading.model.folder)} {hash(tokens)} {ends} {how}"
        steps = partial(_read, reading.model, tokens, how, ends=ends)
        found: BothWays | None = found_by("learning", about, steps, "Reading")
        if found is not None:
            shown = slice(-len(reading.names), None)
            bits = {"learning": found.learning[shown], "as it is": found.fixed[shown]}
            _show_both(reading, time, theme, "learns", bits, BLOCK)


def _choose(name: str) -> float:
    """A setting, from the address or its slider; 0 where it is off."""
    (key, values), declared = _OFFERED[name], Learning.settings()[name]
    usual = f"{declared.default:g}"
    help = f"{declared.help} {usual} was chosen on validation texts."
    label, draw = declared.label, st.select_slider
    chosen = kept_choice(label, values, key, f"learning_{name}", lambda: usual, draw=draw, help=help)
    return 0.0 if chosen == "off" else float(chosen)


def _read(
    model: Model, tokens: tuple[str, ...], how: Learning, *, ends: bool
) -> Generator[Progress, None, BothWays]:
    """Read the whole text both ways; nan at the last time step where what comes is open."""
    [found] = yield from read_both_ways(model, [tokens], how, ends=ends)
    return found if ends else BothWays(*(np.append(bits, np.nan) for bits in found))


def _show_both(
    reading: Reading, time: int, theme: Theme, sentence: str, surprises: Mapping[str, Array], block: int
) -> None:
    """Draw bits (T,) by their names, in blocks of so many, and say the means in the sentence of this name."""
    labels, file = reading.names, f"{reading.file_name}-{sentence.replace('_', '-')}"
    panel_chart(
        two_surprises(surprises=surprises, block=block, **reading.axis(time, theme)),
        key=sentence,
        alt=f"Surprise over {len(labels)} time steps: {' and '.join(surprises)}, and the difference.",
        table=lambda: reading.trace.time_table(dict(surprises)),
        saved_as=file,
        says=two_surprises_in_words(sentence, *surprises.values()),
    )
