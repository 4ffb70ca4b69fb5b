"""The disk that Gatescope takes, and what of it can be made again."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from rnn_core.config.corpora import CorpusRef, corpus_named, shipped_names
from rnn_core.data.prepared import corpora_folder
from rnn_core.errors import RunError, reason
from rnn_core.paths import cache_folder, own_corpora_folder, runs_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweeps_at_work
from rnn_core.runs.store import Store


class DiskUse(NamedTuple):
    """Bytes on disk."""

    runs: int
    """The user's runs: never cleared from here."""
    own_texts: int
    """The user's own corpora, and tables from a browser that wait to become one: nor are these."""
    prepared: int
    """Prepared reviews that a clearing would take: they are made again when a run needs them."""
    archive: int
    """Downloaded archives, whole or in part: they would have to be downloaded again."""
    other: int


def disk_use() -> DiskUse:
    """Measure the space that runs and data take now."""
    prepared = sum(map(_size, _prepared()))
    archive = sum(map(_size, _archives()))
    return DiskUse(
        runs=_size(runs_folder()),
        own_texts=_size(own_corpora_folder()),
        prepared=prepared,
        archive=archive,
        other=_size(cache_folder()) - prepared - archive,
    )


def clear(store: Store, *, archive: bool = False) -> int:
    """Delete what can be made again; the bytes it freed. Raises RunError while somebody reads or makes it."""
    readers = [f"Run {run.id}" for run in store.runs.active()] + [
        f"The sweep {name}" for name in sweeps_at_work()
    ]
    if readers:
        raise RunError(f"{readers[0]} needs the prepared texts: stop it or let it end, then try again.")
    try:
        with contextlib.ExitStack() as locks:
            made = {lock.with_suffix("") for lock in corpora_folder().glob("*.lock")}
            made |= {corpus.folder for corpus in _shipped()}
            at_work = {"prepared": sorted(made), "downloaded": _downloads() if archive else []}
            for done, paths in at_work.items():
                refusal = f"Texts are being {done}: wait until they are, or cancel it, then try again."
                for path in paths:
                    locks.enter_context(process.alone(Path(f"{path}.lock"), refusal))
            doomed = [*_prepared(), *(_archives() if archive else [])]
            before = sum(map(_size, doomed))
            for path in doomed:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            return before - sum(map(_size, doomed))
    except OSError as error:
        raise RunError(f"The disk could not be freed: {error.filename}: {reason(error)}.") from error


def _shipped() -> list[CorpusRef]:
    return list(map(corpus_named, shipped_names()))


def _downloads() -> list[Path]:
    archives = dict.fromkeys(corpus.download.archive for corpus in _shipped() if corpus.download)
    return [cache_folder() / archive for archive in archives]


def _prepared() -> list[Path]:
    """Everything under `corpora` but what was downloaded from a source that is no longer there."""
    kept = {corpus.folder for corpus in _shipped() if not corpus.can_be_made_again()}
    return [path for path in sorted(corpora_folder().glob("*")) if path.is_dir() and path not in kept]


def _archives() -> list[Path]:
    # A lock stays: a process that waits for a deleted file would not see one that makes it again.
    files = [file for path in _downloads() for file in path.parent.glob(f"{path.name}*")]
    return sorted(file for file in files if file.suffix != ".lock")


def _size(path: Path) -> int:
    """Bytes of a file or of all files under a folder; 0 where there is nothing."""
    if path.is_dir():
        return sum(_size(Path(folder, name)) for folder, _, names in os.walk(path) for name in names)
    try:
        return path.stat().st_size
    except FileNotFoundError:  # others rename and delete files meanwhile
        return 0
