"""Corpora that are made on this machine and kept in its cache, and what is true of those of film reviews."""

import itertools
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import filelock
from typing_extensions import override

from rnn_core.config.corpora import CorpusRef, worded
from rnn_core.config.nouns import REVIEWS
from rnn_core.data.corpus import FILMS, FORMAT, SPLITS, Corpus, Text, open_corpus
from rnn_core.errors import DataError
from rnn_core.paths import cache_folder, results_folder
from rnn_core.progress import Progress

_COMPARED, _TOKENS_COMPARED = 200, 20_000
"""The most texts of a prepared corpus, and tokens in them, that are compared with those of this version."""


def corpora_folder() -> Path:
    """Return the folder of all corpora that were prepared."""
    return cache_folder() / "corpora"


class PreparedCorpus(CorpusRef):
    """A corpus that is prepared once. A kind says how its texts are written into a folder."""

    is_shipped = True
    lessons = worded("{0.nouns.texts} of {0.phrase}")
    how_to_get_it = "written on this machine when it is first asked for, in a few seconds."

    @classmethod
    @override
    def offered(cls) -> Sequence[str]:
        return (cls.kind,)

    @abstractmethod
    def build(self, path: Path | None) -> Iterator[Progress]:
        """Write it into its folder. Raises DataError where its texts can't be had."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Number of texts that this version writes for each split, where that may change; else none."""
        return {}

    def written(self, sizes: Mapping[str, int]) -> Iterator[Text]:
        """Yield these numbers of texts as this version writes them, where their law may change; else none."""
        yield from ()

    @property
    @override
    def folder(self) -> Path:
        return corpora_folder() / f"{self.name}-{FORMAT}"

    @override
    def is_prepared(self) -> bool:
        return self.folder.is_dir()

    @override
    def can_be_made_again(self) -> bool:
        try:
            return self.download is None or self.origin() is not None
        except DataError:
            return False

    @override
    def how_it_stands(self) -> str:
        return "written for this app, always at hand, no download."

    @override
    def prepare(self, path: Path | None = None, *, again: bool = False) -> Iterator[Progress]:
        """Make it ready: one process prepares, another that asks meanwhile waits for it."""
        if self.is_prepared() and path is None and not again:
            return
        folder = self.folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(f"{folder}.lock", thread_local=False)  # a job may be ended by another thread
        while not lock.is_locked:
            try:
                lock.acquire(timeout=0.2)
            except filelock.Timeout:
                yield Progress(f"Waiting for another window that prepares the {self.nouns.texts}", 0, 1)
        try:
            if self.is_prepared() and path is None and not again:
                return  # by the process that held the lock
            yield from self.build(path)
        finally:
            lock.release()

    @override
    def open(self) -> Corpus:
        corpus = open_corpus(self.folder)
        sizes = {split: len(corpus.indices(split)) for split in SPLITS}
        compared = max(1, min(_COMPARED, int(corpus.offsets.searchsorted(_TOKENS_COMPARED))))
        first = enumerate(itertools.islice(self.written(sizes), min(len(corpus), compared)))
        if (self.sizes or sizes) != sizes or any(corpus.text(number) != one.text for number, one in first):
            raise DataError(f"The {self.nouns.texts} in {self.folder} are not those of this version.")
        return corpus

    @override
    def load(self) -> Corpus:
        for again in (False, True):  # what can't be read is prepared again
            for _ in self.prepare(again=again):
                pass
            try:
                return self.open()
            except DataError as error:
                unreadable = error
        raise DataError(f"{unreadable} Delete that folder: it is made again.") from unreadable


class FilmReviews(PreparedCorpus):
    """Film reviews in English, as many positive as negative ones."""

    offer = "reviews that come with the app"
    nouns = REVIEWS
    identity = FILMS
    is_even = True
    of_films = True
    is_published = True
    first_search = "not boring"
    limit_of_counts = "a list of words cannot represent *not bad*"
    reads = "an English film\nreview and says whether it is positive"
    text_like_these = worded("a {0.nouns.described}")
    invitation = "Say something about a film"

    @property
    @override
    def baselines_file(self) -> Path:
        published = results_folder() / f"baselines-{self.name}.json"
        return published if self.is_published else super().baselines_file
