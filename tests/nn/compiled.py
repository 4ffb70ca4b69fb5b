"""A cell that is nothing but equations, for the tests of its pass, and what they come to by autograd."""

from types import SimpleNamespace

import torch
from torch.nn.functional import softplus

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
from rnn_core.nn.compiler import compile_pass
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import run

_TORCH = {
    "+": torch.add, "*": torch.mul, "/": torch.div, "^": torch.pow,
    "max": torch.maximum, "min": torch.minimum,
    "softplus": lambda a: softplus(a, threshold=50.0), "mean": lambda a: a.mean(dim=-1, keepdim=True),
}  # fmt: skip


def value(expression: Expression, known: dict[str, torch.Tensor]) -> torch.Tensor:
    match expression:
        case Number(value=number):
            return torch.tensor(number, dtype=torch.float64)
        case Name(name=name):
            return known[name]
        case Product(left=left, matrix=matrix):
            return value(left, known) @ known[matrix]
        case Apply(function="-", arguments=arguments):
            first, *rest = (value(one, known) for one in arguments)
            return first - rest[0] if rest else -first
        case Apply(function="where", arguments=arguments):
            q, a, b = (value(one, known) for one in arguments)
            return torch.where(q > 0, a, b)
        case Apply(function=function, arguments=arguments):
            return _TORCH.get(function, getattr(torch, function, None))(
                *(value(one, known) for one in arguments)
            )


def random_weights(equations: Equations, E: int, H: int) -> dict[str, torch.Tensor]:
    shapes = {name: equations.shape(name, E, H) for name in equations.weights}
    drawn = {name: 0.4 * torch.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}
    return {name: weight.requires_grad_() for name, weight in drawn.items()}


def cell_of(equations: Equations, weights: dict[str, torch.Tensor], H: int) -> SimpleNamespace:
    """What `sequence.run` takes of a cell; each weight a tensor of its own."""
    compiled = compile_pass(equations)
    stacks = [torch.cat([weights[name] for name in stack], dim=-1) for stack in compiled.recurrent]
    W = torch.cat([weights[name] for name, _ in compiled.inputs], dim=1)
    biases = [weights[b] if b else torch.zeros_like(weights[name][0]) for name, b in compiled.inputs]
    b = torch.cat(biases)
    return SimpleNamespace(
        one_pass=compiled.one_pass, state_size=len(equations.states), hidden_size=H, one_hot=False,
        kind="test", trains_in_bfloat16=False, begins_with_zeros=True, pass_weights=lambda: (W, b, *stacks),
    )  # fmt: skip


def by_autograd(equations, weights, xs, lengths, begin, watched):
    """h of every time step, padded, and the states that rows end with; `watched` is added to all states."""
    numbers = {name: torch.tensor(v, dtype=torch.float64) for name, v in equations.constants.items()}
    state, hs = list(begin), []
    for t in range(xs.shape[1]):
        now = {**weights, **numbers, "x": xs[:, t], **dict(zip(equations.states, state, strict=True))}
        for line in equations.computed:
            now[line.name] = value(line.right, now)
            if line.name.endswith("'"):
                letter = line.name[:-1]
                now[line.name] = now[line.name] + watched[equations.states.index(letter)][:, t]
        running = (t < lengths).unsqueeze(1)
        new = [now[f"{letter}'"] for letter in equations.states]
        state = [torch.where(running, one, old) for one, old in zip(new, state, strict=True)]
        hs.append(state[0])
    return torch.stack(hs, dim=1), state


def differences(equations, *, E=5, H=7, lengths=(30, 30, 26, 11), given=True, seed=0) -> dict[str, float]:
    """How far pass and autograd lie apart: in h, and in the gradients of x, of all states and of weights.

    Each is relative to the largest number there, or to 1.
    """
    torch.manual_seed(seed)
    lengths = torch.tensor(lengths)
    packed, (B, T), count = packing(lengths), (len(lengths), int(lengths[0])), len(equations.states)
    weights = random_weights(equations, E, H)
    xs = torch.randn(B, T, E, dtype=torch.float64, requires_grad=True)
    begin = [torch.randn(B, H, dtype=torch.float64).abs().add(0.5) * given for _ in range(count)]
    watched = [torch.zeros(B, T, H, dtype=torch.float64, requires_grad=True) for _ in range(count)]
    d_every = torch.randn(int(lengths.sum()), H, dtype=torch.float64)
    d_ends = [torch.randn(B, H, dtype=torch.float64) for _ in range(count)]
    wanted = [xs, *(one.requires_grad_() for one in begin), *watched, *weights.values()]

    def with_gradients(h, ends):
        loss = (h * d_every).sum() + sum((end * d).sum() for end, d in zip(ends, d_ends, strict=True))
        found = torch.autograd.grad(loss, wanted, allow_unused=True)
        return [h, *(torch.zeros_like(one) if d is None else d for one, d in zip(wanted, found, strict=True))]

    hs, ends = by_autograd(equations, weights, xs, lengths, begin, watched)
    expected = with_gradients(packed.pack(hs), ends)
    cell, to_watch = cell_of(equations, weights, H), tuple(map(packed.pack, watched))
    found = with_gradients(
        *run(cell, packed.pack(xs), packed, every=True, state=tuple(begin), watched=to_watch)
    )
    states = [f"d{letter}{when}" for when in ("(0)", "'") for letter in equations.states]
    names = ["h", "dx", *states, *(f"d{name}" for name in weights)]
    return {
        name: ((a - b).abs().max() / b.abs().max().clamp_min(1)).item()
        for name, a, b in zip(names, found, expected, strict=True)
    }
