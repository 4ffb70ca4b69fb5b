"""Where what a pass keeps lies: the order of its columns, and the names that its source gives them.

Columns that a product is added to at once, those of x and those of one function lie together where they can.
No letter of the equations comes into the source unless it is an ASCII name; Greek ones are spelled.
"""

import itertools
import keyword
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rnn_core.equations.cell_graph import CellGraph, Slot
from rnn_core.equations.graph import Node

MOST_ORDERED = 6
"""Kinds of slots whose orders are all tried; 6 have 720."""
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
        return self.take(self.free(stem))

    def free(self, stem: str) -> str:
        """The next name of a series, which may still be given."""
        return next(one for k in itertools.count() if (one := f"{stem}_{k}") not in self.taken)


def spelled(letter: str) -> str:
    """A letter of the equations in ASCII, as far as that goes.

    >>> spelled("Δ_in"), spelled("z"), spelled("c'")
    ('Delta_in', 'z', 'c')
    """
    found = []
    for sign in letter.removesuffix("'"):
        _, _, name = unicodedata.name(sign, "").partition("GREEK ")
        size, _, rest = name.partition(" LETTER ")
        found.append({"SMALL": rest.lower(), "CAPITAL": rest.capitalize()}.get(size, sign))
    return "".join(found).encode("ascii", "replace").decode()


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Slots side by side to which products with the same left side are added: one product for all."""

    source: Node
    slots: tuple[Slot, ...]
    matrices: tuple[str, ...]
    name: str
    """That of the matrices side by side."""

    @property
    def in_block(self) -> bool:
        """True if its left side is known before the first time step."""
        return self.source.stage < 2


@dataclass(slots=True)
class Layout:
    """The slots in their order, those that all units share behind the others, and the names of places."""

    cell: CellGraph
    slots: list[Slot]
    names: Names
    states: dict[str, str] = field(default_factory=dict)
    """The place of each state by its letter."""
    new: dict[str, str] = field(default_factory=dict)
    """The place of each new state."""
    d_states: dict[str, str] = field(default_factory=dict)
    """The gradient of each state."""
    slot_columns: dict[Slot, str] = field(default_factory=dict)
    gradients: dict[Slot, str] = field(default_factory=dict)
    stacks: list[Stack] = field(default_factory=list)
    weights: dict[str, str] = field(default_factory=dict)
    """The name in the source of each weight of one number a unit that is no bias of x."""
    d_weights: dict[str, str] = field(default_factory=dict)
    after: str | None = None
    """The state in whose place the only slot lies."""

    @property
    def wide(self) -> list[Slot]:
        """The slots of H numbers."""
        return [slot for slot in self.slots if slot.wide]

    @property
    def shared(self) -> list[Slot]:
        """The slots of one number, which all units share."""
        return [slot for slot in self.slots if not slot.wide]

    @property
    def wide_columns(self) -> list[str]:
        """Their columns."""
        return [self.slot_columns[slot] for slot in self.wide]

    @property
    def of_x(self) -> list[Slot]:
        """The slots that x @ W comes to; they lie side by side."""
        return [slot for slot in self.slots if slot.matrix]

    def at(self, slot: Slot) -> int:
        """The number of its column."""
        return self.slots.index(slot)

    def stretch(self, slots: Sequence[Slot]) -> tuple[int, int]:
        """Where slots that lie side by side begin and end."""
        return self.at(slots[0]), self.at(slots[-1]) + 1

    def columns(self, a: int, b: int, of: str) -> str:
        """Columns a to b of a tensor as an index."""
        return f"{of}[:, {self._from(a)} : {self._from(b)}]".replace("[:,  :", "[:, :")

    def _from(self, k: int) -> str:
        """Where a column begins: so many times H numbers, and those that all units share."""
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
    wanted, found = {*some}, list[list[Slot]]()
    for before, slot in zip([None, *slots], slots, strict=False):
        if slot in wanted:
            if before in wanted:
                found[-1].append(slot)
            else:
                found.append([slot])
    return found


def lay_out(cell: CellGraph, slots: list[Slot], weights: Iterable[str], reserved: Iterable[str]) -> Layout:
    """Order and names for a cell; the slots of x lie side by side in any case."""
    layout = Layout(cell, _ordered(slots), Names(reserved))
    for letter in cell.new:
        layout.states[letter] = layout.names.take(spelled(letter))
    for letter in cell.new:
        layout.new[letter] = layout.names.take(f"{layout.states[letter]}_new")
    letters = {node: letter for letter, node in cell.new.items()}
    if len(layout.slots) == 1:
        layout.after = letters.get(layout.slots[0].value)
    for slot in layout.slots:
        if layout.after:
            layout.slot_columns[slot] = layout.new[layout.after]
        elif slot.value in cell.letters and slot.value not in letters:
            layout.slot_columns[slot] = layout.letter(slot.value, "sum")
        else:
            layout.slot_columns[slot] = layout.letter(slot.total, "sum")
    for slot in layout.slots:
        column = "a" if layout.after else layout.slot_columns[slot]
        layout.gradients[slot] = layout.names.take(derivative(column))
    for letter, state in layout.states.items():
        layout.d_states[letter] = layout.names.take(derivative(state))
    for name in weights:
        layout.weights[name] = layout.names.take(spelled(name))
        layout.d_weights[name] = layout.names.take(derivative(layout.weights[name]))
    layout.stacks = [*_stacks(layout)]
    return layout


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


def _stacks(layout: Layout) -> Iterable[Stack]:
    sources = dict.fromkeys(product.operands[0] for slot in layout.slots for product in slot.products)
    is_one = sum(len(slot.products) for slot in layout.slots)
    for source in sorted(sources, key=lambda source: source.place):
        product_of = {
            slot: product
            for slot in layout.slots
            for product in slot.products
            if product.operands[0] is source
        }
        for run in runs(layout.slots, product_of):
            letters = joined(layout.slot_columns[slot] for slot in run)
            name = layout.names.take("U" if len(run) == is_one else f"U_{letters}")
            yield Stack(source, tuple(run), tuple(product_of[slot].name for slot in run), name)


def derivative(name: str) -> str:
    """The name of a gradient: `dz`, or `d_sum_0`."""
    return f"d{name}" if len(name) == 1 else f"d_{name}"


def joined(names: Iterable[str]) -> str:
    """Names side by side as one: `ifo`, or `sum_0_sum_1`."""
    names = [*names]
    return "".join(names) if all(len(name) == 1 for name in names) else "_".join(names)
