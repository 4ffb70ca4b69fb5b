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
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent
_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(!?)(\w+)\}")


class Grammar(NamedTuple):
    """What sentences are made of."""

    families: Mapping[str, tuple[tuple[str, str], ...]]
    """Name -> patterns, (of a positive verdict, of a negative one) each."""
    clauses: Mapping[str, tuple[tuple[str, str], ...]]
    """The same of what stands inside of other patterns."""
    opinion: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Slot -> its words: of a positive verdict, of a negative one."""
    neutral: Mapping[str, tuple[str, ...]]
    """Slot -> its words."""


class Writer:
    """Writes sentences of a grammar."""

    def __init__(self, grammar: Grammar, rng: random.Random) -> None:
        self._grammar, self._rng = grammar, rng

    def sentence(self, family: str, positive: bool) -> str:
        """A sentence of this family that speaks this verdict."""
        return finished(self.fill(self._rng.choice(self._grammar.families[family]), positive))

    def fill(self, pattern: tuple[str, str], positive: bool) -> str:
        """A pattern with all its choices made and all its slots filled."""
        text = pattern[0 if positive else 1]
        while "[" in text:
            text = _INNERMOST.sub(lambda found: self._rng.choice(found[1].split("|")), text)
        return _SLOT.sub(lambda found: self._slot(found[2], positive != bool(found[1])), text)

    def _slot(self, name: str, positive: bool) -> str:
        grammar = self._grammar
        if name in grammar.neutral:
            return self._rng.choice(grammar.neutral[name])
        if name in grammar.opinion:
            return self._rng.choice(grammar.opinion[name][0 if positive else 1])
        return self.fill(self._rng.choice(grammar.clauses[name]), positive)


def finished(text: str) -> str:
    """A sentence as it is typed: one space between words, `an` before a vowel, a capital letter in front."""
    text = " ".join(text.split())
    text = re.sub(r"\b([Aa]) (?=[aei]|o(?!ne)|un(?!i)|ug|ut|up|hon|hour)", r"\1n ", text)
    text = re.sub(r" ([,.;:!?])", r"\1", text)
    return re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)


@cache
def grammar() -> Grammar:
    """That of the files beside this one."""
    with (_FOLDER / "words.toml").open("rb") as file:
        words = tomllib.load(file)
    families: dict[str, tuple[tuple[str, str], ...]] = {}
    clauses: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in sorted((_FOLDER / "sentences").glob("*.toml")):
        with path.open("rb") as file:
            for name, table in tomllib.load(file).items():
                into = clauses if table.get("inside") else families
                into[name] = tuple(
                    (one, one) if isinstance(one, str) else tuple(one) for one in table["patterns"]
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
