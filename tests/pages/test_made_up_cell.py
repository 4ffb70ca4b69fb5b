"""A cell outside of the catalogue: its class and its declaration are all that the app needs to show it."""

import inspect
import json
from dataclasses import replace
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from rnn_core.bench.forms import time_forms, usual_cell
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.inside import reach, saturation, state_norms
from rnn_core.files import to_json
from rnn_core.models.folder import HISTORY, save_model
from rnn_core.nn.cells import Cell, as_computed
from rnn_core.nn.sequence import run
from rnn_core.paths import pretrained_folder
from rnn_core.refusals import Fixed
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, CellDeclaration, Role, Symbol
from rnn_core.training.history import history
from rnn_core.training.records import read_history
from rnn_core.training.trainer import Trainer
from tests.nn.variants import assert_near, gradients, looped, loss_of, make_batch
from tests.pages.elements import as_written, figures
from tests.pages.everywhere import TEXT, call_all, open_all
from tests.pages.train.made import control


class LeakyStep(NamedTuple):
    h: Tensor
    n: Tensor


class LeakyCell(Cell):
    """h' = (h + n) / 2 with n = tanh(x W + h U + b)"""

    kind = "leaky"
    blocks = ("n",)
    step_type = LeakyStep

    def update(self, projected, state):
        n = torch.tanh(projected + state[0] @ self.U)
        return LeakyStep(h=(state[0] + n) / 2, n=n)

    def naive(self, x, state, hold=as_computed):
        n = hold("n", torch.tanh(self._times(x, self.W) + state[0] @ self.U + self.b))
        return LeakyStep(h=hold("h", (state[0] + n) / 2), n=n)


LEAKY = CellDeclaration(
    kind="leaky",
    name="Leaky",
    noun="a leaky RNN",
    implementation=f"{__name__}:LeakyCell",
    summary="A leaky RNN keeps half of its state.",
    symbols=(
        Symbol(
            letter="n",
            word="candidate",
            noun="state",
            role=Role.PROPOSES,
            meaning="half of the new state",
            bounds=(-1, 1),
            equation=r"\tanh(W x + U h + b)",
        ),
        replace(CELLS["gru"]["h"], equation=r"\frac{1}{2} (h + n)"),
    ),
    states=("h",),
    equations=("n", "h"),
    convention="Half of the old state stays.",
)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setattr(CELLS, "_values", dict(CELLS))
    CELLS.register("leaky", LEAKY)


@pytest.fixture
def trained(tiny_corpus):
    """A network on it, called "leaky", that has learned for a moment."""
    config = RunConfig(data="verdict").with_settings(
        cell="leaky", hidden_size=5, embedding_size=3, epochs=2, batch_size=16, max_length=12, vocab_size=50
    )
    trainer = Trainer(config, tiny_corpus)
    records = list(trainer)
    folder = pretrained_folder() / "leaky"
    save_model(folder, config, trainer.vocabulary, trainer.weights())
    (folder / HISTORY).write_text(to_json([record.to_dict() for record in records]))
    return folder


def test_without_a_pass_of_its_own_it_learns_by_autograd():
    cell = LeakyCell(3, 5).double()
    for weights in cell.parameters():
        torch.nn.init.uniform_(weights, -1, 1)
    xs, packed = make_batch(cell, [9, 4, 4, 1])
    ours, theirs = run(cell, xs, packed), looped(cell, xs, packed, naive=True)
    assert_near(ours, theirs, 1e-13)
    assert_near(gradients(cell, xs, loss_of(ours)), gradients(cell, xs, loss_of(theirs)), 1e-12)


def test_what_was_seen_inside_its_training_is_read_and_drawn(trained):
    run = history("leaky", read_history(trained, "leaky"))
    assert run.inside
    for figure in (reach([run], LIGHT), state_norms([run], LIGHT), saturation(run, "leaky", LIGHT)):
        assert figure.layout.title.text


def test_every_page_and_panel_opens_with_it(open_app, trained, with_own_corpus, make_model):
    make_model("other")
    cells, _ = open_all(open_app, "leaky", "cell", "leaky", variant="leaky")
    assert cells.get_by_key("cells_variant").value == "leaky"
    assert LEAKY.convention in as_written(cells)


def test_a_sweep_of_it_is_done_and_shown(open_app, with_corpus):
    base = RunConfig(data="verdict").with_settings(
        hidden_size=4, embedding_size=3, epochs=1, reviews=64, max_length=20, evaluations_per_epoch=1
    )
    sweep = Sweep(name="mine", base=base, cases=[{"cell": "leaky"}, {"cell": "elman"}])
    assert [ended.result.case["cell"] for ended in run_sweep(sweep, Store())] == ["leaky", "elman"]
    app = open_app("experiments", {"sweep": "mine"})
    assert "Leaky" in str(figures(app))


def test_its_forms_are_timed_without_one_of_torch():
    *_, times = time_forms(usual_cell("leaky"), batch_size=2, length=3, rounds=1)
    assert set(times.milliseconds) == {"naive", "fused", "sequence", "floor"}


def test_the_page_shows_the_code_of_a_class_that_stands_outside_of_the_project(
    open_app, tmp_path, monkeypatch
):
    (tmp_path / "elsewhere.py").write_text(
        f"from {__name__} import Cell, LeakyStep, as_computed, torch\n\n\n{inspect.getsource(LeakyCell)}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    CELLS.remove("leaky")
    CELLS.register("leaky", replace(LEAKY, implementation="elsewhere:LeakyCell"))
    app = open_app("cells", {"variant": "leaky"}, review_text=TEXT)
    assert "`elsewhere.py`, from line" in as_written(app)


def test_every_command_takes_it(trained, with_own_corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call_all("leaky")
    assert "leaky" in json.dumps(json.loads((tmp_path / "a.json").read_text())["about"])


def test_what_the_cell_fixes_or_has_no_use_for_is_disabled_with_the_reason(open_app):
    why, idle = (
        "its code multiplies",
        {"initialisation": "It draws its weights.", "forget_bias": "As it likes."},
    )
    CELLS.remove("leaky")
    CELLS.register("leaky", replace(LEAKY, fixed={"input": Fixed("embedding", why)}, idle=idle))
    page = open_app("train", {"cell": "leaky", "data": "verdict"})
    assert control(page, "input").disabled
    assert f"Input is fixed for a leaky RNN, since {why}." in control(page, "input").help
    for name, sentence in idle.items():
        assert control(page, name).disabled, name
        assert sentence in control(page, name).help
    with pytest.raises(ConfigError, match=f"Input must be 'embedding' for a leaky RNN, since {why}, got"):
        RunConfig().with_settings(cell="leaky", input="one-hot")
