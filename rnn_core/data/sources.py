"""The corpora a run can name, prepared once and opened from the cache ever after.

A corpus is named "imdb", "verdict", or "verdict-50" for the verdict corpus with 50 words after each verdict.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import filelock

from rnn_core.data.corpus import FORMAT, Corpus, build_corpus, open_corpus
from rnn_core.data.imdb import find_imdb, read_imdb
from rnn_core.data.verdict import SPLIT_SIZES, verdict_reviews
from rnn_core.errors import DataError
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress

_LOOK_EVERY = 0.2  # seconds
_USUAL_DISTANCE, _OTHER_WORDS = 50, 20  # words of a generated review: after its verdict, and the others
_BYTES_A_WORD, _SECONDS_A_WORD = 9.3, 1.7e-6  # 50 and 200 words after the verdict: 9.3, 29.4 MB, 2.1, 5.7 s


def corpus_folder(data: str) -> Path:
    """Where the prepared reviews of a corpus are kept."""
    return corpora_folder() / f"{data}-{FORMAT}"


def corpora_folder() -> Path:
    """Where those of all of them are."""
    return cache_folder() / "corpora"


def is_prepared(data: str) -> bool:
    """Whether the reviews can be opened at once."""
    return corpus_folder(data).is_dir()


class Preparation(NamedTuple):
    """What preparing a corpus takes, about."""

    bytes: int
    """On disk, once it is prepared."""
    seconds: float


def preparation(data: str) -> Preparation:
    """What preparing the verdict corpus of this name takes, by what was measured of others.

    Raises ValueError for reviews that are not generated, whose size is not known before.
    """
    if not data.startswith("verdict"):
        raise ValueError(f"only the verdict corpus is written by itself, got {data!r}")
    words = sum(SPLIT_SIZES.values()) * ((_distance(data) or _USUAL_DISTANCE) + _OTHER_WORDS)
    return Preparation(round(words * _BYTES_A_WORD), words * _SECONDS_A_WORD)


def prepare(data: str, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
    """Make the reviews of a corpus ready; ends at once where they are, unless `again`.

    `path` is an IMDB archive or folder of the user's own. Raises DataError where there is none, or
    where it can't be read. One process prepares; another that asks meanwhile waits for it.
    """
    if is_prepared(data) and path is None and not again:
        return
    folder = corpus_folder(data)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(f"{folder}.lock", thread_local=False)  # a job may be ended by another thread
    yield from _wait_for(lock)
    try:
        if is_prepared(data) and path is None and not again:
            return  # by the process that held the lock
        yield from _prepare(data, path)
    finally:
        lock.release()


def _prepare(data: str, path: Path | None) -> Iterator[Progress]:
    folder = corpus_folder(data)
    if data != "imdb":
        reviews = verdict_reviews(distance=_distance(data))
        yield from build_corpus(data, reviews, folder, sum(SPLIT_SIZES.values()))
        return
    found = find_imdb(path)
    if found is None:
        raise DataError(
            "The IMDB reviews are not on this machine. Download them with "
            "`python -m rnn_core data download`, or set GATESCOPE_IMDB to the archive "
            "aclImdb_v1.tar.gz or the folder aclImdb. The verdict corpus needs no download."
        )
    imdb = yield from read_imdb(found)
    yield from build_corpus(data, imdb, folder, len(imdb))


def _distance(data: str) -> int | None:
    """Words after each verdict, of "verdict-50"; None for "verdict", which has many."""
    _, _, words = data.partition("-")
    return int(words) if words else None


def _wait_for(lock: filelock.BaseFileLock) -> Iterator[Progress]:
    """Take a lock, however long another process holds it, and say so meanwhile."""
    while True:
        try:
            lock.acquire(timeout=_LOOK_EVERY)
            return
        except filelock.Timeout:
            yield Progress("Waiting for another window that prepares the reviews", 0, 1)


def load_corpus(data: str) -> Corpus:
    """The reviews of a corpus, prepared first where they are not or can't be read. Raises DataError."""
    for _ in prepare(data):
        pass
    try:
        return open_corpus(corpus_folder(data))
    except DataError:
        for _ in prepare(data, again=True):
            pass
        return open_corpus(corpus_folder(data))
