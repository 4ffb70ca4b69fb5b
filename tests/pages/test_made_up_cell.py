"""A cell outside of the catalogue: its text is all that the app needs to show it.

`test_made_up.py` opens every page, panel and command with it.
"""

from rnn_core.equations.words import CellText
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS, declaration_of
from tests.own import QUICK
from tests.pages.elements import figures
from tests.pages.everywhere import MadeUp, registered

TEXT = CellText.read("""
# name: Leaky
# noun: a leaky RNN
# summary: A leaky RNN keeps half of its state.
# memory: keeps half of its state, and puts half of a new one to it
# convention: Half of the old state stays.
n = tanh(x @ W + h @ U + b)  # candidate state: half of the new state
h' = 0.5 * h + 0.5 * n
""")


def declared():
    """It is registered."""
    return registered(CELLS, "leaky", declaration_of(TEXT.equations, "leaky", TEXT))


CONVENTION = TEXT.head["convention"]
MEMBERS = {
    "a cell": MadeUp(
        setting="cell",
        name="leaky",
        registered=declared,
        said={"cells": CONVENTION, "read": CONVENTION, "inside": "■ W"},
    )
}


def test_a_sweep_of_it_is_done_and_shown(open_app, with_corpus):
    with declared():
        sweep = Sweep(name="mine", base=QUICK, cases=[{"cell": "leaky"}, {"cell": "elman"}])
        assert [ended.result.case["cell"] for ended in run_sweep(sweep, Store())] == ["leaky", "elman"]
        assert "Leaky" in str(figures(open_app("experiments", {"sweep": "mine"})))
