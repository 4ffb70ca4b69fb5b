"""Predictions at the cursor, by the network and by the truth, and how well it did on the whole string."""

import html
import math
from collections.abc import Callable

import streamlit as st

from pages.components.read.readings import Reading
from pages.components.shared.assets import style
from pages.components.shared.format import literal
from rnn_core.figures.colours import POSITIVE, REMEMBERS, Theme
from rnn_core.figures.in_words import comes_in_words, name_of_next, next_in_words, string_in_words
from rnn_core.figures.next_tokens import most_probable_names
from rnn_core.figures.text import counted, percent, shorten
from rnn_core.inspection.next_tokens import NextTokens
from rnn_core.text.readable import visible
from rnn_core.writing.choice import Choosing

_MOST_ROWS = 8
_LONGEST = 12  # characters of a token
_CHOICE = "next_chosen"


def show_next(
    reading: Reading,
    time: int,
    theme: Theme,
    choosing: Choosing | None = None,
    on_choose: Callable[[str], None] | None = None,
) -> None:
    """The table of what can come next, and sentences on the whole string."""
    found = reading.next_tokens
    after = literal(shorten(reading.names[time], _LONGEST))
    st.markdown(f"**What comes after “{after}”** (time step {counted(time)} of {len(found.came):,})")
    st.html(_table_html(found, time, theme))
    if on_choose is not None:
        _offer_to_choose(found, time, on_choose)
    underlined = "Underlined: what comes. " if name_of_next(found, time) else ""
    st.caption(f"{underlined}{literal(comes_in_words(found, time))}")
    st.markdown(f"**The whole {reading.noun}.** {literal(next_in_words(reading.names, found))}")
    for sentence in _whole_string_sentences(reading):
        st.caption(sentence)


def _offer_to_choose(found: NextTokens, time: int, on_choose: Callable[[str], None]) -> None:
    def take() -> None:
        if (name := st.session_state.pop(_CHOICE, None)) is not None:
            on_choose(name)

    names = [found.names[number] for number in most_probable_names(found, _MOST_ROWS, time)]
    st.pills("Go on with", names, format_func=visible, key=_CHOICE, on_change=take)


def _table_html(found: NextTokens, time: int, theme: Theme) -> str:
    has_truth = found.along is not None
    heads = ["network", "truth"] if has_truth else ["network"]
    columns = [(found.network[time], POSITIVE), (found.truth[time], REMEMBERS)][: len(heads)]
    rows = ['<span class="head">next</span>', *(f'<span class="head wide">{head}</span>' for head in heads)]
    for number in most_probable_names(found, _MOST_ROWS, time):
        name = html.escape(shorten(found.names[number], _LONGEST))
        is_forbidden = found.along is not None and not found.along.allowed[time, number]
        cells = [f'<span class="name{" forbidden" if is_forbidden else ""}">{name}</span>']
        for values, colour in columns:
            p = float(values[number])
            width = 0.0 if math.isnan(p) else 100 * p
            cells.append(
                f'<span class="bar" style="--gs-colour:{colour};--width:{width:.1f}%"><i></i></span>'
                f'<span class="number">{_share(p)}</span>'
            )
        came = " came" if number == found.came[time] else ""
        rows.append(f'<div class="row{came}">{"".join(cells)}</div>')
    alone = "" if has_truth else " alone"
    return (
        style(__file__, muted=theme.muted, grid=theme.grid, text=theme.text)
        + f'<div class="gs-next{alone}">{"".join(rows)}</div>'
    )


def _share(p: float) -> str:
    """A probability; of the truth 0 and 1 are exact."""
    return "none" if math.isnan(p) else "0%" if p == 0 else "100%" if p == 1 else percent(p)


def _whole_string_sentences(reading: Reading) -> list[str]:
    """Say what else is to be said of a whole string, a sentence or two each, for Markdown."""
    found, review = reading.next_tokens, reading.trace.review
    said = []
    if (language := reading.model.config.corpus.language) is not None:
        of_rivals = ", and it finds the bracket that closes more probable than the other kind"
        said.append(
            "Right means: the symbol that it finds most probable is one that the rule allows"
            f"{of_rivals if language.rivals else ''}."
        )
    if cut := len(review.tokens) - review.kept.stop:
        said.append(
            f"This {reading.noun} has {len(review.tokens):,} symbols. The network reads at most "
            f"{review.kept.stop:,}, so the last {cut:,} are cut off."
        )
    return said + [literal(sentence) for sentence in string_in_words(review.tokens, found)]
