"""A cell outside of the catalogue: its class and its declaration are all that the app needs to show it.

`test_made_up.py` opens every page, panel and command with it; here is what only a cell has.
"""

import inspect
from collections import namedtuple
from dataclasses import replace

import torch

from rnn_core.nn.cells import Cell, as_computed
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, CellDeclaration
from tests.own import QUICK
from tests.pages.elements import as_written, figures
from tests.pages.everywhere import TEXT, MadeUp, registered

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
        replace(CELLS["gru"]["n"], meaning="half of the new state", equation=r"\tanh(W x + U h + b)"),
        replace(CELLS["gru"]["h"], equation=r"\frac{1}{2} (h + n)"),
    ),
    states=("h",),
    equations=("n", "h"),
    convention="Half of the old state stays.",
)


def declared(**changes):
    """It is registered, declared otherwise in this."""
    return registered(CELLS, "leaky", replace(LEAKY, **changes))


MEMBERS = {
    "a cell": MadeUp(
        setting="cell",
        name="leaky",
        registered=declared,
        said={"cells": LEAKY.convention, "read": LEAKY.convention, "inside": "■ W"},
    )
}


def test_a_sweep_of_it_is_done_and_shown(open_app, with_corpus):
    with declared():
        sweep = Sweep(name="mine", base=QUICK, cases=[{"cell": "leaky"}, {"cell": "elman"}])
        assert [ended.result.case["cell"] for ended in run_sweep(sweep, Store())] == ["leaky", "elman"]
        assert "Leaky" in str(figures(open_app("experiments", {"sweep": "mine"})))


def test_the_code_of_a_class_elsewhere_is_shown(open_app, tmp_path, monkeypatch):
    (tmp_path / "elsewhere.py").write_text(
        f"from {__name__} import Cell, LeakyStep, as_computed, torch\n\n\n{inspect.getsource(LeakyCell)}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with declared(implementation="elsewhere:LeakyCell"):
        app = open_app("cells", {"variant": "leaky"}, review_text=TEXT)
    assert "`elsewhere.py`, from line" in as_written(app)
