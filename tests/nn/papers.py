"""The time step of every cell as its paper writes it, by plain torch: what the cells made of texts must be.

`a(letter)` is x W + b and `u(letter, h)` h U of a gate; `w` has all weights by name. `hold` is put around
each result. Where a paper writes a cell otherwise than here, `rnn_core.symbols` says how.
"""

import torch
from torch import tanh


def sigma(a):
    return 1 / (1 + torch.exp(-a))


def elman(a, u, w, hold, h):
    """The equations of Elman, 1990."""
    return {"h": hold("h", tanh(a("h") + u("h", h)))}


def ugrnn(a, u, w, hold, h):
    """Collins et al., 2017"""
    z, n = hold("z", sigma(a("z") + u("z", h))), hold("n", tanh(a("n") + u("n", h)))
    return {"z": z, "n": n, "h": hold("h", (1 - z) * h + z * n)}


def gru(a, u, w, hold, h):
    """Cho et al., 2014, arXiv 1406.1078v3; the candidate is taken by z as in Chung et al., 2014"""
    r, z = hold("r", sigma(a("r") + u("r", h))), hold("z", sigma(a("z") + u("z", h)))
    n = hold("n", tanh(a("n") + u("n", r * h)))
    return {"r": r, "z": z, "n": n, "h": hold("h", (1 - z) * h + z * n)}


def gru_after(a, u, w, hold, h):
    """The equations of nn.GRU."""
    r, z = hold("r", sigma(a("r") + u("r", h))), hold("z", sigma(a("z") + u("z", h)))
    n = hold("n", tanh(a("n") + r * (u("n", h) + w["d"])))
    return {"r": r, "z": z, "n": n, "h": hold("h", (1 - z) * h + z * n)}


def lstm(a, u, w, hold, h, c):
    """Gers, Schmidhuber and Cummins, 2000; with p Gers and Schmidhuber, 2000; without f Greff et al., 2017"""
    p, see = {name: w.get(f"p_{name}", 0) for name in "ifo"}, dict[str, torch.Tensor]()
    i = see["i"] = hold("i", sigma(a("i") + u("i", h) + p["i"] * c))
    f = 1 - i
    if "W_f" in w:
        f = see["f"] = hold("f", sigma(a("f") + u("f", h) + p["f"] * c))
    g = hold("g", tanh(a("g") + u("g", h)))
    c = hold("c", f * c + i * g)
    o = hold("o", sigma(a("o") + u("o", h) + p["o"] * c))
    return {**see, "o": o, "g": g, "c": c, "h": hold("h", o * tanh(c))}


def mingru(a, u, w, hold, h):
    """Feng et al., 2024"""
    z, n = hold("z", sigma(a("z"))), hold("n", a("n"))
    return {"z": z, "n": n, "h": hold("h", (1 - z) * h + z * n)}


def minlstm(a, u, w, hold, h):
    """Feng et al., 2024"""
    f, i, n = hold("f", sigma(a("f"))), hold("i", sigma(a("i"))), hold("n", a("n"))
    return {"f": f, "i": i, "n": n, "h": hold("h", f / (f + i) * h + i / (f + i) * n)}


def indrnn(a, u, w, hold, h):
    """Li et al., 2018"""
    return {"h": hold("h", (a("h") + w["u"] * h).clamp(min=0))}


def rglru(a, u, w, hold, h):
    """De et al., 2024"""
    r, i, n = hold("r", sigma(a("r"))), hold("i", sigma(a("i"))), hold("n", a("n"))
    share = hold("a", sigma(w["Lambda"]) ** (8 * r))
    return {"r": r, "i": i, "n": n, "a": share, "h": hold("h", share * h + (1 - share**2).sqrt() * i * n)}


def slstm(a, u, w, hold, h, m, c, d):
    """Beck et al., 2024, whose z and n are g and d here; nothing was written where d is 0"""
    f, i = hold("f", sigma(a("f") + u("f", h))), hold("i", a("i") + u("i", h))
    o, g = hold("o", sigma(a("o") + u("o", h))), hold("g", tanh(a("g") + u("g", h)))
    first = d == 0
    new = hold("m", torch.where(first, i, torch.maximum(torch.log(f) + m, i)))
    kept = torch.where(first, 1, f * torch.exp(m - new))
    c, d = hold("c", kept * c + torch.exp(i - new) * g), hold("d", kept * d + torch.exp(i - new))
    return {"f": f, "i": i, "o": o, "g": g, "m": new, "c": c, "d": d, "h": hold("h", o * c / d)}


def s6(a, u, w, hold, h, **states):
    """Gu and Dao, 2023"""
    n, step = hold("n", a("n")), hold("Δ", torch.log(1 + torch.exp(a("Δ"))))
    found, read = {"n": n, "Δ": step}, w["D"] * n
    for j, s in enumerate(states.values(), 1):
        B, C = (hold(f"{letter}{j}", a(f"{letter}{j}").expand_as(n)) for letter in "BC")
        kept = hold(f"a{j}", torch.exp(step * -torch.exp(w[f"A{j}"])))
        s = hold(f"s{j}", kept * s + step * B * n)
        read = read + C * s
        found |= {f"B{j}": B, f"C{j}": C, f"a{j}": kept, f"s{j}": s}
    return {**found, "h": hold("h", read)}


LSTMS = "lstm", "lstm-coupled-gates", "lstm-peepholes", "lstm-coupled-gates-peepholes"
OTHERS = elman, ugrnn, gru, mingru, minlstm, indrnn, rglru, slstm, s6
PAPERS = {"gru-after": gru_after, **dict.fromkeys(LSTMS, lstm), **{one.__name__: one for one in OTHERS}}


def as_in_its_paper(cell, x, state, hold):
    """All that a cell computes at a time step, by letter."""
    w = {name: cell.weight(name) for name in cell.equations.weights}
    alone = "W" if "W" in w else None

    def a(letter):
        W = w["W" if alone else f"W_{letter}"]
        of_x = torch.where(x.unsqueeze(1) == 0, 0, W[x]) if cell.one_hot else x @ W
        return of_x + w["b" if alone else f"b_{letter}"]

    def u(letter, h):
        return h @ w["U" if alone else f"U_{letter}"]

    return PAPERS[cell.kind](a, u, w, hold, **dict(zip(cell.states, state, strict=True)))
