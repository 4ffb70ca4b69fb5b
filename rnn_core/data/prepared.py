"""Corpora that this machine makes when they are first asked for, and keeps in the cache ever after."""

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

import filelock
from typing_extensions import override

from rnn_core.config.corpora import CorpusRef
from rnn_core.data.corpus import FORMAT, Corpus, open_corpus
from rnn_core.errors import DataError
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress

_LOOK_EVERY = 0.2  # seconds


def corpora_folder() -> Path:
    """Where all corpora lie that were prepared."""
    return cache_folder() / "corpora"


class PreparedCorpus(CorpusRef):
    """A corpus that is prepared once. A kind says how its texts are written into a folder."""

    @abstractmethod
    def build(self, path: Path | None) -> Iterator[Progress]:
        """Write it into its folder. Raises DataError where its texts can't be had."""

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
        yield from self._wait_for(lock)
        try:
            if self.is_prepared() and path is None and not again:
                return  # by the process that held the lock
            yield from self.build(path)
        finally:
            lock.release()

    def _wait_for(self, lock: filelock.BaseFileLock) -> Iterator[Progress]:
        """Take a lock, however long another process holds it, and say so meanwhile."""
        while True:
            try:
                lock.acquire(timeout=_LOOK_EVERY)
                return
            except filelock.Timeout:
                yield Progress(f"Waiting for another window that prepares the {self.nouns.texts}", 0, 1)

    @override
    def load(self) -> Corpus:
        for again in (False, True):  # what can't be read is prepared again
            for _ in self.prepare(again=again):
                pass
            try:
                return open_corpus(self.folder)
            except DataError as error:
                unreadable = error
        raise DataError(f"{unreadable} Delete that folder: it is made again.") from unreadable
