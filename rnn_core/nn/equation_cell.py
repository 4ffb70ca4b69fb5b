"""A cell made of its equations: its weights and first weights, and its time step in both forms.

Symbols and forms as in `rnn_core.nn.cells`; the code of a time step is made in `rnn_core.nn.step_code`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, groupby
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, replaced, walk
from rnn_core.equations.roles import Roles
from rnn_core.equations.sums import split
from rnn_core.equations.values import value
from rnn_core.nn.cells import PADDING_ID, Cell, Hold, State, Step, Values, as_computed, step_type
from rnn_core.nn.compiler import CannotCompile, Compiled, compile_pass
from rnn_core.nn.passes import Pass
from rnn_core.nn.step_code import FusedCode, StepCode, fused, returned, sums, word_for_word
from rnn_core.symbols import CELLS, CellDeclaration, declaration_of


def cell_class(equations: Equations, name: str) -> type["EquationCell"]:
    """The class of the cell that these equations say, under its name in `rnn_core.symbols.CELLS`."""
    return _cell_class(equations.text, name)


@lru_cache(256)
def _cell_class(text: str, name: str) -> type["EquationCell"]:
    equations = read_cell(text)
    form = fused(equations)
    letters = tuple(name.removesuffix("'") for name in returned(equations))
    everything = [part for line in equations.computed for part in walk(line.right)]
    means = any(isinstance(part, Apply) and part.function == "mean" for part in everything)
    members = {
        "kind": name,
        "equations": equations,
        "fused_form": form,
        "naive_form": word_for_word(equations),
        "blocks": tuple(_block_of(equations, matrix) for matrix in form.inputs),
        "states": equations.states,
        "seen": frozenset(letters) - {*equations.states},
        "begins_with_zeros": not equations.starts,
        "step_type": step_type(letters),
        "mixes_units": means or bool(form.recurrent),
    }
    made: type[EquationCell] = type("EquationCell", (EquationCell,), members)
    return made


def _block_of(equations: Equations, weight: str) -> str:
    """The letter of the first quantity in whose equation a weight stands."""
    line = next(line for line in equations.computed if weight in names(line.right))
    return line.name.removesuffix("'")


class _Pieces:
    """The weights that a form is given, each of `wanted` side by side; a number stands for so many zeros."""

    def __init__(self, cell: "EquationCell", wanted: Sequence[Sequence[str | int]]) -> None:
        times = Counter(chain(*wanted))
        self.zeros = [count for count in times if isinstance(count, int)]
        alike = dict[str | int, object]()
        """A weight wanted once -> equal for those side by side in what is wanted and in a parameter."""
        for parameter, beside in cell.equations.parameters.items():
            for number, some in enumerate(wanted):
                for place, name in enumerate(beside):
                    if name in some and times[name] == 1:
                        alike[name] = number, parameter, some.index(name) - place

        def cut(some: Sequence[str | int]) -> list[tuple[str | int, ...]]:
            pieces = groupby(enumerate(some), lambda of: alike.get(of[1], of[0]))
            return [tuple(name for _, name in piece) for _, piece in pieces]

        self.wanted = [cut(some) for some in wanted]
        self.cuts = [
            (cell.keys[parameter], pieces, [sum(cell.columns[str(name)] for name in one) for one in pieces])
            for parameter, beside in cell.equations.parameters.items()
            if times.keys() & {*beside} and (pieces := cut(beside))
        ]
        """The name of each parameter here, its pieces, and how many columns these have."""

    def __call__(self, cell: "EquationCell") -> tuple[Tensor, ...]:
        """Cuts out of a cell's parameters each of the wanted."""
        found: dict[tuple[str | int, ...], Tensor] = {(count,): cell.zeros(count) for count in self.zeros}
        for key, pieces, sizes in self.cuts:
            weights: Tensor = getattr(cell, key)
            found |= zip(pieces, weights.split(sizes, dim=-1) if len(sizes) > 1 else [weights], strict=True)
        return tuple(
            found[some[0]] if len(some) == 1 else torch.cat([found[one] for one in some], dim=-1)
            for some in self.wanted
        )


@lru_cache(64)
def _roles(text: str) -> Roles:
    return Roles(read_cell(text))


@lru_cache(64)
def _declaration(text: str, name: str) -> CellDeclaration:
    return declaration_of(read_cell(text), name)


def _unmade(text: str, name: str) -> "EquationCell":
    """A cell before it gets its weights."""
    cls = _cell_class(text, name)
    return cls.__new__(cls)


class EquationCell(Cell):
    """A cell of which everything follows from its equations; `cell_class` makes a class for each."""

    equations: ClassVar[Equations]
    fused_form: ClassVar[FusedCode]
    naive_form: ClassVar[StepCode]

    @override
    def make_weights(self) -> None:
        sizes = self.input_size, self.hidden_size
        shapes = {name: self.equations.shape(name, *sizes) for name in self.equations.weights}
        self.columns = {name: shape[-1] for name, shape in shapes.items()}
        self.keys: dict[str, str] = {}
        """Key of `Equations.parameters` -> the name of this parameter here."""
        for parameter, beside in sorted(self.equations.parameters.items(), key=self._rank):
            key, columns = parameter, sum(shapes[name][-1] for name in beside)
            while key in dir(self):  # a weight may have the name of a method
                key += "_"
            self.keys[parameter] = key
            self.register_parameter(key, nn.Parameter(torch.zeros(*shapes[beside[0]][:-1], columns)))
        self._of_naive = _Pieces(self, self.naive_form.weights)
        self._of_fused = _Pieces(self, self.fused_form.code.weights)
        self._of_project = _Pieces(self, self._with_biases(self.fused_form.inputs.items()))

    def _rank(self, parameter: tuple[str, tuple[str, ...]]) -> tuple[bool, ...]:
        """Puts matrices of x before other matrices, and what is added to x W before the rest."""
        weight = self.equations.weights[parameter[1][0]]
        is_added = weight.name in self.fused_form.inputs.values()
        return not weight.of_word, not weight.is_matrix, not is_added

    def _with_biases(self, inputs: Iterable[tuple[str, str | None]]) -> list[tuple[str | int, ...]]:
        """Returns what `side_by_side` wants."""
        matrices, biases = zip(
            *((matrix, bias or self.columns[matrix]) for matrix, bias in inputs), strict=True
        )
        return [matrices, biases]

    def __reduce__(self) -> tuple[Any, ...]:
        """The class is made again where it is unpickled."""
        return _unmade, (self.equations.text, self.kind), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "one_pass"}

    @property
    def compiled(self) -> Compiled | CannotCompile:
        """The pass made of the equations, or why there is none."""
        try:
            return compile_pass(self.equations)
        except CannotCompile as error:
            return error

    @cached_property
    def one_pass(self) -> type[Pass] | None:  # type: ignore[override]
        """The pass made of the equations; None where autograd goes through the fused form."""
        return self.compiled.one_pass if isinstance(self.compiled, Compiled) else None

    @cached_property
    def _of_pass(self) -> _Pieces:
        taken = compile_pass(self.equations)
        return _Pieces(self, [*self._with_biases(taken.inputs), *taken.recurrent])

    @property
    @override
    def widths(self) -> list[int]:
        return [self.columns[name] for name in self.fused_form.inputs]

    @property
    @override
    def declared(self) -> CellDeclaration:
        known = CELLS.get(self.kind)
        is_known = known is not None and known.source is not None and known.source.text == self.equations.text
        return known if known is not None and is_known else _declaration(self.equations.text, self.kind)

    @property
    @override
    def of_word(self) -> tuple[str, ...]:
        beside, weights = self.equations.parameters, self.equations.weights
        return tuple(key for name, key in self.keys.items() if weights[beside[name][0]].of_word)

    @override
    def initial_state(self, batch_size: int) -> State:
        size = batch_size, self.hidden_size
        firsts = (self.equations.starts.get(state, 0.0) for state in self.states)
        return tuple(
            self.weight(one).expand(size) if isinstance(one, str) else self.zeros(*size) + one
            for one in firsts
        )

    @override
    def zeros(self, *shape: int) -> Tensor:
        return next(self.parameters()).new_zeros(*shape)

    def weight(self, name: str) -> Tensor:
        """A weight by its name in the equations."""
        return _Pieces(self, [(name,)])(self)[0]

    def as_state(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The state of the cell with these weights, by their names in the equations."""
        beside = self.equations.parameters
        return {
            key: torch.cat([weights[name] for name in beside[parameter]], dim=-1)
            for parameter, key in self.keys.items()
        }

    def side_by_side(self, inputs: Iterable[tuple[str, str | None]]) -> tuple[Tensor, ...]:
        """W and b of matrices of x, each with its bias or with zeros."""
        return _Pieces(self, self._with_biases(inputs))(self)

    @override
    def pass_weights(self) -> tuple[Tensor, ...]:
        return self._of_pass(self)

    @override
    def project(self, x: Tensor) -> Tensor:
        W, b = self._of_project(self)
        return self._times(x, W) + b

    @override
    def update(self, projected: Tensor, state: State) -> Step:
        weights = self._of_fused(self)
        step: Step = self.fused_form.code.take(projected, state, weights, self.hidden_size, self.step_type)
        return step

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> Step:
        weights = self._of_naive(self)
        step: Step = self.naive_form.take(x, state, weights, self._times, hold, self.step_type)
        return step

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        h, rest = before["h"], _roles(self.equations.text).parts[letter].memory
        if rest is None:
            return torch.zeros_like(h)
        known: dict[str, Any] = {**self.equations.constants, **after, **before}
        known |= {f"{state}'": after[state] for state in self.states}
        read = {*names(rest)} & self.equations.weights.keys()
        known |= {name: self.weight(name).detach().to(h) for name in read}
        return torch.zeros_like(h) + value(rest, known)

    @override
    def products_with_state(self) -> tuple[int, ...]:
        return tuple(sum(self.columns[name] for name in some) for some in self.fused_form.recurrent)

    @override
    def time_constants(self) -> Tensor | None:
        factor = _own_factor(self.equations)
        if factor is None:
            return None
        share = self.weight(factor).detach().double().clamp(min=0)
        return (1 / share.log()).abs()  # without end where it is 1

    @override
    def matrices(self) -> Iterator[tuple[Tensor, bool]]:
        """Gate by gate: the matrix of x, then the others in its equation."""
        order, weights = dict[str, None](), self.equations.weights
        for matrix, letter in zip(self.fused_form.inputs, self.blocks, strict=True):
            inside = (one.matrix for one in walk(self.equations[letter].right) if isinstance(one, Product))
            order |= dict.fromkeys([matrix, *(name for name in inside if not weights[name].of_word)])
        order |= dict.fromkeys(name for name, weight in weights.items() if weight.is_matrix)
        known = self.equations.firsts(is_last_layer=self.is_last_layer)
        for name in order:
            if name not in known:
                yield self.weight(name), weights[name].of_word

    @override
    def initialise_extra(self, manner: str) -> None:
        firsts = self.equations.firsts(is_last_layer=self.is_last_layer)
        for name, weight in self.equations.weights.items():
            weights = self.weight(name)
            if name in firsts:
                first = _first_values(firsts[name], weights, {"E": self.input_size, "H": self.hidden_size})
                weights.copy_(first) if isinstance(first, Tensor) else weights.fill_(first)
            elif not weight.is_matrix and manner != "uniform":
                weights.zero_()

    @override
    def bias_of(self, gate: str) -> Tensor | None:
        added = (one for some in sums(self.equations[gate].right) for one in some)
        vectors = {name for name, weight in self.equations.weights.items() if not weight.is_matrix}
        biases = (
            one.name for sign, one in added if sign > 0 and isinstance(one, Name) and one.name in vectors
        )
        bias = next(biases, None)
        is_said = bias in self.equations.firsts(is_last_layer=self.is_last_layer)
        return None if bias is None or is_said else self.weight(bias)

    @override
    def without_padding(self) -> None:
        for name in self.of_word:
            self.get_parameter(name)[PADDING_ID] = 0

    @override
    def constrain(self) -> None:
        with torch.no_grad():
            for name, (least, most) in self.equations.limits(is_last_layer=self.is_last_layer).items():
                self.weight(name).clamp_(least, most)


def _own_factor(equations: Equations) -> str | None:
    """The weight, one number a unit, that h is multiplied with and nothing else reads; None otherwise."""
    everything = [name for line in equations.computed for name in names(line.right)]
    if equations.states != ("h",) or everything.count("h") != 1:
        return None
    match equations["h"].right:
        case Apply(function="relu", arguments=(inside,)) | inside:
            match split(inside, "h"):
                case (Name(name=factor), _) if factor in equations.weights:
                    return factor
    return None


def _first_values(expression: Expression, weights: Tensor, sizes: Mapping[str, int]) -> Tensor | float:
    """Returns the first values of a weight, in 64 bits; those drawn are drawn in its own precision."""
    known: dict[str, Tensor | float] = {**sizes}

    def put(one: Expression) -> Expression | None:
        new = torch.empty_like(weights)
        match one:
            case Name(name="identity"):
                nn.init.eye_(new)
            case Name(name="orthogonal"):
                nn.init.orthogonal_(new)
            case Name(name="glorot"):
                nn.init.xavier_uniform_(new)
            case Apply(function="uniform", arguments=(Number(value=low), Number(value=high))):
                new.uniform_(low, high)
            case Apply(function="normal", arguments=(Number(value=mean), Number(value=deviation))):
                new.normal_(mean, deviation)
            case _:
                return None
        known[name := f"drawn {len(known)}"] = new.double()
        return Name(name)

    found: Tensor | float = value(replaced(expression, put), known)
    return found
