"""The ways to count that a task may be compared with, by the name that the task gives: `Task.counted_by`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rnn_core.baselines.counting import why_not
from rnn_core.baselines.measurement import baselines_of, count_trials, measure
from rnn_core.baselines.ngram_scores import measure_ngrams, ngrams_in
from rnn_core.baselines.scores import read_baselines, read_ngram_baseline
from rnn_core.config.corpora import CorpusRef
from rnn_core.data.sources import recommended_config
from rnn_core.errors import BaselineError, DataError
from rnn_core.progress import Progress
from rnn_core.registry import Registry
from rnn_core.tasks.task import task_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to count."""

    measure: Callable[[str | CorpusRef, int], Iterator[Any]]
    """Corpus and composed sentences to learn from as well -> steps, each a value with `in_words(nouns)`; what
    was measured is kept at the end. Raises BaselineError and DataError."""
    found: Callable[[Sequence[Any]], Sequence[Any]]
    """Steps -> baselines."""
    is_measured: Callable[[CorpusRef], bool]
    """Raises BaselineError for a damaged file."""
    doing: str
    """The words for its progress."""
    steps: int = 1
    """The number of steps, about."""
    what: str
    """A sentence on what is done, of which {} are the texts."""
    why_not: Callable[[], str] = lambda: ""
    """Returns why it can't be done here, in sentences; empty where it can."""


WAYS = Registry(
    "way to count",
    {
        "words": Way(
            measure=measure,
            found=baselines_of,
            is_measured=lambda data: bool(read_baselines(data)),
            doing="Counting words, choices of settings tried",
            steps=count_trials(),
            what="Trains a bag of words and an NB-SVM on these {}, which takes seconds to minutes. A network "
            "can score less and still read what no count of words shows, such as a negation: the probe pairs "
            "test that.",
            why_not=why_not,
        ),
        "n-grams": Way(
            measure=measure_ngrams,
            found=ngrams_in,
            is_measured=lambda data: read_ngram_baseline(data) is not None,
            doing="Counting n-grams, then scoring texts",
            steps=2,
            what="Counts what came after the last 0 to 6 symbols in these {}, about a second for a million "
            "tokens. Compared is the number of symbols with the fewest bits on validation: a network that "
            "needs more bits per symbol has learned less than these counts know.",
        ),
    },
)


def way_of(data: str | CorpusRef) -> str:
    """Return the name of the way for what texts of this corpus are usually asked; "" for none."""
    return task_of(recommended_config(str(data))).counted_by


def measuring(data: str | CorpusRef, way: str) -> Iterator[Progress]:
    """The progress of measuring and keeping the baselines of a corpus. Raises DataError alone."""
    doing, done, total = WAYS[way].doing, 0, WAYS[way].steps
    yield Progress(doing, done, total)
    try:
        for _ in WAYS[way].measure(data, 0):
            done = min(done + 1, total)
            yield Progress(doing, done, total)
    except BaselineError as error:
        raise DataError(str(error)) from error
