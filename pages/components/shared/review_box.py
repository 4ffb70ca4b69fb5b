"""Where a review comes from: an example, the keyboard, the address, or another page."""

from urllib.parse import urlencode

import streamlit as st

from pages.components.shared import address
from pages.components.shared.address import DamagedTextError, pack, unpack
from pages.components.shared.corpora import first_text
from pages.components.shared.format import literal
from pages.components.shared.live_text import live_text
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.readable import readable

MOST_CHARACTERS = 1_000_000
"""Far beyond what any network here reads; a longer text is a mistake.

The box itself has no limit: it would swallow what is pasted beyond it without a word.
"""

_TEXT, _EXAMPLE, _HANDED_OVER = "review_text", "example", "review_handed_over"
_EXAMPLES_OF = "examples_of"
_FIRST_TEXT = "First test text"

TEXT_ADDRESS = "text"
"""What an address carries a packed text under (see `address.pack`)."""
MOST_CHARACTERS_OF_LINK = 8_000
"""A longer one may be cut by a browser, a mail program or a server."""


def _texts(corpus: CorpusRef) -> dict[str, str]:
    """The examples for networks that learned from a corpus, by title.

    Where there are none it is the first of its test texts, if that is there.
    """
    if corpus.examples:
        return {example.title: example.text for example in corpus.examples}
    return {_FIRST_TEXT: text} if (text := readable(first_text(corpus))).strip() else {}


def hand_over(text: str, rules: TokenRules = WORDS) -> None:
    """Leave a text for the Read page, such as a review that a run got wrong; then switch to it."""
    st.session_state[_HANDED_OVER] = readable(text, rules)


def fill_in(text: str) -> None:
    """Put a text into the box, from a callback."""
    st.session_state[_TEXT] = readable(text)


def _take_example(corpus: CorpusRef) -> None:
    title = st.session_state[_EXAMPLE]
    if title is not None:
        st.session_state[_TEXT] = _texts(corpus)[title]


def _follow_corpus(corpus: CorpusRef) -> None:
    """Where the network knows other words than the one before, an example gives way to one in these words.

    What was typed, or came with a link, stays.
    """
    before = st.session_state.get(_EXAMPLES_OF, corpus)
    st.session_state[_EXAMPLES_OF] = corpus
    titles = {text: title for title, text in _texts(before).items()}
    title = titles.get(st.session_state.get(_TEXT, ""))
    if before == corpus or title is None:
        return
    texts = _texts(corpus)
    if not corpus.examples:
        st.session_state[_TEXT] = texts.get(_FIRST_TEXT, "")
        return
    st.session_state[_EXAMPLE] = title if title in texts else next(iter(texts))
    st.session_state[_TEXT] = texts[st.session_state[_EXAMPLE]]


def _take_link(rules: TokenRules) -> None:
    """Take the text that the address carries, once; whatever is typed afterwards stays."""
    packed = address.read_once(TEXT_ADDRESS, _TEXT)
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


def _choose_example(corpus: CorpusRef, texts: dict[str, str], first: str) -> str:
    """One click puts another example into the box."""
    if _TEXT in st.session_state:
        chosen = st.session_state.get(_EXAMPLE)
        if chosen is not None and texts.get(chosen) != st.session_state[_TEXT]:
            st.session_state[_EXAMPLE] = None
    example = st.pills(
        f"Example {corpus.nouns.texts}",
        list(texts),
        default=None if _TEXT in st.session_state else first,
        key=_EXAMPLE,
        on_change=_take_example,
        args=(corpus,),
        bind="query-params",
        persist_state="session",
        wrap=True,
        help=corpus.nouns.fill(
            "{Texts} written for this app, in words that the network learned from. Each is hard for a "
            "network in its own way."
        ),
    )
    return example or first


def review_box(corpus: CorpusRef, rules: TokenRules = WORDS) -> str | None:
    """The review to read; None, with a sentence on the page, where there is none to read.

    The examples are in the words of the corpus that the network learned from; `rules` are those of its
    tokens. The address carries what stands in the box, so that it outlives a reload.
    """
    texts = _texts(corpus)
    first = next(iter(texts), "")
    _follow_corpus(corpus)
    _take_link(rules)
    handed_over = st.session_state.pop(_HANDED_OVER, None)
    if handed_over is not None:
        st.session_state[_TEXT] = handed_over
    example = _choose_example(corpus, texts, first) if corpus.examples else first
    if _TEXT not in st.session_state:
        st.session_state[_TEXT] = texts.get(example, "")
    text = live_text(
        corpus.nouns.text.capitalize(),
        texts.get(first, ""),
        _TEXT,
        height=190,
        placeholder=f"Type or paste {corpus.text_like_these}.",
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
        st.info(_what_to_type(corpus))
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


def _what_to_type(corpus: CorpusRef) -> str:
    text = corpus.nouns.text
    if corpus.examples:
        return f"Type a {text}, or pick an example above: the network reads it at once."
    gone = f" That corpus is not on this machine any more, so there is no {text} of it to begin with."
    return (
        f"Type {literal(corpus.text_like_these)}, which the network learned from: it reads it at once."
        f"{'' if corpus.is_at_hand() else gone}"
    )
