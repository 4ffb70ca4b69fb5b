"""One window at a time adds or removes a corpus of a name, and what a killed one has left is cleared away."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from rnn_core.errors import DataError, reason
from rnn_core.paths import own_corpora_folder
from rnn_core.refusals import shown


def working_folder(name: str) -> Path:
    """A new name for a folder of a corpus that is being added or removed."""
    return own_corpora_folder() / f".{name.casefold()}.{secrets.token_hex(4)}"


@contextlib.contextmanager
def alone_with(name: str) -> Iterator[None]:
    """Keep other windows from adding or removing a corpus of this name, in whatever capital letters.

    What one that was killed has left, which may be gigabytes, is cleared away, before and after, of other
    names too. Raises DataError while another window holds the name.
    """
    folder = own_corpora_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock_of(name)
        lock.acquire()
    except filelock.Timeout as error:
        raise DataError(
            f"Another window is adding or removing {shown(name)} just now. Wait until it is done, or choose "
            "another name."
        ) from error
    except OSError as error:
        raise DataError(
            f"{folder} can't be written: {reason(error)}. Make it writable, then try again."
        ) from error
    try:
        _clear_away(name)
        for other in {left.name[1:].rpartition(".")[0] for left in _left("*")}:
            with contextlib.suppress(filelock.Timeout), _lock_of(other):
                _clear_away(other)
        yield
    finally:
        _clear_away(name)
        lock.release()


def _lock_of(name: str) -> filelock.BaseFileLock:
    lock = own_corpora_folder() / f".{name.casefold()}.lock"
    return filelock.FileLock(lock, timeout=0, thread_local=False)


def _clear_away(name: str) -> None:
    for left in _left(name.casefold()):
        shutil.rmtree(left, ignore_errors=True)


def _left(name: str) -> Iterator[Path]:
    """The folders of a corpus that is, or was, being added or removed."""
    return own_corpora_folder().glob(f".{name}.{'[0-9a-f]' * 8}")
