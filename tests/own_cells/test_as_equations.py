"""Equations that are written as code come back from the code; what has none says why."""

import sys

import pytest
import torch

from rnn_core.equations.equations import read_cell
from rnn_core.own_cells.as_equations import compared, traced
from rnn_core.own_cells.in_process import InThisProcess
from rnn_core.progress import finish
from tests.equations.random_cells import random_cell
from tests.equations.slowly import time_steps
from tests.own_cells.as_code import STYLES, Code
from tests.own_cells.files import a_file

E, H = 4, 6

pytestmark = pytest.mark.usefixtures("runs_here")


def asking(source):
    """A function that asks the code for an operation, as the check does."""
    file, process = a_file(source), InThisProcess()

    def ask(operation, said, arrays):
        yield
        return process.ask(file, operation, {"seed": 0, **said}, arrays)

    return ask


def read_back(source, states):
    """The equations of a source, compared with it."""
    ask = asking(source)
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
    found = read_back(code.source(), equations.states)
    parameters = code.parameters(weights)
    ours = {
        name: place.weight(parameters, found.equations.shape(name, E, H), E, H)
        for name, place in found.places.items()
    }
    given = torch.randn(7, E, **draw), [torch.randn(7, H, **draw).requires_grad_() for _ in equations.states]
    leaves = [*weights.values(), *given[1]]
    d = torch.randn(len(equations.states), 7, H, **draw)
    several = [
        (new, torch.autograd.grad((torch.stack(new) * d).sum(), leaves, retain_graph=True, materialize_grads=True))
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


if __name__ == "__main__":
    from rnn_core.own_cells import here

    here._runs = True
    for seed in range(*map(int, sys.argv[1:])):
        try:
            check_random(seed)
        except Exception as error:
            print(seed, type(error).__name__, str(error)[:300].replace("\n", " "), flush=True)
