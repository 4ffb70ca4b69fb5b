"""What a process answers about a file, computed in the test's own process."""

import pytest
import torch

from rnn_core.errors import OwnCellError
from rnn_core.own_cells import here
from rnn_core.own_cells.in_process import InThisProcess
from tests.own_cells.files import LEAKY, a_file, leaky_that

E, H, B = 3, 4, 5
SIZES = {"E": E, "H": H, "dtype": "float64"}


@pytest.fixture(autouse=True)
def runs_here(monkeypatch):
    monkeypatch.setattr(here, "_runs", True)


def code(source):
    return InThisProcess().of(source if not isinstance(source, str) else a_file(source))


def inputs(seed=0):
    torch.manual_seed(seed)
    return {
        "x": torch.randn(B, E, dtype=torch.float64),
        "s0": torch.randn(B, H, dtype=torch.float64),
        "d0": torch.randn(B, H, dtype=torch.float64),
    }


def test_open_says_what_the_file_defines():
    said = code(LEAKY + "\ndef run(cell, xs, *more): ...\n").ask("open").said
    assert said["classes"] == {
        "Leaky": {
            "doc": "Half of the old state stays.",
            "line": 6,
            "states": ["h"],
            "init": ["input_size", "hidden_size"],
            "forward": ["x", "h"],
            "has_initial_state": False,
        }
    }
    assert said["functions"] == {"run": {"arguments": ["cell", "xs", "*more"], "line": 18}}


def test_make_returns_the_weights_and_says_what_is_not_registered():
    source = LEAKY.replace(
        "super().__init__()\n", "super().__init__()\n        self.gates = [torch.zeros(2)]\n"
    )
    answer = code(source).ask("make", SIZES)
    assert answer.arrays["weight.W"].shape == (E, H)
    assert answer.said["parameters"] == ["W", "U"]
    assert answer.said["unregistered"] == {"gates.0": [2]}
    again = code(source).ask("make", {**SIZES, "seed": 0})
    assert torch.equal(answer.arrays["weight.U"], again.arrays["weight.U"])


def test_a_step_and_its_gradients_are_those_of_the_equation():
    own, given = code(LEAKY), inputs()
    made = own.ask("make", SIZES).arrays
    answer = own.ask("step", SIZES, {**made, **given})
    leaves = {name: one.clone().requires_grad_() for name, one in (made | given).items()}
    n = torch.tanh(leaves["x"] @ leaves["weight.W"] + leaves["s0"] @ leaves["weight.U"])
    new = (leaves["s0"] + n) / 2
    torch.testing.assert_close(answer.arrays["new0"], new.detach())
    torch.testing.assert_close(answer.arrays["see.n"], n.detach())
    new.backward(given["d0"])
    for name, leaf in (("x", "x"), ("s0", "s0"), ("W", "weight.W"), ("U", "weight.U")):
        torch.testing.assert_close(answer.arrays[f"gradient.{name}"], leaves[leaf].grad)


def test_a_step_says_what_torch_was_asked_for():
    said = code(leaky_that("h = h + torch.rand(1)")).ask("step", SIZES, inputs()).said
    assert said["products"] == [[[B, E], [E, H]], [[B, H], [H, H]]]
    assert "tanh" in said["functions"]
    assert said["random"] == ["rand"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("x.mul_(2)", {"changed": ["x"], "backward_error": None}),
        ("return None", {"returned": "None", "requires_grad": {}}),
        ("return h, h", {"returned": "a tuple of a tensor (5, 4) of float64 and a tensor (5, 4) of float64"}),
        ("h = h.detach().float()", {"changed": []}),
    ],
)
def test_a_step_says_what_was_done_to_its_inputs_and_what_came_back(statement, said):
    found = code(leaky_that(statement)).ask("step", {**SIZES, "dtype": "float32"}, inputs()).said
    found["returned"] = found["returned"].replace("(5, 4)", "(5, 4) of float64")
    assert {name: found[name] for name in said} == said


def test_what_autograd_refuses_is_said_apart_from_the_step():
    answer = code(leaky_that("y = h.exp(); h = y * y; y.add_(1)")).ask("step", SIZES, inputs())
    assert answer.arrays["new0"].shape == (B, H)
    assert "inplace operation" in answer.said["backward_error"]["sentence"]


def test_what_is_seen_twice_under_one_letter_is_computed_as_written_and_shown_as_it_was_last():
    own = code(leaky_that("x = see('n', x); x = see('n', 2 * x)"))
    other = code(leaky_that("x = 2 * x"))
    arrays = own.ask("step", SIZES, inputs()).arrays
    assert torch.equal(arrays["new0"], other.ask("step", SIZES, inputs()).arrays["new0"])


def test_called_again_a_cell_that_keeps_a_state_answers_otherwise():
    own = code(leaky_that("self.count = getattr(self, 'count', 0) + 1; x = x * self.count"))
    arrays = own.ask("step", {**SIZES, "again": 1}, inputs()).arrays
    assert not torch.equal(arrays["new0"], arrays["again1.new0"])


def test_without_a_state_a_step_begins_with_the_cells_own_first_one():
    source = f"""{LEAKY}
    def initial_state(self, batch_size):
        return torch.ones(batch_size, 4, dtype=torch.float64)
"""
    given = {"x": inputs()["x"]}
    ones = code(source).ask("step", SIZES, {**given, "s0": torch.ones(B, H, dtype=torch.float64)})
    assert torch.equal(code(source).ask("step", SIZES, given).arrays["new0"], ones.arrays["new0"])


def test_the_classes_of_ready_made_modules_and_their_functions_are_seen():
    source = """
import torch
class Mine(torch.nn.Module):
    def __init__(self, E, H):
        super().__init__()
        self.gru = torch.nn.GRUCell(E, H)
    def forward(self, x, h):
        return self.gru(x, h)
"""
    own = code(source)
    assert own.ask("make", SIZES).said["modules"] == {"gru": "torch.nn.modules.rnn.GRUCell"}
    said = own.ask("step", SIZES, inputs()).said
    assert "gru_cell" in said["functions"]
    assert len(said["products"]) == 2


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("x = (", "leaky.py, line 1: SyntaxError: '(' was never closed: `x = (`."),
        ("a = 1\nb = a / 0\n", "leaky.py, line 2: ZeroDivisionError: division by zero: `b = a / 0`."),
        (
            "import nothing_of_the_kind",
            "leaky.py, line 1: The package nothing_of_the_kind isn't installed here",
        ),
        ("import sys\nsys.exit()", "leaky.py, line 2: It ends the process, as sys.exit() does"),
        ("a = 1", "leaky.py: It must define a class that inherits torch.nn.Module, and defines none."),
        (
            LEAKY.replace("Leaky(", "One(") + LEAKY.replace("Leaky(", "Other("),
            "leaky.py, line 22: It must define one class",
        ),
        (LEAKY.replace("(self, input_size, hidden_size)", "(self, n)"), "leaky.py, line 6: __init__ must be"),
        (
            LEAKY.replace("super().__init__()", "pass"),
            "leaky.py, line 11: __init__ must begin with super().__init__()",
        ),
        (LEAKY.replace('"""Half', 'states = "h"\n    """Half'), "leaky.py, line 6: states must be a tuple"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(source, sentence):
    with pytest.raises(OwnCellError) as error:
        code(source).ask("step", SIZES, inputs())
    assert str(error.value).startswith(sentence)


def test_no_code_runs_in_a_process_that_may_not(monkeypatch):
    monkeypatch.setattr(here, "_runs", False)
    with pytest.raises(OwnCellError, match="doesn't run in this process"):
        code(LEAKY).ask("open")


def test_a_buffer_is_a_weight_too():
    source = LEAKY.replace("self.U =", 'self.register_buffer("scale", torch.ones(1))\n        self.U =')
    made = code(source).ask("make", SIZES)
    assert made.said["buffers"] == ["scale"]
    assert torch.equal(made.arrays["weight.scale"], torch.ones(1, dtype=torch.float64))
