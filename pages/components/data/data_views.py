"""The pictures of the Data page: a batch, the vocabulary, the lengths, the telling words."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.data.data_facts import DataFacts
from pages.components.data.language_panel import show_language, show_symbols
from pages.components.data.one_review import show_review
from pages.components.data.review_search import search_box
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import choose_view
from pages.components.shared.format import literal, share_of_all
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.panel_chart import panel_chart
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_words
from rnn_core.data.statistics import (
    ALIKE,
    FEWEST_TEXTS,
    FILLINGS,
    MOST_BATCHED,
    RANDOM,
    TO_MAXIMUM,
    batch_picture,
    cut_cost,
    filled_lengths,
    length_histogram,
    made_up_texts,
    one_batch,
    padding_shares,
    telling_words,
    word_ids,
)
from rnn_core.figures.colours import Theme
from rnn_core.figures.review_figures import (
    MOST_ROWS,
    batch_chart,
    coverage_curve,
    length_chart,
    telling_chart,
)
from rnn_core.tasks.task import task_of
from rnn_core.text.readable import visible
from rnn_core.text.scripts import isolated
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS
from rnn_core.text.window import room_for_words

_FILLING_NAMES = {
    TO_MAXIMUM: "maximum length",
    RANDOM: "longest in the batch",
    ALIKE: "longest, sorted by length",
}
_BATCH = "data_batch"
_TELLING = 15
_REVIEW, _TELLING_WORDS = "One review", "Telling words"
_BINS = 52


def show_batch(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """One batch as a picture, its padding hatched."""
    noun, nouns, unit = corpus.ref.nouns.text, corpus.ref.nouns.texts, corpus.tokens.noun
    trained = RANDOM if task_of(config).reading.mixes_lengths else ALIKE
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            f"{nouns.capitalize()} are filled up to",
            FILLINGS,
            default=TO_MAXIMUM,
            format_func=_FILLING_NAMES.__getitem__,
            required=True,
            key="data_filling",
            persist_state="session",
            help=f"Every {noun} to the maximum length, as when padding is read; to the longest {noun} of a "
            f"batch drawn at random; or to the longest of a batch of {nouns} of about the same length. When "
            f"padding is skipped, Train takes “{_FILLING_NAMES[trained]}”.",
        )
        seed = st.session_state.setdefault(_BATCH, 0)
        st.button(
            "Another batch",
            icon=":material/casino:",
            on_click=lambda: st.session_state.update({_BATCH: st.session_state[_BATCH] + 1}),
        )
    steps = filled_lengths(facts.lengths, config.text)
    rows = one_batch(steps, config.training.batch_size, chosen, seed)
    table = word_ids(facts.counts, config.text.vocab_size)
    encoded = encode_words(corpus, facts.splits.training[rows], table, config.text)
    width = config.text.max_length if chosen == TO_MAXIMUM else int(encoded.lengths().max())
    ids = batch_picture(encoded, width, config.text.padding, PAD_ID)
    share = float((ids == PAD_ID).mean())
    panel_chart(
        batch_chart(ids, config.text.max_length, theme, nouns=corpus.ref.nouns, token=unit),
        "data_batch_chart",
        f"{len(ids)} {nouns} of a batch, one a row: {share:.0%} of it is padding.",
        lambda: pd.DataFrame(ids, columns=[f"time_step_{step}" for step in range(width)]),
        saved_as="batch",
    )
    drawn = f"Drawn are the {MOST_ROWS} longest {nouns} of the batch. " if len(ids) > MOST_ROWS else ""
    shares = padding_shares(facts.lengths, config.text, config.training.batch_size, seed)
    sample = f"in batches of {MOST_BATCHED:,} {nouns} drawn at random " if len(steps) > MOST_BATCHED else ""
    caption_with_terms(
        f"**{share_of_all(share)} of this batch** of {len(ids):,} {nouns} is padding; a network that skips "
        "padding computes nothing there.",
        "batch",
        help=f"{drawn}Of all batches of an epoch {shares[TO_MAXIMUM]:.1%} is padding when they are filled up "
        f"to the maximum length, {sample}{shares[RANDOM]:.1%} up to the longest of a random batch, "
        f"{shares[ALIKE]:.1%} with {nouns} of similar length together.",
    )


def show_vocabulary(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """Draw the share of the words that a vocabulary covers, for every size."""
    size = config.text.vocab_size
    now = facts.coverage.at(size)
    distinct = len(facts.counts.ranking)
    nouns, unit = corpus.ref.nouns.texts, corpus.tokens.noun
    panel_chart(
        coverage_curve(facts.coverage, size, theme, token=unit),
        "data_coverage_chart",
        f"Coverage by vocabulary size. {size:,} tokens cover {now.running_training:.1%} of the running "
        f"{unit}s of the training {nouns} and {now.running_test:.1%} of the test {nouns}.",
        lambda: pd.DataFrame(
            {
                "vocabulary_size": np.arange(len(facts.coverage.running_training)) + len(SPECIAL_TOKENS),
                **facts.coverage._asdict(),
            }
        ),
        saved_as="coverage",
    )
    covered = share_of_all(float(now.running_training))
    caption_with_terms(
        f"A vocabulary of {size:,} tokens covers **{covered} of the {unit}s** in the training {nouns}."
        if size < distinct + len(SPECIAL_TOKENS) or config.corpus.of_films
        else f"{size:,} tokens have room for all {distinct:,} different {unit}s of the training {nouns}.",
        "coverage",
        help=f"It has {now.distinct_training:.1%} of the {distinct:,} different {unit}s of the training "
        f"{nouns}; a larger one adds rarer and rarer {unit}s. Of the {unit}s in the test {nouns} it covers "
        f"{now.running_test:.1%}.",
    )


def show_lengths(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """Draw the lengths of reviews and the cost of the cut."""
    lengths, most = facts.lengths, config.text.max_length
    longest, is_whole = int(lengths.max(initial=0)), config.text.reads_all
    room = longest if is_whole else room_for_words(config.text)
    width = max(1, -(-int(np.quantile(lengths, 0.995)) // _BINS))
    bins = min(_BINS, longest // width + 2)
    rooms = np.arange(0, bins * width + 1, max(1, width // 4))
    costs = cut_cost(lengths, rooms)
    here = cut_cost(lengths, np.array([room]))
    cost = (float(here.reviews[0]), float(here.words[0]))
    side = "beginning" if config.text.truncation == "pre" else "end"
    noun, nouns, unit = corpus.ref.nouns.text, corpus.ref.nouns.texts, corpus.tokens.noun
    panel_chart(
        length_chart(
            kept=length_histogram(lengths[lengths <= room], width, bins),
            cut=length_histogram(lengths[lengths > room], width, bins),
            width=width,
            room=None if is_whole else room,
            rooms=rooms,
            costs=costs,
            cost=cost,
            theme=theme,
            nouns=corpus.ref.nouns,
            token=unit,
        ),
        "data_length_chart",
        f"Lengths of the training {nouns}. "
        + (
            f"They are read from end to end in windows of {most:,} time steps."
            if is_whole
            else f"Kept at {room:,} {unit}s, {cost[0]:.0%} of them are cut and {cost[1]:.0%} of all {unit}s "
            "are lost."
        ),
        lambda: pd.DataFrame({"words_kept": rooms, "reviews_cut": costs.reviews, "words_lost": costs.words}),
        saved_as="lengths",
    )
    st.caption(
        f"**{share_of_all(cost[0])} of the {nouns}** have more than {room:,} {unit}s and lose their {side}."
        if cost[0]
        else f"A network learns from whole {nouns}, in windows of {most:,} time steps, so nothing is cut."
        if is_whole
        else f"No {noun} has more than {room:,} {unit}s, so nothing is cut.",
        help=("" if is_whole else f"{cost[1]:.1%} of all {unit}s are never read. ")
        + f"Half of the {len(lengths):,} training {nouns} "
        f"have at most {int(np.median(lengths)):,} {unit}s, the longest has {longest:,}.",
    )


def show_telling(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """The words that set a class apart from the rest."""
    label = 1
    if len(corpus.classes) > 2:
        chosen = st.selectbox(
            "Class",
            range(len(corpus.classes)),
            format_func=corpus.classes.__getitem__,
            key=f"data_class_{corpus.name}",
            persist_state="session",
            help="Its words stand on the right, those of all other classes together on the left.",
        )
        label = min(chosen, len(corpus.classes) - 1)
    nouns, unit = corpus.ref.nouns.texts, corpus.tokens.noun
    limit = corpus.ref.limit_of_counts or f"a list of {unit}s knows nothing of their order"
    name = corpus.classes[label]
    others = corpus.classes[0] if len(corpus.classes) == 2 else "all other"
    size, made_up = config.text.vocab_size, made_up_texts(facts.counts.texts)
    against, towards = telling_words(corpus, facts.counts, size, _TELLING, label)
    sides = (f"{isolated(others)} {nouns}", f"{isolated(name)} {nouns}")
    if not against and not towards:
        st.info(
            f"No {unit} of the vocabulary that stands in {FEWEST_TEXTS} training {nouns} or more separates "
            "the classes. Take a larger vocabulary, or add texts."
        )
        return

    def all_telling() -> pd.DataFrame:
        against, towards = telling_words(corpus, facts.counts, size, size, label)
        return pd.DataFrame([*towards, *reversed(against)])

    panel_chart(
        telling_chart(against, towards, sides, made_up, _TELLING, theme),
        "data_telling_chart",
        f"The most telling {unit}s. {others}: {_few(against)}. {name}: {_few(towards)}.",
        all_telling,
        saved_as="telling-words",
    )
    clearest = [(visible(words[0].word), of) for words, of in ((towards, name), (against, others)) if words]
    signs = ", ".join(
        f"“{literal(word)}” {'' if place else 'is the clearest sign '}of {literal(of)} {nouns}"
        for place, (word, of) in enumerate(clearest)
    )
    st.caption(
        f"{signs}; but {limit}.",
        help=f"Counted is in how many training {nouns} a {unit} stands; one that stands in fewer than "
        f"{FEWEST_TEXTS} is left out. Drawn is the log odds ratio (Monroe, Colaresi and Quinn, 2008). To "
        f"each count {made_up:.0f} made-up {nouns} are added, shared out by the size of the sides, so that "
        f"no rare {unit} leads by accident. Point at a {unit} to see the odds by the counts alone; in the "
        "table they are times_by_counts.",
    )


def show_view(config: RunConfig, corpus: Corpus, facts: DataFacts, theme: Theme) -> None:
    """One of the pictures, as chosen above it."""
    titles = {_REVIEW: f"One {corpus.ref.nouns.text}", _TELLING_WORDS: f"Telling {corpus.tokens.noun}s"}

    def search(*_: Any) -> None:
        """Draw the search; without a first query of the kind it begins with the most telling token."""
        towards = telling_words(corpus, facts.counts, config.text.vocab_size, 1, len(corpus.classes) - 1)[1]
        telling = towards[0].word if towards else ""
        search_box(corpus, corpus.ref.first_search or telling, theme)

    views = {
        _REVIEW: show_review,
        "A batch": show_batch,
        "Vocabulary": show_vocabulary,
        "Length": show_lengths,
        _TELLING_WORDS: show_telling,
        "Search": search,
    }
    if corpus.ref.language is not None:
        without = {name: show for name, show in views.items() if name not in (_TELLING_WORDS, "Search")}
        views = {"The language": show_language, **without, "Vocabulary": show_symbols}
    show = choose_view(
        "Picture",
        views,
        **address.bound(keys.DATA_VIEW if corpus.ref.language is None else keys.LANGUAGE_VIEW),
        label_visibility="collapsed",
        format_func=lambda name: titles.get(name, name),
    )
    show(config, corpus, facts, theme)


def _few(words: list[Any]) -> str:
    return ", ".join(visible(one.word) for one in words[:3])
