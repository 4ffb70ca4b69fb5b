"""Cells outside of the catalogue, one registered and one typed: a text is all that the app needs.

`test_made_up.py` opens every page, panel and command with them. The saved text of the typed one is another
one by now, and code of one's own may not run.
"""

import contextlib

import pytest

from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.typed import save_cell, typed_cell
from rnn_core.equations.words import CellText
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, CellDeclaration
from tests.cell_files.sources import JANET
from tests.own import QUICK
from tests.pages.elements import figures
from tests.pages.everywhere import MadeUp, registered

LEAKY = CellText.read("""
# name: Leaky
# noun: a leaky RNN
# summary: A leaky RNN keeps half of its state.
# memory: keeps half of its state, and puts half of a new one to it
# convention: Half of the old state stays.
n = tanh(x @ W + h @ U + b)  # candidate state: half of the new state
h' = 0.5 * h + 0.5 * n
""")
CONVENTION = LEAKY.head["convention"]
TYPED = typed_cell(f"# name: janet\n{JANET}")


def declared():
    return registered(CELLS, "leaky", CellDeclaration(LEAKY.equations, "leaky", LEAKY))


@contextlib.contextmanager
def changed_since():
    """The saved cell of the name of the typed one is another one, and own code is off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        save_cell("janet", JANET.replace("tanh", "relu"))
        yield


MEMBERS = {
    "a cell": MadeUp(
        setting="cell",
        name="leaky",
        registered=declared,
        said={"cells": CONVENTION, "read": CONVENTION, "inside": "■ W"},
    ),
    "a typed cell": MadeUp(
        setting="cell",
        name=TYPED.text,
        registered=changed_since,
        said={"cells": "odot", "read": TYPED.name_apart, "inside": "■ W"},
    ),
}


def test_a_sweep_of_it_is_done_and_shown(open_app, with_corpus):
    with declared():
        sweep = Sweep(name="mine", base=QUICK, cases=[{"cell": "leaky"}, {"cell": "elman"}])
        assert [ended.result.case["cell"] for ended in run_sweep(sweep, Store())] == ["leaky", "elman"]
        assert "Leaky" in str(figures(open_app("experiments", {"sweep": "mine"})))
