"""The code that is shown is the code that runs, as it stands in its file."""

import textwrap
from pathlib import Path

import pytest

from rnn_core.inspection.source import form_sources
from rnn_core.nn.cells import ElmanCell, GRUCell, LSTMCell

PROJECT = Path(__file__).parents[2]
CELLS = {
    "elman": ElmanCell(1, 1),
    "gru": GRUCell(1, 1),
    "gru-after": GRUCell(1, 1, reset="after"),
    "lstm": LSTMCell(1, 1),
}


@pytest.mark.parametrize("name", CELLS)
def test_what_is_shown_stands_in_the_file_from_the_line_named(name):
    for source in form_sources(CELLS[name]):
        lines = (PROJECT / source.file).read_text().splitlines()
        shown = source.code.splitlines()
        assert textwrap.dedent("\n".join(lines[source.line - 1 :][: len(shown)])) == source.code


@pytest.mark.parametrize(
    ("name", "one_pass"),
    [
        ("elman", "ElmanPass"),
        ("gru", "GRUBeforePass"),
        ("gru-after", "GRUAfterPass"),
        ("lstm", "LSTMPass"),
    ],
)
def test_each_form_is_that_of_the_cell(name, one_pass):
    sources = form_sources(CELLS[name])
    assert sources.naive.code.startswith("def naive(self, x: Tensor, state: State, hold: Hold = as_computed)")
    assert sources.project.code.startswith("def project(")
    assert sources.update.code.startswith("def update(")
    assert sources.one_pass.code.startswith(f"class {one_pass}(Pass):")
    assert sources.driver.file == "rnn_core/nn/sequence.py"
    assert sources.driver.line == 1
