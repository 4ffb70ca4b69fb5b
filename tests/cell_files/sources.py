"""Sources of cells for tests, written for them, and the equations that were read out of them by hand."""

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import Placement, Traced, keep_traced
from rnn_core.paths import own_cells_folder

PLAIN = '''
import torch
from torch import nn


class Leaky(nn.Module):
    """Half of the old state stays."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Linear(input_size, hidden_size)
        self.U = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, h):
        return 0.5 * h + 0.5 * torch.tanh(self.W(x) + self.U(h))
'''

GATED = """
import torch
from torch import nn

from rnn_core import see


class Gated(nn.Module):
    states = ("h", "c")
    quantities = {"q": {"name": "leak"}}

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Linear(input_size + hidden_size, 3 * hidden_size)

    def initial_state(self, batch_size):
        return torch.zeros(batch_size, 3), torch.ones(batch_size, 3)

    def forward(self, x, state):
        h, c = state
        a, b, d = self.W(torch.cat([x, h], dim=1)).chunk(3, dim=1)
        z = torch.sigmoid(a)
        z = see("z", 1 * z)
        q = see("q", torch.sigmoid(b))
        n = d.tanh()
        n = n + 0
        c = q * c + z * see("n", n)
        g = see("g", d.tanh())
        return torch.tanh(c) + 0 * g, c
"""


ONE, E, H = ((1, 0, 0, 0, 0, 0), (0, 1, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0))
NOTHING = (0,) * 6
PLAIN_TEXT = "n = tanh(x @ W + h @ U + b)\nh' = 0.5 * h + 0.5 * n"
"""The equations of PLAIN, whose matrices lie transposed in it."""
PLACES = {
    "W": Placement("W.weight", NOTHING, (ONE, E)),
    "U": Placement("U.weight", NOTHING, (ONE, H)),
    "b": Placement("W.bias", NOTHING, (ONE,)),
}


def traced(file: CellFile, text: str = PLAIN_TEXT) -> Traced:
    """The equations of a file like PLAIN."""
    return Traced(text, PLACES, file.digest, file.name)


def checked(name: str, source: str = PLAIN, text: str = PLAIN_TEXT) -> Traced:
    """The equations of a file in the folder that was checked and is right."""
    file = write(name, source)
    keep_traced(file, traced(file, text))
    return traced(file, text)


def of(source: str, name: str = "leaky") -> CellFile:
    """A file that lies nowhere."""
    return CellFile.of(own_cells_folder() / f"{name}.py", source.encode())


def write(name: str, source: str = PLAIN) -> CellFile:
    """A file in the folder of own cells, as an editor leaves it."""
    path = own_cells_folder() / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return CellFile.of(path, path.read_bytes())


JANET = """
f = sigmoid(x@W_f + h@U_f + b_f)   # forget gate
g = tanh(x@W_g + h@U_g + b_g)
h' = f*h + (1 - f)*g
"""
"""An LSTM with its forget gate alone (van der Westhuizen and Lasenby, 2018), as one types it."""
