"""Every cell, registered under one name: the class that computes it, and all of its quantities.

What is shown of a cell follows from its declaration here, so nothing that shows a cell has to know it by
name. Classes are named by where they stand, so that nothing is imported that needs torch.
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rnn_core.errors import ConfigError
from rnn_core.registry import Registry, UnknownNameError


class Function(StrEnum):
    """What is applied to the sum of what the word and the memory contribute."""

    SIGMOID = "σ"
    TANH = "tanh"
    RELU = "relu"
    NONE = ""

    @property
    def latex(self) -> str:
        """The function as an equation writes it."""
        return {"σ": r"\sigma", "tanh": r"\tanh", "relu": r"\operatorname{relu}", "": ""}[self]


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
    function: Function = Function.TANH
    """What a gate or a candidate applies to the sum of x W + b and `of_memory`."""
    of_memory: str = "h U_"
    """What the memory contributes to a gate or a candidate, _ in the place of its letter; empty where the
    word alone decides."""

    @property
    def name(self) -> str:
        """Word and noun, such as "update gate"."""
        return f"{self.word} {self.noun}".rstrip()

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
        """Whether the quantity is a gate; a candidate is none."""
        return self.role in _GATES

    @property
    def is_share(self) -> bool:
        """Whether the quantity lies between 0 and 1: a gate or a slope."""
        return self.bounds == (0.0, 1.0)


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

    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the old memory that stays, given the gates by letter."""
        if self.keeps is None:
            return 1 - gates[self.writes]
        return 1 - self.written_share(gates) if self.is_normalised else gates[self.keeps]

    def written_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the candidate that comes in, given the gates by letter."""
        if self.keeps is None or not self.is_normalised:
            return gates[self.writes]
        both = gates[self.keeps] + gates[self.writes]
        return gates[self.writes] / (both + (both == 0))  # nothing where both are 0: the old memory stays

    def dropped_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the old memory that goes, given the gates by letter."""
        return gates[self.writes] if self.keeps is None else 1 - self.kept_share(gates)

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
class Reset:
    """A gate inside the candidate, which decides how much of h reaches it."""

    gate: str
    candidate: str
    after: bool
    """Whether it acts on the product h U + d, and not on h before the product."""


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
    settings: Mapping[str, str | bool] = field(default_factory=dict)
    """The settings of a run that change the equations of this kind, and their values here."""
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

    def __getitem__(self, letter: str) -> Symbol:
        """A quantity by its letter. Raises KeyError where the cell has none of this letter."""
        return {symbol.letter: symbol for symbol in self.symbols}[letter]

    @property
    def cell_class(self) -> type[Any]:
        """The `rnn_core.nn.cells.Cell` that computes the cell, imported where it was not yet."""
        named = self.implementation
        found: type[Any] = pkgutil.resolve_name(named) if isinstance(named, str) else named
        return found

    def check_for_workers(self) -> None:
        """Raises ConfigError where other processes can't find the class, since only this one has it."""
        if not isinstance(self.implementation, str):
            raise ConfigError(
                f"The cell {self.kind} is known to this process alone, so the queue and sweeps, which train "
                "in processes of their own, can't find it. Train it here. Or write its class into a file in "
                "rnn_core/nn and its declaration into rnn_core/symbols.py, as those of the other cells."
            )

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
    def shares(self) -> tuple[Symbol, ...]:
        """The quantities that lie between 0 and 1: the gates, or a slope."""
        return tuple(symbol for symbol in self.symbols if symbol.is_share)

    @property
    def parts(self) -> tuple[str, ...]:
        """The letters of what a sigmoid or tanh makes of word and memory, in the order of the drawing.

        What keeps stands first, beside the old memory; a reset just before the candidate that it acts on.
        """
        update = self.update
        if update is None:
            behind = [letter for letter in self.equations if letter not in self.states]
            return tuple(behind) or self.states
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


_ELMAN = CellDeclaration(
    kind="elman",
    name="Elman",
    noun="a plain RNN (Elman)",
    implementation="rnn_core.nn.cells:ElmanCell",
    summary="A plain RNN (Elman) mixes word and memory through one tanh.",
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
    implementation="rnn_core.nn.scanned_cells:IndRNNCell",
    summary="Each unit of an IndRNN has a memory that no other reads.",
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
    implementation="rnn_core.nn.cells:UGRNNCell",
    summary="A UGRNN has one gate, which decides what is kept and what is written.",
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
        implementation="rnn_core.nn.cells:GRUCell",
        summary="A GRU has a second gate, which decides what of the memory the new content is made of.",
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
    noun, apart, implementation = {
        (False, False): ("an LSTM", "", "cells:LSTMCell"),
        (True, False): ("a coupled LSTM", "coupled gates", "lstm_cells:CoupledLSTMCell"),
        (False, True): ("a peephole LSTM", "peepholes", "lstm_cells:PeepholeLSTMCell"),
        (True, True): (
            "a coupled peephole LSTM",
            "coupled gates and peepholes",
            "lstm_cells:CoupledPeepholeLSTMCell",
        ),
    }[coupled, peepholes]
    return CellDeclaration(
        kind="lstm",
        name="LSTM",
        noun=noun,
        implementation=f"rnn_core.nn.{implementation}",
        summary="An LSTM has three gates, which decide what is kept, written and shown.",
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
    "The gates and the candidate see the word alone. So with one layer and no bigrams they can't know "
    'context: "bad" by itself and the "bad" of "not bad" open the same gate. The candidate is linear, so it '
    "and the state have no bounds."
)

_MINGRU = CellDeclaration(
    kind="mingru",
    name="minGRU",
    noun="a minGRU",
    implementation="rnn_core.nn.scanned_cells:MinGRUCell",
    summary="The gate of a minGRU sees the word alone.",
    torch_module="nn.GRU",
    symbols=(
        _gate("z", Role.WRITES, "update", _OLD_IS_DROPPED, of_memory=""),
        _candidate("n", "candidate", _NEW_CONTENT, "W_n x + b_n", of_memory=""),
        _hidden(r"(1 - z) \odot h + z \odot n", bounds=None),
    ),
    equations=("z", "n", "h"),
    update=Update(memory="h", candidate="n", writes="z"),
    convention=f"{_Z_TAKES}, as in Feng et al., 2024. {_WORD_ALONE}",
)

_MINLSTM = CellDeclaration(
    kind="minlstm",
    name="minLSTM",
    noun="a minLSTM",
    implementation="rnn_core.nn.scanned_cells:MinLSTMCell",
    summary="The two gates of a minLSTM see the word alone, too.",
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
        f"adds up to one. {_WORD_ALONE}"
    ),
)

CELLS = Registry(
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
    },
)
"""Every cell that a run can have, with its variants; the usual one of a kind has the name of the kind."""


class _Kinds(Mapping[str, CellDeclaration]):
    """The usual cell of each kind, by the kind, as they are registered now."""

    def __getitem__(self, kind: str) -> CellDeclaration:
        if CELLS[kind].kind != kind:
            raise UnknownNameError(f"{kind} is a variant of {CELLS[kind].kind}, and no kind of its own.")
        return CELLS[kind]

    def __iter__(self) -> Iterator[str]:
        return (name for name, declared in CELLS.items() if declared.kind == name)

    def __len__(self) -> int:
        return sum(1 for _ in self)


KINDS = _Kinds()


def variant_of(kind: str, settings: Mapping[str, Any]) -> str:
    """The name of the cell of this kind that these settings of a run make.

    Raises UnknownNameError where there is none.

    >>> variant_of("gru", {"reset": "after", "epochs": 4})
    'gru-after'
    """
    for name, declared in CELLS.items():
        if declared.kind == kind and declared.settings.items() <= settings.items():
            return name
    raise UnknownNameError(f"There is no {KINDS[kind].name} with the settings {dict(settings)}.")


def settings_of_cells() -> tuple[str, ...]:
    """The settings that decide which cell a network has: its kind, and those that change its equations.

    >>> settings_of_cells()
    ('cell', 'reset', 'coupled_gates', 'peepholes')
    """
    return ("cell", *dict.fromkeys(name for declared in KINDS.values() for name in declared.settings))


def kinds_with(setting: str) -> dict[str, str]:
    """The kinds of cell whose equations a setting changes, and what people call them.

    >>> kinds_with("peepholes"), kinds_with("epochs")
    ({'lstm': 'LSTM'}, {})
    """
    return {kind: usual.name for kind, usual in KINDS.items() if setting in usual.settings}


def state(letter: str) -> Symbol:
    """A state by its letter, which means the same in every cell. Raises KeyError where none has it."""
    return {known: declared[known] for declared in CELLS.values() for known in declared.states}[letter]
