"""The names that people give a cell and its quantities: comments in the text of its equations.

Behind a line stands its quantity: `z = ...  # update gate: how much of the candidate is written`. Before the
first line stands the cell, a line each: `# name: GRU`. A variant says only what is other than in another
cell: `# like: gru`; what begins with + goes on from there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple, Self

from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.reading import Equation, EquationsError, read
from rnn_core.errors import ConfigError

KEYS = (
    "place", "like", "kind", "name", "noun", "apart", "settings", "torch", "summary", "memory", "convention",
    "paper", "differs", "mean",
)  # fmt: skip
"""The keys of a cell's head lines; each is a field of a `rnn_core.symbols.CellDeclaration` but for these:

place: where it stands in a list;
like: the cell of which all holds that is not said here;
torch: `torch_module`, and where that computes the same, `torch_blocks`;
mean: an equation that a memory which is no state satisfies, such as v' = q * v + p * g.
"""
_OF_ONE = ("place", "like", "kind", "apart", "settings", "torch", "mean")
"""The keys that no other cell takes over."""
_HEAD = re.compile(r"#\s*(\w+):\s*(.*\S)")
_LONGEST_NAME = 40


class Words(NamedTuple):
    """The name and the meaning of a quantity; either may be empty."""

    name: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class CellText:
    """The text of a cell: its equations, and all that it says in words."""

    equations: Equations
    head: Mapping[str, str]
    """The words on the cell by their key, one of `KEYS`."""
    words: Mapping[str, Words]
    """The words on its quantities by letter."""

    @cached_property
    def mean(self) -> Equation | None:
        """The equation that a memory which is no state is said to satisfy."""
        try:
            lines = read(self.head.get("mean", ""))
        except EquationsError:
            return None
        return next((line for line in lines if isinstance(line, Equation)), None)

    @classmethod
    def of(cls, equations: Equations) -> Self:
        """Equations of which nothing is said but in the comments behind them."""
        return cls(equations, {}, _words(equations))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a text. Raises EquationsError."""
        equations, head = read_cell(text), dict[str, str]()
        for line in text.splitlines():
            if (found := _HEAD.fullmatch(line.strip())) and found[1] in KEYS:
                head.setdefault(found[1], found[2])
        words = _words(equations)
        if (like := head.get("like")) is not None and like in names():
            other = cell_text(like)
            for key, said in other.head.items():
                if key not in _OF_ONE:
                    head.setdefault(key, said)
                    if head[key].startswith("+ "):
                        head[key] = f"{said} {head[key].removeprefix('+ ')}"
            words = {
                **{letter: of for letter, of in other.words.items() if letter in equations.letters},
                **words,
            }
        return cls(equations, head, words)


def _words(equations: Equations) -> dict[str, Words]:
    pairs = zip(equations.letters, equations.everything, strict=True)
    return {letter: words for letter, line in pairs if (words := words_of(line.words)) != Words()}


def words_of(comment: str) -> Words:
    """Name and meaning in a comment; one without a colon is a name where it is short.

    >>> words_of("update gate: how much is written"), words_of("half of it is new")
    (Words(name='update gate', meaning='how much is written'), Words(name='', meaning='half of it is new'))
    """
    name, colon, meaning = (one.strip() for one in comment.partition(":"))
    if len(name) <= _LONGEST_NAME and (colon or len(name.split()) <= 3):
        return Words(name, meaning)
    return Words("", comment)


_FOLDER = files("rnn_core.equations") / "cells"


@lru_cache(1)
def names() -> tuple[str, ...]:
    """The cells that come with Gatescope, in their order."""
    found = [one.name.removesuffix(".txt") for one in _FOLDER.iterdir() if one.name.endswith(".txt")]
    return tuple(sorted(found, key=lambda name: (_place(name), name)))


def _place(name: str) -> int:
    found = re.search(r"^# place: (\d+)$", text_of(name), re.MULTILINE)
    return int(found[1]) if found else 1_000


@lru_cache(64)
def text_of(name: str) -> str:
    """The text of a cell that comes with Gatescope. Raises ConfigError where there is none of this name."""
    try:
        return (_FOLDER / f"{name}.txt").read_text("utf-8")
    except OSError:
        raise ConfigError(f"There are no equations of a cell called {name!r}.") from None


@lru_cache(64)
def cell_text(name: str) -> CellText:
    """A cell that comes with Gatescope. Raises ConfigError as `text_of` does."""
    return CellText.read(text_of(name))
