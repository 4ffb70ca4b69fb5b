"""The parts of a cell, each taken out in turn: what is left is a cell, too.

A part is an expression, and something stands in its place: 1 for a gate, which is held open, or 1 minus
another gate, so that both are coupled; 0 for a term of a sum that multiplies the memory by a weight, such as
`h @ U` or `p * c`; for a tanh its inside. What h no longer depends on goes with it.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from rnn_core.equations.equations import Equations, reached, read_cell
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, replaced, walk
from rnn_core.equations.printing import line_text, printed
from rnn_core.equations.reading import Equation, EquationsError, Line, Width
from rnn_core.equations.sums import factors, folded, terms


def without_each_part(whole: Equations, called: Mapping[str, str]) -> dict[str, Equations]:
    """Words -> the cell without that part: gates first, then pairs of gates, products and tanhs.

    `called` says what a gate is called, by its letter. Of equal cells the first is there. One that is no cell
    is left out, such as one without memory, or without a way from x to h.

    >>> from rnn_core.equations.words import cell_text
    >>> ugrnn = without_each_part(cell_text("ugrnn").equations, {"z": "update gate"})
    >>> [*ugrnn]
    ['without the update gate z', 'without h @ U_z', 'without h @ U_n', 'without the tanh of n']
    >>> print(ugrnn["without the update gate z"].text)
    n = tanh(x @ W_n + h @ U_n + b_n)
    h' = n
    """
    found, known = dict[str, Equations](), {whole.digest}
    for words, part, instead in (*_gates(whole, called), *_products(whole), *_tanhs(whole)):
        without = _changed(whole, part, instead)
        if without is not None and without.digest not in known:
            known.add(without.digest)
            found[words] = without
    return found


_Part = tuple[str, Expression, Expression]
"""Words, the part, and what stands in its place."""


def _gates(whole: Equations, called: Mapping[str, str]) -> Iterator[_Part]:
    of_sigmoid = (line.name for line in whole.everything if _applies(line.right, "sigmoid"))
    gates = [name for name in of_sigmoid if name in whole.letters]  # no new state
    for gate in gates:
        yield f"without the {called.get(gate, 'gate')} {gate}", Name(gate), Number(1)
    for one, other in combinations(gates, 2):
        if whole.widths[one] == whole.widths[other]:
            yield f"{one} and {other} coupled", Name(other), Apply("-", (Number(1), Name(one)))


def _products(whole: Equations) -> Iterator[_Part]:
    memory = {*whole.states, *(f"{state}'" for state in whole.states)}
    for line in whole.everything:  # r * h may have a name of its own
        if memory & (reads := {*names(line.right)}) and "x" not in reads:
            memory.add(line.name)
    sums = (one for line in whole.everything for one in walk(line.right) if _applies(one, "+", "-"))
    for term in dict.fromkeys(term for one in sums for _, term in terms(one)):
        several = [*factors(term)]
        alone = {one.name for one in several if isinstance(one, Name)}
        by_matrix = [one.left for one in several if isinstance(one, Product)]
        is_weighed = memory & alone and not alone.isdisjoint(whole.weights)
        if is_weighed or any(memory & {*names(left)} for left in by_matrix):
            yield f"without {printed(term)}", term, Number(0)


def _tanhs(whole: Equations) -> Iterator[_Part]:
    rights = {line.right: f"of {line.name}" for line in whole.everything}
    for tanh in dict.fromkeys(one for right in rights for one in walk(right)):
        if isinstance(tanh, Apply) and tanh.function == "tanh":
            [inside] = tanh.arguments
            yield f"without the tanh {rights.get(tanh, f'around {printed(inside)}')}", tanh, inside


def _applies(expression: Expression, *functions: str) -> bool:
    return isinstance(expression, Apply) and expression.function in functions


def _changed(whole: Equations, part: Expression, instead: Expression) -> Equations | None:
    """The cell with something in the place of a part; None where that is no cell with a memory."""
    now, put = dict[str, Equation](), {part: instead}
    try:
        for line in whole.everything:
            right = replaced(line.right, put.get)
            right = right if right == line.right else folded(right, whole.constants)
            if isinstance(right, Number):
                put[Name(line.name)] = right
            now[line.name] = line._replace(right=right)
        found = read_cell("\n".join(map(line_text, _used(whole, now))))
    except (EquationsError, ArithmeticError):
        return None
    read = {name for line in found.everything for name in names(line.right)}
    return None if read.isdisjoint(found.states) else found


def _used(whole: Equations, now: Mapping[str, Equation]) -> Iterator[Line]:
    """The lines that h depends on, as they are now, and those on their weights."""
    used = reached(now, "h'", over_time=True)
    used |= {str(value) for state, value in whole.starts.items() if state in used}
    for line in whole.lines:
        if isinstance(line, Width):
            if weights := tuple(weight for weight in line.weights if weight in used):
                yield line._replace(weights=weights)
        elif line[0] in used:  # the name that the line says something of
            yield now[line.name] if isinstance(line, Equation) else line
