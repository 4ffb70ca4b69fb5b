"""Every quantity of every cell, declared once: its letter, name, role, bounds, meaning and equation.

Symbols as in `rnn_core.nn.cells`. What is shown of a cell (curves, tables, exports, the drawing of a time
step) follows from its declaration here, so nothing that shows a cell has to know it by name. Equations are
LaTeX.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a quantity does, as the word that stands beside its line."""

    WRITES = "writes"
    KEEPS = "lets through"
    PROPOSES = "proposes"
    SHOWS = "shows"
    REMEMBERS = "remembers"
    SLOPE = "slope"


_GATES = (Role.WRITES, Role.KEEPS, Role.SHOWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One quantity of a cell."""

    letter: str
    name: str
    role: Role
    meaning: str
    bounds: tuple[float, float] | None
    """The least and the largest value that it can have; None where there are no bounds."""
    equation: str = ""
    """The right side; empty where it stands in no equation of the cell."""
    formula: str = ""
    """What is written in place of the letter where the letter is not one of the equations."""
    follows: Callable[[Mapping[str, Any]], Any] | None = None
    """It, from the others by letter, where the cell does not compute it itself."""
    is_behind: bool = False
    """Whether it is a state that the verdict reads only through the hidden state."""

    @property
    def mark(self) -> str:
        """How it is written: its letter or formula."""
        return self.formula or self.letter

    @property
    def is_gate(self) -> bool:
        """Whether it is a gate; a candidate is none."""
        return self.role in _GATES

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1: a gate or a slope."""
        return self.bounds == (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """How a gated cell changes its memory: memory' = kept share * memory + written share * candidate.

    All are letters.
    """

    memory: str
    candidate: str
    writes: str
    keeps: str | None = None
    """The gate that keeps the old memory; None where it is 1 - `writes`."""
    shows: str | None = None
    """The gate in h' = gate * tanh(memory'); None where the memory is h."""

    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        """How much of the old memory stays, given the gates by letter."""
        return 1 - gates[self.writes] if self.keeps is None else gates[self.keeps]

    def dropped_share(self, gates: Mapping[str, Any]) -> Any:
        """How much of the old memory goes."""
        return gates[self.writes] if self.keeps is None else 1 - gates[self.keeps]

    @property
    def kept(self) -> str:
        """The term that stays, as it is written."""
        return f"(1 − {self.writes}) {self.memory}" if self.keeps is None else f"{self.keeps} {self.memory}"

    @property
    def written(self) -> str:
        """The term that is new."""
        return f"{self.writes} {self.candidate}"

    @property
    def dropped(self) -> str:
        """What goes of the old memory."""
        return f"{self.writes} {self.memory}" if self.keeps is None else f"(1 − {self.keeps}) {self.memory}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A gate inside the candidate, which decides how much of h reaches it."""

    gate: str
    candidate: str
    after: bool
    """Whether it acts on the product h U + d, and not on h before the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDeclaration:
    """All that is to be known of a cell without its weights."""

    name: str
    noun: str
    """With its article, for a sentence."""
    torch_module: str
    """torch's own module of that kind."""
    symbols: tuple[Symbol, ...]
    """In the order in which they are shown: gates, candidate, states."""
    states: tuple[str, ...]
    """The letters of what goes from one time step to the next, h first."""
    equations: tuple[str, ...]
    """The letters of the equations, in their order."""
    update: Update | None = None
    """None for a cell without gates."""
    reset: Reset | None = None
    convention: str
    """Which of several ways to write the cell is meant."""

    def __getitem__(self, letter: str) -> Symbol:
        """A quantity by its letter. Raises KeyError where the cell has none of this letter."""
        return {symbol.letter: symbol for symbol in self.symbols}[letter]

    @property
    def full_name(self) -> str:
        """The name where a page mentions it first."""
        return self.noun.split(maxsplit=1)[1]

    @property
    def shares(self) -> tuple[Symbol, ...]:
        """What lies between 0 and 1: the gates, or a slope."""
        return tuple(symbol for symbol in self.symbols if symbol.is_share)

    @property
    def parts(self) -> tuple[str, ...]:
        """The letters of what a sigmoid or tanh makes of word and memory, in the order of the drawing.

        What keeps stands first, beside the old memory; a reset just before the candidate that it acts on.
        """
        update = self.update
        if update is None:
            return self.states
        named = (update.keeps, update.writes, update.shows)
        others = [symbol.letter for symbol in self.symbols if symbol.is_gate and symbol.letter not in named]
        order = [update.keeps, *others, update.writes] if update.keeps else [update.writes, *others]
        return tuple(filter(None, (*order, update.candidate, update.shows)))

    def complete(self, computed: Mapping[str, Any]) -> dict[str, Any]:
        """All quantities by letter, given those that the cell computes; arrays or tensors of any shape."""
        more = {
            symbol.letter: symbol.follows(computed) for symbol in self.symbols if symbol.follows is not None
        }
        return {**computed, **more}


def _hidden(equation: str) -> Symbol:
    return Symbol(
        letter="h",
        name="hidden state",
        role=Role.REMEMBERS,
        meaning="what the cell passes on, from one time step to the next and to the verdict",
        bounds=(-1.0, 1.0),
        equation=equation,
    )


_ELMAN = CellDeclaration(
    name="Elman",
    noun="a plain RNN (Elman)",
    torch_module="nn.RNN",
    symbols=(
        Symbol(
            letter="slope",
            name="slope of the tanh",
            role=Role.SLOPE,
            meaning="how much of a small change passes through the tanh; near 0 a unit is saturated",
            bounds=(0.0, 1.0),
            formula="1 − h²",
            follows=lambda step: 1 - step["h"] ** 2,
        ),
        _hidden(r"\tanh(W x + U h + b)"),
    ),
    states=("h",),
    equations=("h",),
    convention=(
        "A plain RNN (Elman) has no gates: every word goes through the same tanh. Shown instead is the "
        "slope of that tanh, 1 − h². Where it is near 0 the unit is saturated, and what came before can "
        "hardly reach the verdict."
    ),
)


def _gru(*, after: bool) -> CellDeclaration:
    place = "after the product with the recurrent weights, as in PyTorch and cuDNN"
    if not after:
        place = "before the product with the recurrent weights (arXiv 1406.1078v3)"
    return CellDeclaration(
        name="GRU",
        noun="a GRU",
        torch_module="nn.GRU",
        symbols=(
            Symbol(
                letter="z",
                name="update gate",
                role=Role.WRITES,
                meaning="how much of the candidate is written; as much of the old state is dropped",
                bounds=(0.0, 1.0),
                equation=r"\sigma(W_z x + U_z h + b_z)",
            ),
            Symbol(
                letter="r",
                name="reset gate",
                role=Role.KEEPS,
                meaning="how much of the old state reaches the candidate, and nothing else",
                bounds=(0.0, 1.0),
                equation=r"\sigma(W_r x + U_r h + b_r)",
            ),
            Symbol(
                letter="n",
                name="candidate state",
                role=Role.PROPOSES,
                meaning="the new content that the update gate may write",
                bounds=(-1.0, 1.0),
                equation=r"\tanh(W_n x + b_n + r \odot (U_n h + d))"
                if after
                else r"\tanh(W_n x + U_n (r \odot h) + b_n)",
            ),
            _hidden(r"(1 - z) \odot h + z \odot n"),
        ),
        states=("h",),
        equations=("r", "z", "n", "h"),
        update=Update(memory="h", candidate="n", writes="z"),
        reset=Reset(gate="r", candidate="n", after=after),
        convention=(
            "Convention: z = 1 takes the candidate, as in Chung et al., 2014 (PyTorch has z the other way "
            f"round). The reset gate acts {place}."
        ),
    )


_LSTM = CellDeclaration(
    name="LSTM",
    noun="an LSTM",
    torch_module="nn.LSTM",
    symbols=(
        Symbol(
            letter="i",
            name="input gate",
            role=Role.WRITES,
            meaning="how much of the candidate is written into the cell state",
            bounds=(0.0, 1.0),
            equation=r"\sigma(W_i x + U_i h + b_i)",
        ),
        Symbol(
            letter="f",
            name="forget gate",
            role=Role.KEEPS,
            meaning="how much of the old cell state stays; near 0 it is forgotten",
            bounds=(0.0, 1.0),
            equation=r"\sigma(W_f x + U_f h + b_f)",
        ),
        Symbol(
            letter="o",
            name="output gate",
            role=Role.SHOWS,
            meaning="how much of the cell state the hidden state shows",
            bounds=(0.0, 1.0),
            equation=r"\sigma(W_o x + U_o h + b_o)",
        ),
        Symbol(
            letter="g",
            name="candidate cell state",
            role=Role.PROPOSES,
            meaning="the new content that the input gate may write",
            bounds=(-1.0, 1.0),
            equation=r"\tanh(W_g x + U_g h + b_g)",
        ),
        Symbol(
            letter="c",
            name="cell state",
            role=Role.REMEMBERS,
            meaning="the memory behind the hidden state; it has no bounds",
            bounds=None,
            equation=r"f \odot c + i \odot g",
            is_behind=True,
        ),
        _hidden(r"o \odot \tanh(c')"),
    ),
    states=("h", "c"),
    equations=("i", "f", "o", "g", "c", "h"),
    update=Update(memory="c", candidate="g", writes="i", keeps="f", shows="o"),
    convention=(
        "g is a tanh, so it is a candidate and not a gate. The cell state c has no bounds; the hidden "
        "state h is what the output gate shows of it."
    ),
)

_DECLARATIONS = {"elman": _ELMAN, "gru": _gru(after=False), "lstm": _LSTM}
_RESET_AFTER = {"gru": _gru(after=True)}

CELL_NAMES = {cell: declared.name for cell, declared in _DECLARATIONS.items()}


def declaration(cell: str, reset: str = "before") -> CellDeclaration:
    """What is declared of a cell, with its reset, if it has one, "before" or "after" the product.

    Raises KeyError for an unknown cell.
    """
    return _RESET_AFTER[cell] if reset == "after" and cell in _RESET_AFTER else _DECLARATIONS[cell]


def state(letter: str) -> Symbol:
    """A state by its letter, which means the same in every cell. Raises KeyError where none has it."""
    return {known: declared[known] for declared in _DECLARATIONS.values() for known in declared.states}[
        letter
    ]


def symbols(cell: str) -> tuple[Symbol, ...]:
    """The quantities of a cell as they are shown, its gates first. Raises KeyError for an unknown cell."""
    return declaration(cell).symbols


def symbol(cell: str, letter: str) -> Symbol:
    """One of them by its letter. Raises KeyError where the cell has none of this letter."""
    return declaration(cell)[letter]
