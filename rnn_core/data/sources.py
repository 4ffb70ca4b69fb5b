"""The corpora a run can name, prepared once and opened from the cache ever after."""

from collections.abc import Iterator
from pathlib import Path

import filelock

from rnn_core.data.corpus import FORMAT, Corpus, build_corpus, open_corpus
from rnn_core.data.imdb import find_imdb, read_imdb
from rnn_core.data.review import DataError, Progress
from rnn_core.data.verdict import SPLIT_SIZES, verdict_reviews
from rnn_core.paths import cache_folder

_IMDB_REVIEWS = 50_000


def corpus_folder(data: str) -> Path:
    """Where the prepared reviews of a source are kept."""
    return cache_folder() / "corpora" / f"{data}-{FORMAT}"


def is_prepared(data: str) -> bool:
    """Whether the reviews can be opened at once."""
    return corpus_folder(data).is_dir()


def prepare(data: str, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
    """Make the reviews of a source ready; ends at once where they are, unless `again`.

    `path` is an IMDB archive or folder of the user's own. Raises DataError where there is none, or
    where it can't be read. One process prepares; another that asks meanwhile waits for it.
    """
    folder = corpus_folder(data)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock"):
        if is_prepared(data) and path is None and not again:
            return
        if data == "verdict":
            yield from build_corpus(data, verdict_reviews(), folder, sum(SPLIT_SIZES.values()))
            return
        found = find_imdb(path)
        if found is None:
            raise DataError(
                "The IMDB reviews are not on this machine. Download them with "
                "`python -m rnn_core data download`, or set GATESCOPE_IMDB to the archive "
                "aclImdb_v1.tar.gz or the folder aclImdb. The verdict corpus needs no download."
            )
        yield from build_corpus(data, read_imdb(found), folder, _IMDB_REVIEWS)


def load_corpus(data: str) -> Corpus:
    """The reviews of a source, prepared first where they are not or can't be read. Raises DataError."""
    for _ in prepare(data):
        pass
    try:
        return open_corpus(corpus_folder(data))
    except DataError:
        for _ in prepare(data, again=True):
            pass
        return open_corpus(corpus_folder(data))
