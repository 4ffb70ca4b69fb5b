"""Files with own cells and with what students write, for tests; what a check says of them."""

import ast
import re
import tomllib
from pathlib import Path
from textwrap import dedent

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells.case import USUAL, Case
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.mistakes import MISTAKES
from rnn_core.own_cells.report import Remark
from rnn_core.progress import finish
from tests.own_cells.in_process import InThisProcess

LEAKY = '''import torch
from torch import nn
from rnn_core import see


class Leaky(nn.Module):
    """Half of the old state stays."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(input_size, hidden_size) / 4)
        self.U = nn.Parameter(torch.randn(hidden_size, hidden_size) / 4)

    def forward(self, x, h):
        n = see("n", torch.tanh(x @ self.W + h @ self.U))
        return (h + n) / 2
'''
"""A cell with one state, and its line 15, where what a test puts before it runs in each time step."""

AT = 14

_IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "see": "from rnn_core import see",
}
_HEAD = """

class Cell(nn.Module):
{}    def __init__(self, input_size, hidden_size):
        super().__init__()
"""


def whole(source):
    """The source of a cell with what it may leave out: the usual imports, the first lines of a class."""
    said, _, body = source.partition("\n")
    if body.startswith("    "):
        states = body[: body.index("\n") + 1] if body.startswith("    states = ") else ""
        body = _HEAD.format(states + "\n" if states else "") + body[len(states) :]
    nodes = [*ast.walk(ast.parse(body))]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    given = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    given |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    missing = {node.id for node in names} - given
    return "\n".join([said, *(line for name, line in _IMPORTS.items() if name in missing), body])


def sources(name):
    """The sources of a table, by their names; the first line of each says its task and its codes."""
    table = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    return {name: whole(source) for name, source in table.items()}


def first_line(source):
    """The number of the task, which is empty where there is none, and the codes."""
    return re.match(r"# Task (\d?): ?(.*)", source).groups()


RIGHT = sources("right")
"""The source of each cell that is right, by its name."""

CASES = [
    USUAL,
    Case(input_size=2, hidden_size=2, vocabulary_size=2, lengths=(1,), seed=5),
    Case(input_size=4, hidden_size=4, lengths=(4, 4, 4, 4)),
    Case(input_size=12, hidden_size=7, lengths=(30, 2), scale=4.0, seed=2**31 - 1),
    Case(scale=0.1, lengths=(2, 9, 1, 5, 5, 3)),
]
"""Inputs of all kinds, as a teacher may ask for them."""
OTHER_CASES = [
    Case(lengths=(1,)),
    Case(lengths=(3, 3)),
    Case(input_size=1, hidden_size=1, lengths=(2, 9), scale=3),
]
"""Inputs for a loop: one row, rows of one length, the smallest cell."""


def changed(source, changes):
    """Returns the source with each text, which stands in it once, replaced by another."""
    for old, new in changes.items():
        if source.count(old) != 1:
            raise ValueError(f"{old!r} stands {source.count(old)} times in what is to be changed:\n{source}")
        source = source.replace(old, new)
    return source


def a_file(source, name="leaky", folder=Path("/nowhere")):
    """A file as it is read from the disk."""
    return CellFile.of(folder / f"{name}.py", dedent(source).encode())


def leaky_that(statement):
    """The leaky cell with a statement before its first line of `forward`, line 15."""
    lines = LEAKY.splitlines(keepends=True)
    return a_file("".join([*lines[:AT], f"        {statement}\n", *lines[AT:]]))


def checked(number, source, earlier=None, process=None, **settings):
    """The report on a source for a task, computed in the test's own process where no other is given."""
    exercise = EXERCISES[number] if number else None
    file = a_file(source, Path(exercise.file_name).stem if exercise else "mine")
    return finish(check(file, exercise, earlier or {}, process=process or InThisProcess(), **settings))


def a_remark(code, sentence, **values):
    """A remark that says what no check says."""
    return Remark(code=code, is_wrong=MISTAKES[code].is_wrong, sentence=sentence, **values)


def codes(report, *, wrong):
    return [one.code for one in report.remarks if one.is_wrong == wrong]
