"""Cells as somebody types them, with no word beside the equations."""

import numpy as np

from rnn_core.equations.equations import read_cell
from rnn_core.equations.expressions import Name
from rnn_core.equations.roles import Roles
from rnn_core.equations.samples import Samples, without_products
from rnn_core.equations.values import value
from rnn_core.inspection.one_step import OneStep, Part
from rnn_core.symbols import declaration_of

TYPED = {
    "janet": """
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        g = tanh(x @ W_g + h @ U_g + b_g)
        h' = f * h + (1 - f) * g
    """,
    "minimal gated unit": """
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        n = tanh(x @ W_n + (f * h) @ U_n + b_n)
        h' = (1 - f) * h + f * n
    """,
    "leaky integrator": """
        n = tanh(x @ W + h @ U + b)
        h' = (1 - k) * h + k * n
        const k = 0.1
    """,
    "GRU without reset": """
        z = sigmoid(x @ W_z + h @ U_z + b_z)
        n = tanh(x @ W_n + h @ U_n + b_n)
        h' = h + z * (n - h)
    """,
    "LSTM without output gate": """
        i = sigmoid(x @ W_i + h @ U_i + b_i)
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        g = tanh(x @ W_g + h @ U_g + b_g)
        c' = f * c + i * g
        h' = tanh(c')
    """,
    "LSTM without input gate": """
        f = sigmoid(x @ W_f + h @ U_f + b_f)
        o = sigmoid(x @ W_o + h @ U_o + b_o)
        g = tanh(x @ W_g + h @ U_g + b_g)
        c' = f * c + g
        h' = o * tanh(c')
    """,
    "ReLU RNN": """
        h' = relu(x @ W + h @ U + b)
        U ~ identity
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
    """Its declaration."""
    return declaration_of(read_cell(TYPED[name]), name)


def step_of(declared):
    """A time step of one unit, computed from the equations at random values."""
    found = Samples(declared.source).computed()

    def at(expression):
        return float(np.broadcast_to(value(without_products(expression), found), 48)[3])

    made = zip(declared.source.letters, declared.source.everything, strict=True)
    now = {letter: at(Name(line.name)) for letter, line in made}
    parts = {}
    for letter, part in Roles(declared.source).parts.items():
        word, memory = at(part.word), 0.0 if part.memory is None else at(part.memory)
        inside = word + memory * (now[part.times] if part.times else 1)
        parts[letter] = Part(letter, word, memory, inside, now[letter])
    return OneStep(
        declared=declared,
        time=0,
        unit=0,
        before=declared.remembered({letter: at(Name(letter)) for letter in declared.states}),
        parts={letter: parts[letter] for letter in declared.parts},
        after={letter: now[letter] for letter in declared.states},
        values=declared.complete(now),
    )
