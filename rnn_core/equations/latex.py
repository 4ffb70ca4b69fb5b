r"""Equations as people write them: in LaTeX, and in the letters of a drawing.

In LaTeX vectors are columns, so that `h @ U` is U h; in a drawing it stays h U.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True)
class Notation:
    """A way to write expressions."""

    letter: Callable[[str], str]
    """The letter of a name."""
    names: str
    """The field of a `Function` that has its name."""
    times: str
    """The sign between two factors."""
    after_number: str
    """The sign between a number and what it multiplies."""
    before_number: str
    """The sign before a number that is no first factor."""
    minus: str
    product: str
    """The product of what stands left with a matrix."""
    left_of_matrix: int
    """The strength with which an expression left of a matrix has to bind."""
    power_of_ten: str
    raised: Callable[[str], str]
    """Writes the exponent of a power."""
    forms: Mapping[str, tuple[str, int]]
    """Each function with a form of its own -> this form, and how strongly it binds."""
    of_arguments: Mapping[str, tuple[int, ...]]
    """The strengths with which the arguments of a function have to bind, where not as in brackets."""
    mark: Callable[[str], str] = str
    """Marks a part that is not in the equation beside this one."""

    def __call__(self, expression: Expression, at_least: int = SUM) -> str:
        """An expression, in brackets where it binds less than `at_least`."""
        return self.written(expression, at_least, _UNMARKED)

    def written(self, expression: Expression, at_least: int, beside: Beside) -> str:
        """An expression; what of it differs from the one beside it is marked, everything beside None."""
        if beside is None:
            return self.mark(self.written(expression, at_least, _UNMARKED))
        if expression == beside:
            beside = _UNMARKED
        for chain, write, strength in ((terms, self._sum, SUM), (_signed_factors, self._product, PRODUCT)):
            mine = [*chain(expression)]
            if len(mine) > 1 or (strength == SUM and mine[0][0] < 0):
                against = _aligned(mine, beside if isinstance(beside, _Unmarked) else [*chain(beside)])
                if not any(other is not None for other in against):
                    return self.mark(self.written(expression, at_least, _UNMARKED))
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
                    text = text if isinstance(other, _Unmarked) else self.mark(text)
                case Number(value=value) if value < 0 and not place:
                    text = self.written(one, SUM, other)
                case _:
                    text = self.written(one, at_least, other)
            found += (self._between(before, one) if place else "") + text
        return found

    def _between(self, left: Expression | None, right: Expression) -> str:
        if isinstance(right, Number):
            return self.before_number
        return self.after_number if isinstance(left, Number) else self.times

    def _one(self, expression: Expression, at_least: int, beside: Expression | _Unmarked) -> str:
        """Write what is neither a sum nor a product."""
        mine = parts(expression)
        others: Sequence[Beside] = [_UNMARKED] * len(mine)
        if not isinstance(beside, _Unmarked):
            if not mine or _head(beside) != _head(expression):
                return self.mark(self._one(expression, at_least, _UNMARKED))
            others = parts(beside)
        match expression:
            case Number(value=value):
                text, strength = self._number(value), SUM if value < 0 else ATOM
            case Name(name=name):
                text, strength = self.letter(name), ATOM
            case Product(left=left, matrix=matrix):
                inside = self.written(left, self.left_of_matrix, others[0])
                text, strength = self.product.format(left=inside, matrix=self.letter(matrix)), MATRICES
            case Apply(function=function):
                needed = self.of_arguments.get(function, (SUM,) * len(mine))
                text, strength = self._applied(function, mine, [*map(self.written, mine, needed, others)])
        return f"({text})" if strength < at_least else text

    def _number(self, value: float) -> str:
        mantissa, _, exponent = number(value).partition("e")
        if exponent and self.power_of_ten:
            return self.power_of_ten.format(mantissa, int(exponent))
        return number(value).replace("-", self.minus)

    def _applied(
        self, function: str, arguments: Sequence[Expression], inside: Sequence[str]
    ) -> tuple[str, int]:
        """Write a function, a quotient or a power of what is `inside`; return how strongly it binds, too."""
        is_named = isinstance(arguments[0], Name) and f"{function} of a name" in self.forms
        form = self.forms.get(f"{function} of a name" if is_named else function)
        if form is None:
            return f"{getattr(FUNCTIONS[function], self.names)}({', '.join(inside)})", ATOM
        text, strength = form
        return text.format(*inside, raised=self.raised(inside[-1])), strength


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


def _raised_in_drawing(power: str) -> str:
    return power.translate(_RAISED) if re.fullmatch(r"−?\d+", power) else f"^({power})"


in_latex = Notation(
    letter=letter_in_latex,
    names="latex",
    times=r" \odot ",
    after_number=" ",
    before_number=r" \cdot ",
    minus="-",
    product="{matrix} {left}",
    left_of_matrix=MATRICES,
    power_of_ten=r"{} \cdot 10^{{{}}}",
    raised=lambda power: f"^{_braced(power)}",
    forms={
        "/": (r"\frac{{{}}}{{{}}}", FACTOR),
        "^": ("{}{raised}", FACTOR),
        "exp": ("e{raised}", FACTOR),
        "sqrt": (r"\sqrt{{{}}}", ATOM),
        "abs": ("|{}|", ATOM),
        "log of a name": (r"\ln {}", PRODUCT),
        "sum": (r"\textstyle\sum_j {}", PRODUCT),
        "where": (r"\begin{{cases}} {1} & {0} > 0 \\ {2} & \text{{else}} \end{{cases}}", SUM),
    },
    of_arguments={"^": (ATOM, SUM), "sum": (PRODUCT,)},
)
as_drawn = Notation(
    letter=letter_in_drawing,
    names="drawn",
    times=" ",
    after_number=" ",
    before_number=" · ",
    minus="−",
    product="{left} {matrix}",
    left_of_matrix=ATOM,  # h U here, so that what stands left is in brackets
    power_of_ten="",
    raised=_raised_in_drawing,
    forms={"/": ("{}/{}", FACTOR), "^": ("{}{raised}", FACTOR)},
    of_arguments={"^": (ATOM, SUM), "/": (FACTOR, ATOM)},
)
