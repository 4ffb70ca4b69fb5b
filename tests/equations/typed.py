"""Cells as somebody types them, with no word beside the equations."""

from rnn_core.equations.equations import read_cell
from rnn_core.equations.to_try import ideas
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.symbols import declaration_of
from tests.inspection.made import UNIFORM, make_model

TYPED = {
    **{name: idea.text for name, idea in ideas().items()},
    "LSTM without input gate": """
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        o = sigmoid(x @ W_o + h @ U_o + b_o)
        g = tanh(x @ W_g + h @ U_g + b_g)
        c' = f * c + g
        h' = o * tanh(c')
    """,
    "a candidate without a letter": """
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        h' = f * h + (1 - f) * tanh(x @ W_g + h @ U_g + b_g)
    """,
    "two candidates": """
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        i = sigmoid(x @ W_i + h @ U_i + b_i)
        h' = f * h + i * tanh(x @ W_g + b_g) + (1 - i) * relu(x @ W_k)
    """,
    "gates in steps": """
        k = z * 0.5
        h' = (1 - k) * h + k * tanh(x @ W + h @ U)
    """.replace("k = z", "z = sigmoid(x @ W_z + b_z)\n        k = z"),
}


def typed(name):
    """Returns the declaration of a cell in `TYPED`."""
    return declaration_of(read_cell(TYPED[name]), name)


DRAWN = [name for name in TYPED if typed(name).parts]


def step_of(name):
    """A time step of one unit of a network that has it."""
    model = make_model(cell=TYPED[name], hidden_size=7, seed=8, **UNIFORM)
    return one_step(model, trace(model, "the film was good"), 2, 3)
