"""Where a review comes from: an example, the keyboard, the address, or another page."""

from random import Random
from typing import Any

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address import pack
from pages.components.shared.corpora import first_text
from pages.components.shared.format import literal
from pages.components.shared.live_text import live_text
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.refusals import listing
from rnn_core.text.readable import readable

MOST_CHARACTERS = 1_000_000
"""Far beyond what any network here reads. The box has no limit: it would drop what is pasted beyond it."""

_TEXT, _HANDED_OVER = "review_text", "review_handed_over"
_EXAMPLES_OF, _FIRST_TEXT = "examples_of", "First test text"
MOST_CHARACTERS_OF_LINK = 8_000
"""A longer one may be cut by a browser, a mail program or a server."""


def first_texts(corpus: CorpusRef) -> dict[str, str]:
    """The examples of a corpus by title; where it has none, the first of its test texts."""
    if corpus.examples:
        return {example.title: example.text for example in corpus.examples}
    if corpus.language is not None:
        return {_FIRST_TEXT: corpus.language.draw(Random(0))}
    return {_FIRST_TEXT: text} if (text := readable(first_text(corpus))).strip() else {}


def hand_over(text: str, rules: TokenRules = WORDS) -> None:
    """Leave a text for the Read page, such as a review that a run got wrong; then switch to it."""
    st.session_state[_HANDED_OVER] = readable(text, rules)


def is_too_long(text: str, most: int = MOST_CHARACTERS) -> bool:
    """True if it has more characters than are read; then it says so."""
    is_longer = len(text) > most
    if is_longer:
        st.warning(
            f"This text has {len(text):,} characters; at most {most:,} are read here. "
            "Shorten it and it will be read."
        )
    return is_longer


def fill_in(text: str) -> None:
    """Put a text into the box, from a callback."""
    st.session_state[_TEXT] = readable(text)


def _follow_corpus(corpus: CorpusRef) -> None:
    """An example gives way to one in the words of another network; what was typed or linked to stays."""
    before = st.session_state.get(_EXAMPLES_OF, corpus)
    st.session_state[_EXAMPLES_OF] = corpus
    titles = {text: title for title, text in first_texts(before).items()}
    title = titles.get(st.session_state.get(_TEXT, ""))
    if before == corpus or title is None:
        return
    texts = first_texts(corpus)
    if not corpus.examples:
        st.session_state[_TEXT] = texts.get(_FIRST_TEXT, "")
        return
    st.session_state[keys.EXAMPLE] = title if title in texts else next(iter(texts))
    st.session_state[_TEXT] = texts[st.session_state[keys.EXAMPLE]]


def take_link(rules: TokenRules, name: keys.Key = keys.TEXT, key: str = _TEXT) -> None:
    """Take the text that the address carries, once; whatever is typed afterwards stays."""
    damaged = (
        "The text in this link is damaged, probably because the link was cut short, so it can't be "
        "read. Copy the whole link again. Until then another text is shown."
    )
    if (text := address.read_packed(name, key, MOST_CHARACTERS, damaged)) is not None:
        st.session_state[key] = readable(text, rules)


def say_in_address(text: str, is_usual: bool, name: keys.Key = keys.TEXT, key: str = _TEXT) -> None:
    """Let the address carry a text, unless it would open with it anyway, or it is too long for one."""
    packed = pack(text)
    link = f"{st.context.url or ''}?{address.written(address.query() | {name: [packed]})}"
    if is_usual or len(link) > MOST_CHARACTERS_OF_LINK:
        address.remove(name)
    else:
        address.write(name, key, packed)


def _choose_example(corpus: CorpusRef, texts: dict[str, str], first: str) -> str:

    def take_example() -> None:
        title = st.session_state[keys.EXAMPLE]
        if title is not None:
            st.session_state[_TEXT] = first_texts(corpus)[title]

    if _TEXT in st.session_state:
        chosen = st.session_state.get(keys.EXAMPLE)
        if chosen is not None and texts.get(chosen) != st.session_state[_TEXT]:
            st.session_state[keys.EXAMPLE] = None
    example = st.pills(
        f"Example {corpus.nouns.texts}",
        list(texts),
        default=None if _TEXT in st.session_state else first,
        on_change=take_example,
        **address.bound(keys.EXAMPLE),
        persist_state="session",
        wrap=True,
        help=corpus.nouns.fill(
            "{Texts} written for this app, in words that the network learned from. Each is hard for a "
            "network in its own way."
        ),
    )
    return example or first


def _offer_strings(language: Any) -> None:
    """Buttons that put a string of a made-up language into the box."""
    drawn = {
        "Draw one": (language.draw, "A string, drawn as those were that the network learned from."),
        "A longer one": (
            language.draw_longer,
            "A string that is longer than all that the network learned from.",
        ),
        "A wrong one": (
            language.draw_wrong,
            "A string in which one symbol breaks the rule. Watch where the network is surprised.",
        ),
    }
    with st.container(horizontal=True, gap="small"):
        for label, (draw, help) in drawn.items():
            st.button(
                label, help=help, key=f"draw_{label}", on_click=lambda draw=draw: fill_in(draw(Random()))
            )


def review_box(corpus: CorpusRef, rules: TokenRules = WORDS) -> str | None:
    """The review to read; None, with a sentence on the page, where there is none to read.

    The examples are in the words of the corpus that the network learned from; `rules` are those of its
    tokens. The address carries what stands in the box, so that it outlives a reload.
    """
    texts = first_texts(corpus)
    first = next(iter(texts), "")
    _follow_corpus(corpus)
    take_link(rules)
    handed_over = st.session_state.pop(_HANDED_OVER, None)
    if handed_over is not None:
        st.session_state[_TEXT] = handed_over
    example = _choose_example(corpus, texts, first) if corpus.examples else first
    language = corpus.language
    if language is not None:
        st.markdown(f"**The language {literal(language.label)}.** {literal(language.rule)}")
        _offer_strings(language)
    if _TEXT not in st.session_state:
        st.session_state[_TEXT] = texts.get(example, "")
    text = live_text(
        corpus.nouns.text.capitalize(),
        texts.get(first, ""),
        _TEXT,
        height=190 if language is None else 110,
        placeholder=f"Type or paste {corpus.text_like_these}.",
        help="The network reads it while you type, a moment after the last key. The address keeps it, unless "
        "it is too long for one.",
    )
    say_in_address(text, text == texts.get(st.session_state.get(keys.EXAMPLE, first)))
    if is_too_long(text):
        return None
    if not text.strip():
        noun = corpus.nouns.text
        if language is not None:
            symbols = listing([literal(symbol) for symbol in language.symbols])
            st.info(f"Type a {noun} of {symbols}, or press *Draw one*: the network reads it at once.")
            return None
        gone = f" That corpus is not on this machine any more, so there is no {noun} of it to begin with."
        st.info(
            f"Type a {noun}, or pick an example above: the network reads it at once."
            if corpus.examples
            else f"Type {literal(corpus.text_like_these)}, which the network learned from: it reads it at "
            f"once.{'' if corpus.is_at_hand() else gone}"
        )
        return None
    return text
