"""Reviews on this machine: whether they are there, made ready in the background, opened once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import streamlit as st

from pages.components.shared.jobs import Job, jobs
from rnn_core.config.identity import is_built_in
from rnn_core.data.corpus import Corpus, open_corpus
from rnn_core.data.imdb import download_imdb, find_imdb
from rnn_core.data.sources import corpus_folder, is_prepared, preparation, prepare
from rnn_core.errors import DataError
from rnn_core.files import State, state_of
from rnn_core.progress import Progress

_MOST_UNASKED = 100_000_000  # bytes


def is_at_hand(data: str) -> bool:
    """Whether a run can have these reviews without asking the user for anything."""
    if is_prepared(data):
        return True
    if data != "imdb":
        return is_built_in(data)
    try:
        return find_imdb() is not None
    except DataError:
        return False


def asks_first(data: str) -> bool:
    """Whether preparing these reviews takes so much that it is begun on request only, by `begin`."""
    if data == "imdb" or not is_built_in(data) or is_prepared(data):
        return False
    last = job(data)
    is_at_it = last is not None and (last.running or bool(last.error))
    return not is_at_it and preparation(data).bytes > _MOST_UNASKED


def usual_data() -> str:
    """What a new session starts with: the real reviews where they are."""
    return "imdb" if is_at_hand("imdb") else "verdict"


def job(data: str) -> Job | None:
    """The work on these reviews, at it or ended; None where there was none."""
    return jobs().get(_name(data))


def opened(data: str, patience: float = 0.0) -> Corpus | None:
    """The reviews, mapped into memory once for all sessions; None where they can't be had now.

    Where they are at hand but not prepared, or can't be read, they are prepared in the background, and
    waited for up to `patience` seconds; not where `asks_first` says so. What failed or was cancelled is not
    begun again until `forget`. A corpus of the user's own is there or gone.
    """
    is_there = is_prepared(data)
    corpus = _mapped(data) if is_there else None
    if not is_built_in(data):
        return corpus
    last = job(data)
    has_ended_badly = last is not None and bool(last.error or last.cancelled)
    if corpus is not None or has_ended_badly or not is_at_hand(data) or asks_first(data):
        return corpus
    _start(data, lambda: prepare(data, again=is_there), _at_first(data)).wait(patience)
    return _mapped(data)


def begin(data: str) -> None:
    """Start to prepare reviews that `asks_first` is about."""
    _start(data, lambda: prepare(data), _at_first(data))


def read_from(path: Path) -> None:
    """Start to prepare the IMDB reviews from an archive or folder of the user's own."""
    _start("imdb", lambda: prepare("imdb", path), _at_first("imdb"))


def download() -> None:
    """Start to fetch the IMDB reviews and to prepare them."""
    _start("imdb", _download_and_prepare, "Connecting")


def forget(data: str) -> None:
    """Forget how the last work on these reviews ended."""
    jobs().forget(_name(data))


def close_all() -> None:
    """Let go of the files, since Windows neither deletes nor replaces one that is mapped into memory."""
    _open.clear()


def _start(data: str, steps: Callable[[], Iterator[Progress]], at_first: str) -> Job:
    def closed_first() -> Iterator[Progress]:
        close_all()
        yield from steps()

    return jobs().start(_name(data), closed_first, at_first)


def _mapped(data: str) -> Corpus | None:
    folder = corpus_folder(data)
    try:
        return _open(folder, state_of(folder))
    except (DataError, OSError):
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(folder: Path, state: State) -> Corpus:
    return open_corpus(folder)


def _at_first(data: str) -> str:
    return "Reading and checking the archive" if data == "imdb" else "Writing the reviews"


def _name(data: str) -> str:
    return str(corpus_folder(data))


def _download_and_prepare() -> Iterator[Progress]:
    yield from download_imdb()
    yield from prepare("imdb", again=True)
