"""A cell outside of the catalogue: its class and its declaration are all that the app needs to show it.

`test_made_up.py` opens every page, panel and command with it; here is what only a cell has.
"""

import inspect
from collections import namedtuple
from dataclasses import replace
from functools import partial

import pytest
import torch

from rnn_core.bench.forms import time_forms, usual_cell
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.nn.cells import Cell, as_computed
from rnn_core.refusals import Fixed
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, CellDeclaration, Role, Symbol
from tests.pages.elements import as_written, figures
from tests.pages.everywhere import TEXT, MadeUp, registered
from tests.pages.train.made import control

LeakyStep = namedtuple("LeakyStep", ["h", "n"])


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


MEMBERS = {
    "a cell": MadeUp(
        setting="cell",
        name="leaky",
        registered=partial(registered, CELLS, "leaky", LEAKY),
        said={"cells": LEAKY.convention, "read": LEAKY.convention, "inside": "■ W"},
    )
}


@pytest.fixture(autouse=True)
def cells(monkeypatch):
    """It is registered, and a test declares it otherwise as it likes."""
    monkeypatch.setattr(CELLS, "_values", {**CELLS, "leaky": LEAKY})


def redeclared(**changes):
    CELLS.remove("leaky")
    CELLS.register("leaky", replace(LEAKY, **changes))


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


def test_the_code_of_a_class_elsewhere_is_shown(open_app, tmp_path, monkeypatch):
    (tmp_path / "elsewhere.py").write_text(
        f"from {__name__} import Cell, LeakyStep, as_computed, torch\n\n\n{inspect.getsource(LeakyCell)}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    redeclared(implementation="elsewhere:LeakyCell")
    app = open_app("cells", {"variant": "leaky"}, review_text=TEXT)
    assert "`elsewhere.py`, from line" in as_written(app)


def test_what_it_fixes_or_ignores_is_disabled(open_app):
    why, idle = (
        "its code multiplies",
        {"initialisation": "It draws its weights.", "forget_bias": "As it likes."},
    )
    redeclared(fixed={"input": Fixed("embedding", why)}, idle=idle)
    page = open_app("train", {"cell": "leaky", "data": "verdict"})
    assert control(page, "input").disabled
    assert f"Input is fixed for a leaky RNN, since {why}." in control(page, "input").help
    for name, sentence in idle.items():
        assert control(page, name).disabled, name
        assert sentence in control(page, name).help
    with pytest.raises(ConfigError, match=f"Input must be 'embedding' for a leaky RNN, since {why}, got"):
        RunConfig().with_settings(cell="leaky", input="one-hot")
