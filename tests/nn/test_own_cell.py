"""A cell that a notebook defines: it learns in this process, is read and drawn; no other one trains it."""

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, SweepError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.step import step_drawing
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.source import form_sources
from rnn_core.inspection.trace import trace
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.cells import as_computed
from rnn_core.nn.own_cell import OwnCell, register_cell
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, KINDS, Function, Role, Update
from rnn_core.training.trainer import Trainer


@pytest.fixture(autouse=True)
def own_cells(monkeypatch):
    """What a test registers is taken out again."""
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


def test_it_computes_what_the_built_in_cell_with_these_equations_does():
    register_cell("gated", update=Update(memory="h", candidate="n", writes="z"))(Gated)
    ours, theirs = Gated(3, 5), CELLS["ugrnn"].cell_class(3, 5)
    for weights, same in zip(ours.parameters(), theirs.parameters(), strict=True):
        same.data = torch.nn.init.uniform_(weights, -1, 1).data
    x, state = torch.randn(7, 3), (torch.randn(7, 5),)
    for step in (ours(x, state), ours.naive(x, state)):
        for letter, values in theirs.naive(x, state)._asdict().items():
            torch.testing.assert_close(step._asdict()[letter], values)
    held = ours.naive(x, state, lambda letter, values: 0 * values if letter == "z" else values)
    torch.testing.assert_close(held.h, state[0])


def test_what_is_not_said_of_it_follows_from_what_it_computes():
    register_cell("plain", noun="a plain one")(plain())
    register_cell("gated", equations={"h": "h + z (n - h)"})(Gated)
    declared = CELLS["plain"]
    assert (declared.name, declared.noun, declared.convention) == ("Plain", "a plain one", "A plain RNN.")
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


@pytest.mark.parametrize("update", [None, Update(memory="h", candidate="n", writes="z")])
def test_it_learns_in_this_process_and_is_read_and_drawn(tiny_corpus, tmp_path, update):
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


def test_the_queue_and_sweeps_refuse_it_in_words_and_point_to_a_file():
    register_cell("gated")(Gated)
    said = "known to this process alone, .* a file in rnn_core/nn"
    with pytest.raises(ConfigError, match=said):
        Store().create(config("gated"))
    assert Store().runs.all() == []
    with pytest.raises(SweepError, match=said):
        next(run_sweep(Sweep(name="mine", base=config("elman"), cases=[{"cell": "gated"}]), Store()))


@pytest.mark.parametrize("name", ["my cell", "gru-mine", "2d", "class", "", "größe"])
def test_a_name_that_is_no_identifier_is_refused(name):
    with pytest.raises(ConfigError, match="must be an identifier"):
        register_cell(name)(Gated)


def test_a_name_that_is_taken_is_refused_but_the_same_class_replaces_itself_and_says_so():
    for name in ("gru", "lstm"):
        with pytest.raises(ConfigError, match=f"already a cell called {name}"):
            register_cell(name)(Gated)
    first, second = plain(), plain()
    register_cell("plain")(first)
    with pytest.warns(UserWarning, match="takes its place"):
        registered = register_cell("plain")(second)
    assert CELLS["plain"].cell_class is registered
    assert issubclass(registered, second)
    with pytest.raises(ConfigError, match="already a cell called plain"):
        register_cell("plain")(Gated)


def test_one_class_is_one_cell_under_two_names_it_is_refused():
    class Once(OwnCell):
        def step(self, a, state, hold):
            return {"h": hold("h", torch.tanh(a + state[0] @ self.U))}

    register_cell("one")(Once)
    with pytest.raises(ConfigError, match="already registered as one: make a class of its own for two"):
        register_cell("two")(Once)
    assert Once.kind == "one"


def test_a_cell_is_in_the_help_text_once_it_is_registered():
    register_cell("plain")(plain())
    assert "A plain RNN." in ModelConfig.settings()["cell"].help


def test_a_time_step_that_is_not_what_is_declared_is_refused_in_words():
    class Forgets(Gated):
        def step(self, a, state, hold):
            return {
                letter: values for letter, values in super().step(a, state, hold).items() if letter != "z"
            }

    class HoldsNothing(Gated):
        def step(self, a, state, hold):
            return super().step(a, state, as_computed)

    class AnotherSum(Gated):
        def step(self, a, state, hold):
            return super().step(2 * a, state, hold)

    for cls, said in (
        (Forgets, "must return h, z, n, got h"),
        (HoldsNothing, "must put z through hold"),
        (
            AnotherSum,
            r"z of wrong must be σ or tanh or relu or softplus or the sum itself of x W .* from_memory",
        ),
    ):
        with pytest.raises(ConfigError, match=said):
            register_cell("wrong")(cls)
    assert "wrong" not in CELLS


class ReturnsATensor:
    def step(self, a, state, hold):
        return hold("h", torch.tanh(a))


class ReturnsNothing:
    def step(self, a, state, hold):
        hold("h", torch.tanh(a))


class HasNoStep:
    pass


class Overflows:
    def step(self, a, state, hold):
        return {"h": hold("h", torch.relu(a) * torch.inf)}


class HasNoHold:
    def step(self, a, state):
        return {"h": torch.tanh(a)}


@pytest.mark.parametrize(
    ("cls", "said"),
    [
        (ReturnsATensor, "must return a dictionary with h, got tensor"),
        (ReturnsNothing, "must return a dictionary with h, got None"),
        (HasNoStep, "can't be taken: TypeError|must return a dictionary with h, got None"),
        (Overflows, "must return finite numbers as h"),
        (HasNoHold, "can't be taken: TypeError"),
        (len, "A cell is a class with a method step"),
    ],
)
def test_what_a_beginner_forgets_is_said_in_words(cls, said):
    with pytest.raises(ConfigError, match=said):
        register_cell("wrong")(cls)


def test_a_cell_that_is_registered_without_a_name_is_refused():
    with pytest.raises(ConfigError, match=r'write @register_cell\("leaky"\)'):
        register_cell(HasNoStep)


def test_an_equation_of_a_letter_that_the_cell_does_not_have_is_refused():
    with pytest.raises(ConfigError, match="wrong has no q"):
        register_cell("wrong", equations={"q": "x"})(plain())


def test_a_class_that_was_typed_into_a_session_has_its_code_left_out():
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
