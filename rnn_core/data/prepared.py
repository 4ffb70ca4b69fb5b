"""Corpora that are made on this machine and kept in its cache, and what is true of those of film reviews."""

import itertools
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

import filelock
from typing_extensions import override

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.identity import CLASSES, Identity
from rnn_core.config.nouns import REVIEWS
from rnn_core.config.tokens import WORDS
from rnn_core.data.corpus import FORMAT, Corpus, Text, open_corpus
from rnn_core.errors import DataError
from rnn_core.paths import cache_folder, results_folder
from rnn_core.progress import Progress

_COMPARED = 200
"""Texts of a prepared corpus, the first ones, that are compared with those that this version writes."""


def corpora_folder() -> Path:
    """Where all corpora lie that were prepared."""
    return cache_folder() / "corpora"


class PreparedCorpus(CorpusRef):
    """A corpus that is prepared once. A kind says how its texts are written into a folder."""

    @abstractmethod
    def build(self, path: Path | None) -> Iterator[Progress]:
        """Write it into its folder. Raises DataError where its texts can't be had."""

    def written(self) -> Iterator[Text]:
        """Yield the texts as this version writes them, where their law may have changed since; else none."""
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

    @property
    @override
    def how_to_get_it(self) -> str:
        return "written on this machine when it is first asked for, in a few seconds."

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
    def load(self) -> Corpus:
        for again in (False, True):  # what can't be read is prepared again
            for _ in self.prepare(again=again):
                pass
            try:
                corpus = open_corpus(self.folder)
                self._check_law(corpus)
                return corpus
            except DataError as error:
                unreadable = error
        raise DataError(f"{unreadable} Delete that folder: it is made again.") from unreadable

    def _check_law(self, corpus: Corpus) -> None:
        """Raise DataError where an earlier version wrote the texts by another law."""
        first = itertools.islice(self.written(), min(len(corpus), _COMPARED))
        if any(corpus.text(number) != one.text for number, one in enumerate(first)):
            raise DataError(f"The {self.nouns.texts} in {self.folder} are not those of this version.")


class FilmReviews(PreparedCorpus):
    """Film reviews in English, as many positive as negative ones."""

    offer = "reviews that come with the app"
    nouns = REVIEWS
    identity = Identity(CLASSES, WORDS, "")
    is_even = True
    of_films = True
    is_published = True
    first_search = "not boring"
    limit_of_counts = "a list of words cannot represent *not bad*"
    reads = "an English film\nreview and says whether it is positive"

    @property
    @override
    def lessons(self) -> str:
        return f"{self.nouns.texts} of {self.phrase}"

    @property
    @override
    def text_like_these(self) -> str:
        return f"a {self.nouns.described}"

    @property
    @override
    def invitation(self) -> str:
        return "Say something about a film"

    @property
    @override
    def baselines_file(self) -> Path:
        return results_folder() / f"baselines-{self.name}.json"
