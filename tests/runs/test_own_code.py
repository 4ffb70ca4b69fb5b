"""The code of a user's own cell in a worker: what it raises names its line, and no call lasts for ever."""

import sys
import threading
import time

import pytest
import torch

from rnn_core.cell_files.versions import keep
from rnn_core.errors import CellError, DataError, OwnCellError
from rnn_core.own_cells.submission import Submission
from rnn_core.runs import own_code as module
from rnn_core.runs.own_code import MOST_PRINTED, own_code
from rnn_core.symbols import CELLS
from tests.cell_files.sources import of, write
from tests.own_cells.files import LEAKY

FUNCTIONS = f"""{LEAKY}

def raises():
    raise ValueError("no")


def hangs(over):
    while not over.is_set():
        pass


def prints():
    for _ in range(100):
        print("x" * 10_000)
"""
LINE = {name: number for number, name in enumerate(FUNCTIONS.splitlines(), 1)}


@pytest.fixture(autouse=True)
def nothing_runs_here_afterwards(monkeypatch):
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})  # the files of other tests
    monkeypatch.setattr("rnn_core.own_cells.here._runs", False)


@pytest.fixture
def cell():
    return CELLS[write("leaky", FUNCTIONS).version]


def loaded(cell):
    return Submission(cell.file.source, str(cell.file.path), cell.file.digest).module


def never(sentence):
    raise AssertionError(sentence)


def test_what_the_code_raises_is_said_with_the_line_of_the_file(cell):
    with pytest.raises(OwnCellError) as raised, own_code(cell, never):
        loaded(cell).raises()
    line = LINE['    raise ValueError("no")']
    assert str(raised.value) == f'leaky.py, line {line}: ValueError: no: `raise ValueError("no")`.'


def test_what_others_raise_stays_as_it_is(cell):
    with pytest.raises(ZeroDivisionError), own_code(cell, never):
        1 / 0  # noqa: B018
    with pytest.raises(DataError), own_code(cell, never):
        raise DataError("No texts.")
    with pytest.raises(KeyboardInterrupt), own_code(cell, never):
        raise KeyboardInterrupt


def test_a_tensor_changed_in_place_is_said_of_the_file(cell):
    h = torch.ones(2, requires_grad=True).sigmoid()
    changed = h.mul_(2).sum()
    with pytest.raises(OwnCellError, match=r"^leaky\.py: .* is changed in place"), own_code(cell, never):
        changed.backward()


def test_a_call_that_does_not_come_back_is_given_up_with_its_line(cell, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_CALL", 0.05)
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.02)
    over, said = threading.Event(), []

    def give_up(sentence):
        said.append(sentence)
        over.set()

    with own_code(cell, give_up):
        loaded(cell).hangs(over)
    [sentence] = said
    assert sentence.startswith("leaky.py, line ")
    assert "computed for 0.05 s and did not come to an end (an endless loop?)" in sentence


def test_many_short_calls_are_not_given_up(cell, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_CALL", 0.05)
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.01)
    until = time.monotonic() + 0.3
    with own_code(cell, never):
        functions, over = loaded(cell), threading.Event()
        over.set()
        while time.monotonic() < until:
            functions.hangs(over)


def test_of_what_it_prints_the_log_has_the_beginning(cell, capsys):
    with own_code(cell, never):
        loaded(cell).prints()
    print("and on")
    said = capsys.readouterr().out
    assert said.count("x") == MOST_PRINTED - 9
    assert said.endswith("is left out.\nand on\n")


def test_a_cell_that_came_with_an_imported_run_does_not_run(monkeypatch):
    cell = CELLS[keep(of(FUNCTIONS), allow=False)]
    with pytest.raises(CellError, match="gatescope cells allow leaky@"), own_code(cell, never):
        raise AssertionError("it may not run")


def test_for_other_cells_nothing_changes():
    before = sys.stdout
    with own_code(CELLS["gru"], never):
        assert sys.stdout is before
