r"""Equations as people write them: in LaTeX, and in the letters of a drawing.

In LaTeX vectors are columns, so that `h @ U` is U h; in a drawing it stays h U.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
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
    marks: frozenset[int] = frozenset()
    """The parts, by their `id`, that are put through `mark`."""

    def marked(self, expression: Expression, beside: Expression | None, mark: Callable[[str], str]) -> str:
        """An expression; what of it differs from the one beside it is marked, everything beside None."""
        differ = frozenset(map(id, _differing(expression, beside)))
        return replace(self, mark=mark, marks=differ)(expression)

    def __call__(self, expression: Expression, at_least: int = SUM) -> str:
        """An expression, in brackets where it binds less than `at_least`."""
        text, strength = self._written(expression)
        return self._marked(expression, f"({text})" if strength < at_least else text)

    def _marked(self, expression: Expression, text: str) -> str:
        return self.mark(text) if id(expression) in self.marks else text

    def _written(self, expression: Expression) -> tuple[str, int]:
        """Write an expression; return how strongly it binds, too."""
        signed, several = [*terms(expression)], [*factors(expression)]
        if len(signed) > 1 or signed[0][0] < 0:
            return self._sum(signed), SUM
        if len(several) > 1:
            text = self._product(several)
            return text, SUM if text.startswith(self.minus) else PRODUCT
        return self._one(expression)

    def _sum(self, signed: Sequence[tuple[int, Expression]]) -> str:
        found = ""
        for sign, term in signed:
            text = self(term, PRODUCT if sign < 0 else SUM)
            if text.startswith(self.minus) and found:
                sign, text = -sign, text.removeprefix(self.minus)
            before = f" {'+' if sign > 0 else self.minus} " if found else "" if sign > 0 else self.minus
            found += before + text
        return found

    def _product(self, some: Sequence[Expression]) -> str:
        found = ""
        for before, one in zip([None, *some], some, strict=False):
            match one:
                case Apply(function="-", arguments=(positive,)) if before is None:
                    found = self._marked(one, self.minus + self(positive, PRODUCT))
                case Number(value=value) if value < 0 and before is None:
                    found = self(one)
                case _:
                    text = self(one, MATRICES if isinstance(before, Number) else FACTOR)
                    found += (self._sign_between(before, one) if before is not None else "") + text
        return found

    def _sign_between(self, left: Expression | None, right: Expression) -> str:
        if isinstance(right, Number):
            return self.before_number
        return self.after_number if isinstance(left, Number) else self.times

    def _one(self, expression: Expression) -> tuple[str, int]:
        """Write what is neither a sum nor a product; return how strongly it binds, too."""
        match expression:
            case Number(value=value):
                return self._number(value), SUM if value < 0 else ATOM
            case Name(name=name):
                return self.letter(name), ATOM
            case Product(left=left, matrix=matrix):
                inside = self(left, self.left_of_matrix)
                return self.product.format(left=inside, matrix=self.letter(matrix)), MATRICES
            case Apply(function=function, arguments=arguments):
                needed = self.of_arguments.get(function, (SUM,) * len(arguments))
                return self._applied(function, arguments, [*map(self, arguments, needed)])

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


def _differing(mine: Expression, beside: Expression | None) -> Iterator[Expression]:
    """The largest parts of an expression that the one beside it has not in their place."""
    if beside is None:
        yield mine
    elif mine != beside:
        inside = _pairs(mine, beside)
        if all(other is None for _, other in inside):
            yield mine
        else:
            for part, other in inside:
                yield from _differing(part, other)


def _pairs(mine: Expression, beside: Expression) -> list[tuple[Expression, Expression | None]]:
    """Each term, factor or argument, and what the other expression has in its place."""
    for chain in (terms, _signed_factors):
        some = [*chain(mine)]
        if len(some) > 1 or some[0][0] < 0:
            return _aligned(some, [*chain(beside)])
    match mine, beside:
        case Apply(function=one, arguments=here), Apply(function=other, arguments=there) if one == other:
            return [*zip(here, there, strict=True)]
        case Product(left=left, matrix=one), Product(left=beside_it, matrix=other) if one == other:
            return [(left, beside_it)]
    return []


def _signed_factors(expression: Expression) -> list[tuple[int, Expression]]:
    return [(1, one) for one in factors(expression)]


def _aligned(
    mine: Sequence[tuple[int, Expression]], theirs: Sequence[tuple[int, Expression]]
) -> list[tuple[Expression, Expression | None]]:
    """Each term or factor, and the one in whose place it stands."""
    found: list[tuple[Expression, Expression | None]] = []
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    for _, begin, end, first, last in matcher.get_opcodes():
        others: Sequence[tuple[int, Expression | None]] = theirs[first:last]
        if end - begin != last - first:
            others = [(0, None)] * (end - begin)
        for (sign, one), (other_sign, other) in zip(mine[begin:end], others, strict=True):
            found.append((one, other if sign == other_sign else None))
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
