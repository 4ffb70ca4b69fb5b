"""The pass of a cell, compiled from its equations: time steps forwards and backwards, as written by hand.

    equations -> graph -> slots and derivatives    rnn_core.equations
              -> layout -> statements -> source    here
              -> a class                           executed, with nothing but the functions named below

No character that anyone typed reaches the program: names are checked or ours, numbers are finite, functions
are those of a closed table.
"""

import builtins
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import cast

import torch
from torch.nn.functional import logsigmoid, softplus

from rnn_core.equations.cell_graph import graph_of
from rnn_core.equations.derivatives import derive
from rnn_core.equations.equations import Equations
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.graph import CannotCompile as CannotCompile
from rnn_core.nn import kernels
from rnn_core.nn.compiler.backwards import Backwards
from rnn_core.nn.compiler.emission import Constants
from rnn_core.nn.compiler.forwards import Forwards
from rnn_core.nn.compiler.layout import Layout
from rnn_core.nn.compiler.plan import Plan
from rnn_core.nn.compiler.source import source_of
from rnn_core.nn.generated import executed
from rnn_core.nn.passes import Pass

_OF_TORCH = (
    "add addcmul cat clamp_max clamp_min div expm1 gt le lerp maximum minimum mul pow reciprocal sign sub "
    "where"
).split()
"""All that a pass may take of torch beside the functions of the language."""
_OF_KERNELS = (
    "one_minus share_of_sigmoids square_root_beside tanh sigmoid_gradient tanh_gradient where_above"
).split()
_FUNCTIONS = {
    "Pass": Pass, "logsigmoid": logsigmoid, "softplus": softplus,
    **{name: getattr(kernels, name) for name in _OF_KERNELS},
}  # fmt: skip
_RESERVED = {
    "torch", *_FUNCTIONS, *dir(Pass), *Pass.__annotations__, *dir(builtins), "self", "weights", "H", "factor",
    "kept", "before", "after", "scratch", "watched", "gradients", "x", "E",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pass, and which weights it takes."""

    one_pass: type[Pass]
    source: str
    """The text of its class."""
    inputs: tuple[tuple[str, str | None], ...]
    """The columns of W and b: each matrix of x, (E, H) or (E, 1), and the bias behind it; None means 0.

    A name may stand there twice, and again in `recurrent`: then its gradients add up.
    """
    recurrent: tuple[tuple[str, ...], ...]
    """The other weights: each the (H, H) matrices of these names side by side, or one of (H,) or (1,).

    A weight that no state depends on is in neither.
    """


@lru_cache(maxsize=64)
def compile_pass(equations: Equations) -> Compiled:
    """The pass of a cell. Raises CannotCompile, which says why autograd must go through its equations."""
    cell, slots = graph_of(equations)
    derivatives = derive(cell, slots)
    layout = Layout(cell, slots, derivatives.weights, _RESERVED)
    plan, constants = Plan(layout, derivatives), Constants(layout)
    forwards = Forwards(plan, constants)
    name = "GeneratedPass"
    source = source_of(name, equations, forwards, Backwards(plan, derivatives, constants))
    of_torch = [*_OF_TORCH, *(one.torch for one in FUNCTIONS.values() if one.slope and "." not in one.torch)]
    given = {**_FUNCTIONS, "torch": SimpleNamespace(**{one: getattr(torch, one) for one in of_torch})}
    return Compiled(
        one_pass=cast(type[Pass], executed(source, given)[name]),
        source=source,
        inputs=tuple((slot.matrix, slot.bias) for slot in layout.of_x if slot.matrix),
        recurrent=(*(stack.matrices for stack in layout.stacks), *((name,) for name in derivatives.weights)),
    )
