"""What a new file of one's own begins with."""

from pathlib import Path

import pytest

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.outline import outline
from rnn_core.own_cells.beginnings import BEGINNINGS


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_beginning_is_the_file_of_a_cell(name):
    found = outline(CellFile.of(Path("leaky.py"), BEGINNINGS[name].encode()))
    assert found.is_cell
    assert found.states == (("h", "c") if name == "lstm" else ("h",))
    assert ("Write the time step here" in BEGINNINGS[name]) == (name == "blank")
