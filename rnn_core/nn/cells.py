"""A recurrent cell made of its equations: its weights, and what happens at one time step.

Symbols: x input, h hidden state, c cell state, W input weights, U recurrent weights, b bias;
`*` multiplies element by element, `@` is the matrix product. Rows are reviews, so a product reads
`x @ W` with x (B, E), W (E, H) and the weights of several gates stand side by side: W is (E, G*H).

Every cell has two forms that share one set of parameters and agree to rounding. *Naive*: a product per
gate, the equations word for word. *Fused*: the products of all gates joined in one. With one-hot input
x holds word ids (B,), and `x @ W` is the row of W that the word picks; the one-hot matrix is never built.
The code of both is made in `rnn_core.nn.step_code`.

Each step returns everything it computed, by name.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import chain, groupby
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.expressions import Apply, Expression, Name, Number, names, products, replaced, value
from rnn_core.equations.sums import split
from rnn_core.nn.compiler import CannotCompile, Compiled, compile_pass
from rnn_core.nn.holds import Hold, hold_nothing
from rnn_core.nn.passes import Pass
from rnn_core.nn.passes import State as State
from rnn_core.nn.step_code import FusedCode, StepCode, fused, returned, sums, word_for_word
from rnn_core.symbols import CELLS, CellDeclaration

PADDING_ID = 0  # with one-hot input its row of W stays zero: padding is a zero vector


class Step(tuple[Tensor, ...]):
    """All that a cell computed at one time step, by name, the next state first; each (B, H).

    There is a class for each tuple of letters, see `step_type`.
    """

    _fields: ClassVar[tuple[str, ...]]

    def __new__(cls, *values: Tensor, **named: Tensor) -> Self:
        """The values of all letters, the first ones in their order."""
        if named:
            values += tuple(named[letter] for letter in cls._fields[len(values) :])
        return super().__new__(cls, values)

    def _asdict(self) -> dict[str, Tensor]:
        return dict(zip(self._fields, self, strict=True))

    def __getattr__(self, letter: str) -> Tensor:
        if letter not in self._fields:
            raise AttributeError(letter)
        return self[self._fields.index(letter)]


@cache
def step_type(letters: tuple[str, ...]) -> type[Step]:
    """Returns the type of the steps with these quantities, h first."""
    return type("Step", (Step,), {"_fields": letters})


Values = Mapping[str, Tensor]
"""Tensors of quantities, each by its letter."""


class _Pieces:
    """The weights that a form is given, each of `wanted` side by side; a number stands for so many zeros."""

    def __init__(self, cell: "Cell", wanted: Sequence[Sequence[str | int]]) -> None:
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

    def __call__(self, cell: "Cell") -> tuple[Tensor, ...]:
        """Cuts out of a cell's parameters each of the wanted."""
        found: dict[tuple[str | int, ...], Tensor] = {(count,): cell.zeros(count) for count in self.zeros}
        for key, pieces, sizes in self.cuts:
            weights: Tensor = getattr(cell, key)
            found |= zip(pieces, weights.split(sizes, dim=-1) if len(sizes) > 1 else [weights], strict=True)
        return tuple(
            found[some[0]] if len(some) == 1 else torch.cat([found[one] for one in some], dim=-1)
            for some in self.wanted
        )


@lru_cache(256)
def _forms(text: str) -> tuple[StepCode, FusedCode]:
    equations = read_cell(text)
    return word_for_word(equations), fused(equations)


@lru_cache(64)
def _declaration(text: str, name: str) -> CellDeclaration:
    return CellDeclaration(read_cell(text), name)


def bias_to_set(equations: Equations, gate: str, *, is_last_layer: bool = False) -> str | None:
    """The bias that opens or shuts a gate; None where there is none, or where its first value is said."""
    added = (one for some in sums(equations[gate].right) for one in some)
    vectors = {name for name, weight in equations.weights.items() if not weight.is_matrix}
    biases = (one.name for sign, one in added if sign > 0 and isinstance(one, Name) and one.name in vectors)
    bias = next(biases, None)
    return None if bias in equations.firsts(is_last_layer=is_last_layer) else bias


class Cell(nn.Module):
    """One time step: `cell(x, state) -> step`, with `step[:len(state)]` the next state.

    A weight lies in the parameter that `Equations.parameters` says; `keys` has the name of each here.
    """

    trains_in_bfloat16 = False
    """True if the sequence form rounds what it multiplies to bfloat16 where gradients are asked for."""
    is_last_layer = True
    """True if no layer stands above the cell."""

    def __init__(
        self, equations: Equations, input_size: int, hidden_size: int, *, kind: str, one_hot: bool = False
    ) -> None:
        """`kind` is its name in `rnn_core.symbols.CELLS`, or what sentences call one that is not there."""
        super().__init__()
        self.equations, self.kind = equations, kind
        self.input_size, self.hidden_size, self.one_hot = input_size, hidden_size, one_hot
        shapes = {name: equations.shape(name, input_size, hidden_size) for name in equations.weights}
        self.columns = {name: shape[-1] for name, shape in shapes.items()}
        self.states = equations.states
        """The letters of what goes from one time step to the next, h first."""
        self.state_size = len(self.states)
        self.widths = [self.columns[name] for name in self.fused_form.inputs]
        """The columns of each block: H, or 1 where all units share it."""
        self.keys: dict[str, str] = {}
        """Key of `Equations.parameters` -> the name of this parameter here."""
        for parameter, beside in sorted(equations.parameters.items(), key=self._rank):
            key, columns = parameter, sum(shapes[name][-1] for name in beside)
            while key in dir(self):  # a weight may have the name of a method
                key += "_"
            self.keys[parameter] = key
            self.register_parameter(key, nn.Parameter(torch.zeros(*shapes[beside[0]][:-1], columns)))
        self._of_naive = _Pieces(self, self.naive_form.weights)
        self._of_fused = _Pieces(self, self.fused_form.code.weights)
        self._project_pieces = _Pieces(self, self._with_biases(self.fused_form.inputs.items()))

    def _rank(self, parameter: tuple[str, tuple[str, ...]]) -> tuple[bool, ...]:
        """Puts matrices of x before other matrices, and what is added to x W before the rest."""
        weight = self.equations.weights[parameter[1][0]]
        is_added = weight.name in self.fused_form.inputs.values()
        return not weight.multiplies_x, not weight.is_matrix, not is_added

    def _with_biases(self, inputs: Iterable[tuple[str, str | None]]) -> list[tuple[str | int, ...]]:
        """Returns what `side_by_side` wants."""
        matrices, biases = zip(
            *((matrix, bias or self.columns[matrix]) for matrix, bias in inputs), strict=True
        )
        return [matrices, biases]

    def __getstate__(self) -> dict[str, Any]:
        """Leaves out what follows from the equations, some of which can't be pickled."""
        follows = {name for name, member in vars(Cell).items() if isinstance(member, cached_property)}
        return {name: value for name, value in vars(self).items() if name not in follows}

    @cached_property
    def naive_form(self) -> StepCode:
        """The code of the naive form."""
        return _forms(self.equations.text)[0]

    @cached_property
    def fused_form(self) -> FusedCode:
        """The code of the fused form."""
        return _forms(self.equations.text)[1]

    @cached_property
    def compiled(self) -> Compiled | CannotCompile:
        """The pass made of the equations, or why there is none."""
        try:
            return compile_pass(self.equations)
        except CannotCompile as error:
            return error

    @cached_property
    def one_pass(self) -> type[Pass] | None:
        """The time step forwards and backwards; None where autograd goes through the fused form."""
        return self.compiled.one_pass if isinstance(self.compiled, Compiled) else None

    @cached_property
    def _pass_pieces(self) -> _Pieces:
        taken = compile_pass(self.equations)
        return _Pieces(self, [*self._with_biases(taken.inputs), *taken.recurrent])

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The letters of what W and b are made of: each is x @ W + b of the first quantity that reads it."""
        letters = zip(self.equations.quantities, self.equations.computed, strict=True)
        first = {name: letter for letter, line in reversed([*letters]) for name in names(line.right)}
        return tuple(first[matrix] for matrix in self.fused_form.inputs)

    @cached_property
    def step_type(self) -> type[Step]:
        """The type of the steps."""
        return step_type(tuple(name.removesuffix("'") for name in returned(self.equations)))

    @cached_property
    def declared(self) -> CellDeclaration:
        """The declaration of the cell: what is shown of it."""
        known, text = CELLS.get(self.kind), self.equations.text
        return known if known and known.source.text == text else _declaration(text, self.kind)

    def split(self, weights: Tensor) -> tuple[Tensor, ...]:
        """Cuts W, b or what they make, (..., columns), into one piece per block."""
        return weights.split(self.widths, dim=-1)

    @property
    def word_parameters(self) -> tuple[str, ...]:
        """The names of the parameters with a row for each number of x."""
        beside, weights = self.equations.parameters, self.equations.weights
        return tuple(key for name, key in self.keys.items() if weights[beside[name][0]].multiplies_x)

    @property
    def seen(self) -> frozenset[str]:
        """The letters of what a step returns beside the states."""
        return frozenset(self.step_type._fields) - {*self.states}

    def initial_state(self, batch_size: int) -> State:
        """The states that rows begin with, (B, H) each: zeros, where the equations say nothing else."""
        size = batch_size, self.hidden_size
        firsts = (self.equations.starts.get(state, 0.0) for state in self.states)
        return tuple(
            self.weight(one).expand(size) if isinstance(one, str) else self.zeros(*size) + one
            for one in firsts
        )

    def zeros(self, *shape: int) -> Tensor:
        """Zeros of the kind of the weights."""
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

    def pass_weights(self) -> tuple[Tensor, ...]:
        """Returns the weights for `one_pass`: W and b of all that it prepares, then each that it takes."""
        return self._pass_pieces(self)

    def forward(self, x: Tensor, state: State) -> Step:
        """The fused form. x is (B, E), or (B,) word ids with one-hot input."""
        return self.update(self.project(x), state)

    def project(self, x: Tensor) -> Tensor:
        """`x @ W + b` for all gates at once, of one time step or of many: (..., G*H)."""
        W, b = self._project_pieces(self)
        return self._times(x, W) + b

    def update(self, projected: Tensor, state: State) -> Step:
        """The rest of the fused form, given `x @ W + b` as (B, G*H)."""
        weights = self._of_fused(self)
        step: Step = self.fused_form.code.take(projected, state, weights, self.hidden_size, self.step_type)
        return step

    def fixed(self) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor, State], Step]]:
        """Returns `project` and `update` with the weights as they are now, cut once for many calls."""
        (W, b), weights = self._project_pieces(self), self._of_fused(self)
        take, H, kind = self.fused_form.code.take, self.hidden_size, self.step_type
        return (
            lambda x: self._times(x, W) + b,
            lambda projected, state: take(projected, state, weights, H, kind),
        )

    def naive(self, x: Tensor, state: State, hold: Hold = hold_nothing) -> Step:
        """The equations, a product per gate. `hold` may put something else in the place of each result."""
        weights = self._of_naive(self)
        step: Step = self.naive_form.take(x, state, weights, self._times, hold, self.step_type)
        return step

    def _times(self, x: Tensor, W: Tensor) -> Tensor:
        if self.one_hot:
            return embedding(x, W, padding_idx=PADDING_ID)
        return x @ W

    def memory_part(self, letter: str, before: Values, after: Values) -> Tensor:
        """The memory's contribution inside a gate or candidate, (H,), beside x @ W + b.

        `before` are the states that came in, `after` is all that was computed, (H,) each by letter.
        """
        h, rest = before["h"], self.declared.roles.parts[letter].memory
        if rest is None:
            return torch.zeros_like(h)
        known: dict[str, Any] = {**self.equations.constants, **after, **before}
        known |= {f"{state}'": after[state] for state in self.states}
        read = {*names(rest)} & self.equations.weights.keys()
        known |= {name: self.weight(name).detach().to(h) for name in read}
        return torch.zeros_like(h) + value(rest, known)

    def products_with_state(self) -> tuple[int, ...]:
        """The columns of each matrix that a time step multiplies its state with, one after the other."""
        return tuple(sum(self.columns[name] for name in some) for some in self.fused_form.recurrent)

    def time_constants(self) -> Tensor | None:
        """(H,) time steps in which each unit loses all but 1/e of what it holds, where that is its own.

        None for a cell whose gates or whose other units have a say in it.
        """
        factor = _own_factor(self.equations)
        if factor is None:
            return None
        share = self.weight(factor).detach().double().clamp(min=0)
        return (1 / share.log()).abs()  # without end where it is 1

    def initialise(self, manner: str, forget_bias: float) -> None:
        """Gives every weight its first value, in place.

        Each gate's weights are drawn on their own, so that a gate starts the same alone or side by side.

        orthogonal: U of each gate is orthogonal (Saxe et al., 2014), W uniform after Glorot.
        xavier: W and U uniform in +-sqrt(6 / (rows + columns)) (Glorot and Bengio, 2010).
        uniform: everything, biases too, uniform in +-1 / sqrt(H), as torch's own cells do.

        `forget_bias` makes a gated cell remember by default (Jozefowicz et al., 2015): the bias of a gate
        that keeps, f, starts there, and that of the gate that writes, i or z, at minus it, so that what is
        kept and what is written add up to about one (Tallec and Ollivier, 2018).

        What the equations of a cell say of a weight, `u ~ uniform(0, 1)`, holds in any manner.
        """
        H, sizes = self.hidden_size, {"E": self.input_size, "H": self.hidden_size}
        firsts = self.equations.firsts(is_last_layer=self.is_last_layer)
        with torch.no_grad():
            if manner == "uniform":
                for parameter in self.parameters():
                    nn.init.uniform_(parameter, -1 / math.sqrt(H), 1 / math.sqrt(H))
            else:
                for name in self._matrices():
                    is_orthogonal = manner == "orthogonal" and not self.equations.weights[name].multiplies_x
                    draw = nn.init.orthogonal_ if is_orthogonal else nn.init.xavier_uniform_
                    if name not in firsts:
                        draw(self.weight(name))
            for name, weight in self.equations.weights.items():
                weights = self.weight(name)
                if name in firsts:
                    first = _first_values(firsts[name], weights, sizes)
                    weights.copy_(first) if isinstance(first, Tensor) else weights.fill_(first)
                elif not weight.is_matrix and manner != "uniform":
                    weights.zero_()
            update = self.declared.update
            if update is not None and self.declared.remembers_by_bias:
                for gate, bias_value in update.biases(keeps=forget_bias, writes=-forget_bias).items():
                    if (bias := self.bias_of(gate)) is not None:
                        bias.fill_(bias_value)
            if self.one_hot:
                self.clear_padding()

    def _matrices(self) -> Iterable[str]:
        """The matrices gate by gate: that of x, then the others in its equation."""
        order, weights = dict[str, None](), self.equations.weights
        for matrix, letter in zip(self.fused_form.inputs, self.blocks, strict=True):
            inside = (one.matrix for one in products(self.equations[letter].right))
            order |= dict.fromkeys([matrix, *(name for name in inside if not weights[name].multiplies_x)])
        return order | dict.fromkeys(name for name, weight in weights.items() if weight.is_matrix)

    def bias_of(self, gate: str) -> Tensor | None:
        """The bias that opens or shuts a gate, where there is one to be set."""
        bias = bias_to_set(self.equations, gate, is_last_layer=self.is_last_layer)
        return None if bias is None else self.weight(bias)

    def clear_padding(self) -> None:
        """Lets padding, a word id of one-hot input, be a zero vector, in place."""
        for name in self.word_parameters:
            self.get_parameter(name)[PADDING_ID] = 0

    def constrain(self) -> None:
        """Puts weights that left their bounds in an optimizer step back, in place."""
        with torch.no_grad():
            for name, (least, most) in self.equations.limits(is_last_layer=self.is_last_layer).items():
                self.weight(name).clamp_(least, most)

    def weights_in_torch(self) -> dict[str, Tensor]:
        """Returns the weights by their names in torch's module that computes the same, in its order.

        They are (columns, rows) or (columns,). The second bias is what stands beside a product with the
        state; zeros where there is none.
        """
        found = defaultdict[str, list[Tensor]](list)
        for block in self.declared.torch_blocks:
            letter, parts = block.removeprefix("-"), dict[str, Tensor]()
            for name in names(self.equations[letter].right):
                if (weight := self.equations.weights.get(name)) is not None:
                    of_word = weight.multiplies_x or name in self.fused_form.inputs.values()
                    kind = f"{'weight' if weight.is_matrix else 'bias'}_{'ih' if of_word else 'hh'}"
                    parts[kind] = self.weight(name).t() if letter == block else -self.weight(name).t()
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                found[kind].append(parts.get(kind, self.zeros(self.hidden_size)))
        return {kind: torch.cat(some) for kind, some in found.items()}


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
