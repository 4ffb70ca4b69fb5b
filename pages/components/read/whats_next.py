"""Predictions at the cursor, by the network and by the truth, and how well it did on the whole string."""

import html
import math
from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.components.read.counts import CONTEXT, counted_next, open_counts
from pages.components.read.panels import writes
from pages.components.read.readings import Reading
from pages.components.shared.assets import style
from pages.components.shared.format import literal
from rnn_core.baselines.scores import symbols_of_context
from rnn_core.figures.builder import Array
from rnn_core.figures.colours import POSITIVE, REMEMBERS, Theme
from rnn_core.figures.in_words import comes_in_words, name_of_next, next_in_words, string_in_words
from rnn_core.figures.next_tokens import most_probable_names
from rnn_core.figures.text import counted, percent, shorten
from rnn_core.inspection.next_tokens import NextTokens
from rnn_core.text.readable import visible
from rnn_core.writing.choice import Choosing, distribution
from rnn_core.writing.writer import written

_MOST_ROWS, _MOST_WRITTEN = 8, 10
_LONGEST = 12  # characters of a token
_AS_IT_IS = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}
"""The settings that leave the probabilities of a network as they are."""
_CHOICE = "next_chosen"


def show_next(
    reading: Reading,
    time: int,
    theme: Theme,
    choosing: Choosing | None = None,
    on_choose: Callable[[str], None] | None = None,
    why_not: str = "",
) -> None:
    """The table of what can come next, and sentences on the whole string.

    Where symbols are chosen by settings that change them, the table has the probabilities after these, too.
    `on_choose` is called with the symbol that is clicked, from a callback, unless `why_not` says why none
    can be.
    """
    found = reading.next_tokens
    after = literal(shorten(reading.names[time], _LONGEST))
    st.markdown(f"**What comes after “{after}”** (time step {counted(time)} of {len(found.came):,})")
    names, (columns, said) = _listed(found, time), _columns(reading, time, choosing)
    st.html(_table_html(found, time, names, columns, theme))
    if on_choose is not None:
        can_come = written(found.names, ends=reading.model.config.texts_end)
        others = [found.names[one] for one in names if can_come[one] and one != found.came[time]]
        _offer_to_choose(others, on_choose, why_not)
    underlined = "Underlined: what comes. " if name_of_next(found, time) else ""
    st.caption(f"{underlined}{literal(comes_in_words(found, time))}{said}")
    if found.along is not None:
        st.markdown(f"**The whole {reading.noun}.** {literal(next_in_words(reading.names, found))}")
    for sentence in _whole_string_sentences(reading):
        st.caption(sentence)


def _listed(found: NextTokens, time: int) -> list[int]:
    """The indices of what is listed: of a language in their order, of a text the most probable first."""
    if found.along is not None:
        return most_probable_names(found, _MOST_ROWS, time)
    return np.argsort(-found.log2[time], kind="stable")[:_MOST_WRITTEN].tolist()


def _columns(
    reading: Reading, time: int, choosing: Choosing | None
) -> tuple[dict[str, tuple[Array, str]], str]:
    """Head -> probabilities (K,) and their colour; and what the heads mean, in sentences."""
    found, said = reading.next_tokens, ""
    columns = {"network": (found.network[time], POSITIVE)}
    differs = [] if choosing is None else choosing.settings().items()
    changed = [
        f"{one.label[0].lower()}{one.label[1:]}: {value:g}"
        for name, one in differs
        if (value := getattr(choosing, name)) != _AS_IT_IS.get(name, value)
    ]
    if choosing is not None and changed:
        is_written = written(found.names, ends=reading.model.config.texts_end)
        logs = np.where(is_written, found.log2[time] * math.log(2), -np.inf)
        columns["chosen by"] = distribution(logs, choosing), POSITIVE
        said += f" Chosen by: {'; '.join(changed)}."
    if found.along is not None:
        columns["truth"] = found.truth[time], REMEMBERS
    elif writes(reading) and (counts := open_counts(reading)) is not None:
        columns["counts"] = counted_next(counts, reading, time), REMEMBERS
        said += f" Counts: what came in the training texts, {symbols_of_context(CONTEXT)}."
    return columns, said


def _offer_to_choose(names: list[str], on_choose: Callable[[str], None], why_not: str) -> None:
    def take() -> None:
        if (name := st.session_state.pop(_CHOICE, None)) is not None:
            on_choose(name)

    st.pills(
        "Go on with",
        names,
        format_func=visible,
        key=_CHOICE,
        on_change=take,
        disabled=bool(why_not),
        help=why_not or None,
    )


def _table_html(
    found: NextTokens, time: int, names: list[int], columns: dict[str, tuple[Array, str]], theme: Theme
) -> str:
    rows = ['<span class="head">next</span>', *(f'<span class="head wide">{head}</span>' for head in columns)]
    for number in names:
        name = html.escape(shorten(found.names[number], _LONGEST))
        is_forbidden = found.along is not None and not found.along.allowed[time, number]
        cells = [f'<span class="name{" forbidden" if is_forbidden else ""}">{name}</span>']
        for values, colour in columns.values():
            p = float(values[number])
            width = 0.0 if math.isnan(p) else 100 * p
            cells.append(
                f'<span class="bar" style="--gs-colour:{colour};--width:{width:.1f}%"><i></i></span>'
                f'<span class="number">{_share(p)}</span>'
            )
        came = " came" if number == found.came[time] else ""
        rows.append(f'<div class="row{came}">{"".join(cells)}</div>')
    return (
        style(__file__, muted=theme.muted, grid=theme.grid, text=theme.text, columns=str(len(columns)))
        + f'<div class="gs-next">{"".join(rows)}</div>'
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
