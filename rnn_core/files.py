"""Files written whole, and JSON: one writer, and one reader for whatever comes from outside.

What is read has a shape that is declared as types, and a size that is known beforehand. Reading checks both
in one pass, so that a file of another shape is refused at its first wrong value, before the rest of it takes
any memory.
"""

import functools
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rnn_core.errors import DataError
from rnn_core.refusals import refusal

_STRING = rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)'
_NOT_FINITE = re.compile(_STRING + rb"|(NaN|-?Infinity)", re.DOTALL)


class FormatError(ValueError):
    """A text that isn't what it must be; the message says where, what must hold and what came."""


class State(NamedTuple):
    """Another one once a file has changed, or once a folder was made again."""

    size: int
    modified: int
    """Nanoseconds since 1970."""


def state_of(path: Path) -> State:
    """The state of a file or folder now. Raises OSError, and ValueError for what can be no path."""
    status = path.stat()
    return State(status.st_size, status.st_mtime_ns)


def check_spares(out: Path, sources: Iterable[Path]) -> None:
    """Raise DataError where what is written as `out` would replace one of the files that are read.

    Compared is what the paths are, so neither a link nor `..` hides it. Where `out` is a folder, which is
    replaced whole, no source may lie in it.
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


def write_whole(path: Path, content: bytes, *, sources: Iterable[Path] = ()) -> None:
    """Write a file under a temporary name and rename it, so that nobody reads half of it.

    It is on the disk before it has its name: a machine that loses power finds the old file or the new one.
    `sources` are the files that it was made of. Raises DataError where it would replace one of them.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        check_spares(path, sources)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # the name that the caller knows
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
    """The same of a value that was read without a shape. Raises FormatError.

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
