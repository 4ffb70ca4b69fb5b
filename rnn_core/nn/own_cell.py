"""A cell of one's own, defined in a notebook or a script, beside those that come with Gatescope."""

import keyword
import re
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import torch
from torch import Tensor
from typing_extensions import override

from rnn_core.errors import ConfigError, reason
from rnn_core.nn.cells import Cell, Hold, State, Step, as_computed, step_type
from rnn_core.nn.seeds import seeded
from rnn_core.refusals import shown
from rnn_core.symbols import CELLS, CellDeclaration, Function, Role, Symbol, Update, slope_of

_APPLIED: Mapping[Function, Callable[[Tensor], Tensor]] = {
    Function.SIGMOID: torch.sigmoid,
    Function.TANH: torch.tanh,
    Function.RELU: torch.relu,
    Function.NONE: lambda a: a,
    Function.SOFTPLUS: torch.nn.functional.softplus,
}
_BOUNDS = {Function.SIGMOID: (0.0, 1.0), Function.TANH: (-1.0, 1.0)}
_E, _H = 3, 32
"""The sizes of the cell that is tried: so many units have sums on both sides of zero."""


class OwnCell(Cell):
    """A cell whose time step is written once; both of its forms, naive and fused, follow from it."""

    states: tuple[str, ...] = ("h",)
    """The letters of what goes from one time step to the next, h first."""
    blocks = ("h",)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.step_type = step_type(tuple(dict.fromkeys((*cls.states, *cls.blocks))))

    @abstractmethod
    def step(self, a: Tensor, state: State, hold: Hold) -> Mapping[str, Tensor]:
        """Everything that the cell computes at one time step, by letter, (B, H) each.

        `a` is x W + b, (B, G*H): H columns for each of the `blocks`. `hold(letter, value)` returns what to go
        on with: the value itself, or what a page puts in its place.
        """

    @override
    def update(self, projected: Tensor, state: State) -> Step:
        return self._named(self.step(projected, state, as_computed))

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> Step:
        return self._named(self.step(self.project(x), state, hold))

    def _named(self, computed: object) -> Step:
        letters = dict.fromkeys((*self.states, *self.blocks))
        if not isinstance(computed, Mapping):
            raise ConfigError(
                f"A time step of {type(self).__name__} must return a dictionary with {', '.join(letters)}, "
                f"got {shown(computed)}."
            )
        if computed.keys() != letters.keys():
            raise ConfigError(
                f"A time step of {type(self).__name__} must return {', '.join(letters)}, got "
                f"{', '.join(computed)}."
            )
        return self.step_type(**computed)


def register_cell(
    name: str,
    *,
    noun: str = "",
    symbols: Sequence[Symbol] = (),
    equations: Mapping[str, str] = MappingProxyType({}),
    update: Update | None = None,
) -> Callable[[type], type[OwnCell]]:
    """Makes a class of this process a cell that a run can have, `cell="leaky"`, and that is traced and drawn.

    >>> @register_cell("leaky", equations={"h": r"(h + n) / 2"})
    ... class Leaky:
    ...     '''Half of the old state stays.'''
    ...
    ...     blocks = ("n",)
    ...
    ...     def step(self, a, state, hold):
    ...         (h,) = state
    ...         n = hold("n", torch.tanh(a + h @ self.U))
    ...         return {"n": n, "h": hold("h", (h + n) / 2)}
    >>> CELLS["leaky"]["n"].function
    <Function.TANH: 'tanh'>
    >>> CELLS.remove("leaky")

    What the class does not say is that of `OwnCell`, which it becomes. `noun` is the name with its article,
    and the docstring of the class says what the cell is. `symbols` are the quantities of which more is to be
    said than follows from the class; `equations` are in LaTeX, by letter; `update` says how the gates change
    the memory. The same class registered again, as by a cell of a notebook that is run twice, takes the place
    of the first one.

    Raises ConfigError for a name that is taken or is no identifier, and where a time step, which is tried
    once, is not what is declared.
    """

    if not isinstance(name, str):
        raise ConfigError('A cell is registered under a name: write @register_cell("leaky") above its class.')

    def register(written: type) -> type[OwnCell]:
        if not isinstance(written, type):
            raise ConfigError(f"A cell is a class with a method step, got {shown(written)}.")
        cls = written if issubclass(written, OwnCell) else _mixed(written)
        if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name):
            raise ConfigError(f"The name of a cell must be an identifier, such as leaky, got {shown(name)}.")
        before = CELLS.get(name)
        if before is not None and not _is_again(before.implementation, cls):
            raise ConfigError(f"There is already a cell called {name}: give yours another name.")
        if vars(cls).get("kind", name) != name:
            raise ConfigError(
                f"{cls.__name__} is already registered as {cls.kind}: make a class of its own for {name}."
            )
        try:
            declared = _declaration(name, cls, noun, symbols, equations, update)
        except ConfigError:
            raise
        except Exception as error:  # whatever a time step that somebody wrote may raise
            raise ConfigError(
                f"A time step of {name} can't be taken: {type(error).__name__}: {reason(error)}"
            ) from error
        if before is not None:
            warnings.warn(f"The cell {name} was registered before; this one takes its place.", stacklevel=2)
            CELLS.remove(name)
        CELLS.register(name, declared)
        cls.kind = name
        return cls

    return register


def _mixed(written: type) -> type[OwnCell]:
    """A class with its missing parts, under its own name."""
    named = {name: getattr(written, name) for name in ("__module__", "__qualname__", "__doc__")}
    mixed: type[OwnCell] = type(written.__name__, (written, OwnCell), named)
    return mixed


def _is_again(before: object, cls: type) -> bool:
    """True if a class is that of before, as a cell of a notebook defines it when it is run again."""
    named = (cls.__module__, cls.__qualname__)
    return isinstance(before, type) and (before.__module__, before.__qualname__) == named


def _declaration(
    name: str,
    cls: type[OwnCell],
    noun: str,
    symbols: Sequence[Symbol],
    equations: Mapping[str, str],
    update: Update | None,
) -> CellDeclaration:
    """The declaration of a class: the given parts, and for the rest what follows from the class."""
    functions = _functions(name, cls, {known.letter: known.function for known in symbols})
    of_letter = {letter: _symbol(letter, cls, function, update) for letter, function in functions.items()}
    for known in symbols:
        index = f"_{known.letter}" if len(cls.blocks) > 1 else ""
        of_word = known.of_word or of_letter.get(known.letter, known).of_word
        of_memory = re.sub(r"_(?!\w)", index, known.of_memory)
        of_letter[known.letter] = replace(known, of_word=of_word, of_memory=of_memory)
    for letter, latex in equations.items():
        if letter not in of_letter:
            raise ConfigError(f"{name} has no {letter} of which {latex} could be the equation.")
        of_letter[letter] = replace(of_letter[letter], equation=latex)
    has_slope = set(functions) == set(cls.states) and functions["h"] in (Function.TANH, Function.RELU)
    says = " ".join((cls.__doc__ or "A cell of one's own.").split("\n\n")[0].split())
    return CellDeclaration(
        kind=name,
        name=cls.__name__,
        noun=noun or f"{'an' if cls.__name__[0] in 'AEIOU' else 'a'} {cls.__name__}",
        implementation=cls,
        summary=says,
        symbols=(*([slope_of(functions["h"])] if has_slope else []), *of_letter.values()),
        states=cls.states,
        equations=tuple(of_letter),
        update=update,
        convention=says,
    )


def _functions(name: str, cls: type[OwnCell], said: Mapping[str, Function]) -> dict[str, Function]:
    """Finds the function that each gate, candidate and state applies to its sum, by taking one time step.

    Raises ConfigError where the time step is not what the class, or what was said of it, declares.
    """
    held = set()

    def hold(letter: str, value: Tensor) -> Tensor:
        held.add(letter)
        return value

    with seeded(0), torch.no_grad():
        cell = cls(_E, _H)
        for weights in cell.parameters():
            weights.uniform_(-1, 1)
        state = tuple(torch.randn(1, _H) for _ in cls.states)
        x = torch.randn(1, _E)
        a = cell.project(x)
        step = cell.naive(x, state, hold)
        before = {letter: values[0] for letter, values in zip(cls.states, state, strict=True)}
        after = {letter: values[0] for letter, values in step._asdict().items()}
        letters = [*(letter for letter in cls.blocks if letter not in cls.states), *cls.states]
        found = dict.fromkeys(letters, Function.NONE)
        for letter in found:
            if after[letter].shape != (_H,):
                raise ConfigError(f"A time step of {name} must return a number for each unit as {letter}.")
            if not after[letter].isfinite().all():
                raise ConfigError(f"A time step of {name} must return finite numbers as {letter}.")
            if letter not in held:
                raise ConfigError(
                    f"A time step of {name} must put {letter} through hold, which may change it."
                )
        for letter, word in zip(cls.blocks, a[0].chunk(len(cls.blocks)), strict=True):
            inside = word + cell.from_memory(letter, before, after)
            wanted = [said[letter]] if letter in said else list(Function)
            fits = [one for one in wanted if torch.allclose(_APPLIED[one](inside), after[letter], atol=1e-5)]
            if not fits:
                functions = " or ".join(one or "the sum itself" for one in wanted)
                raise ConfigError(
                    f"{letter} of {name} must be {functions} of x W + b and what the memory contributes, so "
                    "that it can be drawn. Where the memory does not contribute h U, define from_memory, too."
                )
            found[letter] = fits[0]
    return found


def _symbol(letter: str, cls: type[OwnCell], function: Function, update: Update | None) -> Symbol:
    """A quantity of which nothing was said."""
    index = f"_{letter}" if len(cls.blocks) > 1 else ""
    of_memory, recurrent = (f"h U{index}", f" + U{index} h") if cls.mixes_units else ("", "")
    if cls.from_memory is not Cell.from_memory:
        of_memory, recurrent = "memory", r" + \text{memory}"
    total = f"W{index} x{recurrent} + b{index}"
    equation = f"{function.latex}({total})" if function else total
    role, word, noun, meaning = Role.PROPOSES, f"candidate {letter}", "", "new content for the state"
    if letter in cls.states:
        known = next((one[letter] for one in CELLS.values() if letter in one.states), None)
        role, word, meaning = Role.REMEMBERS, f"state {letter}", "what goes from one time step to the next"
        if known is not None:
            word, noun, meaning = known.word, known.noun, known.meaning
        equation = equation if letter in cls.blocks else r"\text{see its code}"
    elif function is Function.SIGMOID:
        of_update = {update.writes: Role.WRITES, update.shows: Role.SHOWS} if update else {}
        role, word, meaning = of_update.get(letter, Role.KEEPS), f"gate {letter}", "a share between 0 and 1"
    return Symbol(
        letter=letter,
        word=word,
        noun=noun,
        role=role,
        meaning=meaning,
        bounds=_BOUNDS.get(function),
        equation=equation,
        is_behind=letter in cls.states[1:],
        place=max(cls.states.index(letter) - 1, 0) if letter in cls.states else 0,
        function=function,
        of_word=f"x W{index} + b{index}" if letter in cls.blocks else "",
        of_memory=of_memory,
    )
