r"""Equations as people write them: in LaTeX, and in the letters of a drawing.

In LaTeX vectors are columns, so that `h @ U` is U h; in a drawing it stays h U.
"""

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, parts
from rnn_core.equations.families import DIGITS, INDEX
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.printing import number
from rnn_core.equations.sums import factors, terms

SUM, PRODUCT, MATRICES, FACTOR, ATOM = range(5)
"""Strengths with which expressions bind; one that binds less than it must stands in brackets."""

_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega"
).split()
GREEK = dict(zip(_SMALL, "αβγδεζηθικλμνξοπρστυφχψω", strict=True))
GREEK |= {name.capitalize(): letter.upper() for name, letter in GREEK.items()}
"""The name of each Greek letter -> the letter."""
_COMMANDS = {*_SMALL, *"Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()} - {"omicron"}
_RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def letter_in_latex(name: str) -> str:
    r"""A name as an equation writes it, its first _ before an index.

    >>> letter_in_latex("W_r"), letter_in_latex("s1'"), letter_in_latex("Lambda"), letter_in_latex("W_B1")
    ('W_r', "s_1'", '\\Lambda', 'W_{B_1}')
    """
    bare, prime = name.removesuffix("'"), "'" if name.endswith("'") else ""
    base, _, index = bare.partition("_")
    below = [letter_in_latex(one) for one in index.split("_") if one]
    stem = base.rstrip(f"{DIGITS}{INDEX}")
    if not stem:
        return base.replace(INDEX, "j") + prime
    if base[len(stem) :]:
        below.insert(0, base[len(stem) :].replace(INDEX, "j"))
    shown = f"\\{stem}" if stem in _COMMANDS else stem if len(stem) < 2 else rf"\mathit{{{stem}}}"
    if stem in GREEK and stem not in _COMMANDS:
        shown = GREEK[stem]
    joined = ",".join(below)
    return shown + (f"_{_braced(joined)}" if joined else "") + prime


def letter_in_drawing(name: str) -> str:
    """A name as a drawing or a sentence writes it.

    >>> letter_in_drawing("Lambda"), letter_in_drawing("c'")
    ('Λ', 'c′')
    """
    base, separator, index = name.removesuffix("'").partition("_")
    prime = "′" if name.endswith("'") else ""
    return f"{GREEK.get(base, base)}{separator}{GREEK.get(index, index)}{prime}"


def _braced(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


class _Unmarked:
    """Stands for an expression to compare with where nothing is to be marked."""


_UNMARKED = _Unmarked()
Beside = Expression | None | _Unmarked


@dataclass(frozen=True)
class Notation(ABC):
    """A way to write expressions."""

    letter: Callable[[str], str]
    """The letter of a name."""
    times: str
    """The sign between two factors."""
    minus = "-"
    left_of_matrix = MATRICES
    """The strength with which an expression left of a matrix has to bind."""
    of_arguments: ClassVar[Mapping[str, tuple[int, ...]]] = {"^": (ATOM, SUM)}
    """The strengths with which the arguments of a function have to bind, where not as in brackets."""

    def __call__(self, expression: Expression, at_least: int = SUM) -> str:
        """An expression, in brackets where it binds less than `at_least`."""
        return self.written(expression, at_least, _UNMARKED)

    def marked(self, text: str) -> str:
        """Return a part that is not in the equation beside this one, marked."""
        return text

    def written(self, expression: Expression, at_least: int, beside: Beside) -> str:
        """An expression; what of it differs from the one beside it is marked, everything beside None."""
        if beside is None:
            return self.marked(self.written(expression, at_least, _UNMARKED))
        if expression == beside:
            beside = _UNMARKED
        for chain, write, strength in ((terms, self._sum, SUM), (_signed_factors, self._product, PRODUCT)):
            mine = [*chain(expression)]
            if len(mine) > 1 or (strength == SUM and mine[0][0] < 0):
                against = _aligned(mine, beside if isinstance(beside, _Unmarked) else [*chain(beside)])
                if not any(other is not None for other in against):
                    return self.marked(self.written(expression, at_least, _UNMARKED))
                text = write(mine, against)
                strength = SUM if text.startswith(self.minus) else strength
                return f"({text})" if strength < at_least else text
        return self._one(expression, at_least, beside)

    def _sum(self, signed: Sequence[tuple[int, Expression]], against: Sequence[Beside]) -> str:
        found = ""
        for (sign, term), other in zip(signed, against, strict=True):
            text = self.written(term, PRODUCT if sign < 0 else SUM, other)
            if text.startswith(self.minus) and found:
                sign, text = -sign, text.removeprefix(self.minus)
            before = f" {'+' if sign > 0 else self.minus} " if found else "" if sign > 0 else self.minus
            found += before + text
        return found

    def _product(self, some: Sequence[tuple[int, Expression]], against: Sequence[Beside]) -> str:
        found = ""
        for place, ((_, one), other) in enumerate(zip(some, against, strict=True)):
            before = some[place - 1][1] if place else None
            at_least = MATRICES if isinstance(before, Number) else FACTOR
            match one:
                case Apply(function="-", arguments=(positive,)) if not place:
                    text = self.minus + self.written(positive, PRODUCT, _UNMARKED)
                    text = text if isinstance(other, _Unmarked) else self.marked(text)
                case Number(value=value) if value < 0 and not place:
                    text = self.written(one, SUM, other)
                case _:
                    text = self.written(one, at_least, other)
            found += (self.between(before, one) if place else "") + text
        return found

    def between(self, left: Expression | None, right: Expression) -> str:
        """Returns the sign between two factors."""
        return self.times

    def _one(self, expression: Expression, at_least: int, beside: Expression | _Unmarked) -> str:
        """Write what is neither a sum nor a product."""
        mine = parts(expression)
        others: Sequence[Beside] = [_UNMARKED] * len(mine)
        if not isinstance(beside, _Unmarked):
            if not mine or _head(beside) != _head(expression):
                return self.marked(self._one(expression, at_least, _UNMARKED))
            others = parts(beside)
        match expression:
            case Number(value=value):
                text, strength = self.number(value), SUM if value < 0 else ATOM
            case Name(name=name):
                text, strength = self.letter(name), ATOM
            case Product(left=left, matrix=matrix):
                inside = self.written(left, self.left_of_matrix, others[0])
                text, strength = self.of_matrix(inside, matrix), MATRICES
            case Apply(function=function):
                needed = self.of_arguments.get(function, (SUM,) * len(mine))
                text, strength = self.applied(function, mine, [*map(self.written, mine, needed, others)])
        return f"({text})" if strength < at_least else text

    @abstractmethod
    def number(self, value: float) -> str:
        """A number."""

    @abstractmethod
    def of_matrix(self, left: str, matrix: str) -> str:
        """The product of what stands left with a matrix."""

    @abstractmethod
    def applied(
        self, function: str, arguments: Sequence[Expression], inside: Sequence[str]
    ) -> tuple[str, int]:
        """Write a function of its arguments, a quotient or a power; return how strongly that binds, too.

        The arguments are written `inside`.
        """


def _signed_factors(expression: Expression) -> list[tuple[int, Expression]]:
    return [(1, one) for one in factors(expression)]


def _head(expression: Expression) -> tuple[str, int] | None:
    match expression:
        case Apply(function=function, arguments=arguments):
            return function, len(arguments)
        case Product(matrix=matrix):
            return f"@ {matrix}", 1
    return None


def _aligned(
    mine: Sequence[tuple[int, Expression]], theirs: Sequence[tuple[int, Expression]] | _Unmarked
) -> list[Beside]:
    """Return the term or factor beside each: the one in whose place it stands."""
    if isinstance(theirs, _Unmarked):
        return [_UNMARKED] * len(mine)
    found: list[Beside] = [None] * len(mine)
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    for what, begin, end, first, last in matcher.get_opcodes():
        for place in range(begin, end):
            if what == "equal":
                found[place] = _UNMARKED
            elif end - begin == last - first and mine[place][0] == theirs[first + place - begin][0]:
                found[place] = theirs[first + place - begin][1]
    return found


@dataclass(frozen=True)
class Latex(Notation):
    """LaTeX. Numbers stand right beside what they multiply, unless `spaced` says that all are numbers."""

    letter: Callable[[str], str] = letter_in_latex
    times: str = r" \odot "
    spaced: bool = False
    mark: Callable[[str], str] | None = None
    """Marks a part that is not in the equation beside this one."""
    of_arguments: ClassVar = {**Notation.of_arguments, "sum": (PRODUCT,)}

    @override
    def marked(self, text: str) -> str:
        return self.mark(text) if self.mark is not None else text

    @override
    def between(self, left: Expression | None, right: Expression) -> str:
        if isinstance(right, Number):
            return r" \cdot "
        return " " if isinstance(left, Number) and not self.spaced else self.times

    @override
    def number(self, value: float) -> str:
        mantissa, _, exponent = number(value).partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa

    @override
    def of_matrix(self, left: str, matrix: str) -> str:
        return f"{self.letter(matrix)} {left}"

    @override
    def applied(
        self, function: str, arguments: Sequence[Expression], inside: Sequence[str]
    ) -> tuple[str, int]:
        match function:
            case "/":
                return rf"\frac{{{inside[0]}}}{{{inside[1]}}}", FACTOR
            case "^":
                return f"{inside[0]}^{_braced(inside[1])}", FACTOR
            case "exp":
                return f"e^{_braced(inside[0])}", FACTOR
            case "sqrt":
                return rf"\sqrt{{{inside[0]}}}", ATOM
            case "abs":
                return f"|{inside[0]}|", ATOM
            case "log" if isinstance(arguments[0], Name):
                return rf"\ln {inside[0]}", PRODUCT
            case "sum":
                return rf"\textstyle\sum_j {inside[0]}", PRODUCT
            case "where":
                taken = rf"{inside[1]} & {inside[0]} > 0 \\ {inside[2]} & \text{{else}}"
                return rf"\begin{{cases}} {taken} \end{{cases}}", SUM
        return f"{FUNCTIONS[function].latex}({', '.join(inside)})", ATOM


@dataclass(frozen=True)
class Drawn(Notation):
    """The letters of a drawing."""

    letter: Callable[[str], str] = letter_in_drawing
    times: str = " "
    minus = "−"
    left_of_matrix = ATOM  # h U here, so that what stands left is in brackets
    of_arguments: ClassVar = {**Notation.of_arguments, "/": (FACTOR, ATOM)}

    @override
    def between(self, left: Expression | None, right: Expression) -> str:
        return " · " if isinstance(right, Number) else self.times

    @override
    def number(self, value: float) -> str:
        return number(value).replace("-", self.minus)

    @override
    def of_matrix(self, left: str, matrix: str) -> str:
        return f"{left} {self.letter(matrix)}"

    @override
    def applied(
        self, function: str, arguments: Sequence[Expression], inside: Sequence[str]
    ) -> tuple[str, int]:
        match function:
            case "/":
                return f"{inside[0]}/{inside[1]}", FACTOR
            case "^":
                base, power = inside
                is_whole = re.fullmatch(r"−?\d+", power)
                return base + (power.translate(_RAISED) if is_whole else f"^({power})"), FACTOR
        return f"{FUNCTIONS[function].drawn}({', '.join(inside)})", ATOM


in_latex = Latex()
as_drawn = Drawn()
