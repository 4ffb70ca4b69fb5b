"""The places of all that a pass keeps: the order of its columns, and the names that its source gives them.

Columns that a product is added to at once, those of x and those of one function lie together where they can.
No letter of the equations comes into the source unless it is an ASCII name; Greek ones are spelled.
"""

import itertools
import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnn_core.equations.cell_graph import CellGraph, Slot
from rnn_core.equations.graph import Node
from rnn_core.equations.latex import GREEK

MOST_ORDERED = 6
"""Kinds of slots whose orders are all tried; 6 have 720."""
_SPELLED = {letter: name for name, letter in GREEK.items()}
_LETTERS = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}", re.ASCII)


class Names:
    """The names of one source, each given once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = {*taken}

    def take(self, wanted: str) -> str:
        """This name, or if it is taken, or no name, one like it."""
        found = wanted if _LETTERS.fullmatch(wanted) and not keyword.iskeyword(wanted) else "value"
        if found != wanted or found in self.taken:
            found = next(one for k in itertools.count() if (one := f"{found}_{k}") not in self.taken)
        self.taken.add(found)
        return found

    def series(self, stem: str) -> str:
        """`stem_0`, and the next time `stem_1`."""
        return self.take(next(one for k in itertools.count() if (one := f"{stem}_{k}") not in self.taken))


def spelled(letter: str) -> str:
    """A letter of the equations in ASCII, as far as that goes.

    >>> spelled("Δ_in"), spelled("z"), spelled("c'")
    ('Delta_in', 'z', 'c')
    """
    found = "".join(_SPELLED.get(sign, sign) for sign in letter.removesuffix("'"))
    return found.encode("ascii", "replace").decode()


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Slots side by side to which products with the same left side are added: one product for all."""

    source: Node
    slots: tuple[Slot, ...]
    matrices: tuple[str, ...]
    name: str
    """The name of the matrices side by side."""
    transposed: str
    gradient: str

    @property
    def is_in_block(self) -> bool:
        """True if its left side is known before the first time step."""
        return self.source.stage < 2


class Layout:
    """The slots in their order, those that all units share behind the others, and the names of places.

    The slots of x lie side by side in any case.
    """

    def __init__(
        self, cell: CellGraph, slots: list[Slot], weights: Iterable[str], reserved: Iterable[str]
    ) -> None:
        self.cell, self.slots, self.names = cell, _ordered(slots), Names(reserved)
        self.wide = [slot for slot in self.slots if slot.wide]
        """The slots of H numbers."""
        self.shared = [slot for slot in self.slots if not slot.wide]
        """The slots of one number, which all units share."""
        self.of_x = [slot for slot in self.slots if slot.matrix]
        """The slots that x @ W comes to; they lie side by side."""
        take = self.names.take
        self.states = {letter: take(spelled(letter)) for letter in cell.new}
        """The place of each state by its letter."""
        self.new = {letter: take(f"{state}_new") for letter, state in self.states.items()}
        """The place of each new state."""
        letters = {node: letter for letter, node in cell.new.items()}
        self.after = letters.get(self.slots[0].value) if len(self.slots) == 1 else None
        """The state in whose place the only slot lies."""
        self.slot_columns = {slot: self._column(slot) for slot in self.slots}
        self.gradients = {
            slot: take(derivative("a" if self.after else column))
            for slot, column in self.slot_columns.items()
        }
        self.d_states = {letter: take(derivative(state)) for letter, state in self.states.items()}
        """The gradient of each state."""
        self.weights = {name: take(spelled(name)) for name in weights}
        """The name in the source of each weight of one number a unit that is no bias of x."""
        self.d_weights = {name: take(derivative(weight)) for name, weight in self.weights.items()}
        self.stacks = [*self._stacks()]

    def _column(self, slot: Slot) -> str:
        if self.after:
            return self.new[self.after]
        has_letter = slot.value in self.cell.letters and slot.value not in self.cell.new.values()
        return self.letter(slot.value if has_letter else slot.total, "sum")

    def _stacks(self) -> Iterable[Stack]:
        sources = dict.fromkeys(product.operands[0] for slot in self.slots for product in slot.products)
        is_one = sum(len(slot.products) for slot in self.slots)
        for source in sorted(sources, key=lambda source: source.place):
            product_of = {
                slot: product
                for slot in self.slots
                for product in slot.products
                if product.operands[0] is source
            }
            for run in runs(self.slots, product_of):
                letters = joined(self.slot_columns[slot] for slot in run)
                name = self.names.take("U" if len(run) == is_one else f"U_{letters}")
                others = self.names.take(f"{name}_T"), self.names.take(f"d{name}")
                yield Stack(source, tuple(run), tuple(product_of[slot].name for slot in run), name, *others)

    def stretch(self, slots: Sequence[Slot]) -> tuple[int, int]:
        """The first column of slots that lie side by side, and the one behind them."""
        return self.slots.index(slots[0]), self.slots.index(slots[-1]) + 1

    def side_by_side(self, known: dict[str, tuple[int, int]], slots: Sequence[Slot], prefix: str) -> str:
        """The name of columns that lie side by side: one that is known, or a new one."""
        stretch = self.stretch(slots)
        found = next((name for name, other in known.items() if other == stretch), None)
        if found is None:
            found = self.names.take(prefix + joined(self.slot_columns[slot] for slot in slots))
            known[found] = stretch
        return found

    def columns(self, a: int, b: int, of: str) -> str:
        """Columns a to b of a tensor as an index."""
        return f"{of}[:, {self._column_start(a)} : {self._column_start(b)}]".replace("[:,  :", "[:, :")

    def _column_start(self, k: int) -> str:
        """The begin of a column as code: so many times H numbers, and those that all units share."""
        wide = len(self.wide)
        shared = min(max(k - wide, 0), len(self.shared))
        times = k - shared
        text = f"{times} * self.H" if times > 1 else "self.H" if times else ""
        return f"{text} + {shared}" if shared else text

    def letter(self, node: Node, otherwise: str) -> str:
        """The name for what a line says, else one of a series."""
        if node in self.cell.letters and not self.cell.letters[node].endswith("'"):
            return self.names.take(spelled(self.cell.letters[node]))
        return self.names.series(otherwise)


def runs(slots: Sequence[Slot], some: Iterable[Slot]) -> list[list[Slot]]:
    """The stretches in which some of the slots lie side by side."""
    wanted = {*some}
    return [[*run] for is_wanted, run in itertools.groupby(slots, wanted.__contains__) if is_wanted]


def _ordered(slots: list[Slot]) -> list[Slot]:
    """An order in which what belongs together lies together as far as can be."""
    kinds: dict[tuple[object, ...], list[Slot]] = {}
    shared = [slot for slot in slots if not slot.wide]
    slots = [slot for slot in slots if slot.wide]
    for slot in slots:
        sources = frozenset(product.operands[0] for product in slot.products)
        kinds.setdefault((slot.matrix is not None, sources, slot.value.operation), []).append(slot)
    if len(kinds) > MOST_ORDERED:
        return sorted(slots, key=lambda slot: slot.matrix is not None) + shared
    wanted = [[slot for slot in slots if slot.matrix]]
    wanted += [
        [slot for slot in slots if any(product.operands[0] is source for product in slot.products)]
        for source in dict.fromkeys(product.operands[0] for slot in slots for product in slot.products)
    ]
    wanted.append([slot for slot in slots if slot.value.operation == "sigmoid"])
    orders = [[*itertools.chain(*order)] for order in itertools.permutations(kinds.values())]
    if shared:  # those of x lie last, beside the shared ones, which all are of x
        orders = [order for order in orders if len(runs([*order, *shared], [*wanted[0], *shared])) == 1]
    return min(orders, key=lambda order: [len(runs(order, some)) for some in wanted]) + shared


def derivative(name: str) -> str:
    """The name of a gradient: `dz`, or `d_sum_0`."""
    return f"d{name}" if len(name) == 1 else f"d_{name}"


def joined(names: Iterable[str]) -> str:
    """Names side by side as one: `ifo`, or `sum_0_sum_1`."""
    names = [*names]
    return "".join(names) if all(len(name) == 1 for name in names) else "_".join(names)
