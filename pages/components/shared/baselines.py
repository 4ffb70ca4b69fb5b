"""The worth of counting words: lines on the accuracy plots, and the button that measures it."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import streamlit as st

from pages.components.shared.corpora import opened
from pages.components.shared.found_by import goes_on
from pages.components.shared.jobs import jobs
from rnn_core.baselines import counting, measurement
from rnn_core.baselines.scores import Baseline, read_baselines, reviews_of_baselines
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.errors import BaselineError

MEASURES = ("validation_accuracy", "test_accuracy")
_MAJORITY = "Majority class"


def baseline_lines(corpora: Sequence[CorpusRef], measure: str) -> dict[str, float]:
    """Name -> accuracy of the baselines on these reviews; none where it is no such measure.

    On several corpora, or where they were not measured, the majority class alone; nothing of a corpus of the
    user's own that is gone. What is wrong with a damaged file stands on the page Experiments.
    """
    if measure not in MEASURES:
        return {}
    lines = dict[str, float]()
    if len(corpora) == 1:
        with suppress(BaselineError):
            lines = {one.title: getattr(one, measure) for one in read_baselines(corpora[0])}
    return lines or majority(corpora[0], measure)


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


def _split_seeds(baselines: Sequence[Baseline]) -> list[int]:
    """The seeds over which the baselines are means; none where each seed has the same validation reviews."""
    seeds = [score.seed for score in baselines[0].seeds]
    same = all(len({score.validation_accuracy for score in baseline.seeds}) == 1 for baseline in baselines)
    return [] if same else seeds


def split_in_words(baselines: Sequence[Baseline]) -> str:
    """The end of a sentence on the baselines: over which splits they are means; empty where there is one."""
    seeds = _split_seeds(baselines)
    return f", means over the splits of seeds {' and '.join(map(str, seeds))}" if seeds else ""


def offer_baselines(data: CorpusRef) -> None:
    """The button, or how far it is; nothing where baselines are published, or the corpus is not there."""
    if data.is_published or not data.is_prepared():
        return
    name = f"baselines of {data}"
    if goes_on(lambda: jobs().get(name), f"cancel_baselines_{data}"):
        return
    why_not, is_measured = counting.why_not(), False
    with suppress(BaselineError):  # a new measurement takes its place
        is_measured = bool(read_baselines(data))

    def begin() -> None:
        jobs().forget(name)
        jobs().start(name, partial(measurement.measuring, data), "Reading the texts")

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure again" if is_measured else "Measure baselines",
            icon=":material/bar_chart:",
            key=f"baselines_{data}",
            disabled=bool(why_not),
            on_click=begin,
            help=f"Trains a bag of words and an NB-SVM on these {data.nouns.texts}, which takes seconds to "
            "minutes. A network can score less and still read what no count of words shows, such as a "
            "negation: the probe pairs test that.",
        )
        if why_not:
            st.caption(why_not, width="stretch")
