"""Corpora on this machine: whether they are there, made ready in the background, opened once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import streamlit as st

from pages.components.shared.jobs import Job, jobs
from rnn_core.config.corpora import ALWAYS_AT_HAND, FIRST, CorpusRef, corpus_named
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import prepare
from rnn_core.errors import DataError
from rnn_core.files import FileState, state_of
from rnn_core.progress import Progress


def asks_first(corpus: CorpusRef) -> bool:
    """True if preparing a corpus takes so much that it is begun on request only, by `begin`."""
    takes, last = None if corpus.is_prepared() else corpus.preparation(), job(corpus)
    is_at_it = last is not None and (last.running or bool(last.error))
    return takes is not None and not is_at_it and takes.bytes > 100_000_000


def usual_data() -> str:
    """Return the data of a new session: the real reviews where they are."""
    return FIRST if corpus_named(FIRST).is_at_hand() else ALWAYS_AT_HAND


def job(data: str | CorpusRef) -> Job | None:
    """The work on a corpus, at it or ended; None where there was none."""
    return jobs().get(_name(data))


def opened(data: str | CorpusRef, patience: float = 0.0) -> Corpus | None:
    """A corpus, mapped once for all sessions; None where it can't be had now.

    One that can be made is prepared in the background, waited for up to `patience` seconds, unless
    `asks_first`; what failed or was cancelled is not begun again until `forget`.
    """
    named = corpus_named(data)
    is_there = named.is_prepared()
    corpus = _mapped(named) if is_there else None
    last = job(named)
    has_ended_badly = last is not None and bool(last.error or last.cancelled)
    if corpus is not None or has_ended_badly or asks_first(named):
        return corpus
    if not (named.is_at_hand() if named.is_shipped else named.can_be_made_again()):
        return None
    _start(named, lambda: prepare(named, again=is_there)).wait(patience)
    return _mapped(named)


def first_text(corpus: CorpusRef) -> str:
    """The first test text of a corpus; empty where there is none."""
    there = opened(corpus) if corpus.is_at_hand() else None
    if there is None or not len(tests := there.indices("test")):
        return ""
    return there.text(int(tests[0]))


def begin(corpus: CorpusRef, path: Path | None = None) -> None:
    """Start to prepare a corpus that `asks_first` is about, or one from a path that the user gave."""
    _start(corpus, lambda: prepare(corpus, path))


def download(corpus: CorpusRef) -> None:
    """Start to fetch a corpus and to prepare it."""

    def steps() -> Iterator[Progress]:
        if corpus.download is not None:
            yield from corpus.download.fetch()
        yield from prepare(corpus, again=True)

    _start(corpus, steps, "Connecting")


def forget(data: str | CorpusRef) -> None:
    """Forget how the last work on a corpus ended."""
    jobs().forget(_name(data))


def close_all() -> None:
    """Let go of the files, since Windows neither deletes nor replaces one that is mapped into memory."""
    _open.clear()


def _start(corpus: CorpusRef, steps: Callable[[], Iterator[Progress]], at_first: str = "") -> Job:
    def closed_first() -> Iterator[Progress]:
        close_all()
        yield from steps()

    return jobs().start(_name(corpus), closed_first, at_first or corpus.nouns.fill(corpus.at_first))


def _mapped(corpus: CorpusRef) -> Corpus | None:
    folder = corpus.folder
    try:
        return _open(folder, state_of(folder), corpus)
    except (DataError, OSError):
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(folder: Path, state: FileState, _ref: CorpusRef) -> Corpus:
    opened: Corpus = _ref.open()
    return opened


def _name(data: str | CorpusRef) -> str:
    return str(corpus_named(data).folder)
