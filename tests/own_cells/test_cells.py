"""The code of a file: the class that it means, and a cell of it, here or computed by another process."""

import copy
import re

import numpy as np
import pytest
import torch

from rnn_core.cell_files.folder import SourceError
from rnn_core.cell_files.outline import outline
from rnn_core.cell_files.versions import allow_to_run, keep
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError, OwnCellError
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.models.weights import expected_tensors
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.nn.holds import Holds
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run, steps, watch
from rnn_core.own_cells import here, process, remote_cell
from rnn_core.own_cells.file_cell import file_cell
from rnn_core.own_cells.in_process import InThisProcess
from rnn_core.own_cells.submission import Submission, SubmissionError
from rnn_core.symbols import CELLS
from rnn_core.training.trainer import Trainer
from tests.cell_files.sources import GATED, PLAIN, of, write
from tests.nn.variants import assert_near, loss_of
from tests.own_cells.files import LEAKY, a_file, changed, leaky_that

E, H = 2, 3
LENGTHS = [5, 3, 3, 1]
PACKED = packing(torch.tensor(LENGTHS))
N = sum(LENGTHS)

BIASED = {
    "self.U =": "self.b = nn.Parameter(torch.zeros(hidden_size))\n        self.U =",
    "@ self.U": "@ self.U + self.b",
}
ELMAN = changed(LEAKY, {**BIASED, "(h + n) / 2": "n"})
LEARNED_FIRST = changed(
    GATED,
    {
        "torch.zeros(batch_size, 3), torch.ones(": "self.first.expand(batch_size, 3), 1 + self.first.expand(",
        "    def initial_state": "        self.first = nn.Parameter(torch.rand(3))\n\n    def initial_state",
    },
)


pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.fixture
def runs_here(runs_here, monkeypatch):
    """Of cells that another process computes, too."""
    monkeypatch.setattr(remote_cell, "warm", lambda file: InThisProcess().of(file))


TWO = PLAIN + "\n\nclass Other(Leaky):\n    def forward(self, x, h):\n        return h\n"
SIZES = {"E": E, "H": H, "dtype": "float64"}


def code(source):
    return InThisProcess().of(a_file(source) if isinstance(source, str) else source)


def inputs():
    torch.manual_seed(0)
    return {
        "x": torch.randn(5, E, dtype=torch.float64),
        "s0": torch.randn(5, H, dtype=torch.float64),
        "d0": torch.randn(5, H, dtype=torch.float64),
    }


def stepped(statement, **said):
    """The answer for a time step of the leaky cell with a statement."""
    return code(leaky_that(statement)).ask("step", {**SIZES, **said}, inputs())


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


def test_make_returns_weights_and_says_what_is_none():
    more = "self.gates = [torch.zeros(2)]; self.register_buffer('one', torch.ones(1))"
    source = changed(LEAKY, {"self.U =": f"{more}\n        self.U ="})
    answer = code(source).ask("make", SIZES)
    assert answer.arrays["weight.W"].shape == (E, H)
    assert torch.equal(answer.arrays["weight.one"], torch.ones(1, dtype=torch.float64))
    assert (answer.said["parameters"], answer.said["buffers"]) == (["W", "U"], ["one"])
    assert answer.said["unregistered"] == {"gates.0": [2]}
    again = code(source).ask("make", {**SIZES, "seed": 0})
    assert torch.equal(answer.arrays["weight.U"], again.arrays["weight.U"])


def test_a_step_is_that_of_the_equation():
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
    said = stepped("h = h + torch.rand(1)").said
    assert said["products"] == [[[5, E], [E, H]], [[5, H], [H, H]]]
    assert "tanh" in said["functions"]
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


def test_what_is_seen_twice_is_computed_as_written():
    seen, other = stepped("x = see('n', x); x = see('n', 2 * x)"), stepped("x = 2 * x")
    assert torch.equal(seen.arrays["new0"], other.arrays["new0"])


def test_a_cell_that_keeps_a_state_answers_otherwise():
    statement = "self.count = getattr(self, 'count', 0) + 1; x = x * self.count"
    arrays = stepped(statement, again=1).arrays
    assert not torch.equal(arrays["new0"], arrays["again1.new0"])


def test_a_step_begins_with_the_cells_own_state():
    source = f"""{LEAKY}
    def initial_state(self, batch_size):
        return torch.ones(batch_size, 3, dtype=torch.float64)
"""
    given = {"x": inputs()["x"]}
    ones = code(source).ask("step", SIZES, {**given, "s0": torch.ones(5, H, dtype=torch.float64)})
    assert torch.equal(code(source).ask("step", SIZES, given).arrays["new0"], ones.arrays["new0"])


def test_ready_made_modules_and_functions_are_seen():
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
        code(source).ask("step", SIZES, inputs())
    assert str(error.value).startswith(f"leaky.py{said}")


@pytest.mark.parametrize("name", ["leaky", "my_leaky", "other", "mine"])
@pytest.mark.parametrize("place", ["{}.py", "versions/{}@3f2a9c01b2d4.py"])
def test_of_two_classes_one_is_meant(name, place):
    """The one that is called like the file; else the one that no other one uses."""
    file = of(TWO, name)
    submission = Submission(file.source, place.format(name), file.digest)
    expected = "Leaky" if "leaky" in name else "Other"
    assert submission.network.__name__ == expected
    assert outline(file).is_cell


def test_of_two_classes_apart_none_is_meant():
    file = of(changed(TWO, {"Other(Leaky)": "Other(nn.Module)"}), "mine")
    for read in (lambda: outline(file), lambda: Submission(file.source, "mine.py", file.digest).network):
        with pytest.raises((SourceError, SubmissionError), match=r"Leaky.* and Other") as refused:
            read()
        assert refused.value.line == 18


def local(file, letters=None):
    return file_cell(Submission(file.source, str(file.path), file.digest), letters)


def both(source, letters, states):
    """The cell as its file computes it, and as it is asked for, with the same weights in 64 bits."""
    file = a_file(source)
    torch.manual_seed(1)
    ours = local(file, letters)(E, H).double()
    theirs = remote_cell.remote_cell(file, letters, states)(E, H).double()
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


BOTH = [(LEAKY, ("h", "n"), ("h",)), (LEARNED_FIRST, ("h", "c", "z", "q", "n", "g"), ("h", "c"))]


def xs_and_state(cell):
    torch.manual_seed(2)
    xs = torch.randn(N, E, dtype=torch.float64, requires_grad=True)
    state = [torch.randn(len(LENGTHS), H, dtype=torch.float64, requires_grad=True) for _ in cell.states]
    return xs, tuple(state)


def test_a_plain_rnn_of_ones_own_is_ours():
    torch.manual_seed(0)
    ours, theirs = CELLS["elman"].cell_class(E, H).double(), local(a_file(ELMAN), ("h", "n"))(E, H).double()
    ours.initialise("uniform", 0.0)
    theirs.own.load_state_dict(ours.state_dict())
    xs, _ = xs_and_state(ours)
    expected, found = steps(ours, xs, PACKED), steps(theirs, xs, PACKED)
    assert_near([*found._asdict().values()], [expected.h] * 2, 1e-12)
    d_ours = torch.autograd.grad(loss_of(run(ours, xs, PACKED)), [xs, *ours.parameters()])
    named = dict(theirs.own.named_parameters())
    wanted = [named[name] for name, _ in ours.named_parameters()]
    d_theirs = torch.autograd.grad(loss_of(run(theirs, xs, PACKED)), [xs, *wanted])
    assert_near([*d_theirs], [*d_ours], 1e-12)


@pytest.mark.parametrize(("source", "letters", "states"), BOTH)
@pytest.mark.parametrize("begins", [False, True])
@pytest.mark.parametrize("at_once", [20_000, 5])
def test_another_process_computes_what_the_file_does(source, letters, states, begins, at_once, monkeypatch):
    monkeypatch.setattr(remote_cell, "AT_ONCE", at_once)
    ours, theirs = both(source, letters, states)
    xs, state = xs_and_state(ours)
    found = []
    for cell in (ours, theirs):
        step = packed_steps(cell, xs, PACKED, state=state if begins else None)
        leaves = [xs, *(state if begins else ()), *cell.parameters()]
        loss = sum(loss_of(value) for value in step)
        gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        watched = watch(cell, PACKED)
        hs = run(cell, xs, PACKED, every=True, watched=watched)
        of_states = torch.autograd.grad(loss_of(hs), watched)
        found.append((step._asdict(), [*(one for one in gradients if one is not None), *of_states]))
    (mine, mine_d), (other, other_d) = found
    assert [*mine] == [*other] == [*letters]
    assert_near([*other.values()], [*mine.values()], 1e-12)
    assert_near(other_d, mine_d, 1e-12)
    assert len(list(unroll(theirs, xs, PACKED))) == len(PACKED.running)
    (direct,) = torch.autograd.grad(loss_of(hs := hs.detach().requires_grad_()), hs)
    assert_near(of_states[0][PACKED.last], direct[PACKED.last], 1e-12)  # only the loss sees the last h


def test_what_is_held_is_held_in_both():
    letters = ("h", "c", "z", "q", "n", "g")
    held = torch.zeros(5, H, dtype=torch.bool)
    held[2:4, 1] = True
    holds = Holds(
        values={"z": torch.full((5, H), 0.25), "c": torch.full((5, H), 2.0)}, is_held={"z": held, "c": held}
    )
    found = []
    for cell in both(GATED, letters, ("h", "c")):
        xs, _ = xs_and_state(cell)
        found.append(packed_steps(cell, xs, PACKED, naive=True, holds=holds)._asdict())
    assert_near([*found[1].values()], [*found[0].values()], 1e-12)
    t = PACKED.times
    for letter, value in (("z", 0.25), ("c", 2.0)):
        values = found[0][letter][(t == 2) | (t == 3)]
        assert (values[:, 1] == value).all()
        assert (values[:, 0] != value).all()


RETURN = "(h + n) / 2"
NO_STATE = "forward must return a tensor (1, 3), (B, H), got "


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (RETURN, "h.t()", f"{NO_STATE}a tensor (3, 1)"),
        (RETURN, "(h, n)", f"{NO_STATE}a tuple of a tensor (1, 3) and a tensor (1, 3)"),
        (RETURN, "None", f"{NO_STATE}None"),
        (RETURN, "1 / 0", "ZeroDivisionError: division by zero"),
        (RETURN, "see('k', h[0]) + h", "k, which is seen, must be a tensor (1, 3), (B, H), got a"),
        ('see("n", ', "(", "n must be seen at every time step"),
        ("self.U =", "self.e = self.W\n        self.U =", "W and e are one tensor under two names"),
        ("n = see", "self.e = nn.Parameter(h[0])\n        n = see", "e is made by a time step"),
    ],
)
def test_a_time_step_that_is_none_is_refused(old, new, said):
    cell = local(a_file(changed(LEAKY, {old: new})), ("h", "n") if old.startswith("see") else None)
    with pytest.raises(SubmissionError, match=re.escape(said)):
        list(unroll(cell(E, H), torch.zeros(1, E), packing(torch.tensor([1]))))


def test_weights_are_drawn_as_the_generator_stands():
    made = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        made.append((local(a_file(LEAKY))(E, H).own.W.sum().item(), torch.rand(1).item()))
    assert made[0] == made[1]
    assert not set(made[0]) & set(made[2])


def test_first_states_have_the_type_of_the_weights():
    states = local(a_file(GATED))(E, H).double().initial_state(2)
    assert [state.dtype for state in states] == [torch.float64] * 2


def settings(version):
    return RunConfig(data="verdict").with_settings(
        cell=version, hidden_size=H, embedding_size=E, layers=2, vocab_size=20, max_length=12
    )


def test_no_process_starts_for_what_may_not_run(monkeypatch):
    monkeypatch.setattr(here, "_runs", False)
    monkeypatch.setattr(remote_cell, "warm", process.warm)
    monkeypatch.setattr(process.OwnProcess, "start", lambda _: pytest.fail("started"))
    with pytest.raises(RuntimeError, match="no code of a student runs in this process"):
        local(a_file("raise SystemExit"))
    imported = of(f"{PLAIN}# imported\n", "theirs")
    keep(imported, allow=False)
    config = settings(imported.version).model
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    with pytest.raises(CellError, match="Own cells are off here"):
        Classifier(config, 20)
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "")
    with pytest.raises(CellError, match="gatescope cells allow"):
        expected_tensors(config, 20)
    allow_to_run(imported.digest)
    monkeypatch.setattr(remote_cell, "warm", lambda file: InThisProcess().of(file))
    with pytest.raises(OwnCellError, match="doesn't run in this process"):
        Classifier(config, 20)


def test_weights_of_a_network_are_known_without_it():
    buffer = "self.register_buffer('n', torch.zeros(2, dtype=torch.int64))\n"
    file = write("leaky", changed(PLAIN, {"self.U =": f"{buffer}        self.U ="}))
    config = settings(file.version).model
    state = Classifier(config, 20).state_dict()
    expected = expected_tensors(config, 20)
    shapes = {name: one.shape for name, one in state.items()}
    assert shapes == {name: one.shape for name, one in expected.items()}
    assert expected["cell.own.n"].dtype == "I64"
    letters = tuple(CELLS[file.version].states)
    other = remote_cell.remote_cell(file, letters, letters)(E, H).state_dict(prefix="cell.")
    assert {name: one.shape for name, one in other.items()}.items() <= shapes.items()
    assert {name for name in shapes if name.startswith("cell.")} == other.keys()
    assert count_parameters(config, 20) == sum(w.numel() for w in Classifier(config, 20).parameters())


@pytest.mark.slow
def test_a_loaded_model_is_read_without_its_code_here(tiny_corpus, tmp_path, monkeypatch):
    """Its first state, which is not 0, is known."""
    trainer = Trainer(settings(write("leaky", GATED).version), tiny_corpus)
    model = Model(config=trainer.config, vocabulary=trainer.vocabulary, classifier=trainer.kept().eval())
    model.save(tmp_path / "model")
    text = "the man goes home and then the dog barks at a good car"
    expected = trace(model, text)
    monkeypatch.setattr(here, "_runs", False)
    monkeypatch.setattr(remote_cell, "warm", process.warm)
    monkeypatch.setattr(Submission, "__init__", lambda *_: pytest.fail("its code ran here"))
    loaded = Model.load(tmp_path / "model")
    try:
        read = trace(loaded, text)
        for letter, values in expected.arrays.items():
            np.testing.assert_allclose(read.arrays[letter], values, rtol=1e-5, atol=1e-6)
        assert read.begin["c"].tolist() == read.states_before(0)["c"].tolist() == [1, 1, 1]
        assert copy.deepcopy(loaded.classifier).state_dict().keys() == model.classifier.state_dict().keys()
    finally:
        process.close_all()
