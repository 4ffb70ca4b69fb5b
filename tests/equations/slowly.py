"""Values of equations, computed one by one in plain torch; all code made of them must return these."""

import torch
from torch.nn.functional import softplus

from rnn_core.equations.expressions import Apply, Name, Number, Product

_TORCH = {
    "+": torch.add, "*": torch.mul, "/": torch.div, "^": torch.pow, "-": torch.sub,
    "max": torch.maximum, "min": torch.minimum,
    "softplus": lambda a: softplus(a, threshold=50.0), "mean": lambda a: a.mean(dim=-1, keepdim=True),
    "where": lambda q, a, b: torch.where(q > 0, a, b),
}  # fmt: skip


def value(expression, known):
    match expression:
        case Number(value=number):
            return torch.tensor(number, dtype=torch.float64)
        case Name(name=name):
            return known[name]
        case Product(left=left, matrix=matrix):
            return value(left, known) @ known[matrix]
        case Apply(function="-", arguments=(alone,)):
            return -value(alone, known)
        case Apply(function=function, arguments=arguments):
            computed = _TORCH.get(function) or getattr(torch, function)
            return computed(*(value(one, known) for one in arguments))


def time_steps(equations, weights, xs, H, state=(), change=lambda t, letter, values: values):
    """All quantities of each time step by name, for xs (B, T, E) and the states (B, H) that rows begin with.

    Without these they begin with what is said. `change` is put around each quantity.
    """
    numbers = {name: torch.tensor(v, dtype=torch.float64) for name, v in equations.constants.items()}
    starts = [equations.starts.get(letter, 0.0) for letter in equations.states]
    first = [weights[s] if isinstance(s, str) else torch.tensor(s, dtype=torch.float64) for s in starts]
    state = state or [one.expand(len(xs), H) for one in first]
    for t, x in enumerate(xs.unbind(1)):
        now = {**weights, **numbers, "x": x, **dict(zip(equations.states, state, strict=True))}
        for line in equations.everything:
            now[line.name] = change(t, line.name.removesuffix("'"), value(line.right, now))
        yield now
        state = [now[f"{letter}'"] for letter in equations.states]
