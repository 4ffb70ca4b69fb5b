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
def test_the_code_of_each_form_is_that_of_the_cell(name):
    """It stands in its file from the line that is named, with every method of the way forwards and back."""
    sources = naive, project, update, passes, driver = form_sources(CELLS[name])
    assert sources.passes is passes
    for source in (naive, project, update, *passes, driver):
        lines = (PROJECT / source.file).read_text().splitlines()
        shown = source.code.splitlines()
        assert textwrap.dedent("\n".join(lines[source.line - 1 :][: len(shown)])) == source.code
    assert naive.code.startswith("def naive(self, x: Tensor, state: State, hold: Hold = as_computed)")
    assert project.code.startswith("def project(")
    assert update.code.startswith("def update(")
    one_pass = CELLS[name].one_pass
    classes = [one for one in getattr(one_pass, "__mro__", ()) if issubclass(one, Pass) and one is not Pass]
    assert [one.code.splitlines()[0].split("(")[0] for one in passes] == [
        f"class {one.__name__}" for one in classes
    ]
    for method in Pass.__abstractmethods__ if passes else ():
        assert f"def {method}(" in "".join(one.code for one in passes)
    assert (driver.file, driver.line) == ("rnn_core/nn/sequence.py", 1)
