"""Remarks on the source before any of it runs."""

import pytest

from rnn_core.own_cells.source_check import look, ready_made

READY_MADE = [
    "import torch\ncell = torch.nn.GRU(3, 4)",
    "import torch.nn as layers\ncell = layers.LSTM(3, 4)",
    "from torch import nn\nclass My(nn.GRUCell): ...",
    "from torch.nn import LSTMCell as Linear",
    "from torch.nn.modules.rnn import RNNBase",
    "from torch.nn import *\ncell = GRU(3, 4)",
    "import torch\nnet = torch.nn\nkind = net\nkind.RNN(3, 4)",
    "from torch import nn\ngetattr(nn, 'GRU')(3, 4)",
    "from torch import nn\nvars(nn)['GRU'](3, 4)",
    "from torch import nn\nnn.__dict__['GRU'](3, 4)",
    "__import__('torch').nn.GRU(3, 4)",
    "import importlib\nimportlib.import_module('torch.nn').GRU(3, 4)",
    "import sys, torch\nsys.modules['torch.nn'].GRU(3, 4)",
    "import torch\ndef forward(x, h): return torch.gru_cell(x, h)",
    "import torch\nlstm = torch._VF.lstm",
    "import keras",
    "from tensorflow.keras.layers import GRU",
]

OURS = [
    "from rnn_core.nn.cells import GRUCell",
    "import rnn_core.nn.cells as cells",
    "import rnn_core as gs\nmodel = gs.load('gru')",
    "from rnn_core import *",
    "import importlib\nimportlib.import_module('rnn_core.nn.cells')",
    "from rnn_core import load, see",
]

ALLOWED = [
    "import torch\nfrom torch import nn\nW = nn.Linear(3, 4)",
    "from rnn_core import see\nz = see('z', 1)",
    "import rnn_core\nz = rnn_core.see('z', 1)",
    "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence",
    "class GRU: ...\ncell = GRU()",
    '"""As nn.GRU does it."""\n# nn.GRU\nname = "torch.nn.GRU"',
    "from torch import nn\nif __name__ == '__main__':\n    print(nn.GRU(3, 4))",
    "import torch.nn.functional as F\nF.cross_entropy",
    "path = '\\d'",
]


@pytest.mark.parametrize("source", READY_MADE)
def test_what_is_ready_made_is_found(source):
    [found] = look(source)
    assert found.code == "ready-made"
    assert found.line
    assert not found.is_reported


@pytest.mark.parametrize(
    ("source", "codes"),
    [*((source, {"our-cell-imported"}) for source in OURS), *((source, set()) for source in ALLOWED)],
)
def test_what_is_taken_from_gatescope_is_found(source, codes):
    assert {one.code for one in look(source)} == codes


def test_each_thing_is_named_once_with_its_first_line():
    found = look("from torch import nn\na = nn.GRU(3, 4)\nb = nn.GRU(3, 4)\nc = nn.LSTM(3, 4)")
    assert [(one.line, one.sentence.split()[0]) for one in found] == [(2, "nn.GRU"), (4, "nn.LSTM")]


@pytest.mark.parametrize(
    ("source", "line", "part"),
    [
        ("import torch\ndef f(:\n    pass", 2, "at character 7 of `def f(:`"),
        ("def f():\nreturn 1", 2, "expected an indented block"),
        ("def f():\n\tif 1:\n        return 1", 3, "inconsistent use of tabs"),
        ("(" * 10_000, None, ""),
    ],
)
def test_what_is_no_python_is_said_with_its_place(source, line, part):
    [found] = look(source)
    assert found.code == "syntax"
    assert line is None or found.line == line
    assert part in found.sentence


def test_modules_are_known_by_their_classes():
    assert ready_made({"W": "torch.nn.modules.linear.Linear", "own": "own_123.GRU"}) is None
    assert ready_made({"a.b": "torch.nn.modules.rnn.GRU"}).sentence.startswith(
        "a.b is torch's ready-made GRU."
    )
    assert ready_made({"c": "rnn_core.nn.cells.GRUCell"}).code == "our-cell-imported"
