"""What counting words is worth, as lines on the accuracy plots."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.format import literal
from rnn_core.baselines.scores import Baseline, kept_path, read_baselines, reviews_of_baselines
from rnn_core.config.run import RunConfig, TrainingConfig
from rnn_core.errors import BaselineError

MEASURES = ("validation_accuracy", "test_accuracy")

MAJORITY = {"Majority class": 0.5}
"""In every corpus here half of the reviews are positive."""


def baseline_lines(corpora: Sequence[str], measure: str) -> dict[str, float]:
    """Name -> accuracy of the baselines on these reviews; none where it is no such measure.

    On several corpora, or where they were not measured, the majority class alone. What is wrong with a
    damaged file stands on the page Experiments.
    """
    if measure not in MEASURES:
        return {}
    path = kept_path(corpora[0])
    if len(corpora) > 1 or not path.exists():
        return MAJORITY
    try:
        return _lines(corpora[0], measure, path.stat().st_mtime)
    except BaselineError:
        return MAJORITY


def baselines_in_words(config: RunConfig) -> str:
    """Of which reviews the lines beside a run are, on validation and on test, and how the run differs."""
    if baseline_lines([config.corpus], MEASURES[0]) == MAJORITY:
        return "Dotted: the majority class, half of the reviews."
    baselines = read_baselines(config.corpus)
    learned_from = reviews_of_baselines(config.corpus).get("training", 0)
    ordered = sorted(baselines, key=lambda baseline: -baseline.validation_accuracy)
    on_validation = ", ".join(f"{one.title} {one.validation_accuracy:.1%}" for one in ordered)
    on_test = ", ".join(f"{one.test_accuracy:.1%}" for one in ordered)
    seeds, split = split_seeds(baselines), split_in_words(baselines)
    sentence = (
        f"Dotted: baselines that count words, on the validation reviews: {on_validation}; on the test "
        f"reviews {on_test} (learned from {learned_from:,} reviews{split})."
    )
    return sentence + _apart(config.training, seeds, learned_from)


def split_seeds(baselines: Sequence[Baseline]) -> list[int]:
    """The seeds over which the baselines are means; none where each seed has the same validation reviews."""
    seeds = [score.seed for score in baselines[0].scores]
    same = all(len({score.validation_accuracy for score in baseline.scores}) == 1 for baseline in baselines)
    return [] if same else seeds


def split_in_words(baselines: Sequence[Baseline]) -> str:
    """The end of a sentence on the baselines: over which splits they are means; empty where there is one."""
    seeds = split_seeds(baselines)
    return f", means over the splits of seeds {' and '.join(map(str, seeds))}" if seeds else ""


def _apart(training: TrainingConfig, seeds: Sequence[int], learned_from: int) -> str:
    """How a run differs from what the baselines learned from; empty where it doesn't."""
    others = [f"has the split of seed {training.seed}"] if seeds and training.seed not in seeds else []
    if training.reviews < learned_from:
        others.append(f"learns from {training.reviews:,} reviews")
    if not others:
        return ""
    return f" This run {' and '.join(others)}: baselines measured for it would differ."


def warn_of_baselines(data: str) -> None:
    """Say why there are no lines, where the file is damaged."""
    try:
        read_baselines(data)
    except BaselineError as error:
        st.warning(literal(str(error)))


@st.cache_data(max_entries=8, show_spinner=False)
def _lines(data: str, measure: str, changed: float) -> dict[str, float]:
    return {baseline.title: getattr(baseline, measure) for baseline in read_baselines(data)}
