"""Every quantity of every cell, declared once: its letter, name, role, bounds, meaning and equation.

Symbols as in `rnn_core.nn.cells`. What is shown of a cell (curves, tables, exports, the drawing of a time
step) follows from its declaration here, so nothing that shows a cell has to know it by name. Equations are
LaTeX.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Function(StrEnum):
    """What is applied to the sum of what the word and the memory contribute."""

    SIGMOID = "σ"
    TANH = "tanh"
    RELU = "relu"
    NONE = ""

    @property
    def latex(self) -> str:
        """As an equation has it."""
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
    function: Function = Function.TANH
    """Of a gate or a candidate: what is applied to x W + b and `of_memory` together."""
    of_memory: str = "h U_"
    """Of a gate or a candidate: what the memory contributes, _ in the place of its letter; empty where it is
    computed from the word alone."""

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

    All but the last are letters.
    """

    memory: str
    candidate: str
    writes: str
    keeps: str | None = None
    """The gate that keeps the old memory; None where it is 1 - `writes`."""
    shows: str | None = None
    """The gate in h' = gate * tanh(memory'); None where the memory is h."""
    is_normalised: bool = False
    """Whether each gate is divided by the sum of both, so that what is kept and written adds up to one."""

    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        """How much of the old memory stays, given the gates by letter."""
        if self.keeps is None:
            return 1 - gates[self.writes]
        return 1 - self.written_share(gates) if self.is_normalised else gates[self.keeps]

    def written_share(self, gates: Mapping[str, Any]) -> Any:
        """How much of the candidate comes in."""
        if self.keeps is None or not self.is_normalised:
            return gates[self.writes]
        both = gates[self.keeps] + gates[self.writes]
        return gates[self.writes] / (both + (both == 0))  # nothing where both are 0: the old memory stays

    def dropped_share(self, gates: Mapping[str, Any]) -> Any:
        """How much of the old memory goes."""
        return gates[self.writes] if self.keeps is None else 1 - self.kept_share(gates)

    @property
    def kept(self) -> str:
        """The term that stays, as it is written."""
        return (
            f"{'(1 − ' + self.writes + ')' if self.keeps is None else self._share(self.keeps)} {self.memory}"
        )

    @property
    def written(self) -> str:
        """The term that is new."""
        return f"{self._share(self.writes)} {self.candidate}"

    @property
    def dropped(self) -> str:
        """What goes of the old memory."""
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

    name: str
    noun: str
    """With its article, for a sentence."""
    settings: Mapping[str, str | bool] = field(default_factory=dict)
    """The settings of a run that change its equations, and their values here."""
    apart: str = ""
    """What sets it apart from the other variants of its kind, in some words."""
    torch_module: str = ""
    """torch's module of that kind, or what it is measured against; empty where there is neither."""
    is_in_torch: bool = False
    """Whether that module computes the same."""
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
    def title(self) -> str:
        """The name beside those of the other variants."""
        return f"{self.name}, {self.apart}" if self.apart else self.full_name

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
    letter: str, role: Role, name: str, meaning: str, *, of_memory: str = "h U_", more: str = ""
) -> Symbol:
    """A gate: the sigmoid of what the word, the memory and `more`, in LaTeX, contribute."""
    recurrent = f" + U_{letter} h" if "U_" in of_memory else ""
    return Symbol(
        letter=letter,
        name=name,
        role=role,
        meaning=meaning,
        bounds=(0.0, 1.0),
        equation=rf"\sigma(W_{letter} x{recurrent}{more} + b_{letter})",
        function=Function.SIGMOID,
        of_memory=of_memory,
    )


def _candidate(letter: str, name: str, meaning: str, equation: str, *, of_memory: str = "h U_") -> Symbol:
    """A candidate: a tanh, or where it does not see the memory the sum itself."""
    return Symbol(
        letter=letter,
        name=name,
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
        name="hidden state",
        role=Role.REMEMBERS,
        meaning="what the cell passes on, from one time step to the next and to the verdict",
        bounds=bounds,
        equation=equation,
        function=function,
        of_memory=of_memory,
    )


_ELMAN = CellDeclaration(
    name="Elman",
    noun="a plain RNN (Elman)",
    torch_module="nn.RNN",
    is_in_torch=True,
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
        "slope of that tanh, 1 − h². Where it is near 0 the unit is saturated: it may well hold what it "
        "read before, but a small change there hardly reaches the verdict, and little is learned from it."
    ),
)

_INDRNN = CellDeclaration(
    name="IndRNN",
    noun="an IndRNN",
    torch_module="nn.RNN",
    symbols=(
        Symbol(
            letter="slope",
            name="slope of the relu",
            role=Role.SLOPE,
            meaning="1 where a change passes through the relu; 0 where the unit is silent",
            bounds=(0.0, 1.0),
            formula="h > 0",
            follows=lambda step: (step["h"] > 0) * 1.0,
        ),
        _hidden(
            r"\operatorname{relu}(W x + u \odot h + b)",
            bounds=None,
            function=Function.RELU,
            of_memory="u h",
        ),
    ),
    states=("h",),
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
    name="UGRNN",
    noun="a UGRNN",
    torch_module="nn.GRU",
    symbols=(
        _gate("z", Role.WRITES, "update gate", _OLD_IS_DROPPED),
        _candidate("n", "candidate state", _NEW_CONTENT, r"\tanh(W_n x + U_n h + b_n)"),
        _hidden(r"(1 - z) \odot h + z \odot n"),
    ),
    states=("h",),
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
        name="GRU",
        noun="a GRU",
        settings={"reset": "after" if after else "before"},
        apart="reset after" if after else "reset before",
        torch_module="nn.GRU",
        is_in_torch=after,
        symbols=(
            _gate("z", Role.WRITES, "update gate", _OLD_IS_DROPPED),
            _gate(
                "r",
                Role.KEEPS,
                "reset gate",
                "how much of the old state reaches the candidate, and nothing else",
            ),
            _candidate(
                "n",
                "candidate state",
                _NEW_CONTENT,
                r"\tanh(W_n x + b_n + r \odot (U_n h + d))"
                if after
                else r"\tanh(W_n x + U_n (r \odot h) + b_n)",
                of_memory="h U_ + d" if after else "(r h) U_",
            ),
            _hidden(r"(1 - z) \odot h + z \odot n"),
        ),
        states=("h",),
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
        "forget gate",
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
    noun, apart = {
        (False, False): ("an LSTM", ""),
        (True, False): ("a coupled LSTM", "coupled gates"),
        (False, True): ("a peephole LSTM", "peepholes"),
        (True, True): ("a coupled peephole LSTM", "coupled gates and peepholes"),
    }[coupled, peepholes]
    return CellDeclaration(
        name="LSTM",
        noun=noun,
        settings={"coupled_gates": coupled, "peepholes": peepholes},
        apart=apart,
        torch_module="nn.LSTM",
        is_in_torch=not apart,
        symbols=(
            _gate(
                "i",
                Role.WRITES,
                "input gate",
                f"{written}; as much of the old one is forgotten" if coupled else written,
                of_memory=memory,
                more=old.format("i"),
            ),
            *(() if coupled else (forget,)),
            _gate(
                "o",
                Role.SHOWS,
                "output gate",
                "how much of the cell state the hidden state shows",
                of_memory=shown,
                more=new.format("o"),
            ),
            _candidate(
                "g",
                "candidate cell state",
                "the new content that the input gate may write",
                r"\tanh(W_g x + U_g h + b_g)",
            ),
            Symbol(
                letter="c",
                name="cell state",
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
    name="minGRU",
    noun="a minGRU",
    torch_module="nn.GRU",
    symbols=(
        _gate("z", Role.WRITES, "update gate", _OLD_IS_DROPPED, of_memory=""),
        _candidate("n", "candidate state", _NEW_CONTENT, "W_n x + b_n", of_memory=""),
        _hidden(r"(1 - z) \odot h + z \odot n", bounds=None),
    ),
    states=("h",),
    equations=("z", "n", "h"),
    update=Update(memory="h", candidate="n", writes="z"),
    convention=f"{_Z_TAKES}, as in Feng et al., 2024. {_WORD_ALONE}",
)

_MINLSTM = CellDeclaration(
    name="minLSTM",
    noun="a minLSTM",
    torch_module="nn.LSTM",
    symbols=(
        _gate(
            "i",
            Role.WRITES,
            "input gate",
            "how much of the candidate is written: i divided by f + i",
            of_memory="",
        ),
        _gate(
            "f",
            Role.KEEPS,
            "forget gate",
            "how much of the old state stays: f divided by f + i",
            of_memory="",
        ),
        _candidate(
            "n",
            "candidate state",
            "the new content that the input gate may write",
            "W_n x + b_n",
            of_memory="",
        ),
        _hidden(r"\frac{f}{f + i} \odot h + \frac{i}{f + i} \odot n", bounds=None),
    ),
    states=("h",),
    equations=("f", "i", "n", "h"),
    update=Update(memory="h", candidate="n", writes="i", keeps="f", is_normalised=True),
    convention=(
        "As in Feng et al., 2024: both gates are divided by their sum, so what is kept and what is written "
        f"adds up to one. {_WORD_ALONE}"
    ),
)

CELLS: dict[str, tuple[CellDeclaration, ...]] = {
    "elman": (_ELMAN,),
    "ugrnn": (_UGRNN,),
    "gru": (_gru(after=False), _gru(after=True)),
    "lstm": tuple(
        _lstm(coupled=coupled, peepholes=peepholes)
        for peepholes in (False, True)
        for coupled in (False, True)
    ),
    "mingru": (_MINGRU,),
    "minlstm": (_MINLSTM,),
    "indrnn": (_INDRNN,),
}
"""Each kind of cell by its name, with its variants, the usual one first."""


def variants() -> dict[str, CellDeclaration]:
    """Every cell that a run can have, by its name: that of its kind, and what sets a variant apart.

    >>> list(variants())[2:5]
    ['gru', 'gru-after', 'lstm']
    """
    return {
        "-".join([kind, *_differing(declared, of_kind[0])]): declared
        for kind, of_kind in CELLS.items()
        for declared in of_kind
    }


def _differing(declared: CellDeclaration, usual: CellDeclaration) -> list[str]:
    """The values, or the names of the switches, in which a variant differs from the usual one."""
    return [
        name.replace("_", "-") if isinstance(value, bool) else value
        for name, value in declared.settings.items()
        if value != usual.settings[name]
    ]


def variant_of(kind: str, settings: Mapping[str, Any]) -> str:
    """The name of the cell of this kind that these settings of a run make.

    Raises KeyError for an unknown kind.

    >>> variant_of("gru", {"reset": "after", "epochs": 4})
    'gru-after'
    """
    usual = CELLS[kind][0]
    chosen = replace(usual, settings={name: settings[name] for name in usual.settings})
    return "-".join([kind, *_differing(chosen, usual)])


def cell_names() -> dict[str, str]:
    """What people call each kind of cell."""
    return {kind: declared.name for kind, (declared, *_) in CELLS.items()}


def kinds_with(setting: str) -> dict[str, str]:
    """The kinds of cell whose equations a setting changes, and what people call them.

    >>> kinds_with("peepholes"), kinds_with("epochs")
    ({'lstm': 'LSTM'}, {})
    """
    return {kind: usual.name for kind, (usual, *_) in CELLS.items() if setting in usual.settings}


def declaration(cell: str) -> CellDeclaration:
    """What is declared of a cell, by its name as `variants` has it. Raises KeyError for an unknown one."""
    return variants()[cell]


def state(letter: str) -> Symbol:
    """A state by its letter, which means the same in every cell. Raises KeyError where none has it."""
    return {known: declared[known] for declared in variants().values() for known in declared.states}[letter]


def symbols(cell: str) -> tuple[Symbol, ...]:
    """The quantities of a cell as they are shown, its gates first. Raises KeyError for an unknown cell."""
    return declaration(cell).symbols


def symbol(cell: str, letter: str) -> Symbol:
    """One of them by its letter. Raises KeyError where the cell has none of this letter."""
    return declaration(cell)[letter]
