"""Names for the lines and weights of equations that were read out of code: the author's own, where clear."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import regex
from numpy.typing import NDArray

from rnn_core.equations.expressions import Apply, Expression, Name, Product, names, parts
from rnn_core.equations.reading import LONGEST_NAME, RESERVED

_LETTER = regex.compile(r"[\p{L}][\p{L}\p{M}\p{Nd}_]*")
_LONGEST_WORD = 16
_LETTERS = {"of x": "WV", "of a state": "URQ", "times": "p", "plus": "bd"}
"""The letters of weights in one line, by where these stand."""


@dataclass(frozen=True, slots=True)
class Use:
    """A weight as the equations use it: the numbers of a parameter at these places."""

    parameter: str
    places: NDArray[np.int64]
    """(rows, columns) of a matrix, (n,) of a vector: places in the parameter, one number after the other."""


class LineWords(NamedTuple):
    """Words that the code has for a line."""

    seen: str
    """The name under which `see` shows it."""
    variable: str
    own: Sequence[str]
    """These variables, and those of what its function is of."""
    letter: str
    """A letter where there are none: g of a gate, else a."""


def is_name(name: str) -> bool:
    """True if a quantity or weight can be called so in equations."""
    return bool(_LETTER.fullmatch(name)) and name not in RESERVED and len(name) <= LONGEST_NAME


@dataclass(frozen=True)
class Named:
    """The names of all lines and weights, instead of those that they were given while they were read."""

    lines: Mapping[str, Expression]
    """The right sides by name, in the order of the lines."""
    states: Sequence[str]
    weights: Mapping[str, Use]
    words: Mapping[str, LineWords]

    @property
    def called(self) -> dict[str, str]:
        """The name while they were read -> the name of each."""
        of_lines = self._name_lines()
        return of_lines | self._name_weights(of_lines)

    def _name_lines(self) -> dict[str, str]:
        """Each line as it is seen, or as a variable; else after what it is made of, or by its place."""
        found, taken = {f"{letter}'": f"{letter}'" for letter in self.states}, {*self.states}
        for kind in (0, 1):
            for name in self.lines:
                word = str(self.words[name][kind])
                if name not in found and word and word not in taken:
                    found[name] = word
                    taken.add(word)
        left = [name for name in self.lines if name not in found]
        neutral = Counter(self.words[name].letter for name in left)
        parameters = {
            name: {self.weights[one].parameter for one in names(right) if one in self.weights}
            for name, right in self.lines.items()
        }
        users = Counter(chain(*parameters.values()))
        for name in left:
            _, _, said, letter = self.words[name]
            alone = all(users[one] == 1 for one in parameters[name])
            said = [*said, *(word for word in _common(parameters[name]) if alone and word not in taken)]
            several = _numbered(next(iter(said), letter))
            if not said and neutral[letter] > 1:
                several = (f"{letter}{number}" for number in range(1, 999))
            found[name] = next(one for one in several if is_name(one) and one not in taken)
            taken.add(found[name])
        return found

    def _name_weights(self, called: Mapping[str, str]) -> dict[str, str]:
        """Each weight after its parameter, where that is used as it is; else a letter of its line."""
        letters, quantities = dict[str, str](), dict[str, str]()
        for name, right in self.lines.items():
            left = {sort: iter(some) for sort, some in _LETTERS.items()}
            for weight, sort in _sorts(right, self.weights):
                if weight not in letters:
                    letters[weight] = next(left[sort], _LETTERS[sort][-1])
                    quantities[weight] = called[name].removesuffix("'")
        letters |= {weight: "b" for weight in self.weights if weight not in letters}  # a first state
        counted = Counter(use.parameter for use in self.weights.values())
        of_letter = Counter(letters.values())
        taken = {*self.states, *(name.removesuffix("'") for name in called.values())}
        found: dict[str, str] = {}
        for weight, letter in letters.items():
            own = (parameter := self.weights[weight].parameter).removesuffix(".weight")
            is_own = counted[parameter] == 1 and (own == parameter or len(own) > 1)
            several = (f"{letter}_{quantities.get(weight, letter)}", letter)
            wanted = ([own] if is_own else []) + ([letter] if of_letter[letter] == 1 else [])
            more = chain(wanted, *map(_numbered, several))
            free = {*taken, *found.values()}
            found[weight] = next(name for name in more if is_name(name) and name not in free)
        return found


def _sorts(line: Expression, weights: Collection[str]) -> Iterator[tuple[str, str]]:
    """The weights of a line, and where each stands."""
    for part in parts(line):
        is_factor = isinstance(line, Apply) and line.function in ("*", "/")
        if isinstance(part, Name) and part.name in weights:
            yield part.name, "times" if is_factor else "plus"
        yield from _sorts(part, weights)
    if isinstance(line, Product):
        yield line.matrix, "of x" if line.left == Name("x") else "of a state"


def _numbered(word: str) -> Iterator[str]:
    """A word, and more of it with numbers behind."""
    between = "_" if word[-1:].isdigit() else ""
    return chain([word], (f"{word}{between}{number}" for number in range(2, 999)))


def _common(parameters: Collection[str]) -> Iterator[str]:
    """The word with which all parameters end, and the last module that has them all.

    None begins with a capital letter: W or W_x would be taken for a weight.
    """
    paths = [path.removesuffix(".weight").removesuffix(".bias") for path in parameters]
    ends = {regex.split(r"[._]", path)[-1] for path in paths} - {*parameters}
    modules = paths[0].split(".")[-2::-1] if paths else []
    shared = [part for part in modules if all(f"{part}." in path for path in paths)]
    words = [*(ends if len(ends) == 1 else ()), *shared]
    return (word for word in words if is_name(word) and len(word) <= _LONGEST_WORD and word[0].islower())
