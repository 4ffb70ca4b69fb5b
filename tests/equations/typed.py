"""Cells that are nothing but equations: ours, those to try, and odd ones."""

from pathlib import Path

import rnn_core.equations
from rnn_core.equations.equations import read_cell
from rnn_core.equations.words import ideas
from rnn_core.symbols import CELLS, CellDeclaration

FOLDER = Path(rnn_core.equations.__path__[0]) / "cells"
TO_TRY = {name: idea.text for name, idea in ideas().items()}
OURS = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.txt"))} | TO_TRY
TYPED = {
    **TO_TRY,
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
        z = sigmoid(x @ W_z + b_z)
        k = z * 0.5
        h' = (1 - k) * h + k * tanh(x @ W + h @ U)
    """,
}
GATES_IN_GATES = "\n".join([
    *(f"{g}' = sigmoid(x @ W_{g} + h @ U_{g} + i @ R_i{g} + f @ R_f{g} + o @ R_o{g} + p_{g} * c + b_{g})"
      for g in "if"),
    "g = tanh(x @ W_g + h @ U_g + b_g)",
    "c' = f' * c + i' * g",
    "o' = sigmoid(x @ W_o + h @ U_o + i @ R_io + f @ R_fo + o @ R_oo + p_o * c' + b_o)",
    "h' = o' * tanh(c')",
])  # fmt: skip
ODD = {
    "gates in gates": GATES_IN_GATES,
    "a product of sums": "h' = tanh((x @ W) * (h @ U) + x @ V + h @ R + b)",
    "two states": "h' = tanh(x @ W + h @ U + b + 0.5 * c)\nc' = tanh(x @ V + c @ R + d + 0.5 * h)",
    "states in a circle": "z = sigmoid(x @ W)\nh' = 0.5 * h + z * c\nc' = 0.5 * c - z * h",
    "a new state multiplied": "c' = tanh(x @ W + c @ U)\nh' = sigmoid(x @ V + c' @ R) * tanh(c')",
    "a matrix in two places": "a = tanh(x @ W + h @ U + b)\nh' = tanh((a * h) @ U + a @ U + b * h + x @ W)",
    "what equals a new state": "c' = tanh(x @ W + c * u)\nh' = tanh(x @ W + c * u) * sigmoid(c' + h)",
    "a deep input": "y = tanh(x @ W) @ V + b\ns' = 0.9 * s + y\nh' = sigmoid(s') * y",
    "a share of the state": "f = sigmoid(x @ W + h @ U)\ni = sigmoid(x @ V + h @ R)\n"
                            "h' = i / (i + f) * h + x @ Q",
    "a share of a gate": "f = sigmoid(x @ W)\ni = sigmoid(x @ V + f * h)\nh' = i / (f + i) * h + f",
    "equal where it is largest": "z = x @ W\nh' = max(h, 0) + 0.5 * tanh(z) + min(h, 0)\n"
                                 "c' = max(c, c * z) + h",
    "one number for all": "a = sigmoid(x @ W + b)\nh' = (1 - a) * h + a * tanh(x @ V)\nW (E, 1)\nb (1)",
    "few numbers": "V (E, 2)\nA (H, 2)\nB (2, H)\nq = x @ V\nh' = tanh(q @ B + (h @ A) @ B + b)",
    "kept and written apart": "z = sigmoid(x @ W)\ni = sigmoid(x @ V)\nh' = (1 - z) * h + i * tanh(x @ R)",
    "minus a product": "h' = tanh(b - x @ W - h @ U)",
    "minus a weight": "h' = tanh(x @ W + h @ U - p * h - 2 * b)",
    "a matrix with and without a bias": "z = sigmoid(x @ W + b)\nh' = z * h + tanh(x @ W + h @ U)",
    "a number shown for each unit": "g = sigmoid(x @ W_g + b_g)\nq = sigmoid(u)\nW_g (E, 1)\nV (1, H)\n"
                                    "h' = g * h + q * (g @ V + x @ W_n)\nb_g (1)",
    "a mean": "h' = tanh(x @ W + mean(h) * u)",
    "a name for a quantity": "f = sigmoid(x @ W)\nq = f\nh' = exp(log(q)) * h + log(f) * log(q)",
    "one number for a few": "q = mean(h)\nh' = tanh((q * (x @ V)) @ R + (2 - q) * h)\nV (E, 2)\nR (2, H)",
    "a number without a gradient": "g = x @ V\nf = sigmoid(g * p)\nV (E, 1)\n"
                                   "h' = f * h + (1 - f) * h + tanh(x @ W)",
    "a mean of few numbers": "m = mean(h)\nh' = tanh((m * (x @ V)) @ R)\nV (E, 7)\nR (7, H)",
    "a quantity called like a function": "sin = sigmoid(x @ W)\ncos = sin(x @ V_cos + h @ U) + d\n"
                                         "h' = sin * h + (1 - sin) * cos",
    "waves": "c = cos(u) * h + c0\nh' = sin(x @ W + h @ U + b) * cos(c) + sin(2 * h)",
    "branches": "h' = where(x @ W, log(1 + exp(h)) - x @ W, x @ V + sqrt(1 + h * h))",
    "the logarithm of a state": "c' = exp(tanh(x @ W + h @ U))\nh' = log(c') * u",
    "said first values": "h' = tanh(x @ W + h @ U + c)\nc' = 0.5 * c\nh(0) = s\nc(0) = 2",
    "names of a pass": "dU = sigmoid(x @ W + h @ U)\nh' = dU * h * U_T + x @ V",
    "names of methods": "h' = tanh(x @ update + h @ half + training * half_ + forward * columns + one_pass)",
    "two signs in a row": "h' = tanh(x @ W + x @ V + b) * (x @ W) - --h @ U - -(2 - -3) * c + (-h @ A) @ B\n"
                          "A (H, 3)\nB (3, H)\nc (1)",
    "logarithms by other names": "f = sigmoid(x @ W + b)\ng = f\ni = exp(-softplus(h @ U))\n"
                                 "h' = 0.1 * (log(f) + log(g) + log(i)) + sqrt(1 - f^2) + "
                                 "f / (f + i) * h + i / (i + f)",
    "what is only seen": "const k = 1e-05\nn = (x @ W)**2 * k  # a candidate\nseen = h * n\n"
                         "h' = max(n, -h) - (h - (n + h))\nW in [-1.5, 2e300]\n"
                         "W ~ -log(uniform(0, 1)^-0.125 - 1) in the last layer",
    "two biases": "z = sigmoid(x @ W_z + h @ U_z + b_z + b_z2)\nn = tanh(x @ W_n + b_n + h @ U_n + b_n2)\n"
                  "h' = h + z * (n - h)",
    "means in means": "m = mean(mean(h) * h + 1)\nh' = where(m, h, 1) + tanh(x @ W)",
}  # fmt: skip
HOSTILE = """
class = sigmoid(x @ W_class + h @ U_λ + b_class)  # </script><img src=x onerror=alert(1)> \"\"\" \\ ${x}
λ = tanh(x @ W_λ + (class * h) @ U_ж + eval + constructor * self)  # <!-- {{ x }} import x from "y"
h_new = mean(λ * x_class)
s' = class * self + (1 - class) * λ * h_new
compute = fill * s' + isinstance * forward + eval
self' = 0.5 * tanh(compute + units + 2 * (x @ W_self) + h_new * (x @ V_1 @ toString))
h' = class * tanh(s') + read * self' + valueOf * (steps * 0.1)
V_1 (E, 7)
toString (7, H)
fill (1)
s(0) = prototype
self(0) = -0.5
"""
"""Names of JavaScript, Python and of the code around a cell, and comments that would end theirs."""
ALL = OURS | TYPED | ODD | {"names of programs": HOSTILE}


def typed(name):
    """Returns the declaration of a cell in `ALL`."""
    return CELLS[name] if name in CELLS else CellDeclaration(read_cell(ALL[name]), name)


DRAWN = [name for name in TYPED if typed(name).parts]
