"""A cell that a notebook defines: it learns in this process, is read and drawn; no other one trains it."""

import textwrap
from functools import partial

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, SweepError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.step import step_drawing
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.source import form_sources, source
from rnn_core.inspection.trace import trace
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.cells import as_computed
from rnn_core.nn.own_cell import OwnCell, register_cell
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, KINDS, Function, Role, Symbol, Update
from rnn_core.training.trainer import Trainer
from tests.nn.variants import MadeUpCell
from tests.refusals import refusals


@pytest.fixture(autouse=True)
def own_cells(monkeypatch):
    """Takes out again what a test registers."""
    monkeypatch.setattr(CELLS, "_values", dict(CELLS))


def plain() -> type:
    class Plain:
        """A plain RNN.

        Not said on screen.
        """

        def step(self, a, state, hold):
            (h,) = state
            return {"h": hold("h", torch.tanh(a + h @ self.U))}

    return Plain


class Gated(OwnCell):
    """An update gate alone, written by hand."""

    blocks = ("z", "n")

    def step(self, a, state, hold):
        (h,) = state
        a_z, a_n = (a + h @ self.U).chunk(2, dim=1)
        z, n = hold("z", torch.sigmoid(a_z)), hold("n", torch.tanh(a_n))
        return {"h": hold("h", (1 - z) * h + z * n), "z": z, "n": n}


def config(cell: str) -> RunConfig:
    return RunConfig(data="verdict").with_settings(
        cell=cell, hidden_size=5, embedding_size=3, epochs=2, batch_size=16, max_length=12, vocab_size=50,
        layers=2,
    )  # fmt: skip


def test_what_is_not_said_of_it_follows_from_its_step():
    """The numbers that it computes are tested in test_every_cell.py."""
    register_cell("plain", noun="a plain one")(plain())
    register_cell("gated", equations={"h": "h + z (n - h)"})(Gated)
    declared = CELLS["plain"]
    assert (declared.name, declared.noun, declared.convention) == ("Plain", "a plain one", "A plain RNN.")
    assert declared.convention in ModelConfig.settings()["cell"].help
    assert [known.letter for known in declared.symbols] == ["slope", "h"]
    assert declared["h"].equation == r"\tanh(W x + U h + b)"
    gated = CELLS["gated"]
    assert gated.parts == ("z", "n")
    assert [(gated[letter].function, gated[letter].role, gated[letter].bounds) for letter in "zn"] == [
        (Function.SIGMOID, Role.KEEPS, (0.0, 1.0)),
        (Function.TANH, Role.PROPOSES, (-1.0, 1.0)),
    ]
    assert gated["z"].equation == r"\sigma(W_z x + U_z h + b_z)"
    assert gated["h"].equation == "h + z (n - h)"
    assert list(KINDS)[-2:] == ["plain", "gated"]
    register_cell("made_up")(MadeUpCell)
    assert [CELLS["made_up"][letter].is_behind for letter in "hm"] == [False, True]


@pytest.mark.parametrize("update", [None, Update(memory="h", candidate="n", writes="z")])
def test_it_learns_in_this_process_and_is_drawn(tiny_corpus, tmp_path, update):
    register_cell("gated", update=update)(Gated)
    trainer = Trainer(config("gated"), tiny_corpus)
    first = {name: weights.clone() for name, weights in trainer.weights().items()}
    assert list(trainer)
    assert all((weights != first[name]).any() for name, weights in trainer.weights().items() if ".U" in name)
    save_model(tmp_path / "gated", config("gated"), trainer.vocabulary, trainer.weights())
    model = Model.load(tmp_path / "gated")
    read = trace(model, "the film is great")
    assert set(read.arrays) == {"h", "z", "n"}
    assert step_drawing(one_step(model, read, 2, 1), word="is", theme=LIGHT).data


def test_what_is_said_of_a_candidate_may_be_short():
    said = Symbol(letter="n", word="new", role=Role.PROPOSES, meaning="half of it", bounds=(-1.0, 1.0))
    register_cell("gated", symbols=[said])(Gated)
    known = CELLS["gated"]["n"]
    assert (known.name, known.function) == ("new", Function.TANH)
    assert (known.of_word, known.of_memory) == ("x W_n + b_n", "h U_n")
    assert CELLS["gated"].parts == ("z", "n")


def test_the_queue_and_sweeps_point_to_a_file():
    register_cell("gated")(Gated)
    said = "known to this process alone, .* a file in rnn_core/nn"
    with pytest.raises(ConfigError, match=said):
        Store().create(config("gated"))
    assert Store().runs.all() == []
    with pytest.raises(SweepError, match=said):
        next(run_sweep(Sweep(name="mine", base=config("elman"), cases=[{"cell": "gated"}]), Store()))


def test_a_class_takes_its_own_place_and_says_so():
    first, second = plain(), plain()
    register_cell("plain")(first)
    with pytest.warns(UserWarning, match="takes its place"):
        registered = register_cell("plain")(second)
    assert CELLS["plain"].cell_class() is registered
    assert issubclass(registered, second)
    with pytest.raises(ConfigError, match="already a cell called plain"):
        register_cell("plain")(Gated)


def stepping(step, base=object):
    """Registers a cell with this method as its time step, if it has one."""

    def register():
        try:
            register_cell("wrong")(type("Wrong", (base,), {"step": step} if step else {}))
        finally:
            assert "wrong" not in CELLS

    return register


def forget_a_letter(self, a, state, hold):
    return {letter: values for letter, values in Gated.step(self, a, state, hold).items() if letter != "z"}


def hold_nothing(self, a, state, hold):
    return Gated.step(self, a, state, as_computed)


def double_the_sum(self, a, state, hold):
    return Gated.step(self, 2 * a, state, hold)


def under_two_names():
    class Once(OwnCell):
        step = plain().step

    register_cell("one")(Once)
    try:
        register_cell("two")(Once)
    finally:
        assert Once.kind == "one"


SUM = "z of wrong must be σ or tanh or relu or softplus or the sum itself of x W"
NO_DICTIONARY = "must return a dictionary with h, got"
NO_NAMES = ("my cell", "gru-mine", "2d", "class", "", "größe")
NO_CELLS = {
    **{f"called {name!r}": (partial(register_cell(name), Gated), "be an identifier") for name in NO_NAMES},
    "called gru": (lambda: register_cell("gru")(Gated), "already a cell called gru"),
    "without a name": (lambda: register_cell(Gated), 'write @register_cell("leaky")'),
    "under two names": (under_two_names, "already registered as one: make a class of its own for two"),
    "no class": (lambda: register_cell("wrong")(len), "A cell is a class with a method step"),
    "an equation of nothing": (
        lambda: register_cell("wrong", equations={"q": "x"})(plain()),
        "wrong has no q",
    ),
    "a letter short": (stepping(forget_a_letter, Gated), "must return h, z, n, got h"),
    "nothing held": (stepping(hold_nothing, Gated), "must put z through hold"),
    "another sum": (stepping(double_the_sum, Gated), (SUM, "from_memory")),
    "a tensor": (stepping(lambda self, a, state, hold: hold("h", a.tanh())), f"{NO_DICTIONARY} tensor"),
    "no step": (stepping(None), f"{NO_DICTIONARY} None"),
    "an overflow": (
        stepping(lambda self, a, state, hold: {"h": hold("h", torch.relu(a) * torch.inf)}),
        "must return finite numbers as h",
    ),
    "no hold": (stepping(lambda self, a, state: {"h": torch.tanh(a)}), "can't be taken: TypeError"),
}
test_what_is_no_cell_is_refused_in_words = refusals(ConfigError, NO_CELLS)


def test_the_code_of_a_class_of_a_session_is_left_out():
    names = {"OwnCell": OwnCell, "torch": torch, "__name__": "__main__"}
    exec(
        "class Typed(OwnCell):\n    def step(self, a, state, hold):\n"
        "        return {'h': hold('h', torch.tanh(a + state[0] @ self.U))}",
        names,
    )
    typed = register_cell("typed")(names["Typed"])
    sources = form_sources(typed(2, 3))
    assert sources.naive.code == "# Typed.step was not read from a file"
    assert sources.update.file == "rnn_core/nn/own_cell.py"
    assert source(textwrap.dedent).file == "textwrap.py"  # of code elsewhere the name alone
