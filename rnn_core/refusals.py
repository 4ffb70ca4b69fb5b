"""Reasons why a value was refused, in words that stand within a sentence."""

import re
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

_LOOKED_AT_AGAIN = 2_000_000
"""The bytes of a refused text in which the wrong value is looked up, to be named."""

_PLACE = re.compile(r"(?P<reason>.*) - at `\$(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")
_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]*)`(?P<bounds>[^,]*)(?:, got `(?P<got>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_NO_CHOICE = re.compile(r"Invalid (?:enum )?value (?P<value>.*)", re.DOTALL)
_MOST_SAID = 200
"""The letters kept of what msgspec says, which quotes a value or a name whole, however long."""
_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_CONSTANTS = {None: "null", True: "true", False: "false"}

_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = _shortened.maxlong = 60


class Fixed(NamedTuple):
    """The only value that a setting of a run can have, as for a task."""

    value: Any
    why: str
    """The reason, as it stands after "since"."""

    def refuse(self, label: str, what: str, got: object) -> str:
        """The sentence on another value of a setting that people call `label`, for this task.

        >>> Fixed("last", "each answer is read off the state").refuse("Readout", "this task", "mean")
        "Readout must be 'last' for this task, since each answer is read off the state, got 'mean'."
        """
        return f"{label} must be {shown(self.value)} for {what}, since {self.why}, got {shown(got)}."


def shown(value: object) -> str:
    """A value as it is named in a message: in one short line, whatever it is.

    >>> shown([[[[[[[[]]]]]]]]), len(shown("x" * 1_000_000))
    ('[[[[[[[...]]]]]]]', 60)
    """
    return _shortened.repr(value)


def listing(names: Sequence[str]) -> str:
    """The names as a sentence lists them.

    >>> listing(["a", "b", "c"]), listing(["a"])
    ('a, b and c', 'a')
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def either(names: Iterable[str]) -> str:
    """Names of which one is to be chosen.

    >>> either([".html", ".ipynb", ".zip"])
    '.html, .ipynb or .zip'
    """
    return re.sub("(.*), ", r"\1 or ", ", ".join(names))


def refusal(message: str, content: bytes, each: str) -> str:
    """Puts msgspec's message on a value of the wrong shape into a sentence; one of other words is cut.

    >>> refusal("Expected `float` <= 1.0 - at `$[3].accuracy`", b"", "record")
    'record 4, accuracy: it must be a number <= 1.0'
    >>> refusal("Invalid enum value 'trian' - at `$[3].kind`", b"", "record")
    "record 4, kind: it can't be 'trian'"
    """
    found = _PLACE.fullmatch(message)
    reason, path = (found["reason"], found["path"]) if found else (message, "")
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
        return _cut(reason[:1].lower() + reason[1:])
    kinds = " or ".join(_KINDS.get(kind, kind) for kind in expected["kinds"].split(" | "))
    came = _value_at(content, steps) or _KINDS.get(expected["got"] or "", "")
    return f"it must be {kinds}{expected['bounds']}" + (f", got {came}" if came else "")


def _cut(message: str) -> str:
    return message if len(message) <= _MOST_SAID else f"{message[: _MOST_SAID - 3]}..."


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
