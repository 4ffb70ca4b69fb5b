"""Search in the reviews: those that hold all words asked for, the first ten with the words marked."""

import html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from pages.components.shared.review_box import hand_over
from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.search import MOST_WORDS, FoundReviews, excerpt, query_words, search_reviews, word_number
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.text.readable import readable

_SHOWN = 10
_WHAT = {"word": "Whole words", "character": "Characters"}
_OFFERED = "data_search_offered"
_MOST_CHARACTERS = 200


def search_box(corpus: Corpus, at_first: str, theme: Theme) -> None:
    """A line for words, first `at_first` of the corpus, and the reviews that hold them all."""
    noun, nouns, unit = corpus.ref.nouns.text, corpus.ref.nouns.texts, corpus.tokens.noun
    offered = st.session_state.get(_OFFERED)
    if offered is not None and st.session_state.get(keys.SEARCH) == offered:
        st.session_state[keys.SEARCH] = at_first
    st.session_state[_OFFERED] = at_first
    query = st.text_input(
        f"{unit.capitalize()}s that a {noun} must contain, all of them",
        value=at_first,
        max_chars=_MOST_CHARACTERS,
        live="200ms",
        **address.bound(keys.SEARCH),
        persist_state="session",
        icon=":material/search:",
        help=f"{_WHAT[unit]}, in any order and anywhere in the {noun}. The {nouns} of all splits are "
        "searched.",
    )[:_MOST_CHARACTERS]
    words = query_words(query, corpus.tokens)
    if not words:
        st.info(f"Type a {unit} or two, and the {nouns} that contain them appear here.")
        return
    found = search_reviews(corpus, words)
    _show_count(corpus, words, found)
    for index in found.reviews[:_SHOWN].tolist():
        text = corpus.text(index)
        words_place, button = st.columns([7, 1], gap="small", vertical_alignment="center")
        words_place.html(_found_html(corpus, index, text, words, theme))
        if button.button(
            "Read it",
            key=f"found_{index}",
            width="stretch",
            help=f"Opens this {noun} on the page Read, where a network reads it {unit} by {unit}.",
        ):
            hand_over(text, corpus.tokens)
            address.go("pages/read.py")


def _show_count(corpus: Corpus, words: tuple[str, ...], found: FoundReviews) -> None:
    count = len(found.reviews)
    noun, nouns, unit = corpus.ref.nouns.text, corpus.ref.nouns.texts, corpus.tokens.noun
    most = f" Only the first {MOST_WORDS} {unit}s are looked for." if len(words) == MOST_WORDS else ""
    missing = [word for word in words if word_number(corpus, word) is None]
    if missing:
        st.info(f"No {noun} has the {unit} {literal(missing[0])}.{most}")
    elif not count:
        st.info(f"Each {unit} is in some {noun}, but no {noun} has them all.{most}")
    else:
        texts = noun if count == 1 else nouns
        together = found.reviews[: found.together]
        nearest = (
            f" They stand next to each other in {len(together):,}: {_shares(corpus, together)}."
            if 0 < len(together) < count
            else ""
        )
        shown = f" The first {_SHOWN}:" if count > _SHOWN else ""
        st.markdown(f"**{count:,} {texts}**: {_shares(corpus, found.reviews)}.{nearest}{shown}{most}")


def _shares(corpus: Corpus, reviews: NDArray[np.int64]) -> str:
    """Say the share of each label: of two classes the positive one, else the labels most often seen."""
    counts = np.bincount(corpus.labels[reviews], minlength=len(corpus.classes))
    shown = [1] if len(counts) == 2 else np.argsort(-counts, kind="stable")[:3].tolist()
    named = ", ".join(
        f"{counts[label] / len(reviews):.0%} labelled {literal(corpus.classes[label])}"
        for label in shown
        if counts[label] or len(shown) == 1
    )
    return f"{named} and others" if np.count_nonzero(counts) > len(shown) > 1 else named


def _found_html(corpus: Corpus, index: int, text: str, words: tuple[str, ...], theme: Theme) -> str:
    """One review that was found, as HTML; its text is escaped."""
    number = int(corpus.labels[index])
    label = html.escape(corpus.classes[number])
    if len(corpus.classes) == 2:
        label = f"{'▲' if number else '▼'} {label}"
    colour = ink(POSITIVE if number else NEGATIVE, theme) if len(corpus.classes) == 2 else theme.text
    marked = "".join(
        f"<mark>{html.escape(piece.text)}</mark>"
        if piece.found
        else html.escape(readable(piece.text, corpus.tokens))
        for piece in excerpt(text, words, rules=corpus.tokens)
    )
    where = f"{SPLITS[corpus.splits[index]]} {corpus.ref.nouns.text} {index:,}"
    return (
        f'<div class="gs-found" style="--gs-colour:{colour}"><span class="label">{label}</span> '
        f'<span class="where">{where}</span><div dir="auto">{marked}</div></div>'
    )
