"""The worth of counting: lines on the plots of a score, and the button that measures it."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import streamlit as st

from pages.components.shared.corpora import opened
from pages.components.shared.found_by import goes_on
from pages.components.shared.jobs import jobs
from rnn_core.baselines.scores import (
    Baseline,
    read_baselines,
    read_ngram_baseline,
    reviews_of_baselines,
    symbols_of_context,
    values_of,
)
from rnn_core.baselines.ways import WAYS, measuring
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.errors import BaselineError
from rnn_core.tasks.task import task_of

MEASURES = ("validation_accuracy", "test_accuracy")
_MAJORITY = "Majority class"


def baseline_lines(corpora: Sequence[CorpusRef], measure: str) -> dict[str, float]:
    """Name -> value of the baselines on these reviews; none where they are not measured by it.

    Of accuracies on several corpora, or where they were not measured, the majority class alone; nothing of a
    corpus of the user's own that is gone. What is wrong with a damaged file stands on the page Experiments.
    """
    lines = dict[str, float]()
    if len(corpora) == 1:
        with suppress(BaselineError):
            lines = values_of(corpora[0], measure)
    return lines or (majority(corpora[0], measure) if measure in MEASURES else {})


def majority(data: CorpusRef, measure: str) -> dict[str, float]:
    """The accuracy of always saying the class that most training texts have, as a line."""
    if data.is_even:
        return {_MAJORITY: 0.5}
    corpus = opened(data)
    if corpus is None:
        return {}
    most = np.bincount(corpus.labels[corpus.indices("training")]).argmax()
    part = corpus.indices(measure.removesuffix("_accuracy"))
    # without validation texts of its own these are a part of the training texts, with the same shares
    labels = corpus.labels[part if len(part) else corpus.indices("training")]
    return {_MAJORITY: float((labels == most).mean())}


def majority_in_words(data: CorpusRef, measure: str) -> str:
    """A sentence on the line of the majority class, where it stands alone."""
    if data.is_even:
        return f"Dotted: the majority class, half of the {data.nouns.texts}."
    if not (line := majority(data, measure)):
        return ""
    return f"Dotted: the majority class, {line[_MAJORITY]:.1%} of the {data.nouns.texts}."


def baselines_in_words(config: RunConfig) -> str:
    """Says of which reviews the lines beside a run are, on validation and test, and how the run differs."""
    return _IN_WORDS[task_of(config).counted_by](config)


def _ngrams_in_words(config: RunConfig) -> str:
    ngrams = None
    with suppress(BaselineError):
        ngrams = read_ngram_baseline(config.corpus)
    if ngrams is None:
        return ""
    texts, measure = config.corpus.nouns.texts, task_of(config).score
    best, longest = (
        [f"{ngrams.bits(split)[symbols]:{measure.number}}" for split in ("validation", "test")]
        for symbols in (ngrams.best, ngrams.context)
    )
    learned_from, size = ngrams.reviews.get("training", 0), ngrams.seeds[0].vocab_size
    sentence = (
        f"Dotted: interpolated {ngrams.title}, which count what came next, on whole {texts}: {best[0]} "
        f"{measure.name} on validation, {best[1]} on test {texts} (learned from {learned_from:,} {texts}, "
        f"vocabulary {size:,})."
    )
    if ngrams.best != ngrams.context:
        sentence += (
            f" The context is chosen on validation; with {symbols_of_context(ngrams.context)} it is "
            f"{longest[0]} there, {longest[1]} on test {texts}."
        )
    if config.text.vocab_size < size:
        sentence += (
            f" This run has a vocabulary of {config.text.vocab_size:,}: n-grams measured for it would differ."
        )
    return sentence


def _words_in_words(config: RunConfig) -> str:
    if baseline_lines([config.corpus], MEASURES[0]) == majority(config.corpus, MEASURES[0]):
        return majority_in_words(config.corpus, MEASURES[0])
    texts = config.corpus.nouns.texts
    baselines = read_baselines(config.corpus)
    learned_from = reviews_of_baselines(config.corpus).get("training", 0)
    ordered = sorted(baselines, key=lambda baseline: -baseline.validation_accuracy)
    on_validation = ", ".join(f"{one.title} {one.validation_accuracy:.1%}" for one in ordered)
    on_test = ", ".join(f"{one.test_accuracy:.1%}" for one in ordered)
    seeds, split = _split_seeds(baselines), split_in_words(baselines)
    sentence = (
        f"Dotted: baselines that count words, on the validation {texts}: {on_validation}; on the test "
        f"{texts} {on_test} (learned from {learned_from:,} {texts}{split})."
    )
    training = config.training
    apart = [f"has the split of seed {training.seed}"] if seeds and training.seed not in seeds else []
    apart += [f"learns from {training.reviews:,} {texts}"] if training.reviews < learned_from else []
    if apart:
        sentence += f" This run {' and '.join(apart)}: baselines measured for it would differ."
    return sentence


_IN_WORDS = {"words": _words_in_words, "n-grams": _ngrams_in_words}
"""Way to count -> the sentence on its lines."""


def _split_seeds(baselines: Sequence[Baseline]) -> list[int]:
    """The seeds over which the baselines are means; none where each seed has the same validation reviews."""
    seeds = [score.seed for score in baselines[0].seeds]
    same = all(len({score.validation_accuracy for score in baseline.seeds}) == 1 for baseline in baselines)
    return [] if same else seeds


def split_in_words(baselines: Sequence[Baseline]) -> str:
    """The end of a sentence on the baselines: over which splits they are means; empty where there is one."""
    seeds = _split_seeds(baselines)
    return f", means over the splits of seeds {' and '.join(map(str, seeds))}" if seeds else ""


def offer_baselines(config: RunConfig) -> None:
    """The button, or how far it is, for what runs with such settings are compared with.

    Nothing where that is nothing, where baselines are published, or the corpus is not there.
    """
    data, counted_by = config.corpus, task_of(config).counted_by
    if not counted_by or data.is_published or not data.is_prepared():
        return
    way, name = WAYS[counted_by], f"baselines of {data}"
    if goes_on(lambda: jobs().get(name), f"cancel_baselines_{data}"):
        return
    why_not, is_measured = way.why_not(), False
    with suppress(BaselineError):  # a new measurement takes its place
        is_measured = way.is_measured(data)

    def begin() -> None:
        jobs().forget(name)
        jobs().start(name, partial(measuring, data, counted_by), "Reading the texts")

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure again" if is_measured else "Measure baselines",
            icon=":material/bar_chart:",
            key=f"baselines_{data}",
            disabled=bool(why_not),
            on_click=begin,
            help=way.what.format(data.nouns.texts),
        )
        if why_not:
            st.caption(why_not, width="stretch")
