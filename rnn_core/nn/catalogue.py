"""The class of every cell, by its name in `rnn_core.symbols.variants`."""

from rnn_core.nn.cells import Cell, ElmanCell, GRUCell, LSTMCell, UGRNNCell
from rnn_core.nn.lstm_cells import CoupledLSTMCell, CoupledPeepholeLSTMCell, PeepholeLSTMCell
from rnn_core.nn.scanned_cells import IndRNNCell, MinGRUCell, MinLSTMCell

CLASSES: dict[str, type[Cell]] = {
    "elman": ElmanCell,
    "ugrnn": UGRNNCell,
    "gru": GRUCell,
    "gru-after": GRUCell,
    "lstm": LSTMCell,
    "lstm-coupled-gates": CoupledLSTMCell,
    "lstm-peepholes": PeepholeLSTMCell,
    "lstm-coupled-gates-peepholes": CoupledPeepholeLSTMCell,
    "mingru": MinGRUCell,
    "minlstm": MinLSTMCell,
    "indrnn": IndRNNCell,
}
