"""Where a review comes from: an example, the keyboard, or another page."""

import streamlit as st

from pages.components.live_text import live_text
from rnn_core.inspection.examples import EXAMPLE_REVIEWS

MOST_CHARACTERS = 1_000_000
"""Far beyond what any network here reads; a longer text is a mistake.

The box itself has no limit: it would swallow what is pasted beyond it without a word.
"""

_TEXT, _EXAMPLE, _HANDED_OVER = "review_text", "example", "review_handed_over"

_EXAMPLE_TEXTS = {example.title: example.text for example in EXAMPLE_REVIEWS}


def hand_over(text: str) -> None:
    """Leave a text for the Read page, such as a review that a run got wrong; then switch to it."""
    st.session_state[_HANDED_OVER] = text


def _take_example() -> None:
    title = st.session_state[_EXAMPLE]
    if title is not None:
        st.session_state[_TEXT] = _EXAMPLE_TEXTS[title]


def review_box() -> str | None:
    """The review to read; None, with a sentence on the page, where there is none to read."""
    handed_over = st.session_state.pop(_HANDED_OVER, None)
    if handed_over is not None:
        st.session_state[_TEXT] = handed_over
    if _TEXT in st.session_state:
        chosen = st.session_state.get(_EXAMPLE)
        if chosen is not None and _EXAMPLE_TEXTS.get(chosen) != st.session_state[_TEXT]:
            st.session_state[_EXAMPLE] = None
    example = st.pills(
        "Example reviews",
        list(_EXAMPLE_TEXTS),
        default=None if _TEXT in st.session_state else EXAMPLE_REVIEWS[0].title,
        key=_EXAMPLE,
        on_change=_take_example,
        bind="query-params",
        persist_state="session",
        wrap=True,
        help="Reviews written for this app. Each is hard for a network in its own way.",
    )
    if _TEXT not in st.session_state:
        st.session_state[_TEXT] = _EXAMPLE_TEXTS[example or EXAMPLE_REVIEWS[0].title]
    text = live_text(
        "Review",
        EXAMPLE_REVIEWS[0].text,
        _TEXT,
        height=190,
        placeholder="Type or paste a film review.",
        help="The network reads it while you type, a moment after the last key.",
    )
    if len(text) > MOST_CHARACTERS:
        st.warning(
            f"This text has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read here. "
            "Shorten it and it will be read."
        )
        return None
    if not text.strip():
        st.info("Type a review, or pick an example above: the network reads it at once.")
        return None
    return text
