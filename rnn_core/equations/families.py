"""Quantities that differ in a number alone, such as s1 to s4, and equations that say them once, as s_j."""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression
from rnn_core.equations.sums import renamed, terms, total

INDEX = "ⱼ"
"""The sign in the place of the number: the family of s1 is sⱼ."""
DIGITS = "0123456789"


class Family(NamedTuple):
    """The place of a quantity among those that differ from it in a number alone."""

    name: str
    """The name of all of them, such as sⱼ."""
    place: int
    """The place of this one among them, counted from 0."""
    size: int


def families(equations: Equations) -> Mapping[str, Family]:
    """The family of each quantity and state that has one, by its letter.

    They have the same equation, but for the number in their names and in those of all that differs in it.
    """
    by_stem: dict[str, list[str]] = {}
    for letter in equations.letters:
        if letter[-1] in DIGITS:
            by_stem.setdefault(letter.rstrip(DIGITS), []).append(letter)
    return {
        letter: Family(stem + INDEX, place, len(letters))
        for stem, letters in by_stem.items()
        if len(letters) > 1 and len({indexed(equations[one].right, _number(one)) for one in letters}) == 1
        for place, letter in enumerate(letters)
    }


def indexed(expression: Expression, number: str) -> Expression:
    """The expression with the index in the place of this number at the end of its names."""

    def name(one: str) -> str:
        prime = "'" if one.endswith("'") else ""
        indexed = [
            part.removesuffix(number) + INDEX if number and _number(part) == number else part
            for part in one.removesuffix("'").split("_")
        ]
        return "_".join(indexed) + prime

    return renamed(expression, name)


def _number(name: str) -> str:
    return name[len(name.rstrip(DIGITS)) :]


def said_once(expression: Expression, known: Mapping[str, Family]) -> Expression:
    """The expression with the sum over a family as such: C1 * s1 + C2 * s2 is the sum of Cⱼ * sⱼ."""
    found, place, signed = list[tuple[int, Expression]](), 0, [*terms(expression)]
    sizes = sorted({family.size for family in known.values()}, reverse=True)
    while place < len(signed):
        size = next((size for size in sizes if _is_family(signed[place : place + size], size)), 0)
        sign, term = signed[place]
        found.append((sign, Apply("sum", (indexed(term, "1"),)) if size else term))
        place += size or 1
    return total(found) if sizes else expression


def _is_family(signed: list[tuple[int, Expression]], size: int) -> bool:
    in_general = [(sign, indexed(term, f"{number}")) for number, (sign, term) in enumerate(signed, 1)]
    is_indexed = bool(signed) and in_general[0][1] != signed[0][1]
    return len(signed) == size and is_indexed and all(one == other for one, other in pairwise(in_general))
