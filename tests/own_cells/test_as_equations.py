"""Equations that are written as code come back from the code; what has none says why."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core.equations.equations import read_cell
from rnn_core.own_cells import first_weights, operators
from rnn_core.own_cells.as_equations import SIZES, compared, sum_of_sizes, traced
from rnn_core.own_cells.lifting import NoEquationsError
from rnn_core.progress import finish
from tests.equations.random_cells import random_cell
from tests.equations.slowly import time_steps
from tests.own_cells.as_code import STYLES, Code
from tests.own_cells.files import LEAKY, a_file, changed, checked, leaky_that
from tests.own_cells.in_process import InThisProcess

E, H = 4, 6

pytestmark = pytest.mark.usefixtures("runs_here")


def read_back(file, states=("h",)):
    """The equations of a file, compared with it."""
    ask = partial(InThisProcess().asking, file)
    found = finish(traced(ask, states))
    finish(compared(ask, found))
    return found


def results(equations, weights, given, states):
    """The new states in an order, from these inputs."""
    xs, begin = given
    known = dict(zip(states, begin, strict=True))
    (now,) = time_steps(equations, weights, xs[:, None], H, [known[letter] for letter in equations.states])
    return [now[f"{letter}'"].expand(len(xs), H) for letter in states]


def check_random(seed):
    """A random cell as code has equations that compute the same from the same numbers, with gradients."""
    equations = read_cell(random_cell(seed))
    random = torch.Generator().manual_seed(seed)
    draw = {"generator": random, "dtype": torch.float64}
    weights = {name: torch.randn(equations.shape(name, E, H), **draw) for name in equations.weights}
    weights = {name: (0.4 * one).requires_grad_() for name, one in weights.items()}
    code = Code(equations, STYLES[seed % len(STYLES)])
    found = read_back(a_file(code.source()), equations.states)
    parameters = code.parameters(weights)
    ours = {
        name: place.weight(parameters, found.equations.shape(name, E, H), E, H)
        for name, place in found.places.items()
    }
    given = torch.randn(7, E, **draw), [torch.randn(7, H, **draw).requires_grad_() for _ in equations.states]
    leaves = [*weights.values(), *given[1]]
    d = torch.randn(len(equations.states), 7, H, **draw)
    several = [
        (
            new,
            torch.autograd.grad(
                (torch.stack(new) * d).sum(), leaves, retain_graph=True, materialize_grads=True
            ),
        )
        for new in (
            results(equations, weights, given, equations.states),
            results(found.equations, ours, given, equations.states),
        )
    ]
    torch.testing.assert_close(*several, rtol=1e-9, atol=1e-9)
    starts = {name: begins for name, begins in equations.starts.items() if begins != 0}
    assert {*found.equations.starts} == {*starts}
    for name, begins in starts.items():
        other = found.equations.starts[name]
        if isinstance(begins, str):
            assert torch.equal(weights[begins].expand(H), ours[other].expand(H))
        else:
            assert other == begins


@pytest.mark.parametrize("seed", range(18))
def test_a_random_cell_comes_back_from_its_code(seed):
    check_random(seed)


@pytest.mark.parametrize(
    "statement",
    [
        "assert torch.isfinite(h).all() and not torch.isnan(x).any()",
        "seen = str(h) + str(h.mean().item())",
        "nothing = h[:, :0], h[:0]",
        "if (h == 0).all(): self.begins = True",
        "h = torch.nan_to_num(torch.stack([h, 0 * h, 0 * h, 0 * h, 0 * h]).sum(0))",
    ],
)
def test_what_changes_nothing_is_no_matter(statement):
    assert read_back(leaky_that(statement)).text == read_back(a_file(LEAKY)).text


TOO_DEEP = "It has more in one another, or side by side, than equations may"
WHY = {
    "if h.sum() > 0: x = 2 * x": ("It looks at a value, and what it computes depends on it", 15),
    "h = h * len(h[h > 0])": ("It looks at a value, with `index`, which no equation does", 15),
    "x = x / x.shape[0]": ("It computes something else for another number of rows", None),
    "x = x if self.training else 2 * x": (
        "It computes something else in eval(), or when it is called again",
        None,
    ),
    "h = h.sort(1).values": ("It calls `sort`, which no equation does", 15),
    "h = h.clone().floor_()": ("It calls `floor`, which no equation does", 15),
    "h = torch.round(h, out=torch.empty_like(h))": ("It calls `round`, which no equation does", 15),
    "h = h + torch.rand(1)": ("It draws random numbers, with `rand`", 15),
    "h = torch.complex(h, h).real": ("It computes with complex numbers", 15),
    "h = h.long().double()": ("It makes whole numbers of what it computes", 15),
    "h = torch.tan(h)": ("`tan` has no equation here", 16),
    "h = 2 ** h": ("The exponent of a power is computed, and may only be a number", 16),
    "h = h.clamp(max=float('inf'))": ("It has a number that is not finite", 15),
    "h = h.roll(1, 1)": ("It takes some units or numbers apart from the others", 17),
    "h = h * torch.arange(len(self.U))": ("Its units are not all computed alike", 16),
    "h = torch.where(h > 0, h, torch.rand(99)[:1])": ("It draws random numbers, with `rand`", 15),
    "h = h / h.shape[1] ** 0.5": ("depends on E or H", 16),
    "x = x if h.shape[1] < 60 else 2 * x": ("differ in the new h, with E = 40 and H = 130", 17),
    "h = h @ self.U.T": ("It uses the same numbers of U in two ways, where equations have two weights", None),
    "h = h + self.U.expand(9, -1, -1)[0, 0]": ("It uses the same numbers of U in two ways", None),
    "h = h @ (self.U @ self.U)": ("It multiplies by a matrix that is computed from weights, and is none", 15),
    "h = h.detach()": ("Its equations and its code differ in the gradient of s0", None),
    "h = (h * self.U.new_ones(())).half().double()": ("Its equations and its code differ in the new h", 17),
    "for _ in range(9_000): h = h * 1.5": ("It computes more than a time step of a cell does", 15),
    "for _ in range(300): h = torch.tanh(h)": (TOO_DEEP, None),
    "for _ in range(99): h = h + h * torch.tanh(h)": (TOO_DEEP, 15),
    "for _ in range(45): h = torch.tanh(h @ self.U)": ("As equations: These are 47 lines", None),
}
"""A statement in a time step -> a part of the sentence that says why it has no equations, and its line."""


@pytest.mark.parametrize("statement", WHY)
def test_why_a_cell_has_no_equations_is_said(statement):
    sentence, line = WHY[statement]
    with pytest.raises(NoEquationsError) as why:
        read_back(leaky_that(statement))
    assert sentence in why.value.sentence
    assert why.value.line == line


NAMES = {
    "n = see('n', torch.sigmoid(x @ self.W)); h = n * see('n', torch.tanh(h @ self.U))": ["n", "n2"],
    "E = torch.sigmoid(x @ self.W); λ = torch.sigmoid(h @ self.U); h = E * λ": ["g", "λ"],
    "h = torch.sigmoid(x @ self.W) * torch.sigmoid(h @ self.U)": ["g1", "g2"],
    "mean = h @ self.U + x @ self.W; h = torch.tanh(mean) + mean": ["a1", "a2"],
    "z = torch.cat([x @ self.W, h @ self.U], 1); f, i = z.chunk(2, 1); h = f.sigmoid() * i.tanh()": [
        "f",
        "i",
    ],
    f"{'a' * 33} = torch.sigmoid(x @ self.W); h = {'a' * 33} * h": ["g"],
}
"""A statement in a time step -> what the lines before the new state are called."""


@pytest.mark.parametrize("statement", NAMES)
def test_lines_are_called_as_in_the_code(statement):
    lines = [*read_back(leaky_that(statement)).lifted.lines]
    assert lines[: len(NAMES[statement])] == NAMES[statement]


def test_a_new_operator_is_one_entry(monkeypatch):
    monkeypatch.setitem(operators.WRITTEN, "tan", "sin(a) / cos(a)")
    monkeypatch.setitem(operators.OPERATORS, "tan", operators.expanded(*operators.written("tan")))
    assert "sin(h) / cos(h)" in read_back(leaky_that("h = torch.tan(h)")).text


def test_no_line_is_called_like_a_weight():
    linear = {"nn.Parameter(torch.randn(input_size, hidden_size) / 4)": "nn.Linear(input_size, hidden_size)"}
    source = changed(LEAKY, {**linear, "x @ self.W": "self.W(x) + self.W(x) ** 2"})
    text = read_back(a_file(source)).text
    assert text.splitlines()[0] == "a = x @ W + b"


def test_first_weights_do_not_count_as_lines():
    each = "see(f'a{i}', torch.tanh(x @ self.W[i])) * see(f'b{i}', torch.tanh(h @ self.U[i]))"
    source = changed(
        LEAKY, {'see("n", torch.tanh(x @ self.W + h @ self.U))': f"sum({each} for i in range(19))"}
    )
    found = checked("", source.replace("torch.randn(", "torch.randn(19, ")).traced.cell.equations
    assert len(found.lines) - 38 == len(found.computed) == 40
    assert len(found.firsts(is_last_layer=False)) == 38


@pytest.mark.parametrize("count", range(40))
def test_a_place_is_the_shortest_sum_of_sizes(count):
    """A weight may lie behind blocks (E, H) and (H, H), and behind rows of both."""
    some = [count % 4, count % 3, count % 5, 0, count % 17, count % 13]
    numbers = [np.dot(some, [1, E, H, E * E, E * H, H * H]) for E, H in SIZES]
    assert list(sum_of_sizes(tuple(numbers))) == some


init, LAWS = nn.init, {
    "uniform(-1, 1) / sqrt(E)": lambda E, H: nn.Linear(E, H).weight,
    "uniform(-1, 1) / sqrt(E + H)": lambda E, H: nn.Linear(E + H, 3 * H).weight,
    "sqrt(6 / (E + 4 * H)) * uniform(-1, 1)": lambda E, H: init.xavier_uniform_(torch.empty(4 * H, E))[:H],
    "sqrt(2 / E) * normal(0, 1)": lambda E, H: init.kaiming_normal_(torch.empty(H, E)),
    "normal(0, 1) / sqrt(4 * H)": lambda E, H: init.orthogonal_(torch.empty(4 * H, H))[:H],
    "normal(0, 1) / H": lambda E, H: torch.randn(E, H) / H,
    "normal(1, 0.1)": lambda E, H: 1 + torch.randn(H) * 0.1,
    "uniform(-0.08, 0.08)": lambda E, H: init.uniform_(torch.empty(E, H), -0.08, 0.08),
    "uniform(0, 1)": lambda E, H: torch.rand(H),
    "orthogonal": lambda E, H: init.orthogonal_(torch.empty(H, H)),
    "0.5 * identity": lambda E, H: torch.eye(H) / 2,
    "1 / sqrt(H)": lambda E, H: torch.full((H,), H**-0.5),
    "-1": lambda E, H: -torch.ones(1),
    "": lambda E, H: torch.randn(H) ** 2,
}  # fmt: skip
"""Text behind `~` -> a weight that begins so."""


@pytest.mark.parametrize("text", LAWS)
def test_first_values_are_recognised(text):
    drawn = []
    for E, H in first_weights.SIZES:
        several = [
            LAWS[text](E, H).double().detach().numpy() for _ in map(torch.manual_seed, first_weights.SEEDS)
        ]
        drawn.append(first_weights.DrawnWeight(E, H, np.stack(several)))
    assert first_weights.law(drawn) == text
