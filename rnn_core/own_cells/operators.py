"""The operators of torch on nodes: in the place of each tensor of numbers one of nodes, int64."""

import math
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from rnn_core.equations import functions
from rnn_core.equations.expressions import Apply, Expression, Name, Number
from rnn_core.equations.reading import read_right
from rnn_core.own_cells.nodes import Nodes

Ids = Tensor
"""Nodes in the shape of a tensor of numbers."""
Operator = Callable[..., Any]
_FEWEST_UNITS = 5
"""Fewer numbers are never all units, nor all numbers of x, at the sizes of a trace."""

MOVES = {
    "cat", "stack", "clone", "repeat", "flip", "roll", "slice_scatter", "select_scatter", "tril", "triu",
    "diag_embed",
}  # fmt: skip
"""Operators that move numbers and zeros about, and compute none: they do the same to nodes."""
PICKS = {"index_select", "gather", "index", "take", "index_put"}
"""Operators that move numbers to places, or from places, which other tensors say."""
FUNCTIONS = {
    "mul": "*", "pow": "^", "where": "where", "tan": "tan", "atan": "atan", "erf": "erf",
    **{
        one.torch: one.name for one in functions.FUNCTIONS.values()
        if (one.slope or one.arity == 2) and "." not in one.torch
    },
}  # fmt: skip
"""Operators that compute each number by itself, and what they are called in a sentence."""
WRITTEN = {
    "add": "a + alpha * b; alpha = 1",
    "sub": "a - alpha * b; alpha = 1",
    "rsub": "b - alpha * a; alpha = 1",
    "addcmul": "a + value * (b * c); value = 1",
    "addcdiv": "a + value * (b / c); value = 1",
    "neg": "-a",
    "reciprocal": "1 / a",
    "rsqrt": "1 / sqrt(a)",
    "square": "a^2",
    "log1p": "log(a + 1)",
    "log2": "log(a) / 0.6931471805599453",
    "log10": "log(a) / 2.302585092994046",
    "exp2": "exp(0.6931471805599453 * a)",
    "expm1": "exp(a) - 1",
    "sinh": "(exp(a) - exp(-a)) / 2",
    "cosh": "(exp(a) + exp(-a)) / 2",
    "logaddexp": "b + softplus(a - b)",
    "lerp": "a + c * (b - a)",
    "log_sigmoid_forward": "-softplus(-a)",
    "silu": "a * sigmoid(a)",
    "mish": "a * tanh(softplus(a))",
    "hardsigmoid": "min(max(a / 6 + 0.5, 0), 1)",
    "hardtanh": "min(max(a, b), c); b = -1; c = 1",
    "clamp_min": "max(a, b)",
    "clamp_max": "min(a, b)",
    "leaky_relu": "where(a, a, b * a); b = 0.01",
    "softplus": "softplus(b * a) / b; b = 1",
    "celu": "where(a, a, b * (exp(min(a, 0) / b) - 1)); b = 1",
    "elu": "c * where(a, a, b * (exp(min(d * a, 0)) - 1)); b = 1; c = 1; d = 1",
    "hardswish": "a * min(max(a / 6 + 0.5, 0), 1)",
    "_prelu_kernel": "where(a, a, b * a)",
    "threshold": "where(a - b, a, c)",
    "gt": "where(a - b, 1, 0)",
    "lt": "where(b - a, 1, 0)",
    "ge": "where(b - a, 0, 1)",
    "le": "where(a - b, 0, 1)",
    "masked_fill": "where(b, c, a)",
    "logical_not": "where(a, 0, 1)",
    "logical_and": "where(a, b, 0)",
    "logical_or": "where(a, 1, b)",
    "bitwise_not": "where(a, 0, 1)",
    "bitwise_and": "where(a, b, 0)",
    "bitwise_or": "where(a, 1, b)",
    "sign": "where(a, 1, where(-a, -1, 0))",
}
"""Other operators of each number by what they are in equations, where a, b, c and d are what they are given.

Behind that stand the values of those that may be left out.
"""


def each(nodes: Nodes, function: str, *operands: Ids | float) -> Ids:
    """A function, number by number."""
    several = torch.broadcast_tensors(*(_nodes_of(nodes, one) for one in operands))
    rows = [*zip(*(one.flatten().tolist() for one in several), strict=True)]
    known = {row: nodes.apply(function, *row) for row in dict.fromkeys(rows)}
    return torch.tensor([known[row] for row in rows], dtype=torch.int64).view(several[0].shape)


def written(operator: str) -> tuple[Expression, Mapping[str, float]]:
    """An operator by what it is in equations, of a, b and c, and its usual settings among these."""
    text, *settings = WRITTEN[operator].split("; ")
    pairs = (one.split(" = ") for one in settings)
    return read_right(text), {name: float(value) for name, value in pairs}


def expanded(right: Expression, settings: Mapping[str, float]) -> Operator:
    """An operator that computes an expression, number by number."""

    def operator(nodes: Nodes, *operands: Ids | float, **named: Any) -> Ids:
        given = {**settings, **dict(zip("abcd", operands, strict=False)), **named}

        def computed(one: Expression) -> Ids | float:
            match one:
                case Number(value=value):
                    return value
                case Name(name=name):
                    return given[name]
                case Apply(function="*", arguments=(Name(name=name), other)) if name in settings:
                    return _scaled(nodes, computed(other), given[name])
                case Apply(function="-", arguments=(alone,)):
                    return each(nodes, "*", computed(alone), -1.0)
                case Apply(function=function, arguments=arguments):
                    return each(nodes, function, *map(computed, arguments))
            raise ValueError("a product by a matrix")

        return _nodes_of(nodes, computed(right))

    return operator


def _nodes_of(nodes: Nodes, one: Ids | float) -> Ids:
    return one if isinstance(one, Tensor) else torch.tensor(nodes.number(float(one)))


def _scaled(nodes: Nodes, ids: Ids | float, scale: float) -> Ids | float:
    return ids if scale == 1 else each(nodes, "*", ids, scale)


def _times(nodes: Nodes, left: Ids, right: Ids) -> Ids:
    """A product of matrices, (n, k) by (k, m)."""
    rows, columns = left.tolist(), right.T.tolist()
    made = [
        [nodes.sum(*((1.0, nodes.product(a, b)) for a, b in zip(row, column, strict=True)))
         for column in columns]
        for row in rows
    ]  # fmt: skip
    return torch.tensor(made, dtype=torch.int64).view(len(left), right.shape[1])


def _batch_product(nodes: Nodes, left: Ids, right: Ids) -> Ids:
    return torch.stack([_times(nodes, one, other) for one, other in zip(left, right, strict=True)])


def _added(product: Operator) -> Operator:
    def add(nodes: Nodes, added: Ids, left: Ids, right: Ids, beta: float = 1, alpha: float = 1) -> Ids:
        found = _scaled(nodes, product(nodes, left, right), alpha)
        return each(nodes, "+", _scaled(nodes, added, beta), found)

    return add


def _vector_product(nodes: Nodes, left: Ids, right: Ids) -> Ids:
    return _times(nodes, left, right[:, None])[:, 0]


_Reduce = Callable[[Nodes, list[int]], int]


def _reduced(reduce: _Reduce, across: _Reduce | None = None) -> Operator:
    """An operator that makes one number of all along some axes; `across`: along others than the last."""

    def operator(nodes: Nodes, ids: Ids, dim: Any = None, keepdim: bool = False, **_: Any) -> Ids:
        axes = [dim] if isinstance(dim, int) else [*(dim or range(ids.ndim))]
        axes = sorted(axis % ids.ndim for axis in axes) if ids.ndim else []
        left = [axis for axis in range(ids.ndim) if axis not in axes]
        rows = ids.permute(*left, *axes).reshape(-1, math.prod(ids.shape[axis] for axis in axes)).tolist()
        one = across if across is not None and left and max(left) > max(axes) else reduce
        made = torch.tensor([one(nodes, row) for row in rows], dtype=torch.int64)
        shape = [1 if axis in axes else size for axis, size in enumerate(ids.shape)]
        return made.view(shape if keepdim else [ids.shape[axis] for axis in left])

    return operator


def _total(nodes: Nodes, row: list[int]) -> int:
    return nodes.sum(*((1.0, one) for one in row))


def _share(nodes: Nodes, row: list[int]) -> int:
    return nodes.sum(*((1 / len(row), one) for one in row))


def _sum(nodes: Nodes, row: list[int]) -> int:
    is_product = any(nodes.nodes[one].kind == "weight" for term in row for one in nodes.factors(term))
    if is_product or len(row) < _FEWEST_UNITS:
        return _total(nodes, row)
    return nodes.sum((float(len(row)), nodes.node("mean", *row)))


def _mean(nodes: Nodes, row: list[int]) -> int:
    if len(row) < _FEWEST_UNITS or all(one == row[0] for one in row):
        return _share(nodes, row)
    return nodes.node("mean", *row)


def _variance(nodes: Nodes, row: list[int], less: float = 0) -> int:
    mean = _mean(nodes, row)
    apart = [nodes.sum((1.0, one), (-1.0, mean)) for one in row]
    squares = [nodes.apply("^", one, nodes.number(2.0)) for one in apart]
    return nodes.sum((len(row) / (len(row) - less), _mean(nodes, squares)))


def _var(nodes: Nodes, ids: Ids, dim: Any = None, correction: float = 1, keepdim: bool = False) -> Ids:
    return _reduced(lambda nodes, row: _variance(nodes, row, correction))(nodes, ids, dim, keepdim)


def _cumulated(nodes: Nodes, ids: Ids, dim: int, **_: Any) -> Ids:
    parts = accumulate(ids.unbind(dim), lambda one, other: each(nodes, "+", one, other))
    return torch.stack([*parts], dim)


def _row_operator(function: str) -> Operator:
    """A function of all numbers along an axis that gives as many."""

    def operator(nodes: Nodes, ids: Ids, dim: int, *_: Any) -> Ids:
        rows = ids.movedim(dim, -1)
        made = [
            [nodes.node("over", function, place, *row) for place in range(len(row))]
            for row in rows.reshape(-1, rows.shape[-1]).tolist()
        ]
        return torch.tensor(made, dtype=torch.int64).view(rows.shape).movedim(-1, dim)

    return operator


def _clamp(nodes: Nodes, ids: Ids, least: Any = None, most: Any = None, **named: Any) -> Ids:
    least, most = named.get("min", least), named.get("max", most)
    ids = ids if least is None else each(nodes, "max", ids, least)
    return ids if most is None else each(nodes, "min", ids, most)


def _layer_norm(nodes: Nodes, ids: Ids, shape: Any, weight: Any, bias: Any, eps: float) -> Ids:
    axes = [*range(-len(shape), 0)]
    apart = each(nodes, "-", ids, _reduced(_mean)(nodes, ids, axes, True))
    spread = each(nodes, "sqrt", each(nodes, "+", _var(nodes, ids, axes, 0, True), eps))
    found = _NORMED(nodes, apart, spread, 1.0 if weight is None else weight)
    return found if bias is None else each(nodes, "+", found, bias)


def _function(name: str) -> Operator:
    return lambda nodes, *operands, **_: each(nodes, name, *operands)


def _glu(nodes: Nodes, ids: Ids, dim: int = -1) -> Ids:
    left, right = ids.chunk(2, dim)
    return each(nodes, "*", left, each(nodes, "sigmoid", right))


_NORMED = expanded(read_right("a / b * c"), {})
_GELU = expanded(read_right("a / 2 * (1 + tanh(0.7978845608028654 * (a + 0.044715 * a^3)))"), {})

OPERATORS: Mapping[str, Operator] = {
    **{name: _function(function) for name, function in FUNCTIONS.items()},
    **{name: expanded(*written(name)) for name in WRITTEN},
    "nan_to_num": lambda nodes, ids, *_: ids,  # the same for all that is finite
    "div": lambda nodes, left, right, rounding_mode=None: (
        None if rounding_mode else each(nodes, "/", left, right)
    ),
    "gelu": lambda nodes, ids, approximate="none": _GELU(nodes, ids) if approximate == "tanh" else None,
    "glu": _glu,
    "clamp": _clamp,
    "constant_pad_nd": lambda nodes, ids, sizes, value=0: torch.constant_pad_nd(
        ids, sizes, nodes.number(value)
    ),
    "fill": lambda nodes, ids, value: _nodes_of(nodes, value).expand(ids.shape),
    "zero": lambda nodes, ids: torch.zeros_like(ids),
    "mm": _times,
    "bmm": _batch_product,
    "addmm": _added(_times),
    "baddbmm": _added(_batch_product),
    "mv": _vector_product,
    "addmv": _added(_vector_product),
    "dot": lambda nodes, left, right: _times(nodes, left[None], right[:, None])[0, 0],
    "sum": _reduced(_sum, _total),
    "mean": _reduced(_mean, _share),
    "prod": _reduced(lambda nodes, row: nodes.product(*row)),
    "var": _var,
    "std": lambda nodes, *given, **named: each(nodes, "sqrt", _var(nodes, *given, **named)),
    "cumsum": _cumulated,
    "_softmax": _row_operator("softmax"),
    "_log_softmax": _row_operator("log softmax"),
    "native_layer_norm": _layer_norm,
}
"""Name -> the nodes that an operator makes, given others; None of what is unknown."""
