"""A corpus of the user's own goes only while nothing learns from it: no run, and no sweep."""

from collections.abc import Iterator

from rnn_core.config.corpora import corpus_named
from rnn_core.data.own import catalogue
from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.runs.at_work import sweeps_at_work
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from rnn_core.sweeps.results import Results


def remove_corpus(store: Store, name: str) -> int:
    """Delete a corpus that nothing reads; the bytes that it took.

    Raises DataError where there is none, or while a run or a sweep learns from it or waits to.
    """
    if reader := next(_readers(store, name), ""):
        raise DataError(
            f"The corpus {shown(name)} can't be removed now: {reader}. Stop it or let it end, then try again."
        )
    return catalogue.remove(name)


def _readers(store: Store, name: str) -> Iterator[str]:
    """What learns from a corpus or waits to, each as a part of a sentence."""
    corpus = corpus_named(name)
    for run in store.runs.active():
        if run.config.data == name:
            yield f"run {run.id} {'trains on it' if run.state == RUNNING else 'waits to train on it'}"
    for sweep in sweeps_at_work():
        if Results(sweep).exists() and corpus in Results(sweep).sweep().corpora:
            yield f"the sweep {sweep} trains on it"
