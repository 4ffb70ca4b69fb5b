"""The baselines of a corpus of the user's own, measured on request and kept beside it."""

from collections.abc import Iterator

from rnn_core.baselines.counting import need_scikit_learn
from rnn_core.baselines.published import Measured, Trial, count_trials, keep_baselines, measure_own
from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BaselineError, DataError
from rnn_core.progress import Progress

_DOING = "Counting words, choices of settings tried"


def why_not() -> str:
    """Why baselines can't be measured here, in sentences; empty where they can."""
    try:
        need_scikit_learn()
    except BaselineError as error:
        return str(error)
    return ""


def measure(data: str | CorpusRef) -> Iterator[Trial | Measured]:
    """Measure the baselines of a corpus and keep them at the end; each choice of settings as it was tried.

    Raises BaselineError where scikit-learn is missing or the file can't be written, DataError where the
    corpus is gone.
    """
    need_scikit_learn()
    named = corpus_named(data)
    corpus = load_corpus(named)
    measured = []
    for step in measure_own(corpus):
        if isinstance(step, Measured):
            measured.append(step)
        yield step
    keep_baselines(named.name, corpus, measured)


def measuring(data: str | CorpusRef) -> Iterator[Progress]:
    """The same as progress. Raises DataError alone."""
    done, total = 0, count_trials()
    yield Progress(_DOING, done, total)
    try:
        for step in measure(data):
            done += isinstance(step, Trial)
            yield Progress(_DOING, done, total)
    except BaselineError as error:
        raise DataError(str(error)) from error
