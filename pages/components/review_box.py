"""Where a review comes from: an example, the keyboard, the address, or another page."""

import streamlit as st

from pages.components import address
from pages.components.live_text import live_text
from pages.components.packed_text import DamagedTextError, unpack
from rnn_core.inspection.examples import EXAMPLE_REVIEWS

MOST_CHARACTERS = 1_000_000
"""Far beyond what any network here reads; a longer text is a mistake.

The box itself has no limit: it would swallow what is pasted beyond it without a word.
"""

_TEXT, _EXAMPLE, _HANDED_OVER = "review_text", "example", "review_handed_over"
_LINKED = "review_linked"

TEXT_ADDRESS = "text"
"""What a link carries a packed text under (see `packed_text`)."""

_EXAMPLE_TEXTS = {example.title: example.text for example in EXAMPLE_REVIEWS}


def hand_over(text: str) -> None:
    """Leave a text for the Read page, such as a review that a run got wrong; then switch to it."""
    st.session_state[_HANDED_OVER] = text


def _take_example() -> None:
    title = st.session_state[_EXAMPLE]
    if title is not None:
        st.session_state[_TEXT] = _EXAMPLE_TEXTS[title]


def _take_link() -> None:
    """Take the text that the address carries, once; whatever is typed afterwards stays."""
    packed = address.take(TEXT_ADDRESS, _TEXT)
    if packed is None:
        return
    try:
        text = unpack(packed, MOST_CHARACTERS)
    except DamagedTextError:
        st.warning(
            "The text in this link is damaged, most likely cut short on its way, so it can't be read. "
            "Copy the whole link again; meanwhile another text stands here."
        )
        return
    st.session_state[_TEXT] = st.session_state[_LINKED] = text


def review_box() -> str | None:
    """The review to read; None, with a sentence on the page, where there is none to read.

    A text that came with the address stays there for as long as it stands in the box.
    """
    _take_link()
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
    if text != st.session_state.get(_LINKED):
        address.remove(TEXT_ADDRESS)
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
