"""The code of a file in the process of its check: what it defines, one time step, the class that it means."""

import pytest
import torch

from rnn_core.errors import OwnCellError
from rnn_core.own_cells import here
from rnn_core.own_cells.submission import Submission, SubmissionError
from tests.cell_files.sources import PLAIN, of
from tests.own_cells.files import LEAKY, a_file, changed, checked, leaky_that
from tests.own_cells.in_process import InThisProcess, ask

E, H = 2, 3

pytestmark = pytest.mark.usefixtures("runs_here")


TWO = PLAIN + "\n\nclass Other(Leaky):\n    def forward(self, x, h):\n        return h\n"
SIZES = {"E": E, "H": H, "dtype": "float64"}


def asked(source, *question):
    return ask(InThisProcess(), a_file(source) if isinstance(source, str) else source, *question)


def inputs():
    torch.manual_seed(0)
    return {
        "x": torch.randn(5, E, dtype=torch.float64),
        "s0": torch.randn(5, H, dtype=torch.float64),
        "d0": torch.randn(5, H, dtype=torch.float64),
    }


def stepped(statement, **said):
    """The answer for a time step of the leaky cell with a statement."""
    return asked(leaky_that(statement), "step", {**SIZES, **said}, inputs())


def test_open_says_the_states_and_the_line_of_the_class():
    assert asked(LEAKY, "open").said == {"states": ["h"], "line": 6, "names": {}}


def test_make_returns_weights_and_says_what_is_none():
    more = "self.gates = [torch.zeros(2)]; self.register_buffer('one', torch.ones(1))"
    source = changed(LEAKY, {"self.U =": f"{more}\n        self.U ="})
    answer = asked(source, "make", SIZES)
    assert answer.arrays["weight.W"].shape == (E, H)
    assert torch.equal(answer.arrays["weight.one"], torch.ones(1, dtype=torch.float64))
    assert answer.said["trainable"] == {"W": True, "U": True}
    assert answer.said["unregistered"] == {"gates.0": [2]}
    again = asked(source, "make", {**SIZES, "seed": 0})
    assert torch.equal(answer.arrays["weight.U"], again.arrays["weight.U"])


def test_a_step_is_that_of_the_equation():
    given = inputs()
    made = asked(LEAKY, "make", SIZES).arrays
    answer = asked(LEAKY, "step", SIZES, {**made, **given})
    leaves = {name: one.clone().requires_grad_() for name, one in (made | given).items()}
    n = torch.tanh(leaves["x"] @ leaves["weight.W"] + leaves["s0"] @ leaves["weight.U"])
    new = (leaves["s0"] + n) / 2
    torch.testing.assert_close(answer.arrays["new0"], new.detach())
    new.backward(given["d0"])
    for name, leaf in (("x", "x"), ("s0", "s0"), ("W", "weight.W"), ("U", "weight.U")):
        torch.testing.assert_close(answer.arrays[f"gradient.{name}"], leaves[leaf].grad)


def test_a_step_says_what_torch_was_asked_for():
    said = stepped("h = h + torch.rand(1)").said
    assert said["products"] == [[[5, E], [E, H]], [[5, H], [H, H]]]
    assert said["random"] == ["rand"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("x.mul_(2)", {"changed": ["x"], "backward_error": None}),
        ("return None", {"returned": "None", "requires_grad": {}}),
        ("return h, h", {"returned": "a tuple of a tensor (5, 3) of float64 and a tensor (5, 3) of float64"}),
        ("h = h.detach().float()", {"changed": []}),
    ],
)
def test_a_step_says_what_was_done_to_its_inputs(statement, said):
    found = stepped(statement, dtype="float32").said
    found["returned"] = found["returned"].replace("(5, 3)", "(5, 3) of float64")
    assert {name: found[name] for name in said} == said


def test_what_autograd_refuses_is_said_apart():
    answer = stepped("y = h.exp(); h = y * y; y.add_(1)")
    assert answer.arrays["new0"].shape == (5, H)
    assert "inplace operation" in answer.said["backward_error"]["sentence"]


def test_a_cell_that_keeps_a_state_answers_otherwise():
    statement = "self.count = getattr(self, 'count', 0) + 1; x = x * self.count"
    arrays = stepped(statement, again=1).arrays
    assert not torch.equal(arrays["new0"], arrays["again1.new0"])


def test_ready_made_modules_are_seen():
    source = """
import torch
class Mine(torch.nn.Module):
    def __init__(self, E, H):
        super().__init__()
        self.gru = torch.nn.GRUCell(E, H)
    def forward(self, x, h):
        return self.gru(x, h)
"""
    assert asked(source, "make", SIZES).said["modules"] == {"gru": "torch.nn.modules.rnn.GRUCell"}
    assert len(asked(source, "step", SIZES, inputs()).said["products"]) == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = (", ", line 1: SyntaxError: '(' was never closed: `x = (`."),
        ("a = 1\nb = a / 0\n", ", line 2: ZeroDivisionError: division by zero: `b = a / 0`."),
        ("import nothing_of_the_kind", ", line 1: The package nothing_of_the_kind isn't installed here"),
        ("import sys\nsys.exit()", ", line 2: It ends the process, as sys.exit() does"),
        ("a = 1", ": It must define a class that inherits torch.nn.Module, and defines none."),
        (changed(LEAKY, {"(self, input_size, hidden_size)": "(self, n)"}), ", line 6: __init__ must be"),
        (changed(LEAKY, {'"""Half': 'states = "h"\n    """Half'}), ", line 6: states must be a tuple"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(source, said):
    with pytest.raises(OwnCellError) as error:
        asked(source, "step", SIZES, inputs())
    assert str(error.value).startswith(f"leaky.py{said}")


@pytest.mark.parametrize("name", ["leaky", "my_leaky", "other", "mine"])
@pytest.mark.parametrize("place", ["{}.py", "versions/{}@3f2a9c01b2d4.py"])
def test_of_two_classes_one_is_meant(name, place):
    """The one that is called like the file; else the one that no other one uses."""
    file = of(TWO, name)
    submission = Submission(file.source, place.format(name), file.digest)
    expected = "Leaky" if "leaky" in name else "Other"
    assert submission.network.__name__ == expected


def test_of_two_classes_apart_none_is_meant():
    file = of(changed(TWO, {"Other(Leaky)": "Other(nn.Module)"}), "mine")
    with pytest.raises(SubmissionError, match=r"Leaky.* and Other") as refused:
        _ = Submission(file.source, "mine.py", file.digest).network
    assert refused.value.line == 18


NAMED = {
    "{'h': {'name': 'the state'}, 'n': {'role': 'writes'}}": {"h": "the state"},
    "{'n': {'name': 'candidate', 'bounds': (0, 1)}}": {"n": "candidate"},
    "{'n': {'name': '<b>'}, 'h': {'name': ''}, 3: {'name': 'a'}, 'q': 'name'}": {},
    "[1]": {},
}


@pytest.mark.parametrize("said", NAMED)
@pytest.mark.parametrize("where", ["class", "file"])
def test_quantities_have_the_names_that_it_says(said, where):
    """The form of earlier versions, beside what they said more; what can't be is passed over."""
    line = f"quantities = {said}\n"
    source = line + LEAKY if where == "file" else changed(LEAKY, {'    """Half': f'    {line}    """Half'})
    lines = checked("", source).traced.text.split("\n")
    words = {line[0]: line.partition("  # ")[2] for line in lines if "  # " in line}
    assert words == NAMED[said]


def test_no_code_runs_where_nobody_said_so(monkeypatch):
    monkeypatch.setattr(here, "_runs", False)
    file = a_file("raise SystemExit")
    with pytest.raises(RuntimeError, match="no code of a student runs in this process"):
        Submission(file.source, str(file.path), file.digest)
    with pytest.raises(OwnCellError, match="doesn't run in this process"):
        asked(file, "open")
