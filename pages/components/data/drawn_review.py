"""The review that the Data page takes apart: one drawn from the corpus, or a text of one's own."""

import random

import streamlit as st

from pages.components.data.data_facts import DataFacts
from pages.components.shared import address
from pages.components.shared.format import literal
from pages.components.shared.live_text import live_text
from pages.components.shared.review_box import MOST_CHARACTERS
from rnn_core.data.corpus import Corpus
from rnn_core.text.readable import readable

_TEXT = "data_text"
_DRAWN = "data_drawn"
"""The session's key of (source, number, text) of the review that was drawn last, the text as it is shown."""
_ADDRESS = "review"
_AT_FIRST = range(150, 230)
"""Words of the review that a session begins with: long enough to be cut, short enough to be padded."""


def drawn_review(data: str, corpus: Corpus, facts: DataFacts) -> str | None:
    """A box with the review, and a button for another; None, with a sentence, where there is none to read.

    The number of a review of the corpus stands in the address for as long as it is in the box.
    """
    nouns = corpus.ref.nouns
    _take_link(data, corpus)
    drawn = st.session_state.get(_DRAWN)
    if drawn is None or (drawn[0] != data and st.session_state.get(_TEXT) == drawn[2]):
        _put(data, corpus, _first(facts))
    text = live_text(
        "1 Raw: as it was written",
        st.session_state[_DRAWN][2],
        _TEXT,
        height=108,
        placeholder=nouns.fill("Type or paste a {described}."),
        help=f"A {nouns.text} of the corpus, or a text of your own: edit it, and everything below "
        "follows while you type.",
    )
    source, number, as_drawn = st.session_state[_DRAWN]
    is_drawn = (source, as_drawn) == (data, text)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Draw another",
            icon=":material/casino:",
            on_click=_draw,
            args=(data, corpus, facts),
            help=f"One of the training {nouns.texts}, at random.",
        )
        if is_drawn:
            label = literal(corpus.classes[corpus.labels[number]])
            st.caption(f"{nouns.text.capitalize()} {number:,}, labelled {label}.", width="content")
        else:
            st.caption("A text of your own.", width="content")
    if is_drawn:
        if st.query_params.get(_ADDRESS) != str(number):
            address.write(_ADDRESS, _TEXT, str(number))
    else:
        address.remove(_ADDRESS)
    if len(text) > MOST_CHARACTERS:
        st.warning(
            f"This text has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read here. "
            "Shorten it and it will be read."
        )
        return None
    return corpus.text(number) if is_drawn else text


def _take_link(data: str, corpus: Corpus) -> None:
    """Take the review that the address names, once."""
    asked = address.read_once(_ADDRESS, _TEXT)
    if asked is None:
        return
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and int(asked) < len(corpus):
        _put(data, corpus, int(asked))
    else:
        st.warning(
            f"The address asks for a {corpus.ref.nouns.text} that is not there: they are numbered from 0 to "
            f"{len(corpus) - 1:,}. Another one is shown."
        )


def _first(facts: DataFacts) -> int:
    middling = (facts.lengths >= _AT_FIRST.start) & (facts.lengths < _AT_FIRST.stop)
    # The first one that fits, or the first of all.
    return int(facts.splits.training[int(middling.argmax())])


def _draw(data: str, corpus: Corpus, facts: DataFacts) -> None:
    _put(data, corpus, int(random.choice(facts.splits.training)))


def _put(data: str, corpus: Corpus, number: int) -> None:
    text = readable(corpus.text(number), corpus.tokens)
    st.session_state[_DRAWN] = (data, number, text)
    st.session_state[_TEXT] = text
