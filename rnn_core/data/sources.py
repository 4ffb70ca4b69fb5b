"""The corpora a run can name, prepared once and opened from the cache ever after.

A corpus is named "imdb", "verdict", or "verdict-50" for the verdict corpus with 50 words after each verdict.
Every other name is that of a corpus of the user's own texts, which is made by adding it.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import filelock

from rnn_core.config.defaults import BARE, RECOMMENDED
from rnn_core.config.identity import CLASSES, DATA_SOURCES, is_built_in
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.corpus import FORMAT, Corpus, build_corpus, open_corpus
from rnn_core.data.imdb import find_imdb, read_imdb
from rnn_core.data.own import catalogue
from rnn_core.data.own.recommendation import Recommendation, recommend
from rnn_core.data.verdict import SPLIT_SIZES, verdict_reviews
from rnn_core.errors import DataError
from rnn_core.files import State, check_spares, state_of
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress

_LOOK_EVERY = 0.2  # seconds
_USUAL_DISTANCE, _OTHER_WORDS = 50, 20  # words of a generated review: after its verdict, and the others
_BYTES_A_WORD, _SECONDS_A_WORD = 9.3, 1.7e-6  # 50 and 200 words after the verdict: 9.3, 29.4 MB, 2.1, 5.7 s


def corpus_folder(data: str) -> Path:
    """Where the prepared reviews of a corpus are kept. Raises DataError for what is no name of one."""
    if is_built_in(data):
        return corpora_folder() / f"{data}-{FORMAT}"
    return catalogue.own_folder(data)


def corpora_folder() -> Path:
    """Where those of all that come with the app are."""
    return cache_folder() / "corpora"


def is_prepared(data: str) -> bool:
    """Whether the reviews can be opened at once."""
    return corpus_folder(data).is_dir() if is_built_in(data) else catalogue.exists(data)


class Preparation(NamedTuple):
    """What preparing a corpus takes, about."""

    bytes: int
    """On disk, once it is prepared."""
    seconds: float


def preparation(data: str) -> Preparation:
    """What preparing the verdict corpus of this name takes, by what was measured of others.

    Raises ValueError for reviews that are not generated, whose size is not known before.
    """
    if data == "imdb" or not is_built_in(data):
        raise ValueError(f"only the verdict corpus is written by itself, got {data!r}")
    words = sum(SPLIT_SIZES.values()) * ((_distance(data) or _USUAL_DISTANCE) + _OTHER_WORDS)
    return Preparation(round(words * _BYTES_A_WORD), words * _SECONDS_A_WORD)


def prepare(data: str, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
    """Make the reviews of a corpus ready; ends at once where they are, unless `again`.

    `path` is an IMDB archive or folder of the user's own. Raises DataError where there is none, or
    where it can't be read. One process prepares; another that asks meanwhile waits for it. A corpus of the
    user's own is ready or gone.
    """
    if not is_built_in(data):
        if not catalogue.exists(data):
            raise catalogue.gone(data)
        return
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
    check_spares(folder, [found])
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
    if not is_built_in(data):
        return catalogue.open_own(data)
    for _ in prepare(data):
        pass
    try:
        return open_corpus(corpus_folder(data))
    except DataError:
        for _ in prepare(data, again=True):
            pass
    try:
        return open_corpus(corpus_folder(data))
    except DataError as error:
        raise DataError(f"{error} Delete that folder: it is made again.") from error


def corpus_names() -> tuple[str, ...]:
    """Every corpus that a run can take now: those that come with the app, then the user's own."""
    return (*DATA_SOURCES, *catalogue.own_names())


def recommendation(data: str) -> Recommendation:
    """The settings to start from on a corpus, and why these. Raises DataError for one of the user's own that
    is gone or can't be read.
    """
    if is_built_in(data):
        return Recommendation(RunConfig(data=data).with_settings(**RECOMMENDED.get(data, {})), ())
    if not catalogue.exists(data):
        raise catalogue.gone(data)
    return _recommendation(data, state_of(catalogue.own_folder(data)))


@functools.lru_cache(maxsize=16)
def _recommendation(data: str, _state: State) -> Recommendation:
    return recommend(catalogue.open_own(data))


def recommended_config(data: str, classes: Sequence[str] = CLASSES, tokens: TokenRules = WORDS) -> RunConfig:
    """The settings to start from on a corpus; of one that is gone those declared, with these classes."""
    try:
        return recommendation(data).config
    except DataError:
        return RunConfig(data=data, classes=tuple(classes), tokens=tokens)


def bare_config(data: str, **settings: Any) -> RunConfig:
    """The settings without any ingredient but those given, so that what a sweep varies is alone.

    On a corpus of the user's own vocabulary, length and batches are the recommended ones. Raises DataError as
    `recommendation` does.
    """
    if is_built_in(data):
        return RunConfig(data=data).with_settings(**BARE.get(data, {}) | settings)
    config = recommendation(data).config
    recommended = config.values()
    kept = {name: recommended[name] for name in ("vocab_size", "max_length", "reviews", "batch_size", "head")}
    bare = dataclasses.replace(config, text=TextConfig(), model=ModelConfig(), training=TrainingConfig())
    return bare.with_settings(**kept | settings)
