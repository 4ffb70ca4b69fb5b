"""JSON as it is written and read here: one writer, and one reader for whatever comes from outside.

What is read has a shape that is declared as types, and a size that is known beforehand. Reading checks both
in one pass, so that a file of another shape is refused at its first wrong value, before the rest of it takes
any memory.
"""

import functools
import json
import re
import reprlib
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

MOST_STEPS = 1_000_000_000
"""Optimizer steps of the longest training that the settings allow: a million reviews a thousand times."""
_FLOAT32 = 3.4028234663852886e38
"""The largest number that a network computes with."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=_FLOAT32)]
Number = Annotated[float, msgspec.Meta(ge=-_FLOAT32, le=_FLOAT32)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_STEPS)]
Line = Annotated[str, msgspec.Meta(max_length=2_000)]
"""Words for people."""
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Value = bool | int | float | Annotated[str, msgspec.Meta(max_length=200)]
"""Of a setting."""

_LOOKED_AT_AGAIN = 2_000_000
"""Bytes of a refused text in which the wrong value is looked up, to be told."""

_STRING = rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)'
_NOT_FINITE = re.compile(_STRING + rb"|(NaN|-?Infinity)", re.DOTALL)
_PLACE = re.compile(r"(?P<reason>.*) - at `\$(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")
_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]*)`(?P<bounds>[^,]*)(?:, got `(?P<got>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_NO_CHOICE = re.compile(r"Invalid (?:enum )?value (?P<value>.*)", re.DOTALL)
_MOST_SAID = 200
"""Letters of what msgspec says, which quotes a value or a name whole, however long."""
_KINDS = {
    "float": "a number", "int": "a whole number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "an object", "null": "nothing",
}  # fmt: skip

_CONSTANTS = {None: "null", True: "true", False: "false"}

_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = _shortened.maxlong = 60


class FormatError(ValueError):
    """A text that isn't what it must be; the message says where, what must hold and what came."""


def shown(value: object) -> str:
    """A value as it is named in a message: in one short line, whatever it is.

    >>> shown([[[[[[[[]]]]]]]]), len(shown("x" * 1_000_000))
    ('[[[[[[[...]]]]]]]', 60)
    """
    return _shortened.repr(value)


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
        raise FormatError(_refusal(str(error), b"", "")) from error


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
        raise FormatError(_refusal(str(error), content, each)) from error
    except msgspec.DecodeError as error:
        raise FormatError(f"it must be JSON, and whole: {error}") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"it must be text in UTF-8: {error}") from error
    except RecursionError as error:
        raise FormatError("it must not be nested as deeply as it is") from error


_decoder = functools.cache(msgspec.json.Decoder)


def _refusal(said: str, content: bytes, each: str) -> str:
    """What msgspec said of a value of the wrong shape, as a sentence.

    >>> _refusal("Expected `float` <= 1.0 - at `$[3].accuracy`", b"", "record")
    'record 4, accuracy: it must be a number <= 1.0'
    >>> _refusal("Invalid enum value 'trian' - at `$[3].kind`", b"", "record")
    "record 4, kind: it can't be 'trian'"
    """
    found = _PLACE.fullmatch(said)
    reason, path = (found["reason"], found["path"]) if found else (said, "")
    steps = [name or (number if number == "..." else int(number)) for number, name in _STEP.findall(path)]
    where = path.removeprefix(".")
    if each and steps and isinstance(steps[0], int):
        place, rest = f"{each} {steps[0] + 1:,}", path.partition("]")[2].removeprefix(".")
        where = f"{place}, {rest}" if rest else place
    return (f"{where}: " if where else "") + _what_must_hold(reason, content, steps)


def _what_must_hold(reason: str, content: bytes, steps: list[str | int]) -> str:
    if missing := _MISSING.fullmatch(reason):
        return f"it must have {missing[1]}"
    if chosen := _NO_CHOICE.fullmatch(reason):
        return f"it can't be {_value_at(content, steps) or _cut(chosen['value'])}"
    if (expected := _EXPECTED.fullmatch(reason)) is None:
        return _cut(reason[0].lower() + reason[1:])
    kinds = " or ".join(_KINDS.get(kind, kind) for kind in expected["kinds"].split(" | "))
    came = _value_at(content, steps) or _KINDS.get(expected["got"] or "", "")
    return f"it must be {kinds}{expected['bounds']}" + (f", got {came}" if came else "")


def _cut(said: str) -> str:
    return said if len(said) <= _MOST_SAID else f"{said[: _MOST_SAID - 3]}..."


def _value_at(content: bytes, steps: list[str | int]) -> str:
    """The value at a place in JSON, in words; none where the text is long, or no more of it can be read."""
    if len(content) > _LOOKED_AT_AGAIN or "..." in steps:
        return ""
    try:
        value = msgspec.json.decode(content)
        for step in steps:
            value = value[step]
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return ""
    return _CONSTANTS[value] if value is None or isinstance(value, bool) else shown(value)
