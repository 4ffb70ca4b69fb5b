"""Cells that are nothing but equations: ours, those to try and odd ones; two ways through a batch."""

from pathlib import Path

import torch

import rnn_core.equations
from rnn_core.equations.equations import read_cell
from rnn_core.nn.equation_cell import cell_class
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps
from rnn_core.nn.sequence import run
from tests.equations.slowly import time_steps
from tests.nn.variants import E, H

FOLDER = Path(rnn_core.equations.__path__[0])
FILES = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*/*.txt"))}
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
    "branches": "h' = where(x @ W, log(1 + exp(h)) - x @ W, x @ V + sqrt(1 + h * h))",
    "the logarithm of a state": "c' = exp(tanh(x @ W + h @ U))\nh' = log(c') * u",
    "said first values": "h' = tanh(x @ W + h @ U + c)\nc' = 0.5 * c\nh(0) = s\nc(0) = 2",
    "names of programs": "self = sigmoid(x @ lambda + h @ class)\ntorch' = self * torch + h\n"
                         "forward = tanh(torch' + kept)\nh' = forward * exec + self - None",
    "names of methods": "h' = tanh(x @ update + h @ half + training * half_ + forward * columns + one_pass)",
    "names of a pass": "dU = sigmoid(x @ W + h @ U)\nh' = dU * h * U_T + x @ V",
    "names in other scripts": "ψ = sigmoid(x @ 門 + h @ Ж)\nh' = ψ * h + (1 - ψ) * tanh(x @ größe + psi)",
}  # fmt: skip
ALL = FILES | ODD


def made(text, name="typed", E=E, H=H, **settings):
    torch.manual_seed(2)
    cell = cell_class(read_cell(text), name)(E, H, **settings).double()
    with torch.no_grad():
        for weights in cell.parameters():
            weights.normal_(0, 0.4)
    return cell


def differences(text, *, lengths, given, E=E, H=H):
    """How far a cell and its equations lie apart: in all that is computed, and in each gradient of h.

    Each is relative to the largest number there, or to 1. h comes from the pass, from the loop by which
    states are watched, and from that which trains where there is no pass. If `given`, no state begins at 0.
    """
    if given:
        known = read_cell(text)
        text += "".join(
            f"\n{letter}(0) = first_{letter}" for letter in known.states if letter not in known.starts
        )
    cell, packed = made(text, E=E, H=H), packing(torch.tensor(lengths))
    equations, (B, T) = cell.equations, (len(lengths), lengths[0])
    xs = torch.randn(B, T, E, dtype=torch.float64, requires_grad=True)
    added = {name: torch.zeros(B, T, H, dtype=torch.float64, requires_grad=True) for name in cell.states}
    slow = [*time_steps(
        equations, {name: cell.weight(name) for name in equations.weights}, xs, H,
        change=lambda t, name, values: values + added[name][:, t] if name in added else values,
    )]  # fmt: skip
    expected = {
        letter: torch.stack(
            [now[f"{letter}'" if letter in added else letter].expand(B, H) for now in slow], 1
        )
        for letter in cell.step_type._fields
    }
    d_every = torch.randn(len(packed.pack(xs)), H).double()

    def with_gradients(h, watched):
        wanted = [xs, *cell.parameters(), *watched]
        loss = (h * d_every).sum()
        return [h, *torch.autograd.grad(loss, wanted, retain_graph=True, materialize_grads=True)]

    def apart(found, expected):
        pairs = [*zip(found, expected, strict=True)]
        assert all(a.shape == b.shape for a, b in pairs)
        return [((a - b).abs().max() / b.abs().max().clamp_min(1)).item() for a, b in pairs]

    theirs = with_gradients(packed.pack(expected["h"]), [*added.values()])
    found, packed_xs = [], packed.pack(xs)
    for one_pass, watched in ((cell.one_pass, added), (None, added), (None, {})):
        cell.one_pass = one_pass
        nudges = [packed.pack(one) for one in watched.values()]
        of_all = with_gradients(run(cell, packed_xs, packed, every=True, watched=nudges), watched.values())
        found += apart(of_all, theirs[: len(of_all)])
    for naive in (True, False):
        seen = packed_steps(cell, packed_xs, packed, naive=naive)
        found += apart(seen, map(packed.pack, expected.values()))
    return found
