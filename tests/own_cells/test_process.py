"""A student's code in a process of its own, and how that ends."""

import psutil
import pytest
import torch

from rnn_core.errors import OwnCellError
from rnn_core.own_cells.process import OwnProcess
from tests.own_cells.files import LEAKY, a_file, leaky_that

pytestmark = pytest.mark.slow

SIZES = {"E": 3, "H": 4}
INPUTS = {"x": torch.ones(2, 3), "s0": torch.zeros(2, 4), "d0": torch.ones(2, 4)}


@pytest.fixture(scope="module")
def process():
    """One for all tests of the file: it starts again where a test has ended it."""
    own = OwnProcess()
    yield own
    own.close()
    assert own.pid is None


def test_what_is_printed_comes_beside_the_answer(process):
    answer = process.ask(leaky_that("print('hello')"), "step", SIZES, INPUTS)
    assert answer.printed == "hello\n"
    assert answer.arrays["new0"].shape == (2, 4)
    assert process.ask(a_file(LEAKY), "open").printed == ""


def test_files_may_be_written_and_it_is_said(process, tmp_path):
    path = tmp_path / "notes.txt"
    answer = process.ask(leaky_that(f"open({str(path)!r}, 'w').write('n')"), "step", SIZES, INPUTS)
    assert answer.wrote == (str(path),)
    assert path.read_text() == "n"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("while True: pass", "The code did not answer within 0.5 s (an endless loop?)"),
        ("import sys; sys.exit(0)", "It ends the process, as sys.exit() does: leave that out"),
        ("import os; os._exit(0)", "It ends the process with os._exit(0): leave that out"),
        ("import ctypes; ctypes.string_at(0)", "The process that ran the code crashed"),
        ("import os; os.abort()", "The process that ran the code crashed"),
        ("import os; os.fork()", "It starts another process, which the code of a cell may not do"),
        ("import subprocess; subprocess.run(['true'])", "It starts another process"),
        ("import os; os.kill(os.getpid(), 9)", "It sends a signal to a process"),
        ("import nothing_of_it", "The package nothing_of_it isn't installed here"),
        ("input()", "It reads standard input, which has nothing here"),
        ("while True: print('x' * 100_000)", "The code prints more than a screen can show"),
        ("self.run = lambda: self.run(); self.run()", "A function calls itself without an end"),
    ],
)
def test_a_bad_end_is_a_sentence_that_names_the_line(process, statement, sentence):
    seconds = 0.5 if statement == "while True: pass" else 20
    with pytest.raises(OwnCellError) as error:
        process.ask(leaky_that(statement), "step", SIZES, INPUTS, seconds=seconds)
    assert error.value.line == 15
    assert str(error.value).startswith(f"leaky.py, line 15: {sentence}")
    assert str(error.value).endswith(f"`{statement}`.")
    assert process.ask(a_file(LEAKY), "open").said["classes"]  # and it goes on


def test_cancelled_the_process_ends(process):
    asking = process.asking(leaky_that("while True: pass"), "step", SIZES, INPUTS)
    next(asking)
    pid = process.pid
    asking.close()
    assert not psutil.pid_exists(pid)
