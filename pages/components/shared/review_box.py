"""Where a review comes from: an example, the keyboard, the address, or another page."""

from urllib.parse import urlencode

import streamlit as st

from pages.components.shared import address
from pages.components.shared.format import literal
from pages.components.shared.live_text import live_text
from pages.components.shared.own_texts import first_text, is_gone
from pages.components.shared.packed_text import DamagedTextError, pack, unpack
from rnn_core.config.identity import is_built_in
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.config.words import noun_of
from rnn_core.inspection.examples import examples_for
from rnn_core.text.readable import readable

MOST_CHARACTERS = 1_000_000
"""Far beyond what any network here reads; a longer text is a mistake.

The box itself has no limit: it would swallow what is pasted beyond it without a word.
"""

_TEXT, _EXAMPLE, _HANDED_OVER = "review_text", "example", "review_handed_over"
_EXAMPLES_OF = "examples_of"
_FIRST_TEXT = "First test text"

TEXT_ADDRESS = "text"
"""What an address carries a packed text under (see `packed_text`)."""
MOST_CHARACTERS_OF_LINK = 8_000
"""A longer one may be cut by a browser, a mail program or a server."""


def _texts(data: str) -> dict[str, str]:
    """The examples for networks that learned from these reviews, by title.

    Of a corpus of the user's own it is the first of its test texts, if that is there.
    """
    if not is_built_in(data):
        return {_FIRST_TEXT: text} if (text := readable(first_text(data))).strip() else {}
    return {example.title: example.text for example in examples_for(data)}


def hand_over(text: str, rules: TokenRules = WORDS) -> None:
    """Leave a text for the Read page, such as a review that a run got wrong; then switch to it."""
    st.session_state[_HANDED_OVER] = readable(text, rules)


def fill_in(text: str) -> None:
    """Put a text into the box, from a callback."""
    st.session_state[_TEXT] = readable(text)


def _take_example(data: str) -> None:
    title = st.session_state[_EXAMPLE]
    if title is not None:
        st.session_state[_TEXT] = _texts(data)[title]


def _follow_corpus(data: str) -> None:
    """Where the network knows other words than the one before, an example gives way to one in these words.

    What was typed, or came with a link, stays.
    """
    before = st.session_state.get(_EXAMPLES_OF, data)
    st.session_state[_EXAMPLES_OF] = data
    titles = {text: title for title, text in _texts(before).items()}
    title = titles.get(st.session_state.get(_TEXT, ""))
    if before == data or title is None:
        return
    texts = _texts(data)
    if not is_built_in(data):
        st.session_state[_TEXT] = texts.get(_FIRST_TEXT, "")
        return
    st.session_state[_EXAMPLE] = title if title in texts else next(iter(texts))
    st.session_state[_TEXT] = texts[st.session_state[_EXAMPLE]]


def _take_link(rules: TokenRules) -> None:
    """Take the text that the address carries, once; whatever is typed afterwards stays."""
    packed = address.take(TEXT_ADDRESS, _TEXT)
    if packed is None:
        return
    try:
        text = unpack(packed, MOST_CHARACTERS)
    except DamagedTextError:
        st.warning(
            "The text in this link is damaged, probably because the link was cut short, so it can't be "
            "read. Copy the whole link again. Until then another text is shown."
        )
        return
    st.session_state[_TEXT] = readable(text, rules)


def _choose_example(data: str, texts: dict[str, str], first: str) -> str:
    """One click puts another example into the box."""
    if _TEXT in st.session_state:
        chosen = st.session_state.get(_EXAMPLE)
        if chosen is not None and texts.get(chosen) != st.session_state[_TEXT]:
            st.session_state[_EXAMPLE] = None
    example = st.pills(
        "Example reviews",
        list(texts),
        default=None if _TEXT in st.session_state else first,
        key=_EXAMPLE,
        on_change=_take_example,
        args=(data,),
        bind="query-params",
        persist_state="session",
        wrap=True,
        help="Reviews written for this app, in words that the network learned from. Each is hard for a "
        "network in its own way.",
    )
    return example or first


def review_box(data: str, rules: TokenRules = WORDS) -> str | None:
    """The review to read; None, with a sentence on the page, where there is none to read.

    The examples are in the words of `data`, the source of reviews that the network learned from; `rules` are
    those of its tokens. The address carries what stands in the box, so that it outlives a reload.
    """
    texts = _texts(data)
    first = next(iter(texts), "")
    _follow_corpus(data)
    _take_link(rules)
    handed_over = st.session_state.pop(_HANDED_OVER, None)
    if handed_over is not None:
        st.session_state[_TEXT] = handed_over
    example = _choose_example(data, texts, first) if is_built_in(data) else first
    if _TEXT not in st.session_state:
        st.session_state[_TEXT] = texts.get(example, "")
    word = noun_of(data)
    text = live_text(
        word.capitalize(),
        texts.get(first, ""),
        _TEXT,
        height=190,
        placeholder="Type or paste a film review."
        if is_built_in(data)
        else f"Type or paste a text like those of {data}.",
        help="The network reads it while you type, a moment after the last key. The address keeps it, unless "
        "it is too long for one.",
    )
    _keep_in_address(text, usual=text == texts.get(st.session_state.get(_EXAMPLE, first)))
    if len(text) > MOST_CHARACTERS:
        st.warning(
            f"This text has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read here. "
            "Shorten it and it will be read."
        )
        return None
    if not text.strip():
        st.info(_what_to_type(data))
        return None
    return text


def _keep_in_address(text: str, usual: bool) -> None:
    """Let the address carry the text, unless it would open with this one without, or it is too long."""
    packed = pack(text)
    link = f"{st.context.url or ''}?{urlencode(address.query() | {TEXT_ADDRESS: [packed]}, doseq=True)}"
    if usual or len(link) > MOST_CHARACTERS_OF_LINK:
        address.remove(TEXT_ADDRESS)
    else:
        address.write(TEXT_ADDRESS, _TEXT, packed)


def _what_to_type(data: str) -> str:
    if is_built_in(data):
        return "Type a review, or pick an example above: the network reads it at once."
    gone = " That corpus is not on this machine any more, so there is no text of it to begin with."
    return (
        f"Type a text like those of {literal(data)}, which the network learned from: it reads it at once."
        f"{gone if is_gone(data) else ''}"
    )
