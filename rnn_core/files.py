"""Files written whole, and JSON: one writer, and one reader for whatever comes from outside.

What is read has a shape that is declared as types, and a size that is known beforehand; both are checked in
one pass, before the rest of a file of another shape takes any memory.
"""

import contextlib
import functools
import json
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from rnn_core.errors import DataError
from rnn_core.refusals import refusal

_STRING = rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)'
_UNFINISHED = ".gatescope-"
"""The beginning of the name of a file that is being written; eight hexadecimal digits end it."""
_NOT_FINITE = re.compile(_STRING + rb"|(NaN|-?Infinity)", re.DOTALL)


class FormatError(ValueError):
    """A text that isn't what it must be; the message says where, what must hold and what came."""


class FileState(NamedTuple):
    """Size and time of a file or folder: equal while it is unchanged."""

    size: int
    modified: int
    """The nanoseconds since 1970."""


def state_of(path: Path) -> FileState:
    """The state of a file or folder now. Raises OSError, and ValueError for what can be no path."""
    status = path.stat()
    return FileState(status.st_size, status.st_mtime_ns)


def check_spares(out: Path, sources: Iterable[Path]) -> None:
    """Raise DataError where writing `out`, a file or a folder, would replace a file that is read.

    Compared is what the paths are, so neither a link nor `..` hides it.
    """
    try:
        there = out.stat()
    except OSError:
        return  # nothing is there that could be replaced
    for source in sources:
        for place in (source, *source.resolve().parents) if out.is_dir() else (source,):
            if place.exists() and os.path.samestat(there, place.stat()):
                raise DataError(
                    f"{out} would replace {source}, which is read. Choose another place to write to."
                )


def check_can_write_in(folder: Path, name: Path) -> None:
    """Raise OSError, with this name in it, where nothing can be written in a folder.

    It is tried, because nothing else is sure: root may write everywhere but on a disk mounted read-only, and
    Windows answers for a folder what holds for files.
    """
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            file.write(b"probe")
    except OSError as error:
        error.filename = str(name)
        raise


def write_whole(path: Path, content: bytes, *, sources: Iterable[Path] = ()) -> None:
    """Write a file, whole or not at all. Raises what `written_whole` does."""
    with written_whole(path, sources=sources) as file:
        file.write(content)


@contextlib.contextmanager
def written_whole(path: Path, *, sources: Iterable[Path] = ()) -> Iterator[BinaryIO]:
    """A file to write into, which gets its name once the block has ended, so that nobody reads half of it.

    It is on the disk before it has its name: a machine that loses power finds the old file or the new one.
    `sources` are the files that it is made of. Raises OSError, and DataError where it would replace one of
    them. What is not ended leaves nothing, but where the process is killed: the next one that writes into
    this folder clears that away.
    """
    sources = tuple(sources)
    check_spares(path, sources)
    try:
        for left in path.parent.glob(f"{_UNFINISHED}{'[0-9a-f]' * 8}"):
            with contextlib.suppress(OSError), left.open("rb") as killed:
                _lock(killed, wait=False)
                left.unlink()
        with _unfinished(path.parent) as (new, file):
            yield file
            file.flush()
            os.fsync(file.fileno())
            check_spares(path, sources)
            if sys.platform == "win32":
                file.close()  # elsewhere its lock would end with it
            new.replace(path)
    except OSError as error:
        if error.filename is None or Path(error.filename).name.startswith(_UNFINISHED):
            error.filename = str(path)  # the name that the caller knows
        raise


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file in a folder, which is gone after the block unless it has got another name."""
    while True:
        new = folder / f"{_UNFINISHED}{secrets.token_hex(4)}"
        with new.open("xb") as file:
            try:
                _lock(file)
                if not new.exists():  # another process took it for a file that nobody writes
                    continue
                yield new, file
                return
            finally:
                if sys.platform == "win32":
                    file.close()
                new.unlink(missing_ok=True)


if sys.platform == "win32":

    def _lock(file: BinaryIO, *, wait: bool = True) -> None:
        """Nothing: Windows deletes no file that a process writes."""

else:
    import fcntl

    def _lock(file: BinaryIO, *, wait: bool = True) -> None:
        """Lock a file until it is closed, or its process has ended. Raises OSError where another holds it."""
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `folder` once the block has ended.

    A folder that is there stays whole until then. The new one lies beside it, one level deeper, so that half
    of one is in no list; it is gone after an error. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True
    ) as temporary:
        new, old = Path(temporary, "new"), Path(temporary, "old")
        new.mkdir()
        yield new
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all."""
    write_whole(path, (to_json(value, separators=(",", ":")) + "\n").encode())


def to_json(value: Any, *, indent: int | None = None, separators: tuple[str, str] | None = None) -> str:
    """JSON of a value. What JSON can't hold becomes null, if a number isn't finite, and ?, if half a letter.

    >>> to_json({"loss": float("nan"), "steps": 3})
    '{"loss": null, "steps": 3}'
    """
    write = functools.partial(json.dumps, allow_nan=False, indent=indent, separators=separators)
    try:
        text = write(value)
    except ValueError:
        return write(_held(value))
    return write(_held(value)) if "\\ud" in text else text


def _held(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_held(key): _held(item) for key, item in value.items()}
    return [_held(item) for item in value] if isinstance(value, list | tuple) else value


def from_value(value: Any, shape: Any) -> Any:
    """Returns a value that was read without a shape as one of this shape. Raises FormatError.

    >>> from_value({"seeds": [1, "2"]}, dict[str, list[int]])
    Traceback (most recent call last):
    rnn_core.files.FormatError: [...][1]: it must be a whole number, got text
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise FormatError(refusal(str(error), b"", "")) from error


def from_json(
    text: bytes | str,
    shape: Any,
    *,
    each: str = "",
    most_bytes: int = 1_000_000,
    most_values: int = 1_000_000,
) -> Any:
    """The value of this shape that a text of JSON holds. Raises FormatError for anything else.

    `shape` is a type as msgspec knows them. `each` is what an item of the outermost list is called. A number
    in a list takes 32 bytes of memory, written as few as two, so their count has a limit of its own. NaN and
    Infinity, which versions before wrote, are read as null.
    """
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(content) > most_bytes:
        raise FormatError(f"it must have at most {most_bytes:,} bytes, got {len(content):,}")
    if (values := content.count(b",")) > most_values:
        raise FormatError(f"it must have at most {most_values:,} values, got {values:,}")
    if b"NaN" in content or b"Infinity" in content:
        content = _NOT_FINITE.sub(lambda found: b"null" if found[1] else found[0], content)
    try:
        return _decoder(shape).decode(content)
    except msgspec.ValidationError as error:
        raise FormatError(refusal(str(error), content, each)) from error
    except msgspec.DecodeError as error:
        raise FormatError(f"it must be JSON, and whole: {error}") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"it must be text in UTF-8: {error}") from error
    except RecursionError as error:
        raise FormatError("it must not be nested as deeply as it is") from error


_decoder = functools.cache(msgspec.json.Decoder)
