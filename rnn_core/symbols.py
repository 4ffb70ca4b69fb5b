"""Every cell, registered under one name: its equations, and all of its quantities.

What is shown of a cell follows from its declaration here, so nothing that shows a cell has to know it by
name.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from typing_extensions import override

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, products, replaced, value
from rnn_core.equations.expressions import names as names_in
from rnn_core.equations.families import INDEX, indexed, said_once
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.latex import as_drawn, in_latex, letter_in_drawing, letter_in_latex
from rnn_core.equations.roles import Reset as Reset
from rnn_core.equations.roles import Roles
from rnn_core.equations.roles import Update as Update
from rnn_core.equations.words import CellText, QuantityWords, cell_text, names
from rnn_core.registry import Registry, UnknownNameError


class Role(StrEnum):
    """The role of a quantity, as the word that stands beside its line."""

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
    """The word that sets it apart from others of its noun, such as "update"."""
    noun: str = ""
    """The kind of quantity, such as "gate"; empty where `word` says that, too."""
    role: Role
    meaning: str
    bounds: tuple[float, float] | None
    """The least and the largest value that the quantity can have; None where there are no bounds."""
    equation: str = ""
    """The right side of its equation; empty where it stands in no equation of the cell."""
    right: Expression | None = None
    """The right side of its equation, or of that which it would have, where it is known."""
    formula: str = ""
    """Its sign in place of the letter where the letter is not one of the equations."""
    is_behind: bool = False
    """True for a state that the verdict reads only through the hidden state."""
    place: int = 0
    """The place among the states behind the hidden one, or in its family, counted from 0, which sets their
    lines apart."""
    is_scale: bool = False
    """True for a state that says in what units another one is, so that it has no norm or gradient that
    says something of the text."""
    function: str = ""
    """The function that a gate or a candidate applies to the sum of word and memory,
    as a drawing writes it; empty for the sum itself."""
    function_latex: str = ""
    """This function as an equation writes it."""
    of_word: str = ""
    """The word's contribution to a gate or a candidate, as x W_z + b_z; empty of what is neither."""
    of_memory: str = ""
    """The memory's contribution, as h U_z; empty if the word alone decides."""
    of_gate: str = ""
    """The gate of which, beside what else its equation names, a share is made; empty where it is not."""

    weight: str = ""
    """The parameter that is one number a unit and that the equation names, where the cell has such a one."""
    family: str = ""
    """The letter in equations for it and for others like it, which differ in their `place`, such as s_j."""

    @property
    def latex(self) -> str:
        """The letter as an equation writes it."""
        return self.family or letter_in_latex(self.letter)

    @property
    def name(self) -> str:
        """Word and noun, such as "update gate"."""
        return f"{self.word} {self.noun}".rstrip()

    @property
    def common_name(self) -> str:
        """The name without the letter at its end, such as "decaying state" of s1."""
        return self._without_letter(self.name)

    @property
    def title(self) -> str:
        """Letter and word, among those of other quantities; a formula stands alone."""
        return self.formula or f"{self.letter}  {self._without_letter(self.word)}"

    def _without_letter(self, words: str) -> str:
        return words.removesuffix(f" {letter_in_drawing(self.letter)}")

    @property
    def mark(self) -> str:
        """The letter or formula that stands for the quantity."""
        return self.formula or self.letter

    @property
    def is_gate(self) -> bool:
        """True if the quantity is a gate; a candidate is none, nor is a share that is made of a gate."""
        return self.role in _GATES and not self.of_gate

    @property
    def is_share(self) -> bool:
        """True if the quantity lies between 0 and 1: a gate or a slope."""
        return self.bounds == (0.0, 1.0)


class Products(NamedTuple):
    """The matrices that the equations of a time step multiply."""

    with_word: int
    of_one_column: int
    """The number of matrices that multiply the word and give one number for all units."""
    with_memory: int


_SLOPES = {
    "tanh": (
        "how much of a small change passes through the tanh; near 0 a unit is saturated",
        "1 − h²",
        Apply("-", (Number(1), Apply("^", (Name("h'"), Number(2))))),
    ),
    "relu": (
        "1 where a change passes through the relu; 0 where the unit is silent",
        "h > 0",
        Apply("where", (Name("h'"), Number(1.0), Number(0.0))),
    ),
}
"""Function -> the meaning of its slope, its formula in words, and the same as an expression."""


def slope_of(function: str) -> Symbol:
    """The slope of a cell without gates, whose h is the tanh or the relu of a sum, as a quantity."""
    meaning, formula, right = _SLOPES[function]
    return Symbol(
        letter="slope",
        word=f"slope of the {function}",
        role=Role.SLOPE,
        meaning=meaning,
        bounds=(0.0, 1.0),
        right=right,
        formula=formula,
    )


class CellDeclaration:
    """A cell without its weights: its names, equations, quantities and roles.

    All of it is what the equations say, in the words of the cell's text.

    >>> from rnn_core.equations.equations import read_cell
    >>> janet = CellDeclaration(read_cell('''
    ... f  = sigmoid(x @ W_f + h @ U_f + b_f)
    ... g  = tanh(x @ W_g + h @ U_g + b_g)  # candidate state
    ... h' = f * h + (1 - f) * g
    ... '''), "JANET")
    >>> [(known.name, str(known.role)) for known in janet.symbols]
    [('gate f', 'lets through'), ('candidate state', 'proposes'), ('hidden state', 'remembers')]
    >>> janet.update.kept, janet.update.written, janet.update.biases(keeps=3, writes=-3)
    ('f h', '(1 − f) g', {'f': 3})
    """

    def __init__(self, source: Equations, name: str, text: CellText | None = None, *, key: str = "") -> None:
        """Without a text the comments behind the equations are its words, and it has this name."""
        self.source, self._text = source, text or CellText.of(source)
        self.roles = Roles(source, self._text.mean)
        self._take_words(name, key or name)
        self._take_letters()
        self.symbols = tuple(self._symbols())
        """The quantities in the order in which they are shown: gates, candidate, states."""
        self.carriers = tuple(letter for letter in self.states if not self[letter].is_scale)
        """The letters of the states through which the past reaches the verdict."""
        self.shown = {line.name: line.right for line in source.shown}
        """The right side of each quantity that the cell does not compute itself, by its letter."""
        self.shown |= {one.letter: one.right for one in self.symbols if one.role is Role.SLOPE and one.right}
        self.shares = tuple(symbol for symbol in self.symbols if symbol.is_share)
        """The quantities that lie between 0 and 1: the gates, or a slope."""
        said = (self._text.head.get("convention", ""), self._sees_the_word())
        self.convention = " ".join(filter(None, said))
        """A sentence or two on which of several ways to write the cell is meant."""

    def _take_words(self, name: str, key: str) -> None:
        """Take the names and sentences at the head of the cell's text; most have a usual value."""
        said = self._text.head
        self.key = key
        """The name under which the cell is registered, in `CELLS`."""
        self.kind = said.get("kind", self.key)
        """The value of the setting `cell`: the name of the usual one among the variants of a kind."""
        self.name = said.get("name", name)
        self.noun = said.get("noun", _with_article(self.name))
        """The name with its article, for a sentence."""
        self.full_name = self.noun.split(maxsplit=1)[1]
        """The name where a page mentions the cell first."""
        self.summary = said.get("summary", f"{self.name} is a cell of equations.")
        """A sentence for the help text of the setting `cell`."""
        self.memory = said.get("memory", "" if "summary" in said else "follows equations of one's own")
        """A half sentence on its use of its memory, with a verb first and no full stop; may be empty."""
        half = self.memory or self.summary.rstrip(".")
        self.use_of_memory = f"{half[0].upper()}{half[1:]}."
        """A sentence on what it does with its memory, with the verb first."""
        self.look = said.get("look", "")
        """The colour, dash and marker of its lines where cells are compared; empty where none is said."""
        self.settings = _settings(said.get("settings", ""))
        """The settings of a run that change the equations of this kind, and their values here."""
        self.run_settings = {"cell": self.kind, **self.settings}
        """The settings of a run that choose this cell."""
        self.apart = said.get("apart", "")
        """The difference from the other variants of its kind, in some words."""
        self.title = f"{self.name}, {self.apart}" if self.apart else self.full_name
        """The name beside those of the other variants."""
        self.torch_module, _, blocks = said.get("torch", "").partition(": ")
        """torch's module of that kind, or what it is measured against; empty where there is neither."""
        self.torch_blocks = (*blocks.split(),)
        """The letters in the order of that module, where it computes the same; -z where its gate is 1 - z."""
        self.is_in_torch = bool(self.torch_blocks)
        """True if torch has a module that computes the same."""
        self.differs = said.get("differs", "")
        """The difference from the paper that the cell is from; empty where there is none."""

    def _take_letters(self) -> None:
        """Take the letters of the equations and the roles they have, which the quantities are made of."""
        self.states = self.source.states
        """The letters of what goes from one time step to the next, h first."""
        self.remembering = self.roles.remembering
        """The letters of the states that the next time step reads: not of an h that is shown only."""
        self.constants = self.source.constants
        """The numbers that have a name in its equations."""
        self.equations = self.source.letters
        """The letters of the equations, in their order."""
        self.update, self.reset = self.roles.update, self.roles.reset
        self.is_parallel = self.roles.is_parallel
        """True if gates and candidates see the word alone; those of all time steps are known at once."""
        self._made = self.update.memory if self.update and self.update.held_in else ""
        """The letter of a memory that is no state."""
        states = sorted(self.states[1:], key=self.roles.scales.__contains__)
        self._behind = [letter for letter in (self._made, *states) if letter]

    def __getitem__(self, letter: str) -> Symbol:
        """A quantity by its letter. Raises KeyError where the cell has none of this letter."""
        return {symbol.letter: symbol for symbol in self.symbols}[letter]

    def read_equations(self) -> Equations:
        """The equations of the cell, read out of its code where they are not known yet. Raises CellError."""
        return self.source

    @property
    def remembers_by_bias(self) -> bool:
        """True if the setting `forget_bias` says with which biases the gates start."""
        return self.update is not None and self.update.remembers_by_bias

    def made_of(self, gate: str) -> Symbol | None:
        """The share that is made of a gate, where there is one."""
        return next((symbol for symbol in self.symbols if symbol.of_gate == gate), None)

    @property
    def parts(self) -> tuple[str, ...]:
        """The letters of what a sigmoid or tanh makes of word and memory, in the order of the drawing.

        What keeps stands first, beside the old memory; a reset just before the candidate that it acts on.
        None are known of a cell whose gates and candidates need not be such functions, or have no letter.
        """
        known = [letter for letter in self.equations if self[letter].of_word]
        update = self.update
        if update is not None and not update.candidate:
            return ()
        if update is None:
            return tuple(known)
        # In the place of the gate that keeps stands the one that writes, where it keeps as well.
        place = {update.writes: 2, update.keeps or update.writes: 0, update.candidate: 3, update.shows: 4}
        of_others = {letter: 1 if self[letter].is_gate else 5 for letter in known}
        return tuple(sorted(known, key=lambda letter: place.get(letter, of_others[letter])))

    @property
    def products(self) -> Products:
        """The products of a time step."""
        multiplied = {*products(*(line.right for line in self.source.everything))}
        of_word = [one.matrix for one in multiplied if self.source.weights[one.matrix].multiplies_x]
        shared = [name for name in of_word if self.source.weights[name].sizes[1] == 1]
        return Products(len(of_word), len(shared), len(multiplied) - len(of_word))

    @property
    def memories(self) -> tuple[str, ...]:
        """The letters of what is shown of the memory: h and what an update changes, else every state."""
        if self.update is None:
            return self.states
        several = (track.state for track in self.update.tracks)
        return tuple(dict.fromkeys(("h", self.update.memory, *several)))

    def marked(self, beside: "CellDeclaration", mark: Callable[[str], str]) -> dict[str, str]:
        """The right side for each letter in LaTeX; what the other cell's has not is put through `mark`."""
        mine, theirs = (CellDeclaration(one.source, one.key) for one in (self, beside))  # without their means
        right = {letter: theirs._right(letter) for letter in theirs.equations}
        return {
            letter: in_latex.marked(mine._right(letter), right.get(letter), mark) for letter in mine.equations
        }

    def remembered(self, states: Mapping[str, Any]) -> dict[str, Any]:
        """States by letter, and beside them the memory that is made of them, where it is none of them."""
        return self._with_shown(states, [self._made] if self._made in self.shown else [])

    def complete(self, computed: Mapping[str, Any]) -> dict[str, Any]:
        """All quantities by letter, given those that the cell computes; arrays or tensors of any shape."""
        return self._with_shown(computed, [one.letter for one in self.symbols if one.letter in self.shown])

    def _with_shown(self, given: Mapping[str, Any], letters: Sequence[str]) -> dict[str, Any]:
        """Returns all that is given by letter, and these of the quantities that are only shown."""
        known = {**self.constants, **given, **{f"{letter}'": of for letter, of in given.items()}}
        needed = self.source.made_of(letters)
        for letter, right in self.shown.items():
            if letter in needed:
                known[letter] = value(right, known)
        return {**given, **{letter: known[letter] for letter in letters}}

    def _symbols(self) -> Iterator[Symbol]:
        parts = self.roles.parts
        if [*parts] == ["h"] and self.update is None and parts["h"].function in _SLOPES:
            yield slope_of(parts["h"].function)
        yield from map(self._symbol, sorted(self.equations, key=self._place))

    def _symbol(self, letter: str) -> Symbol:
        role, part, family = self._role(letter), self.roles.parts.get(letter), self.roles.families.get(letter)
        word, noun = self._called(letter, role)
        is_state, is_made, mean = letter in self.states, letter == self._made, self.roles.mean
        equation = in_latex(self._right(letter))
        weights = (self.source.weights.get(name) for name in names_in(self.source[letter].right))
        own = [weight.name for weight in weights if weight is not None and not weight.is_matrix]
        return Symbol(
            letter=letter,
            word=word,
            noun=noun,
            role=role,
            meaning=self._said(letter).meaning or self._meaning(letter, role),
            bounds=self._bounds(letter),
            equation=equation + (f" = {in_latex(mean.right)}" if mean is not None and is_made else ""),
            right=self.roles.lines[self.source[letter].name],
            is_behind=letter in self._behind,
            place=family.place if family else self._behind.index(letter) if letter in self._behind else 0,
            is_scale=is_state and letter in self.roles.scales,
            function=FUNCTIONS[part.function].drawn if part and part.function else "",
            function_latex=FUNCTIONS[part.function].latex if part and part.function else "",
            of_word=as_drawn(part.word) if part else "",
            of_memory=as_drawn(part.memory) if part and part.memory is not None else "",
            of_gate="" if is_made else self.roles.shares.get(letter, ""),
            weight=own[0] if own and part is None else "",
            family=letter_in_latex(family.name) if family else "",
        )

    def _place(self, letter: str) -> tuple[int, int, int]:
        """Its place in a list: gates, shares of them, the candidate and all else, families, states, h."""
        update, at = self.update, self.equations.index(letter)
        gates = [update.writes, update.keeps] if update else []
        if letter == "h":
            return 6, 0, 0
        if letter in self.roles.families:
            return 4, 0, at
        if letter in self._behind:
            return (3 if letter == self._made else 5), self._behind.index(letter), at
        if letter in gates:
            return 0, gates.index(letter), at
        if self._role(letter) in _GATES and letter in self.roles.parts:
            return 0, 3 if update and letter == update.shows else 2, at
        return (1 if letter in self.roles.shares else 2), 0, at

    def _role(self, letter: str) -> Role:
        update, is_share = self.update, self.roles.is_share(letter)
        if letter in self.states or letter == self._made:
            return Role.REMEMBERS
        if update is None:
            return Role.KEEPS if is_share else Role.PROPOSES
        if letter == update.candidate:
            return Role.PROPOSES
        if letter == update.writes:
            return Role.WRITES if update.directions[letter].written > 0 else Role.KEEPS
        if letter == update.keeps:
            return Role.KEEPS if update.directions[letter].kept > 0 else Role.FORGETS
        if letter == update.shows or any(letter == track.shows for track in update.tracks):
            return Role.SHOWS
        kept = {*names_in(update.stays), *(track.kept for track in update.tracks)}
        if letter in self.roles.shares or any(letter == track.comes for track in update.tracks):
            return Role.KEEPS if letter in kept else Role.WRITES
        return Role.KEEPS if is_share else Role.PROPOSES

    def _said(self, letter: str) -> QuantityWords:
        """Return the text's words on a quantity; those of a family stand at its first."""
        family = self.roles.families.get(letter)
        if family is not None:
            letter = next(one for one, of in self.roles.families.items() if of.name == family.name)
        return self._text.words.get(letter, QuantityWords())

    def _called(self, letter: str, role: Role) -> tuple[str, str]:
        """Word and noun."""
        if not (name := self._said(letter).name):
            return ("hidden", "state") if letter == "h" else (self._unnamed(letter, role), "")
        word, _, noun = name.rpartition(" ")
        if letter in self.roles.families:
            noun = f"{noun} {letter}"
        return (word, noun) if word else (noun, "")

    def _unnamed(self, letter: str, role: Role) -> str:
        kind = "share" if letter in self.roles.shares else "quantity"
        if letter in self.roles.parts:
            kind = "gate" if role in _GATES else "candidate"
        return f"{'state' if role is Role.REMEMBERS else kind} {letter_in_drawing(letter)}"

    def _meaning(self, letter: str, role: Role) -> str:
        update, reset = self.update, self.reset

        def name(of: str) -> str:
            return " ".join(filter(None, self._called(of, self._role(of))))

        if letter == "h":
            return "what the cell passes on, from one time step to the next and to the answer"
        if role is Role.REMEMBERS:
            return "what goes from one time step to the next"
        if role is Role.PROPOSES:
            if update is not None and update.writes is not None and letter == update.candidate:
                return f"the new content that the {name(update.writes)} may write"
            return "new content for the state" if letter in self.roles.parts else "a step on the way"
        if letter in self.roles.shares and role is not Role.SHOWS:
            return _DOES[role]
        if update is not None and letter in (update.writes, update.keeps):
            is_alone = update.keeps is None and update.adds_up
            return _DOES[role] + (_AS_WELL[role] if is_alone else "")
        if reset is not None and letter == reset.gate:
            return "how much of the old state reaches the candidate, and nothing else"
        if role is Role.SHOWS and update is not None:
            return f"how much of the {name(update.memory)} the hidden state shows"
        return "a share between 0 and 1" if self.roles.is_share(letter) else "what is multiplied with others"

    def _bounds(self, letter: str) -> tuple[float, float] | None:
        """Its bounds, None where there is none below; h goes to the verdict, so it has both or none."""
        low, high = self.roles.bounds[letter]
        return None if low == -math.inf or (letter == "h" and high == math.inf) else (low, high)

    def _right(self, letter: str) -> Expression:
        """The right side of its equation, as it is read."""
        line = self.source[letter]
        right: Expression = self.roles.lines[line.name]
        family = self.roles.families.get(letter)
        if family is None:
            right = said_once(right, self.roles.families)
        else:
            right = indexed(right, letter.removeprefix(family.name.removesuffix(INDEX)))
        if self._made and letter != self._made:
            made = self.roles.lines[self._made]
            right = replaced(right, lambda one: Name(f"{self._made}'") if one == made else None)
        return right

    def _sees_the_word(self) -> str:
        """Return the consequence of gates and a linear candidate that see the word alone, else nothing."""
        update = self.update
        if update is None or not update.candidate or not self.roles.is_parallel or update.tracks:
            return ""
        gates = [letter for letter in self.roles.parts if letter != update.candidate]
        open_ones = [letter for letter in (update.candidate, "h") if self._bounds(letter) is None]
        if (
            not all(map(self.roles.is_share, gates))
            or self.roles.parts[update.candidate].function
            or len(open_ones) < 2
        ):
            return ""
        return (
            f"The gate{'s' if len(gates) > 1 else ''} and the candidate see the word alone. So with one "
            'layer and no bigrams they can\'t know context: "bad" by itself and the "bad" of "not bad" open '
            "the same gate. The candidate is linear, so it and the state have no bounds."
        )


_DOES = {
    Role.WRITES: "how much of the candidate is written",
    Role.KEEPS: "how much of the old state stays",
    Role.FORGETS: "how much of the old state is let go",
}
_AS_WELL = {
    Role.WRITES: "; as much of the old state is dropped",
    Role.KEEPS: "; the rest is taken from the candidate",
}
"""Role of a cell's only gate -> the other half of what it does, as the end of a sentence."""
_SWITCHED = {"yes": True, "no": False}


def _with_article(name: str) -> str:
    """A name with its article, as it is spoken.

    >>> _with_article("LSTM without output gate"), _with_article("JANET"), _with_article("echo")
    ('an LSTM without output gate', 'a JANET', 'an echo')
    """
    is_spelled = name[:3].isupper() and not set(name[:3]) & set("AEIOU")
    return f"{'an' if name[0].lower() in 'aeio' or (is_spelled and name[0] in 'FHLMNRSX') else 'a'} {name}"


def _settings(said: str) -> dict[str, str | bool]:
    """The settings of a run in "reset = after, peepholes = no"."""
    pairs = (one.split(" = ") for one in said.split(", ") if one)
    return {name: _SWITCHED.get(held, held) for name, held in pairs}


class Finder:
    """Finds cells that are not registered, such as those of files; this one finds none."""

    def names(self) -> Iterable[str]:
        """The cells that a list offers now."""
        return ()

    def find(self, name: str) -> CellDeclaration | None:
        """The cell of a name, listed or not; None where there is none. Raises ConfigError."""
        return None


class Cells(Registry[CellDeclaration]):
    """The registered cells, and behind them those that a finder finds."""

    finder = Finder()

    def registered(self) -> Mapping[str, CellDeclaration]:
        """The cells that are registered, without what is found elsewhere."""
        return self._values

    @override
    def __getitem__(self, name: str) -> CellDeclaration:
        is_elsewhere = isinstance(name, str) and name not in self._values
        found = self.finder.find(name) if is_elsewhere else None
        return found or super().__getitem__(name)

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._values
        yield from self.finder.names()


CELLS = Cells(
    "cell", {name: CellDeclaration(cell_text(name).equations, name, cell_text(name)) for name in names()}
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
        yield from CELLS.finder.names()  # none of which has variants

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
    registered = CELLS.registered().values()
    return ("cell", *dict.fromkeys(name for declared in registered for name in declared.settings))


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
