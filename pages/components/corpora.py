"""Reviews on this machine: whether they are there, made ready in the background, opened once."""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from pages.components.background import Job, jobs
from rnn_core.data.corpus import Corpus, open_corpus
from rnn_core.data.imdb import download_imdb, find_imdb
from rnn_core.data.review import DataError, Progress
from rnn_core.data.sources import corpus_folder, is_prepared, prepare

_AT_FIRST = {"imdb": "Reading and checking the archive", "verdict": "Writing the reviews"}


def is_at_hand(data: str) -> bool:
    """Whether a run can have these reviews without asking the user for anything."""
    if data == "verdict" or is_prepared(data):
        return True
    try:
        return find_imdb() is not None
    except DataError:
        return False


def usual_data() -> str:
    """What a new session starts with: the real reviews where they are."""
    return "imdb" if is_at_hand("imdb") else "verdict"


def job(data: str) -> Job | None:
    """The work on these reviews, at it or ended; None where there was none."""
    return jobs().get(_name(data))


def make_ready(data: str, path: Path | None = None) -> Job:
    """Start to prepare the reviews; `path` is an IMDB archive or folder of the user's own."""
    return jobs().start(_name(data), lambda: prepare(data, path), _AT_FIRST[data])


def download() -> None:
    """Start to fetch the IMDB reviews and to prepare them."""
    jobs().start(_name("imdb"), _download_and_prepare, "Connecting")


def forget(data: str) -> None:
    """Forget how the last work on these reviews ended."""
    jobs().forget(_name(data))


def opened(data: str) -> Corpus | None:
    """The reviews, mapped into memory once for all sessions; None where they are not prepared.

    Where they can't be read they are prepared again, in the background.
    """
    folder = corpus_folder(data)
    if not folder.is_dir():
        return None
    try:
        return _open(folder, folder.stat().st_mtime)
    except DataError:
        jobs().start(_name(data), lambda: prepare(data, again=True), _AT_FIRST[data])
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(folder: Path, changed: float) -> Corpus:
    return open_corpus(folder)


def _name(data: str) -> str:
    return str(corpus_folder(data))


def _download_and_prepare() -> Iterator[Progress]:
    yield from download_imdb()
    yield from prepare("imdb")
