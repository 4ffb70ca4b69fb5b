"""The moments of other reviews at which the network was in a state like that at the cursor."""

from pathlib import Path

import streamlit as st

from pages.components.read.moment_list import list_moments
from pages.components.read.readings import Reading
from pages.components.shared.format import literal
from pages.components.shared.job_progress import follow_job
from pages.components.shared.jobs import jobs
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import Theme
from rnn_core.figures.text import counted
from rnn_core.inspection.moments import Moment
from rnn_core.inspection.similar import count_moments, find_similar, open_similar, similar_path
from rnn_core.inspection.units import UnitIndex
from rnn_core.text.tokenizer import tokenize

_SHOWN = 10
_SPARE = 10
"""Found beyond those shown: the review that is read may be one of the corpus, even several times."""
_SEARCH = "similar_search"
"""The session's key of the search it began last."""


def show_similar(
    reading: Reading, index: UnitIndex, index_path: Path, corpus: Corpus, time: int, theme: Theme
) -> None:
    """Those found among the states that the index keeps, or among all once that was asked for."""
    word = reading.model.config.corpus.nouns.text
    st.markdown(
        f"**Moments like time step {counted(time)}**: the hidden states of other {word}s most similar to "
        "this one, by their cosine"
    )
    h = reading.trace.arrays["h"][time]
    every, kept = count_moments(reading.model, corpus), len(index.states)
    words = f"{every:,} {reading.unit}s of the test {word}s"
    path = similar_path(index_path, h, _SHOWN + _SPARE)
    found = open_similar(path, corpus)
    is_of_all = found is not None or kept >= every
    if found is None:
        found = index.nearest(h, _SHOWN + _SPARE)
    list_moments(reading, corpus, of_others(found, reading, corpus), "{:.3f}", theme)
    if is_of_all:
        st.caption(f"Found among the states after all {words}; at most one of a {word}.")
        return
    st.caption(
        f"Found among {kept:,} of the states after the {words}, drawn at random; at most one of a {word}. "
        "There may be more similar ones among the rest."
    )
    job = jobs().get(str(path))
    if job is not None and job.running:
        follow_job(lambda: jobs().get(str(path)), "cancel_similar")
        return
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
    st.button(
        f"Search after all {every:,} {reading.unit}s",
        icon=":material/search:",
        key="search_similar",
        on_click=lambda: _search(str(path), reading, corpus, time),
        help=f"The network reads all test {word}s once more, which takes about as long as the first time. "
        "What it finds is kept for this token.",
    )


def of_others(found: list[Moment], reading: Reading, corpus: Corpus) -> list[Moment]:
    """Those to show: without the review itself, where it is one of the corpus."""
    own = list(reading.trace.review.tokens)
    return [moment for moment in found if tokenize(corpus.text(moment.review), corpus.tokens) != own][:_SHOWN]


def _search(name: str, reading: Reading, corpus: Corpus, time: int) -> None:
    """Begin the search for the token at the cursor; one for another token, begun before, ends."""
    before = jobs().get(st.session_state.get(_SEARCH, ""))
    if before is not None:
        before.cancel()
    st.session_state[_SEARCH] = name
    h = reading.trace.arrays["h"][time]
    at_first = f"Looking at the {reading.noun}s"
    layer = reading.trace.layer
    jobs().start(name, lambda: find_similar(reading.model, corpus, h, _SHOWN + _SPARE, layer), at_first)
