"""Parts taken out of cells: what is left, against the papers and against a second way to compute it."""

import pytest
import torch

from rnn_core.equations.equations import read_cell
from rnn_core.equations.printing import line_text
from rnn_core.equations.without import without_each_part
from rnn_core.equations.words import ideas, names
from rnn_core.symbols import CELLS
from tests.equations.checks import check_form
from tests.equations.slowly import time_steps
from tests.nn.second_way import made
from tests.nn.variants import E, H

GREFF = {
    "NIG": ("without the input gate i", {"i": "", "c'": "f * c + g"}),
    "NFG": ("without the forget gate f", {"f": "", "c'": "c + i * g"}),
    "NOG": ("without the output gate o", {"o": "", "h'": "tanh(c')"}),
    "NIAF": ("without the tanh of g", {"g": "x @ W_g + h @ U_g + b_g"}),
    "NOAF": ("without the tanh around c'", {"h'": "o * c'"}),
    "CIFG": ("i and f coupled", {"f": "", "c'": "(1 - i) * c + i * g"}),
    "NP, i": ("without p_i * c", {"i": "sigmoid(x @ W_i + h @ U_i + b_i)"}),
    "NP, f": ("without p_f * c", {"f": "sigmoid(x @ W_f + h @ U_f + b_f)"}),
    "NP, o": ("without p_o * c'", {"o": "sigmoid(x @ W_o + h @ U_o + b_o)"}),
}
"""The variants of Greff et al. (2017); FGR adds to the cell and takes nothing out."""


def parts(name):
    called = {symbol.letter: symbol.common_name for symbol in CELLS[name].symbols}
    return without_each_part(CELLS[name].source, called)


@pytest.mark.parametrize("name", names())
def test_what_is_left_computes_the_rest_of_a_cell(name):
    """A gate is held at 1 or at 1 minus the other one; a weight is 0. No two are one cell."""
    torch.manual_seed(0)
    whole, found, xs = CELLS[name].source, parts(name), torch.randn(2, 4, E).double()
    assert len({whole.digest, *(cell.digest for cell in found.values())}) == 1 + len(found)
    known = {one: torch.randn(whole.shape(one, E, H)).double() for one in whole.weights}
    for words, cell in found.items():
        said, seen = words.split(), {}

        def hold(t, letter, values, said=said, seen=seen):
            seen[letter] = values
            if letter == said[-2] and said[-1] == "coupled":
                return 1 - seen[said[0]]
            return torch.ones_like(values) if said[-2:] == ["gate", letter] else values

        check_form(cell.text)
        assert cell.weights.items() <= whole.weights.items()
        if "tanh" not in said:
            weights = {one: 0 * known[one] if one in said else known[one] for one in known}
            *_, left = time_steps(cell, known, xs, H)
            *_, held = time_steps(whole, weights, xs, H, change=hold)
            assert torch.allclose(left["h'"], held["h'"], rtol=1e-9), words


@pytest.mark.parametrize("variant", GREFF)
def test_a_peephole_lstm_gives_the_variants_of_greff(variant):
    words, change = GREFF[variant]
    lines = {line.name: line_text(line) for line in CELLS["lstm-peepholes"].source.everything}
    lines |= {name: right and f"{name} = {right}" for name, right in change.items()}
    assert [*map(line_text, parts("lstm-peepholes")[words].everything)] == [*filter(None, lines.values())]


def test_a_gru_without_its_reset_gate_has_a_name():
    to_try = ideas()["GRU without reset"].text.replace("relu", "tanh")
    names = read_cell(to_try).digest, CELLS["ugrnn"].source.digest
    assert {parts("gru")["without the reset gate r"].digest} == {*names}


def test_an_lstm_without_forgetting_adds_up():
    cell = made(parts("lstm")["without the forget gate f"].text)
    x, h, c = (torch.randn(2, size).double() for size in (E, H, H))
    i, o, g = (x @ cell.weight(f"W_{a}") + h @ cell.weight(f"U_{a}") + cell.weight(f"b_{a}") for a in "iog")
    step = cell(x, (h, c))
    assert torch.allclose(step.c, c + torch.sigmoid(i) * torch.tanh(g))
    assert torch.allclose(step.h, torch.sigmoid(o) * torch.tanh(step.c))


def test_numbers_go_on_and_what_is_no_cell_is_left_out():
    """Beside the h of a JANET whose gate is open no word is read, and in a minGRU no memory."""
    lines = "const k = 2\nz = sigmoid(h @ U)\nq = k * (1 - z)\nm = q * h\nh' = tanh(m @ R + h @ V + x @ W)"
    found = without_each_part(read_cell(lines), {})
    assert found["without the gate z"].text == "h' = tanh(h @ V + x @ W)"
    assert "without m @ R" not in found  # which is the same
    janet = without_each_part(read_cell(ideas()["JANET"].text), {})
    assert [*janet, *parts("mingru")] == ["without h @ U_f", "without h @ U_g", "without the tanh of g"]
