"""The code that is shown is the code that runs, as it stands in its file."""

import textwrap
from pathlib import Path

import pytest

from rnn_core.inspection.source import form_sources
from rnn_core.nn.passes import Pass
from tests.nn.variants import VARIANTS, make_cell

PROJECT = Path(__file__).parents[2]
CELLS = {name: make_cell(name) for name in VARIANTS}


@pytest.mark.parametrize("name", CELLS)
def test_what_is_shown_stands_in_the_file_from_the_line_named_with_every_method_of_a_time_step(name):
    """Of a minGRU there was no way backwards, which its class inherits."""
    naive, project, update, passes, driver = form_sources(CELLS[name])
    for source in (naive, project, update, *passes, driver):
        lines = (PROJECT / source.file).read_text().splitlines()
        shown = source.code.splitlines()
        assert textwrap.dedent("\n".join(lines[source.line - 1 :][: len(shown)])) == source.code
    for method in Pass.__abstractmethods__ if passes else ():
        assert f"def {method}(" in "".join(one.code for one in passes)


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("elman", ["ElmanPass(Pass)"]),
        ("gru", ["GRUBeforePass(Pass)"]),
        ("gru-after", ["GRUAfterPass(Pass)"]),
        ("lstm", ["LSTMPass(Pass)"]),
        ("lstm-peepholes", ["PeepholeLSTMPass(LSTMPass)", "LSTMPass(Pass)"]),
        ("mingru", ["MinGRUPass(_Scan)", "_Scan(Pass)"]),
        ("minlstm", ["MinLSTMPass(_Scan)", "_Scan(Pass)"]),
        ("s6", ["S6Pass(Pass)"]),
        ("slstm", ["SLSTMPass(Pass)"]),
        ("rglru", ["RGLRUPass(_Scan)", "_Scan(Pass)"]),
        ("indrnn", ["IndRNNPass(ElmanPass)", "ElmanPass(Pass)"]),
    ],
)
def test_each_form_is_that_of_the_cell(name, passes):
    sources = form_sources(CELLS[name])
    assert sources.naive.code.startswith("def naive(self, x: Tensor, state: State, hold: Hold = as_computed)")
    assert sources.project.code.startswith("def project(")
    assert sources.update.code.startswith("def update(")
    assert [shown.code.splitlines()[0] for shown in sources.passes] == [f"class {one}:" for one in passes]
    assert sources.driver.file == "rnn_core/nn/sequence.py"
    assert sources.driver.line == 1
