"""The code of a cell with hostile names; what that of all cells computes is tested in tests/equations."""

import json
import keyword
import re

import numpy as np
import pytest

from rnn_core.equations.equations import read_cell
from rnn_core.export import stored as storages
from rnn_core.export.html import page_of
from rnn_core.export.javascript import cell_module
from rnn_core.export.torch_step import TorchCell
from rnn_core.inspection.trace import trace
from rnn_core.symbols import CELLS, CellDeclaration
from tests.equations.typed import HOSTILE
from tests.export.made import TEXTS, halved, small_model
from tests.export.page.node import ask_node, needs_node
from tests.export.page.sample import stored as in_half
from tests.export.page.test_engine import assert_computed, readings_of, stored
from tests.export.pytorch_answers import code_of
from tests.export.test_notebook_file import assert_says_the_same, notebook_of, run_here
from tests.export.test_pytorch import export


def test_hostile_names_and_comments_are_harmless():
    equations = read_cell(HOSTILE)
    code = TorchCell(equations)
    assert not [line for line in code.lines if re.match(rf"({'|'.join(keyword.kwlist)}) =", line)]
    source = cell_module(equations)
    assert source.isascii()
    for sign in ("alert", "<", "${", "import", '"""'):
        assert sign not in source
        assert sign not in "\n".join([*code.said, *code.parameters, *code.begin, *code.lines])
    assert json.dumps("λ") in source


@pytest.fixture
def typed():
    """A model whose cell is equations that somebody typed; JANET is exported in tests/runs/test_typed.py."""
    CELLS.register("typed", CellDeclaration(read_cell(HOSTILE), "typed"))
    yield halved(small_model("typed", variant="typed", layers=2, bidirectional=True))
    CELLS.remove("typed")


@needs_node
def test_a_typed_cell_stands_in_a_page(typed):
    model, data = stored(typed)
    assert_computed(ask_node, [(data, readings_of(model))])
    assert b"<img" not in page_of([model], [in_half(model)])


def test_a_typed_cell_stands_in_code_and_notebook(typed, tmp_path, monkeypatch):
    monkeypatch.setattr(storages, "TEXTS", 20)
    says = trace(typed, TEXTS[0]).probabilities_of_classes[-1]
    network = code_of(export(typed, tmp_path / "code")).Network()
    np.testing.assert_allclose([*network.probabilities(TEXTS[0]).values()], says, 0, 1e-5)
    assert_says_the_same(typed, *run_here(notebook_of(typed)))
