"""Panels on another word or another window: the verdict, and where the states part."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.read.panels import gives_verdict, panel
from pages.components.read.readings import Reading
from pages.components.shared.format import literal, signed
from pages.components.shared.panel_chart import folded, panel_chart
from pages.components.shared.went_wrong import saying
from rnn_core.errors import ConfigError, EmptyReviewError
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import next_in_words, readings_in_words
from rnn_core.figures.read_panels import two_readings
from rnn_core.figures.text import counted, percent
from rnn_core.inspection.tables import next_tokens_table, what_if_table
from rnn_core.inspection.trace import norms
from rnn_core.inspection.what_if import APART, WhatIf, read_otherwise, replace_word, times_of_tokens


def change_sentence(changed: WhatIf, reading: Reading) -> str:
    """Say what changes, in numbers, for Markdown."""
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


def show_beside(
    both: Sequence[Reading],
    names: Sequence[str],
    lay: Callable[[Reading, np.ndarray], np.ndarray],
    *,
    by: str = "",
    labels: Sequence[str],
    cursor: int | None,
    apart: np.ndarray | None = None,
    theme: Theme,
    alt: str,
    table: Callable[[], pd.DataFrame],
    called: str,
) -> None:
    """Draw two readings on the same `labels`, where `lay` puts the values of each; below it what comes next.

    `by` stands before the names of networks; without it they are those of two versions. `called` ends the
    names of files.
    """
    followed = both[0].followed if both[0].gives_verdict else None
    along = [one.trace.probabilities if followed else np.exp2(-one.next_tokens.surprise) for one in both]
    panel_chart(
        two_readings(
            labels=labels,
            names=names,
            followed=followed,
            probabilities=[lay(one, values) for one, values in zip(both, along, strict=True)],
            norms=[lay(one, norms(one.trace.arrays["h"])) for one in both],
            apart=apart,
            cursor=cursor,
            theme=theme,
        ),
        key="two_readings",
        alt=alt,
        table=table,
        saved_as=f"gatescope-{both[0].model.name}-{called}",
        says=readings_in_words([f"{by}{name}" for name in names], followed, along) if followed else "",
    )
    for name, one in () if followed else zip(names, both, strict=True):
        heading = literal(name) if by else name.capitalize()
        st.markdown(f"**{heading}:** {literal(next_in_words(one.names, one.next_tokens))}")


def show_both(
    changed: WhatIf,
    reading: Reading,
    time: int,
    versions: Sequence[str],
    theme: Theme,
    called: str,
    more: str = "",
) -> None:
    """Draw both readings of a text on the time steps of the first; `more` follows where they part."""
    after, there = replace(reading, trace=changed.after), changed.pairs[:, 1]
    alt = "The probability that both readings give what comes next."
    if reading.gives_verdict:
        alt = f"The verdicts of both readings; the logit changes by {signed(changed.change)}."
    show_beside(
        (reading, after),
        versions,
        lambda one, values: values if one is reading else changed.on_first(values[there]),
        apart=changed.on_first(changed.distances),
        alt=alt,
        table=lambda: (
            what_if_table(changed)
            if reading.gives_verdict
            else next_tokens_table(after.trace, after.next_tokens)
        ),
        called=called,
        **reading.axis(time, theme),
    )
    if reading.gives_verdict:
        folded("Where the two readings part").markdown(change_sentence(changed, reading) + more)


_FEW_WORDS, _LEAST = 1_000, 4
"""The vocabulary to begin with, small enough that it makes a difference, and the smallest one."""


@panel(
    "Another word",
    "What would it say with another {unit} here?",
    needs=gives_verdict,
    title=lambda reading: f"Another {reading.unit}",
)
def show_what_if(reading: Reading, time: int, theme: Theme) -> None:
    """Drop or replace the token at the cursor."""
    unit = reading.unit
    review = reading.trace.review
    at = np.flatnonzero(times_of_tokens(review) == time)
    if not len(at):
        st.info(
            f"This time step reads no {unit} of the text. Move the cursor to a {unit} to drop or replace it."
        )
        return
    token = int(at[0])
    word = review.tokens[token]
    words, _ = st.columns([2, 3], gap="medium")
    with words:
        by = st.text_input(
            f"In the place of “{literal(word)}”, at the cursor",
            key="what_if_by",
            live="300ms",
            max_chars=200,
            placeholder=f"nothing: the {unit} is dropped",
            help="The text is read again with this in its place. If the text is too long for the network, a "
            f"{unit} that was cut may come in.",
        )
    try:
        changed = replace_word(reading.model, reading.trace, token, by)
    except EmptyReviewError:
        st.info(f"Nothing is left of the text without this {unit}.")
        return

    def named(places: Sequence[int]) -> str:
        few = ", ".join(f"“{literal(review.tokens[place])}”" for place in places)
        return few if len(places) <= 3 else f"{len(places):,} {unit}s"

    more = f" New in the window: {named(changed.came_in)}." if changed.came_in else ""
    if changed.fell_out:
        more += f" No longer in the window: {named(changed.fell_out)}."
    versions = ("as it is", f"with “{by}”" if by else "without it")
    show_both(changed, reading, time, versions, theme, "another-word", more)


@panel("Another window", "What if it knew or read less?", needs=gives_verdict)
@saying(ConfigError)
def show_other_window(reading: Reading, time: int, theme: Theme) -> None:
    """Read the text with another vocabulary size or maximum length."""
    settings = reading.model.config.text
    vocabulary, length = st.columns(2, gap="medium")
    known = len(reading.model.vocabulary)
    few = _FEW_WORDS if known > _FEW_WORDS else max(known // 2, _LEAST)
    vocab_size = vocabulary.slider(
        "Vocabulary size",
        _LEAST,
        known,
        few,
        key=f"other_vocabulary_{known}",
        help=f"Only this many of the most frequent tokens are known. Every rarer {reading.unit} is read as "
        "<unk>, as if the network had never seen it.",
    )
    tokens = len(reading.trace.review.tokens) + settings.start_token
    max_length = length.slider(
        "Maximum length",
        1,
        max(tokens, settings.max_length, 2),
        settings.max_length,
        key=f"other_length_{max(tokens, settings.max_length)}",
        help=f"How many tokens are read at most{', <start> included' if settings.start_token else ''}. The "
        "rest of the text is cut.",
    )
    vocab_size = min(vocab_size, settings.vocab_size)
    changed = read_otherwise(reading.model, reading.trace, vocab_size=vocab_size, max_length=max_length)
    seen = changed.after.review
    unknown = sum(seen.unknown[seen.kept])
    kept = len(seen.tokens[seen.kept])
    share = unknown / kept if kept else 0.0
    st.markdown(
        f"It reads **{kept:,}** of {len(seen.tokens):,} {reading.unit}s, and does not know **{unknown:,}** "
        f"of them ({share:.0%})."
    )
    show_both(changed, reading, time, ("as it is", "with these"), theme, "another-window")
