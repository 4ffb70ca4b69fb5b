"""One review of the Data page, drawn from the corpus or typed, through every step; a row for each step."""

import html
import random
from collections.abc import Iterable, Sequence
from itertools import groupby

import streamlit as st

from pages.components.data.data_facts import DataFacts, vocabulary_for
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal, share_of_all
from pages.components.shared.live_text import live_text
from pages.components.shared.review_box import is_too_long
from pages.components.shared.token_strip import MOST_CHIPS, Chip, direction_of, not_drawn, shorten_cut
from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import Theme
from rnn_core.text.readable import readable, visible
from rnn_core.text.vocabulary import PAD, PAD_ID, SPECIAL_TOKENS, UNK_ID
from rnn_core.text.window import ReviewSteps, steps_of

_TEXT = "data_text"
_DRAWN = "data_drawn"
"""The session's key of (source, number, text) of the review that was drawn last, the text as it is shown."""
_MOST_CHARACTERS = 4_000


def show_review(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """One review through every step."""
    text = _drawn_review(corpus, facts)
    if text is None:
        return
    vocabulary = vocabulary_for(corpus, config.text.vocab_size)
    steps = steps_of(text, vocabulary, config.text, corpus.tokens)
    noun, unit = corpus.ref.nouns.text, corpus.tokens.noun
    st.html(steps_html(steps, config.text, unit))
    reads_all = config.text.reads_all
    kept = slice(None) if reads_all else steps.review.kept
    if read := len(steps.ids[kept]):
        known = share_of_all(1 - sum(steps.review.unknown[kept]) / read)
        st.caption(f"The network reads {read:,} {unit}s of this {noun}, and knows {known} of them.")
    else:
        st.caption(f"The network reads no {unit} of this {noun}: it has none, or there is no room.")
    st.caption(
        "Dotted: not in the vocabulary, so the network reads <unk> (id 2). ".replace("<", r"\<")
        + ("" if reads_all else "Struck: cut off, never read. Hatched: padding.")
    )


def _drawn_review(corpus: Corpus, facts: DataFacts) -> str | None:
    """A box with the review, kept in the address, and a button for another; None where none can be read."""
    nouns = corpus.ref.nouns
    _take_link(corpus)
    drawn = st.session_state.get(_DRAWN)
    if drawn is None or (drawn[0] != corpus.name and st.session_state.get(_TEXT) == drawn[2]):
        # At first one that is long enough to be cut and short enough to be padded, or the first of all.
        middling = (facts.lengths >= 150) & (facts.lengths < 230)
        _put(corpus, int(facts.splits.training[int(middling.argmax())]))
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
    is_drawn = (source, as_drawn) == (corpus.name, text)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Draw another",
            icon=":material/casino:",
            on_click=lambda: _put(corpus, int(random.choice(facts.splits.training))),
            help=f"One of the training {nouns.texts}, at random.",
        )
        if is_drawn:
            label = literal(corpus.classes[corpus.labels[number]])
            labelled = f", labelled {label}" if len(corpus.classes) > 1 else ""
            st.caption(f"{nouns.text.capitalize()} {number:,}{labelled}.", width="content")
        else:
            st.caption("A text of your own.", width="content")
    if not is_drawn:
        address.remove(keys.REVIEW)
    elif address.value(keys.REVIEW) != str(number):
        address.write(keys.REVIEW, _TEXT, str(number))
    if is_too_long(text):
        return None
    return corpus.text(number) if is_drawn else text


def _take_link(corpus: Corpus) -> None:
    """Take the review that the address names, once."""
    asked = address.read_once(keys.REVIEW, _TEXT)
    if asked is None:
        return
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and int(asked) < len(corpus):
        _put(corpus, int(asked))
    else:
        st.warning(
            f"The address asks for a {corpus.ref.nouns.text} that is not there: they are numbered from 0 to "
            f"{len(corpus) - 1:,}. Another one is shown."
        )


def _put(corpus: Corpus, number: int) -> None:
    text = readable(corpus.text(number), corpus.tokens)
    st.session_state[_DRAWN] = (corpus.name, number, text)
    st.session_state[_TEXT] = text


def steps_html(steps: ReviewSteps, config: TextConfig, unit: str = "word") -> str:
    """The rows as HTML. Everything a user wrote in them is escaped."""
    review, unknown = steps.review, sum(steps.review.unknown)
    cut = len(steps.ids) - len(steps.ids[review.kept])
    kept_side = "end" if config.truncation == "pre" else "beginning"
    left_out = len(steps.cleaned) - _MOST_CHARACTERS
    note = f' <span class="aside">… {left_out:,} more characters …</span>' if left_out > 0 else ""
    words = [
        Chip(visible(token), "unknown" if is_unknown else "word", None, 0.0)
        for token, is_unknown in zip(review.tokens, review.unknown, strict=True)
    ]
    kept = range(*review.kept.indices(len(words)))
    truncated = [chip if place in kept else chip._replace(kind="cut") for place, chip in enumerate(words)]
    rows = (
        (
            "2 Cleaned",
            f"{len(steps.cleaned):,} characters",
            html.escape(readable(steps.cleaned[:_MOST_CHARACTERS])) + note,
        ),
        ("3 Tokens", f"{len(review.tokens):,}, {unknown:,} unknown", _row(words)),
        ("4 Ids", f"vocabulary {config.vocab_size:,}", _row(_id_chips(steps.ids, review.tokens))),
        (
            "5 Truncated",
            f"{cut:,} cut, {kept_side} kept" if cut else "nothing cut",
            _row(shorten_cut(truncated, unit)),
        ),
        (
            "6 Padded",
            f"to {len(review.ids):,}: {review.ids.count(PAD_ID):,} padding",
            _row(_id_chips(review.ids, review.window)),
        ),
    )[: 3 if config.reads_all else 5]  # all of such a text is read, in windows
    towards = direction_of(review.tokens)
    drawn = "".join(
        f'<div class="name">{name}<small>{aside}</small></div>'
        f'<div class="what" dir="{towards}" tabindex="0" role="group" aria-label="{name[2:]}">{what}</div>'
        for name, aside, what in rows
    )
    return f'<div class="gs-steps gs-chips">{drawn}</div>'


def _id_chips(ids: Iterable[int], tokens: Iterable[str]) -> list[Chip]:
    """The numbers; the special tokens with their name."""
    return [
        Chip(f"{number} {token}", "special", None, 0.0)
        if token in SPECIAL_TOKENS and number != UNK_ID
        else Chip(str(number), "unknown number" if number == UNK_ID else "number", None, 0.0)
        for number, token in zip(ids, tokens, strict=True)
    ]


def _row(chips: Sequence[Chip]) -> str:
    """The chips of a row, padding in one piece, a long middle left out."""
    if len(chips) > MOST_CHIPS and not any(chip.text.endswith(PAD) for chip in chips):
        half = MOST_CHIPS // 2
        chips = [*chips[:half], *not_drawn(len(chips) - 2 * half), *chips[-half:]]
    pieces = []
    for is_padding, group in groupby(chips, key=lambda chip: chip.kind == "special" and PAD in chip.text):
        run = list(group)
        if is_padding:
            pieces.append(f'<span class="special padding">{html.escape(run[0].text)} × {len(run):,}</span>')
        else:
            pieces += [f'<span class="{chip.kind}">{html.escape(chip.text)}</span>' for chip in run]
    return " ".join(pieces)
