"""The texts of cells that come with Gatescope, in `cells/` and `to_try/`, and the words in a text.

These are the names that people give a cell and its quantities: comments in the text of its equations.

Behind a line stands its quantity: `z = ...  # update gate: how much of the candidate is written`. Before the
first line stands the cell, a line each: `# name: GRU`. A variant says only what is other than in another
cell: `# like: gru`; what begins with + goes on from there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple, Self

from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.reading import Equation, read

KEYS = (
    "place", "like", "kind", "name", "noun", "apart", "settings", "torch", "summary", "memory", "convention",
    "paper", "differs", "mean", "of", "look",
)  # fmt: skip
"""The keys of a cell's head lines; each is a field of a `rnn_core.symbols.CellDeclaration` but for these:

place: where it stands in a list;
like: the cell of which all holds that is not said here;
torch: `torch_module`, and where that computes the same, `torch_blocks`;
mean: an equation that a memory which is no state satisfies, such as v' = q * v + p * g;
of: the cell that one to try is a change of;
paper: where one to try was published;
look: the colour, dash and marker of its lines where cells are compared, such as "writes solid square".
"""
_OF_ONE = ("place", "like", "kind", "apart", "settings", "torch", "mean", "of", "look")
"""The keys that no other cell takes over."""
_HEAD = re.compile(r"#\s*(\w+):\s*(.*\S)")
_LONGEST_NAME = 40


class QuantityWords(NamedTuple):
    """The name and the meaning of a quantity; either may be empty."""

    name: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class CellText:
    """The text of a cell: its equations, and all that it says in words."""

    equations: Equations
    head: Mapping[str, str]
    """The words on the cell by their key, one of `KEYS`."""
    words: Mapping[str, QuantityWords]
    """The words on its quantities by letter, and on those of the cell that it is like."""

    @cached_property
    def mean(self) -> Equation | None:
        """The equation that a memory which is no state is said to satisfy."""
        said = read(self.head.get("mean", ""))
        return next((line for line in said if isinstance(line, Equation)), None)

    @classmethod
    def of(cls, equations: Equations) -> Self:
        """Equations of which nothing is said but in the comments behind them."""
        return cls(equations, {}, _words(equations))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a text. Raises EquationsError."""
        equations, head = read_cell(text), _head(text)
        words = _words(equations)
        if (like := head.get("like", "")) in names():
            other = cell_text(like)
            for key, said in other.head.items():
                if key not in _OF_ONE:
                    head.setdefault(key, said)
                    if head[key].startswith("+ "):
                        head[key] = f"{said} {head[key].removeprefix('+ ')}"
            words = {**other.words, **words}
        return cls(equations, head, words)


def _head(text: str) -> dict[str, str]:
    """The words on the cell by their key; the first of two that are alike counts."""
    lines = filter(None, (_HEAD.fullmatch(line.strip()) for line in reversed(text.splitlines())))
    return {found[1]: found[2] for found in lines if found[1] in KEYS}


def _words(equations: Equations) -> dict[str, QuantityWords]:
    pairs = zip(equations.letters, equations.everything, strict=True)
    return {letter: words for letter, line in pairs if (words := words_of(line.words)) != QuantityWords()}


def words_of(comment: str) -> QuantityWords:
    """Name and meaning in a comment; one without a colon is a name where it is short.

    >>> words_of("update gate: how much is written")
    QuantityWords(name='update gate', meaning='how much is written')
    >>> words_of("half of it is new").meaning
    'half of it is new'
    """
    name, colon, meaning = (one.strip() for one in comment.partition(":"))
    if len(name) <= _LONGEST_NAME and (colon or len(name.split()) <= 3):
        return QuantityWords(name, meaning)
    return QuantityWords("", comment)


@lru_cache(2)
def _texts(folder: str) -> Mapping[str, str]:
    """The texts in a folder of this room by their names."""
    there = (files("rnn_core.equations") / folder).iterdir()
    return {
        one.name.removesuffix(".txt"): one.read_text("utf-8") for one in there if one.name.endswith(".txt")
    }


@lru_cache(1)
def names() -> tuple[str, ...]:
    """The cells that come with Gatescope, in their order."""
    places = {name: int(_head(text).get("place", 1_000)) for name, text in _texts("cells").items()}
    return tuple(sorted(places, key=lambda name: (places[name], name)))


@lru_cache(64)
def cell_text(name: str) -> CellText:
    """The cell of this name that comes with Gatescope."""
    return CellText.read(_texts("cells")[name])


@dataclass(frozen=True, slots=True)
class Idea:
    """A cell that is worth a try: a small change of one that comes with Gatescope."""

    name: str
    of: str
    """The cell that it is a change of, by the name under which that is registered."""
    summary: str
    paper: str
    """Authors and year."""
    address: str
    """The address of the paper."""
    text: str
    """The equations of the cell, without the head lines."""


@cache
def ideas() -> Mapping[str, Idea]:
    """The ideas by name, in alphabetical order.

    >>> ideas()["JANET"].of, [*ideas()][:2]
    ('lstm', ['GRU without reset', 'Identity RNN'])
    """
    found = []
    for text in _texts("to_try").values():
        head = _head(text)
        paper, address = head["paper"].rsplit(", ", 1)
        plain = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
        found.append(Idea(head["name"], head["of"], head["summary"], paper, address, plain))
    return {idea.name: idea for idea in sorted(found, key=lambda idea: idea.name.casefold())}
