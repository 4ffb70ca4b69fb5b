"""Writes one short sentence after another, without plot, each with its verdict.

A sentence comes from a pattern of `sentences/*.toml`. In a pattern stand

    {adj}      an opinion word that speaks the verdict; {!adj} one of the opposite verdict (words.toml)
    {film}     a word without an opinion (words.toml)
    {clause}   another sentence: one of the table [clause], and so on; {!clause} with the opposite verdict
    [a|b|]     one of these, here a, b or nothing; may hold slots, and brackets of its own

A pattern serves both verdicts, unless it is a pair: one for a positive verdict, one for a negative one.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

_FOLDER = Path(__file__).parent
_MARKS = re.compile(r"(\{!?[\w']+\}|[\[\]|])")

Pattern: TypeAlias = tuple[str, str]
"""The pattern of a positive verdict and that of a negative one; mostly the same twice."""


class Grammar(NamedTuple):
    """The patterns and words that sentences are made of."""

    families: Mapping[str, tuple[Pattern, ...]]
    clauses: Mapping[str, tuple[Pattern, ...]]
    """Patterns that stand inside of others: slot -> patterns."""
    opinion: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Slot -> its words: of a positive verdict, of a negative one."""
    neutral: Mapping[str, tuple[str, ...]]
    """Slot -> its words."""

    def fillings(self, slot: str, positive: bool) -> Sequence[str]:
        """Return all that can stand in a slot of this name: words, or patterns."""
        if slot in self.neutral:
            return self.neutral[slot]
        place = 0 if positive else 1
        if slot in self.opinion:
            return self.opinion[slot][place]
        return [pattern[place] for pattern in self.clauses[slot]]


class TemplateSlot(NamedTuple):
    """A place in a template that something is put into."""

    name: str
    opposite: bool
    """True if it takes the verdict that the sentence does not have."""


class Alternatives(NamedTuple):
    """A place in a template where one of these stands."""

    options: tuple["Template", ...]


Template: TypeAlias = tuple[str | TemplateSlot | Alternatives, ...]
"""A pattern, read."""


class SentenceWriter:
    """Writes sentences of a grammar."""

    def __init__(self, grammar: Grammar, rng: random.Random) -> None:
        self._grammar, self._rng = grammar, rng

    def sentence(self, family: str, positive: bool) -> str:
        """A sentence of this family that speaks this verdict."""
        pattern = self._rng.choice(self._grammar.families[family])
        return finished(self.fill(pattern[0 if positive else 1], positive))

    def fill(self, pattern: str, positive: bool) -> str:
        """A pattern with all its choices made and all its slots filled."""
        return "".join(self._pieces(parsed(pattern), positive))

    def clause(self, name: str, positive: bool) -> str:
        """Write one filling of a slot of this name."""
        chosen = self._rng.choice(self._grammar.fillings(name, positive))
        return "".join(self._pieces(parsed(chosen), positive))

    def _pieces(self, template: Template, positive: bool) -> Iterator[str]:
        for piece in template:
            if isinstance(piece, str):
                yield piece
            elif isinstance(piece, TemplateSlot):
                yield self.clause(piece.name, positive != piece.opposite)
            else:
                yield from self._pieces(self._rng.choice(piece.options), positive)


@cache
def parsed(pattern: str) -> Template:
    """A pattern as its pieces. Raises ValueError where a bracket is not closed."""
    marks = iter(_MARKS.split(pattern))
    template, end = _read_options(marks)
    if end or len(template) != 1:
        raise ValueError(f"a pattern must close the brackets it opens, got {pattern!r}")
    return template[0]


def _read_options(marks: Iterator[str]) -> tuple[tuple[Template, ...], str]:
    """The options up to the bracket that closes them, and that bracket; empty at the end of the pattern."""
    options: list[Template] = []
    pieces: list[str | TemplateSlot | Alternatives] = []
    for mark in marks:
        if mark == "[":
            inside, _ = _read_options(marks)
            pieces.append(Alternatives(inside))
        elif mark in ("|", "]"):
            options.append(tuple(pieces))
            pieces = []
            if mark == "]":
                return tuple(options), mark
        elif mark.startswith("{"):
            pieces.append(TemplateSlot(mark.strip("{!}"), mark.startswith("{!")))
        elif mark:
            pieces.append(mark)
    return (*options, tuple(pieces)), ""


def finished(text: str) -> str:
    """A sentence as it is typed: one space between words, `an` before a vowel, a capital letter in front."""
    text = " ".join(text.split())
    text = re.sub(r"\b([Aa]) (?=[aei]|o(?!ne)|un(?!i)|ug|ut|up|hon|hour)", r"\1n ", text)
    text = re.sub(r" ([,.;:!?])", r"\1", text)
    return re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)


@cache
def grammar() -> Grammar:
    """Returns the grammar that the files beside this one hold."""
    words = tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))
    families: dict[str, tuple[Pattern, ...]] = {}
    clauses: dict[str, tuple[Pattern, ...]] = {}
    for path in sorted((_FOLDER / "sentences").glob("*.toml")):
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            into = clauses if table.get("inside") else families
            into[name] = tuple(
                (one, one) if isinstance(one, str) else (one[0], one[1]) for one in table["patterns"]
            )
    return Grammar(
        families=families,
        clauses=clauses,
        opinion={
            slot: (tuple(both["positive"]), tuple(both["negative"]))
            for slot, both in words["opinion"].items()
        },
        neutral={slot: tuple(filling) for slot, filling in words["neutral"].items()},
    )
