"""A corpus of the user's own goes only while nothing learns from it: no run, and no sweep."""

from rnn_core.config.corpora import corpus_named
from rnn_core.data.own import catalogue
from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.runs.at_work import sweeps_at_work
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from rnn_core.sweeps.results import Results


def remove_corpus(store: Store, name: str) -> int:
    """Delete a corpus; the bytes it took. Raises DataError where anything learns from it or waits to."""
    corpus = corpus_named(name)
    readers = [
        f"run {run.id} {'trains on it' if run.state == RUNNING else 'waits to train on it'}"
        for run in store.runs.active()
        if run.config.data == name
    ]
    begun = [results for results in map(Results, sweeps_at_work()) if results.exists()]
    readers += [f"the sweep {it.name} trains on it" for it in begun if corpus in it.sweep().corpora]
    if readers:
        raise DataError(
            f"The corpus {shown(name)} can't be removed now: {readers[0]}. Stop it or let it end, then try "
            "again."
        )
    return catalogue.remove(name)
