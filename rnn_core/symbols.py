"""Every cell, registered under one name: the class that computes it, and all of its quantities.

What is shown of a cell follows from its declaration here, so nothing that shows a cell has to know it by
name. Classes are named by where they stand, so that nothing is imported that needs torch.
"""

import math
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, Self

from typing_extensions import override

from rnn_core.errors import ConfigError
from rnn_core.refusals import Fixed
from rnn_core.registry import Registry, UnknownNameError


class Function(StrEnum):
    """What is applied to the sum of what the word and the memory contribute."""

    SIGMOID = "σ"
    TANH = "tanh"
    RELU = "relu"
    SOFTPLUS = "softplus"
    NONE = ""

    @property
    def latex(self) -> str:
        """The function as an equation writes it."""
        return {"σ": r"\sigma", "tanh": r"\tanh", "": ""}.get(self, rf"\operatorname{{{self}}}")


class Role(StrEnum):
    """What a quantity does, as the word that stands beside its line."""

    WRITES = "writes"
    KEEPS = "lets through"
    FORGETS = "lets go"
    PROPOSES = "proposes"
    SHOWS = "shows"
    REMEMBERS = "remembers"
    SLOPE = "slope"


_GATES = (Role.WRITES, Role.KEEPS, Role.FORGETS, Role.SHOWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One quantity of a cell."""

    letter: str
    word: str
    """What sets it apart from others of its noun, such as "update"."""
    noun: str = ""
    """What it is, such as "gate"; empty where `word` says that, too."""
    role: Role
    meaning: str
    bounds: tuple[float, float] | None
    """The least and the largest value that the quantity can have; None where there are no bounds."""
    equation: str = ""
    """The right side of its equation; empty where it stands in no equation of the cell."""
    formula: str = ""
    """What is written in place of the letter where the letter is not one of the equations."""
    follows: Callable[[Mapping[str, Any]], Any] | None = None
    """Computes the quantity from the others by letter, where the cell does not compute it itself."""
    is_behind: bool = False
    """Whether this is a state that the verdict reads only through the hidden state."""
    place: int = 0
    """The place among the states behind the hidden one, or in its family, counted from 0, which sets their
    lines apart."""
    is_scale: bool = False
    """Whether this is a state that says in what units another one is, so that it has no norm or gradient that
    says something of the text."""
    function: Function = Function.TANH
    """What a gate or a candidate applies to the sum of x W + b and `of_memory`."""
    of_memory: str = "h U_"
    """What the memory contributes to a gate or a candidate, _ in the place of its letter; empty where the
    word alone decides."""
    of_gate: str = ""
    """The gate of which, beside what else its equation names, a share is made; empty where it is not."""

    weight: str = ""
    """The parameter that is one number a unit and that the equation names, where the cell has such a one."""
    weight_letter: str = ""
    """How the equation writes that parameter, where this is not its name in the code."""
    family: str = ""
    """What stands in equations for it and for others like it, which differ in their `place`, such as s_j."""
    is_drawn_by_range: bool = False
    """Whether nothing was said of its bounds, so that the values themselves say how it is drawn."""

    @property
    def latex(self) -> str:
        """The letter as an equation writes it."""
        return self.family or self.letter

    @property
    def name(self) -> str:
        """Word and noun, such as "update gate"."""
        return f"{self.word} {self.noun}".rstrip()

    @property
    def common_name(self) -> str:
        """The name without the letter that sets one of a family apart, such as "decaying state" of s1."""
        return self.name.removesuffix(f" {self.letter}")

    @property
    def title(self) -> str:
        """Letter and word, among those of other quantities; a formula stands alone."""
        return self.formula or f"{self.letter}  {self.word}"

    @property
    def mark(self) -> str:
        """The letter or formula that stands for the quantity."""
        return self.formula or self.letter

    @property
    def is_gate(self) -> bool:
        """Whether the quantity is a gate; a candidate is none, nor is a share that is made of a gate."""
        return self.role in _GATES and not self.of_gate

    @property
    def is_share(self) -> bool:
        """Whether the quantity lies between 0 and 1: a gate or a slope."""
        return self.bounds == (0.0, 1.0)


class Track(NamedTuple):
    """One of several memories of a unit: state' = kept * state + writes * comes * candidate, by letters."""

    state: str
    kept: str
    comes: str
    """What weights the candidate, beside the gate that writes."""
    shows: str
    """What the new state is multiplied with in h', the sum over all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """How a gated cell changes its memory: memory' = kept share * memory + written share * candidate."""

    memory: str
    """The letter of the state that is changed; the next four are letters, too."""
    candidate: str
    writes: str
    keeps: str | None = None
    """The gate that keeps the old memory; None where it is 1 - `writes`."""
    shows: str | None = None
    """The gate in h' = gate * tanh(memory'); None where the memory is h."""
    is_normalised: bool = False
    """Whether each gate is divided by the sum of both, so that what is kept and written adds up to one."""
    remembers_by_bias: bool = True
    """Whether the setting `forget_bias` says with which biases the gates start."""
    squashes: bool = True
    """Whether what is shown is a part of the tanh of the memory, and not of the memory itself."""
    held_in: str = ""
    """The letter of the state of which the memory is made, where the memory is no state itself."""
    tracks: tuple["Track", ...] = ()
    """Where a unit has several memories, each of them, `memory` the first."""

    @property
    def state(self) -> str:
        """The letter of the state that holds the memory."""
        return self.held_in or self.memory

    def biases(self, *, keeps: float, writes: float) -> dict[str, float]:
        """The bias of each gate by its letter that opens it by so much to what is kept and to the new."""
        return {gate: bias for gate, bias in ((self.keeps, keeps), (self.writes, writes)) if gate is not None}

    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the old memory that stays, given all that was computed by letter."""
        if self.keeps is None:
            return 1 - gates[self.writes]
        return 1 - self.written_share(gates) if self.is_normalised else gates[self.keeps]

    def written_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the candidate that comes in, given all that was computed by letter."""
        if self.keeps is None or not self.is_normalised:
            return gates[self.writes]
        both = gates[self.keeps] + gates[self.writes]
        return gates[self.writes] / (both + (both == 0))  # nothing where both are 0: the old memory stays

    def dropped_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the old memory that goes, given all that was computed by letter."""
        return gates[self.writes] if self.keeps is None else 1 - self.kept_share(gates)

    def shares_in_latex(self, number: Callable[[str], str]) -> tuple[str, str]:
        """The shares that are kept and written; `number` writes the value of a letter."""
        written = number(self.writes)
        if self.keeps is None:
            return f"(1 - {written})", written
        kept = number(self.keeps)
        if not self.is_normalised:
            return kept, written
        both = f"{kept} + {written}"
        return rf"\frac{{{kept}}}{{{both}}}", rf"\frac{{{written}}}{{{both}}}"

    @property
    def kept(self) -> str:
        """The term of the old memory that stays, as the drawing writes it."""
        return (
            f"{'(1 − ' + self.writes + ')' if self.keeps is None else self._share(self.keeps)} {self.memory}"
        )

    @property
    def written(self) -> str:
        """The term of the candidate that comes in, as the drawing writes it."""
        return f"{self._share(self.writes)} {self.candidate}"

    @property
    def dropped(self) -> str:
        """The term of the old memory that goes, as the drawing writes it."""
        if self.keeps is None or self.is_normalised:
            return f"{self._share(self.writes)} {self.memory}"
        return f"(1 − {self.keeps}) {self.memory}"

    def _share(self, gate: str) -> str:
        return f"{gate}/({self.keeps} + {self.writes})" if self.is_normalised else gate


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayingUpdate(Update):
    """An update in which the longer a unit keeps its memory, the less is written.

    `keeps` is here a gate that lets go:
    memory' = share * memory + sqrt(1 - share^2) * gate * candidate, so that the memory stays of one size.
    """

    share: str
    """The letter of the share of the old memory that stays."""
    remembers_by_bias: bool = False

    @override
    def biases(self, *, keeps: float, writes: float) -> dict[str, float]:
        return Update.biases(self, keeps=-keeps, writes=writes)

    @override
    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        return gates[self.share]

    @override
    def written_share(self, gates: Mapping[str, Any]) -> Any:
        return (1 - gates[self.share] ** 2) ** 0.5 * gates[self.writes]

    @override
    def shares_in_latex(self, number: Callable[[str], str]) -> tuple[str, str]:
        share = number(self.share)
        return share, rf"\sqrt{{1 - {share}^2}} \cdot {number(self.writes)}"

    @property
    @override
    def kept(self) -> str:
        return f"{self.share} {self.memory}"

    @property
    @override
    def written(self) -> str:
        return f"√(1 − {self.share}²) {self.writes} {self.candidate}"

    @property
    @override
    def dropped(self) -> str:
        return f"(1 − {self.share}) {self.memory}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingUpdate(Update):
    """An update of two shares that add up to 1: memory' = kept_as * memory + written_as * candidate."""

    kept_as: str
    written_as: str

    @override
    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        return gates[self.kept_as]

    @override
    def written_share(self, gates: Mapping[str, Any]) -> Any:
        return gates[self.written_as]

    @override
    def shares_in_latex(self, number: Callable[[str], str]) -> tuple[str, str]:
        return number(self.kept_as), number(self.written_as)

    @property
    @override
    def kept(self) -> str:
        return f"{self.kept_as} {self.memory}"

    @property
    @override
    def written(self) -> str:
        return f"{self.written_as} {self.candidate}"

    @property
    @override
    def dropped(self) -> str:
        return f"{self.written_as} {self.memory}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelUpdate(Update):
    """An update of several memories at once, its `tracks`; its shares are those of the first one."""

    @override
    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        return gates[self.tracks[0].kept]

    @override
    def written_share(self, gates: Mapping[str, Any]) -> Any:
        return gates[self.writes] * gates[self.tracks[0].comes]

    @override
    def dropped_share(self, gates: Mapping[str, Any]) -> Any:
        return 1 - self.kept_share(gates)

    @property
    @override
    def kept(self) -> str:
        return f"{self.tracks[0].kept} {self.memory}"

    @property
    @override
    def written(self) -> str:
        return f"{self.writes} {self.tracks[0].comes} {self.candidate}"

    @property
    @override
    def dropped(self) -> str:
        return f"(1 − {self.tracks[0].kept}) {self.memory}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A gate inside the candidate, which decides how much of h reaches it."""

    gate: str
    candidate: str
    after: bool
    """Whether it acts on the product h U + d, and not on h before the product."""


class Products(NamedTuple):
    """The matrices that the equations of a time step multiply."""

    with_word: int
    of_one_column: int
    """The number of matrices that multiply the word and give one number for all units."""
    with_memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDeclaration:
    """All that is to be known of a cell without its weights."""

    kind: str
    """The value of the setting `cell`: the name of the usual one among the variants of a kind."""
    name: str
    noun: str
    """The name with its article, for a sentence."""
    implementation: str | type[Any]
    """The class that computes the cell: where it stands, as "module:Class", or the class itself."""
    summary: str
    """A sentence for the help text of the setting `cell`."""
    memory: str = ""
    """A half sentence on its use of its memory, with a verb first and no full stop; may be empty."""
    settings: Mapping[str, str | bool] = field(default_factory=dict)
    """The settings of a run that change the equations of this kind, and their values here."""
    fixed: Mapping[str, Fixed] = field(default_factory=dict)
    """The settings of a run that have one value only with this cell."""
    idle: Mapping[str, str] = field(default_factory=dict)
    """The settings of a run that change nothing with this cell, and a sentence that says why of each."""
    apart: str = ""
    """What sets the cell apart from the other variants of its kind, in some words."""
    torch_module: str = ""
    """torch's module of that kind, or what it is measured against; empty where there is neither."""
    is_in_torch: bool = False
    """Whether that module computes the same."""
    symbols: tuple[Symbol, ...]
    """The quantities in the order in which they are shown: gates, candidate, states."""
    states: tuple[str, ...] = ("h",)
    """The letters of what goes from one time step to the next, h first."""
    equations: tuple[str, ...]
    """The letters of the equations, in their order."""
    update: Update | None = None
    """The update of its memory; None for a cell without gates."""
    reset: Reset | None = None
    convention: str
    """A sentence or two on which of several ways to write the cell is meant."""
    differs: str = ""
    """What is otherwise here than in the paper that the cell is from; empty where nothing is."""
    has_parts: bool = True
    """Whether each gate and candidate is known as a function of what the word and the memory contribute."""
    code: str = ""
    """The code of a time step, where it stands in the place of equations; empty where these say all."""

    def __getitem__(self, letter: str) -> Symbol:
        """A quantity by its letter. Raises KeyError where the cell has none of this letter."""
        return {symbol.letter: symbol for symbol in self.symbols}[letter]

    @property
    def use_of_memory(self) -> str:
        """A sentence on what it does with its memory, with the verb first."""
        half = self.memory or self.summary.rstrip(".")
        return f"{half[0].upper()}{half[1:]}."

    @property
    def cell_class(self) -> type[Any]:
        """The `rnn_core.nn.cells.Cell` that computes the cell, imported where it was not yet."""
        named = self.implementation
        found = pkgutil.resolve_name(named) if isinstance(named, str) else named
        made: type[Any] = found if isinstance(found, type) else found(variant_of(self.kind, self.settings))
        return made

    def check_for_workers(self) -> None:
        """Raises ConfigError where other processes can't find the class, since only this one has it."""
        if not isinstance(self.implementation, str):
            raise ConfigError(
                f"The cell {self.kind} is known to this process alone, so the queue and sweeps, which train "
                "in processes of their own, can't find it. Train it here. Or write its class into a file in "
                "rnn_core/nn and its declaration into rnn_core/symbols.py, as those of the other cells."
            )

    @property
    def in_own_process(self) -> bool:
        """Whether its code runs only in processes that were started for it: elsewhere they are asked."""
        return False

    def check_stays_here(self) -> None:
        """Raises ConfigError where its code may not leave this machine, as to a cluster."""

    def keep(self) -> None:
        """Keeps its code as it is now for the runs that begin with it, where it may change later."""

    def run_files(self) -> Mapping[str, bytes]:
        """Name -> content of what a run of this cell has to carry beside its own files."""
        return {}

    @property
    def run_settings(self) -> dict[str, str | bool]:
        """The settings of a run that choose this cell."""
        return {"cell": self.kind, **self.settings}

    @property
    def full_name(self) -> str:
        """The name where a page mentions the cell first."""
        return self.noun.split(maxsplit=1)[1]

    @property
    def title(self) -> str:
        """The name beside those of the other variants."""
        return f"{self.name}, {self.apart}" if self.apart else self.full_name

    @property
    def remembers_by_bias(self) -> bool:
        """Whether the setting `forget_bias` says with which biases the gates start."""
        return self.update is not None and self.update.remembers_by_bias

    @property
    def shares(self) -> tuple[Symbol, ...]:
        """The quantities that lie between 0 and 1: the gates, or a slope."""
        return tuple(symbol for symbol in self.symbols if symbol.is_share)

    def made_of(self, gate: str) -> Symbol | None:
        """The share that is made of a gate, where there is one."""
        return next((symbol for symbol in self.symbols if symbol.of_gate == gate), None)

    @property
    def parts(self) -> tuple[str, ...]:
        """The letters of what a sigmoid or tanh makes of word and memory, in the order of the drawing.

        What keeps stands first, beside the old memory; a reset just before the candidate that it acts on.
        None are known of a cell whose gates and candidates need not be such functions.
        """
        if not self.has_parts:
            return ()
        update = self.update
        if update is None:
            behind = [letter for letter in self.equations if letter not in self.states]
            return tuple(behind) or self.states
        named = (update.keeps, update.writes, update.shows)
        others = [symbol.letter for symbol in self.symbols if symbol.is_gate and symbol.letter not in named]
        order = [update.keeps, *others, update.writes] if update.keeps else [update.writes, *others]
        return tuple(filter(None, (*order, update.candidate, update.shows)))

    @property
    def products(self) -> Products | None:
        """The products of a time step; None of a cell that does not say what its weights are made of."""
        cls = self.cell_class if self.has_parts else None
        if cls is None:
            return None
        of_word = len(cls.blocks)
        return Products(of_word, len(cls.shared), of_word if cls.mixes_units else 0)

    @property
    def is_parallel(self) -> bool | None:
        """True if gates and candidates see the word alone, so that those of all time steps are known at once.

        None of a cell that does not say what they see.
        """
        return not any(self[letter].of_memory for letter in self.parts) if self.parts else None

    @property
    def remembering(self) -> tuple[str, ...]:
        """The letters of the states that the next time step reads: not of an h that is shown only."""
        is_shown_only = self.update is not None and self.update.state != "h" and self.is_parallel
        return self.states[1:] if is_shown_only else self.states

    def weight_as_written(self, parameter: str) -> str:
        """A parameter as the equations write it, such as Λ of Lambda."""
        letters = {symbol.weight: symbol.weight_letter for symbol in self.symbols if symbol.weight_letter}
        return letters.get(parameter, parameter)

    @property
    def carriers(self) -> tuple[str, ...]:
        """The letters of the states through which the past reaches the verdict."""
        return tuple(letter for letter in self.states if not self[letter].is_scale)

    @property
    def memories(self) -> tuple[str, ...]:
        """The letters of what is shown of the memory: h and what an update changes, else every state."""
        if self.update is None:
            return self.states
        several = (track.state for track in self.update.tracks)
        return tuple(dict.fromkeys(("h", self.update.memory, *several)))

    def as_seen(self, arrays: Mapping[str, Any]) -> Self:
        """The declaration for what was computed, (T, H) by letter: what is drawn by its range has bounds.

        They are 0 and 1 where all values lie there, and there are none where they don't.
        """
        symbols = tuple(
            replace(known, bounds=(0.0, 1.0))
            if known.is_drawn_by_range and 0 <= arrays[known.letter].min() <= arrays[known.letter].max() <= 1
            else known
            for known in self.symbols
        )
        return self if symbols == self.symbols else replace(self, symbols=symbols)

    def remembered(self, states: Mapping[str, Any]) -> dict[str, Any]:
        """States by letter, and beside them the memory that is made of them, where it is none of them."""
        made = {
            symbol.letter: symbol.follows(states)
            for symbol in self.symbols
            if symbol.follows is not None and symbol.role is Role.REMEMBERS
        }
        return {**states, **made}

    def complete(self, computed: Mapping[str, Any]) -> dict[str, Any]:
        """All quantities by letter, given those that the cell computes; arrays or tensors of any shape."""
        more = {
            symbol.letter: symbol.follows(computed) for symbol in self.symbols if symbol.follows is not None
        }
        return {**computed, **more}


def _gate(
    letter: str, role: Role, word: str, meaning: str, *, of_memory: str = "h U_", more: str = ""
) -> Symbol:
    """The symbol of a gate, a sigmoid of what the word, the memory and `more`, in LaTeX, contribute."""
    recurrent = f" + U_{letter} h" if "U_" in of_memory else ""
    return Symbol(
        letter=letter,
        word=word,
        noun="gate",
        role=role,
        meaning=meaning,
        bounds=(0.0, 1.0),
        equation=rf"\sigma(W_{letter} x{recurrent}{more} + b_{letter})",
        function=Function.SIGMOID,
        of_memory=of_memory,
    )


def _candidate(letter: str, word: str, meaning: str, equation: str, *, of_memory: str = "h U_") -> Symbol:
    """The symbol of a candidate, a tanh, or the sum itself where the candidate does not see the memory."""
    return Symbol(
        letter=letter,
        word=word,
        noun="state",
        role=Role.PROPOSES,
        meaning=meaning,
        bounds=(-1.0, 1.0) if of_memory else None,
        equation=equation,
        function=Function.TANH if of_memory else Function.NONE,
        of_memory=of_memory,
    )


def _hidden(
    equation: str,
    *,
    bounds: tuple[float, float] | None = (-1.0, 1.0),
    function: Function = Function.TANH,
    of_memory: str = "h U_",
) -> Symbol:
    return Symbol(
        letter="h",
        word="hidden",
        noun="state",
        role=Role.REMEMBERS,
        meaning="what the cell passes on, from one time step to the next and to the verdict",
        bounds=bounds,
        equation=equation,
        function=function,
        of_memory=of_memory,
    )


def slope_of(function: Function) -> Symbol:
    """What is shown of a cell without gates, whose h is the tanh or the relu of a sum: the slope there."""
    passes = {
        Function.TANH: (
            "how much of a small change passes through the tanh; near 0 a unit is saturated",
            "1 − h²",
            lambda step: 1 - step["h"] ** 2,
        ),
        Function.RELU: (
            "1 where a change passes through the relu; 0 where the unit is silent",
            "h > 0",
            lambda step: (step["h"] > 0) * 1.0,
        ),
    }
    meaning, formula, follows = passes[function]
    return Symbol(
        letter="slope",
        word=f"slope of the {function}",
        role=Role.SLOPE,
        meaning=meaning,
        bounds=(0.0, 1.0),
        formula=formula,
        follows=follows,
    )


_BY_EQUATIONS = "rnn_core.nn.equation_cell:cell_named"

_ELMAN = CellDeclaration(
    kind="elman",
    name="Elman",
    noun="a plain RNN (Elman)",
    implementation=_BY_EQUATIONS,
    summary="A plain RNN (Elman) mixes word and memory through one tanh.",
    memory="writes its whole memory again at each word, through one tanh",
    torch_module="nn.RNN",
    is_in_torch=True,
    symbols=(slope_of(Function.TANH), _hidden(r"\tanh(W x + U h + b)")),
    equations=("h",),
    convention=(
        "A plain RNN (Elman) has no gates: every word goes through the same tanh. Shown instead is the "
        "slope of that tanh, 1 − h². Where it is near 0 the unit is saturated: it may well hold what it "
        "read before, but a small change there hardly reaches the verdict, and little is learned from it."
    ),
)

_INDRNN = CellDeclaration(
    kind="indrnn",
    name="IndRNN",
    noun="an IndRNN",
    implementation=_BY_EQUATIONS,
    summary="An IndRNN has no gate, and each of its units a memory that no other reads.",
    memory="keeps the same share of each unit at every word, and adds the word",
    torch_module="nn.RNN",
    symbols=(
        slope_of(Function.RELU),
        _hidden(
            r"\operatorname{relu}(W x + u \odot h + b)", bounds=None, function=Function.RELU, of_memory="u h"
        ),
    ),
    equations=("h",),
    convention=(
        "An IndRNN (independently recurrent; Li et al., 2018) has no gates and no recurrent matrix: u has "
        "one number a unit, so each unit remembers by itself, and units meet only above the layer. |u| is at "
        "most 1, so no time step multiplies a state by more. Shown is where the relu lets a change through: "
        "h > 0."
    ),
)

_OLD_IS_DROPPED = "how much of the candidate is written; as much of the old state is dropped"
_NEW_CONTENT = "the new content that the update gate may write"
_Z_TAKES = "Convention: z = 1 takes the candidate"

_UGRNN = CellDeclaration(
    kind="ugrnn",
    name="UGRNN",
    noun="a UGRNN",
    implementation=_BY_EQUATIONS,
    summary="A UGRNN has one gate, which decides what is kept and what is written.",
    memory="puts new content in the place of old by one gate, which sees word and memory",
    torch_module="nn.GRU",
    symbols=(
        _gate("z", Role.WRITES, "update", _OLD_IS_DROPPED),
        _candidate("n", "candidate", _NEW_CONTENT, r"\tanh(W_n x + U_n h + b_n)"),
        _hidden(r"(1 - z) \odot h + z \odot n"),
    ),
    equations=("z", "n", "h"),
    update=Update(memory="h", candidate="n", writes="z"),
    convention=(
        f"{_Z_TAKES}, as in our GRU (Collins et al., 2017, have their gate the other way round). A UGRNN "
        "(update gate RNN) is a GRU whose reset gate is always open: one gate more than a plain RNN."
    ),
)


def _gru(*, after: bool) -> CellDeclaration:
    place = "after the product with the recurrent weights, as in PyTorch and cuDNN"
    if not after:
        place = "before the product with the recurrent weights (arXiv 1406.1078v3)"
    return CellDeclaration(
        kind="gru",
        name="GRU",
        noun="a GRU",
        implementation=_BY_EQUATIONS,
        summary="A GRU has a second gate, which decides what of the memory the new content is made of.",
        memory="puts new content in the place of old by one gate, and hides old from new by another",
        settings={"reset": "after" if after else "before"},
        apart="reset after" if after else "reset before",
        torch_module="nn.GRU",
        is_in_torch=after,
        symbols=(
            _gate("z", Role.WRITES, "update", _OLD_IS_DROPPED),
            _gate(
                "r", Role.KEEPS, "reset", "how much of the old state reaches the candidate, and nothing else"
            ),
            _candidate(
                "n",
                "candidate",
                _NEW_CONTENT,
                r"\tanh(W_n x + b_n + r \odot (U_n h + d))"
                if after
                else r"\tanh(W_n x + U_n (r \odot h) + b_n)",
                of_memory="h U_ + d" if after else "(r h) U_",
            ),
            _hidden(r"(1 - z) \odot h + z \odot n"),
        ),
        equations=("r", "z", "n", "h"),
        update=Update(memory="h", candidate="n", writes="z"),
        reset=Reset(gate="r", candidate="n", after=after),
        convention=(
            f"{_Z_TAKES}, as in Chung et al., 2014 (PyTorch has z the other way "
            f"round). The reset gate acts {place}."
        ),
    )


def _lstm(*, coupled: bool, peepholes: bool) -> CellDeclaration:
    old, new = (r" + p_{} \odot c", r" + p_{} \odot c'") if peepholes else ("", "")
    memory = "h U_ + p_ c" if peepholes else "h U_"
    shown = "h U_ + p_ c′" if peepholes else "h U_"
    forget = _gate(
        "f",
        Role.KEEPS,
        "forget",
        "how much of the old cell state stays; near 0 it is forgotten",
        of_memory=memory,
        more=old.format("f"),
    )
    written = "how much of the candidate is written into the cell state"
    bounds = "lies between −1 and 1, as g does" if coupled else "has no bounds"
    convention = (
        f"g is a tanh, so it is a candidate and not a gate. The cell state c {bounds}; the hidden state h is "
        "what the output gate shows of it."
    )
    if coupled:
        convention += (
            " The gates are coupled (Greff et al., 2017): what is written takes the place of as much that is "
            "forgotten, f = 1 − i."
        )
    if peepholes:
        convention += (
            " Peepholes p let the gates see the cell state, one number a unit (Gers and Schmidhuber, 2000): "
            f"{'i sees' if coupled else 'i and f see'} the old one, o the new one."
        )
    gates = (
        "one gate to write and forget and one to show" if coupled else "a gate each to write, forget and show"
    )
    noun, apart = {
        (False, False): ("an LSTM", ""),
        (True, False): ("a coupled LSTM", "coupled gates"),
        (False, True): ("a peephole LSTM", "peepholes"),
        (True, True): ("a coupled peephole LSTM", "coupled gates and peepholes"),
    }[coupled, peepholes]
    return CellDeclaration(
        kind="lstm",
        name="LSTM",
        noun=noun,
        implementation=_BY_EQUATIONS,
        summary="An LSTM has three gates, which decide what is kept, written and shown.",
        memory=f"keeps a cell state apart from what it shows, with {gates}",
        settings={"coupled_gates": coupled, "peepholes": peepholes},
        apart=apart,
        torch_module="nn.LSTM",
        is_in_torch=not apart,
        symbols=(
            _gate(
                "i",
                Role.WRITES,
                "input",
                f"{written}; as much of the old one is forgotten" if coupled else written,
                of_memory=memory,
                more=old.format("i"),
            ),
            *(() if coupled else (forget,)),
            _gate(
                "o",
                Role.SHOWS,
                "output",
                "how much of the cell state the hidden state shows",
                of_memory=shown,
                more=new.format("o"),
            ),
            _candidate(
                "g",
                "candidate cell",
                "the new content that the input gate may write",
                r"\tanh(W_g x + U_g h + b_g)",
            ),
            Symbol(
                letter="c",
                word="cell",
                noun="state",
                role=Role.REMEMBERS,
                meaning=f"the memory behind the hidden state; it {bounds}",
                bounds=(-1.0, 1.0) if coupled else None,
                equation=r"(1 - i) \odot c + i \odot g" if coupled else r"f \odot c + i \odot g",
                is_behind=True,
            ),
            _hidden(r"o \odot \tanh(c')"),
        ),
        states=("h", "c"),
        equations=("i", "o", "g", "c", "h") if coupled else ("i", "f", "o", "g", "c", "h"),
        update=Update(memory="c", candidate="g", writes="i", keeps=None if coupled else "f", shows="o"),
        convention=convention,
    )


_WORD_ALONE = (
    "and the candidate see the word alone. So with one layer and no bigrams they can't know "
    'context: "bad" by itself and the "bad" of "not bad" open the same gate. The candidate is linear, so it '
    "and the state have no bounds."
)

_MINGRU = CellDeclaration(
    kind="mingru",
    name="minGRU",
    noun="a minGRU",
    implementation=_BY_EQUATIONS,
    summary="A minGRU has one gate, too, which sees the word alone.",
    memory="puts new content in the place of old by one gate, which sees the word alone",
    torch_module="nn.GRU",
    symbols=(
        _gate("z", Role.WRITES, "update", _OLD_IS_DROPPED, of_memory=""),
        _candidate("n", "candidate", _NEW_CONTENT, "W_n x + b_n", of_memory=""),
        _hidden(r"(1 - z) \odot h + z \odot n", bounds=None),
    ),
    equations=("z", "n", "h"),
    update=Update(memory="h", candidate="n", writes="z"),
    convention=f"{_Z_TAKES}, as in Feng et al., 2024. The gate {_WORD_ALONE}",
)

_MINLSTM = CellDeclaration(
    kind="minlstm",
    name="minLSTM",
    noun="a minLSTM",
    implementation=_BY_EQUATIONS,
    summary="A minLSTM has two gates, which see the word alone, too.",
    memory="weighs old content against new by two gates, which see the word alone",
    torch_module="nn.LSTM",
    symbols=(
        _gate(
            "i",
            Role.WRITES,
            "input",
            "how much of the candidate is written: i divided by f + i",
            of_memory="",
        ),
        _gate("f", Role.KEEPS, "forget", "how much of the old state stays: f divided by f + i", of_memory=""),
        _candidate(
            "n", "candidate", "the new content that the input gate may write", "W_n x + b_n", of_memory=""
        ),
        _hidden(r"\frac{f}{f + i} \odot h + \frac{i}{f + i} \odot n", bounds=None),
    ),
    equations=("f", "i", "n", "h"),
    update=Update(memory="h", candidate="n", writes="i", keeps="f", is_normalised=True),
    convention=(
        "As in Feng et al., 2024: both gates are divided by their sum, so what is kept and what is written "
        f"adds up to one. The gates {_WORD_ALONE}"
    ),
)

_RGLRU = CellDeclaration(
    kind="rglru",
    name="RG-LRU",
    noun="an RG-LRU",
    implementation=_BY_EQUATIONS,
    summary="Each unit of an RG-LRU has a weight for how fast it forgets, and a gate that slows it down.",
    memory="lets each unit forget at a pace of its own, which the word can slow down",
    torch_module="nn.GRU",
    symbols=(
        _gate("i", Role.WRITES, "input", "how much of the candidate comes in", of_memory=""),
        _gate(
            "r",
            Role.FORGETS,
            "recurrence",
            "how fast the old state is forgotten: at 0 all of it stays, at 1 as little as Λ lets stay",
            of_memory="",
        ),
        Symbol(
            letter="a",
            word="kept",
            noun="share",
            role=Role.KEEPS,
            meaning="how much of the old state stays: all of it where r is 0; where r is 1, which lets go "
            "most, the share that the weight Λ of the unit says",
            bounds=(0.0, 1.0),
            equation=r"\sigma(\Lambda)^{8 r}",
            of_gate="r",
            weight="Lambda",
            weight_letter="Λ",
        ),
        _candidate(
            "n", "candidate", "the new content that the input gate may write", "W_n x + b_n", of_memory=""
        ),
        _hidden(r"a \odot h + \sqrt{1 - a^2} \odot i \odot n", bounds=None),
    ),
    states=("h",),
    equations=("r", "i", "n", "a", "h"),
    update=DecayingUpdate(memory="h", candidate="n", writes="i", keeps="r", share="a"),
    convention=(
        "As in De et al., 2024, whose x is n here: the word, projected to all units. r is the recurrence "
        "gate and no reset gate: it hides nothing from the candidate, but says how fast the state is "
        "forgotten. Beside minGRU, how long a unit remembers is a weight of its own, Λ, which starts at "
        "long spans, and √(1 − a²) keeps the state of one size however long that is (De et al., 2024). So a "
        f"unit that remembers long takes little of each word. The gates {_WORD_ALONE}"
    ),
    differs=(
        "a convolution over the last words stands before the cell, the gates see what it gives, projected to "
        "all units, and a second branch is multiplied with the output. Here the gates see the word itself, "
        "and neither convolution nor branch is there. The matrices of the gates are "
        "block-diagonal there, so that each unit of a gate sees a part of what it reads; here it sees all. Λ "
        "starts as in the paper: with r wide open, 0.9 to 0.999 of the state stay, spread over the units; "
        "the setting “Forget-gate bias” leaves it alone."
    ),
)


def _weighted(step: Mapping[str, Any]) -> Any:
    """The memory of an sLSTM, and nothing before anything was written."""
    return step["c"] / (step["d"] + (step["d"] == 0))


def _new_share(step: Mapping[str, Any]) -> Any:
    """The share of the candidate in the memory of an sLSTM."""
    return math.e ** (step["i"] - step["m"]) / (step["d"] + (step["d"] == 0))


def _behind(
    letter: str,
    word: str,
    noun: str,
    meaning: str,
    equation: str,
    place: int,
    *,
    bounds: tuple[float, float] | None = None,
    is_scale: bool = False,
) -> Symbol:
    """A state that the verdict reads only through the hidden state."""
    return Symbol(
        letter=letter,
        word=word,
        noun=noun,
        role=Role.REMEMBERS,
        meaning=meaning,
        bounds=bounds,
        equation=equation,
        is_behind=True,
        place=place,
        is_scale=is_scale,
    )


_SLSTM = CellDeclaration(
    kind="slstm",
    name="sLSTM",
    noun="an sLSTM",
    implementation=_BY_EQUATIONS,
    summary="The input gate of an sLSTM is an exponential, so that one word can outweigh all before it.",
    memory="keeps a weighted mean of all it wrote, where one word can outweigh all before it",
    torch_module="nn.LSTM",
    symbols=(
        Symbol(
            letter="i",
            word="input",
            noun="exponent",
            role=Role.WRITES,
            meaning="the exponent of the input gate: e to the power of i is the weight of the candidate",
            bounds=None,
            equation="W_i x + U_i h + b_i",
            function=Function.NONE,
        ),
        _gate("f", Role.KEEPS, "forget", "how much of the weight of all that was written stays"),
        _gate("o", Role.SHOWS, "output", "how much of the memory the hidden state shows"),
        Symbol(
            letter="p",
            word="new",
            noun="share",
            role=Role.WRITES,
            meaning="how much of the memory is the candidate: its weight, divided by that of everything",
            bounds=(0.0, 1.0),
            equation=r"e^{i - m'} / d'",
            follows=_new_share,
            of_gate="i",
        ),
        Symbol(
            letter="q",
            word="old",
            noun="share",
            role=Role.KEEPS,
            meaning="how much of the memory stays; p and q add up to 1",
            bounds=(0.0, 1.0),
            equation=r"f \odot e^{m - m'} \odot d / d'",
            follows=lambda step: 1 - _new_share(step),
            of_gate="f",
        ),
        _candidate(
            "g",
            "candidate cell",
            "the new content, as the input gate weights it",
            r"\tanh(W_g x + U_g h + b_g)",
        ),
        Symbol(
            letter="v",
            word="weighted",
            noun="mean",
            role=Role.REMEMBERS,
            meaning="the memory: the mean of all candidates so far, by their weights",
            bounds=(-1.0, 1.0),
            equation=r"c' / d' = q \odot v + p \odot g",
            follows=_weighted,
            is_behind=True,
        ),
        _behind(
            "c",
            "cell",
            "state",
            "the sum of all candidates by their weights, in units of e to the power of m",
            r"f \odot e^{m - m'} \odot c + e^{i - m'} \odot g",
            1,
        ),
        _behind(
            "d",
            "normaliser",
            "",
            "the sum of these weights, in the same units",
            r"f \odot e^{m - m'} \odot d + e^{i - m'}",
            2,
            bounds=(0.0, math.inf),
            is_scale=True,
        ),
        _behind(
            "m",
            "stabiliser",
            "",
            "the exponent of the units of c and d, so that no exponential is larger than 1",
            r"\max(\ln f + m, i)",
            3,
            is_scale=True,
        ),
        _hidden(r"o \odot v'"),
    ),
    states=("h", "c", "d", "m"),
    equations=("f", "i", "o", "g", "m", "c", "d", "p", "q", "v", "h"),
    update=SharingUpdate(
        memory="v",
        candidate="g",
        writes="i",
        keeps="f",
        shows="o",
        squashes=False,
        held_in="c",
        kept_as="q",
        written_as="p",
    ),
    convention=(
        "As in Beck et al., 2024, with recurrent weights and a sigmoid as its forget gate. Their z and n are "
        "g and d here, since z is an update gate and n a candidate elsewhere. At the first time step m is i. "
        "Beside an LSTM, the weight of a word has no upper bound, so a later word can take the place of all "
        "that was stored, even where the forget gate lets all of it stay; and since c is divided by d, the "
        "hidden state shows a mean and stays within −1 and 1 however large the gates are (Beck et al., 2024)."
    ),
    differs=(
        "units come in several heads that don't read each other, the input and the forget gate see a "
        "convolution over the last words, a norm follows the cell, and then a projection to more units and "
        "back. Here each unit reads the state of all, as in an LSTM, and there is nothing before or after "
        "the cell. The setting “Forget-gate bias” acts by f alone: b_i is in the exponent of every weight, "
        "so it cancels when c is divided by d."
    ),
)


def _of_family(family: str, place: int, **values: Any) -> Symbol:
    """One of the four of a kind, such as s1 of s_j."""
    letter = f"{family[0]}{place + 1}"
    values["noun"] = f"{values['noun']} {letter}"
    return Symbol(letter=letter, family=family, place=place, **values)


def _read_of(letter: str) -> str:
    return f"W_{{{letter}_j}} x + b_{{{letter}_j}}"


_S6 = CellDeclaration(
    kind="s6",
    name="S6",
    noun="a selective state space (S6)",
    implementation=_BY_EQUATIONS,
    summary="A unit of a selective state space (S6) has four memories, each of which decays by itself.",
    memory="keeps four memories a unit; the word says how fast they fade, what goes in and what is shown",
    symbols=(
        Symbol(
            letter="Δ",
            word="step",
            role=Role.WRITES,
            meaning="how much time passes at this word: at 0 all stays as it was, the larger it is the more "
            "is forgotten and written",
            bounds=(0.0, math.inf),
            equation=r"\operatorname{softplus}(W_Δ x + b_Δ)",
            function=Function.SOFTPLUS,
            of_memory="",
        ),
        _candidate("n", "candidate", "the word, projected to this unit", "W_n x + b_n", of_memory=""),
        *(
            _of_family(
                "B_j",
                place,
                word="input",
                noun="weight",
                role=Role.WRITES,
                meaning="how much of the candidate comes into each state, one number for all units",
                bounds=None,
                equation=_read_of("B"),
                function=Function.NONE,
                of_memory="",
            )
            for place in range(4)
        ),
        *(
            _of_family(
                "C_j",
                place,
                word="output",
                noun="weight",
                role=Role.SHOWS,
                meaning="how much of each state the output shows, one number for all units",
                bounds=None,
                equation=_read_of("C"),
                function=Function.NONE,
                of_memory="",
            )
            for place in range(4)
        ),
        *(
            _of_family(
                "a_j",
                place,
                word="kept",
                noun="share",
                role=Role.KEEPS,
                meaning="how much of each state stays; A is below 0, so it is less than all",
                bounds=(0.0, 1.0),
                equation=r"e^{Δ \odot A_j}",
                of_gate="Δ",
                weight=f"A{place + 1}",
            )
            for place in range(4)
        ),
        *(
            _of_family(
                "s_j",
                place,
                word="decaying",
                noun="state",
                role=Role.REMEMBERS,
                meaning="one of the four memories of a unit",
                bounds=None,
                equation=r"a_j \odot s_j + Δ \odot B_j \odot n",
                is_behind=True,
            )
            for place in range(4)
        ),
        replace(
            _hidden(r"\textstyle\sum_j C_j \odot s_j' + D \odot n", bounds=None),
            meaning="the output, which no time step reads: what goes to the verdict or to the layer above",
            weight="D",
        ),
    ),
    states=("h", "s1", "s2", "s3", "s4"),
    equations=("n", "Δ", *(f"{letter}{j}" for letter in "BCas" for j in range(1, 5)), "h"),
    update=ParallelUpdate(
        memory="s1",
        candidate="n",
        writes="Δ",
        tracks=tuple(Track(f"s{j}", f"a{j}", f"B{j}", f"C{j}") for j in range(1, 5)),
    ),
    convention=(
        "As in Gu and Dao, 2023, whose x is n here: the word, projected to all units. j is 1 to 4, and B is "
        "multiplied by the step, as in their code. A is minus the exponential of a weight and begins at −1 "
        "to −4, D at 1; each unit has its own, as in the paper. Beside minGRU, "
        "each unit has four memories of different spans in place of one, and each word says by B and C what "
        "goes into them and what is read from them (Gu and Dao, 2023). The step, B, C and the candidate see "
        "the word alone, and no state has bounds."
    ),
    differs=(
        "a convolution over the last words and a SiLU stand before the cell, and a second branch is "
        "multiplied with the output: neither is here. A unit has 16 states there, four here. W_Δ is the "
        "product of two thin matrices there and of full rank here; B and C have no bias there. Most of all, "
        "the first steps are spread from 0.001 to 0.1 over the units there; here b_Δ starts at minus the "
        "setting “Forget-gate bias”, so with its usual 3 all of them start near 0.049."
    ),
)


class Finder(Protocol):
    """What finds cells that are not registered, such as those of files."""

    def names(self) -> Iterable[str]:
        """The cells that a list offers now."""
        ...

    def find(self, name: str) -> CellDeclaration | None:
        """The cell of a name, listed or not; None where there is none. Raises ConfigError."""
        ...


class Cells(Registry[CellDeclaration]):
    """The registered cells, and behind them those that a finder finds."""

    finder: Finder | None = None

    def registered(self) -> Mapping[str, CellDeclaration]:
        """The cells that are registered, without what is found elsewhere."""
        return self._values

    def found(self) -> Iterable[str]:
        """The cells that a list offers and that are not registered."""
        return self.finder.names() if self.finder is not None else ()

    @override
    def __getitem__(self, name: str) -> CellDeclaration:
        if self.finder is not None and isinstance(name, str) and name not in self._values:
            found = self.finder.find(name)
            if found is not None:
                return found
        return super().__getitem__(name)

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._values
        yield from self.found()

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)


CELLS = Cells(
    "cell",
    {
        "elman": _ELMAN,
        "ugrnn": _UGRNN,
        "gru": _gru(after=False),
        "gru-after": _gru(after=True),
        "lstm": _lstm(coupled=False, peepholes=False),
        "lstm-coupled-gates": _lstm(coupled=True, peepholes=False),
        "lstm-peepholes": _lstm(coupled=False, peepholes=True),
        "lstm-coupled-gates-peepholes": _lstm(coupled=True, peepholes=True),
        "mingru": _MINGRU,
        "minlstm": _MINLSTM,
        "indrnn": _INDRNN,
        "rglru": _RGLRU,
        "slstm": _SLSTM,
        "s6": _S6,
    },
)
"""Every cell that a run can have, with its variants; the usual one of a kind has the name of the kind."""


class _Kinds(Mapping[str, CellDeclaration]):
    """The usual cell of each kind, by the kind, as they are registered now."""

    def __getitem__(self, kind: str) -> CellDeclaration:
        found = CELLS[kind]
        if found.kind != kind:
            raise UnknownNameError(f"{kind} is a variant of {found.kind}, and no kind of its own.")
        return found

    def __iter__(self) -> Iterator[str]:
        yield from (name for name, declared in CELLS.registered().items() if declared.kind == name)
        yield from CELLS.found()  # none of which has variants

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True  # there are always some, and to count them takes a look at the files of cells


KINDS = _Kinds()


def variant_of(kind: str, settings: Mapping[str, Any]) -> str:
    """The name of the cell of this kind that these settings of a run make.

    Raises UnknownNameError where there is none.

    >>> variant_of("gru", {"reset": "after", "epochs": 4})
    'gru-after'
    """
    if kind not in CELLS.registered():  # one that is found elsewhere has no variants
        return KINDS[kind].kind
    for name, declared in CELLS.registered().items():
        if declared.kind == kind and declared.settings.items() <= settings.items():
            return name
    raise UnknownNameError(f"There is no {KINDS[kind].name} with the settings {dict(settings)}.")


def settings_of_cells() -> tuple[str, ...]:
    """The settings that decide which cell a network has: its kind, and those that change its equations.

    >>> settings_of_cells()
    ('cell', 'reset', 'coupled_gates', 'peepholes')
    """
    return (
        "cell",
        *dict.fromkeys(name for declared in CELLS.registered().values() for name in declared.settings),
    )


def kinds_with(setting: str) -> dict[str, str]:
    """The kinds of cell whose equations a setting changes, and what people call them.

    >>> kinds_with("peepholes"), kinds_with("epochs")
    ({'lstm': 'LSTM'}, {})
    """
    usual = ((name, known) for name, known in CELLS.registered().items() if name == known.kind)
    return {kind: known.name for kind, known in usual if setting in known.settings}


def state(letter: str) -> Symbol:
    """A state by its letter: as the first cell that has it declares it, else one of which nothing is said."""
    for declared in CELLS.values():
        if letter in declared.states:
            return declared[letter]
    return Symbol(
        letter=letter,
        word=f"state {letter}",
        role=Role.REMEMBERS,
        meaning="what goes from one time step to the next",
        bounds=None,
        is_behind=True,
    )
