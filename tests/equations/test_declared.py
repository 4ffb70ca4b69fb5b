"""The declaration of a cell agrees with its equations, also if somebody typed them."""

from importlib.resources import files

import pytest

from rnn_core.equations.equations import read_cell
from rnn_core.equations.reading import EquationsError
from rnn_core.equations.sums import TooLargeError, inlined
from rnn_core.equations.words import KEYS, CellText, cell_text, names
from rnn_core.symbols import CELLS, CellDeclaration, Role
from tests.equations.typed import typed

BIASES = {
    "JANET": {"f": 3.0},
    "Minimal gated unit": {"f": -3.0},
    "GRU without reset": {"z": -3.0},
    "LSTM without output gate": {"f": 3.0, "i": -3.0},
    "LSTM without input gate": {"f": 3.0},
    "gru": {"z": -3.0},
    "lstm-coupled-gates": {"i": -3.0},
    "slstm": {"f": 3.0, "i": -3.0},
    "minlstm": {"f": 3.0, "i": -3.0},
    "s6": {"Δ": -3.0},
    "gates in steps": {"z": -3.0},
    "two candidates": {"f": 3.0},
    "a candidate without a letter": {"f": 3.0},
}


@pytest.mark.parametrize("name", BIASES)
def test_biases_open_what_keeps_and_shut_what_writes(name):
    declared = typed(name)
    assert declared.remembers_by_bias
    assert declared.update.biases(keeps=3.0, writes=-3.0) == BIASES[name]


def test_what_a_weight_keeps_is_not_left_to_a_bias():
    assert not CELLS["rglru"].remembers_by_bias
    text = cell_text("rglru").equations.text.replace("uniform(0.9, 0.999)", "uniform(0, 0.999)")
    assert CellDeclaration(read_cell(text), "forgets").remembers_by_bias


def test_one_gate_may_have_two_roles():
    declared = typed("Minimal gated unit")
    assert (declared.update.writes, declared.update.keeps, declared.reset.gate) == ("f", None, "f")
    assert declared["f"].role is Role.WRITES
    assert declared.parts == ("f", "n")


def test_a_typed_cell_has_sensible_words():
    declared = typed("LSTM without output gate")
    assert [known.name for known in declared.symbols] == [
        "gate i",
        "gate f",
        "candidate g",
        "state c",
        "hidden state",
    ]
    assert declared.noun == "an LSTM without output gate"
    assert [str(known.role) for known in declared.symbols[:3]] == ["writes", "lets through", "proposes"]
    assert all(known.meaning for known in declared.symbols)
    assert [known.letter for known in typed("Identity RNN").symbols] == ["slope", "h"]
    assert typed("Identity RNN")["h"].function == "relu"


def test_a_share_may_be_a_number():
    declared = typed("Leaky integrator")
    update = declared.update
    assert (update.kept, update.written, update.dropped) == ("0.7 h", "0.3 n", "0.3 h")
    assert (update.gates, update.biases(keeps=1, writes=-1), declared.parts) == ((), {}, ("n",))
    assert not declared.remembers_by_bias


def test_comments_are_the_words_of_a_typed_cell():
    text = "z = sigmoid(x @ W)  # slow gate: how much of it is new\nh' = (1 - z) * h + z * tanh(x @ V)"
    declared = CellDeclaration(read_cell(text), "mine")
    assert (declared["z"].word, declared["z"].noun) == ("slow", "gate")
    assert declared["z"].meaning == "how much of it is new"
    said = CellText.read(f"# name: Slow\n# noun: a slow cell\n# other: not a key\n{text}")
    assert said.head == {"name": "Slow", "noun": "a slow cell"}
    assert CellDeclaration(said.equations, "slow", said).full_name == "slow cell"


def test_a_text_is_like_no_file_outside(tmp_path):
    said = CellText.read("# like: ../../pyproject\nh' = tanh(x @ W)")
    assert said.words == {}


def test_the_texts_say_nothing_twice():
    for name in names():
        text = cell_text(name)
        said = {key for key in text.head if key in KEYS}
        assert said == set(text.head)
        if (like := text.head.get("like")) is not None:
            other = cell_text(like)
            own = [line.words for line in text.equations.computed if line.words]
            assert not {*own} & {line.words for line in other.equations.computed}


def test_gates_are_told_apart_by_what_they_do():
    """Names don't matter."""
    names = str.maketrans("ifogc", "pqrsm")
    text = cell_text("lstm").equations.text.replace("sigmoid", "@S").replace("tanh", "@T").translate(names)
    declared = CellDeclaration(read_cell(text.replace("@S", "sigmoid").replace("@T", "tanh")), "other")
    update = declared.update
    assert (update.memory, update.candidate, update.writes, update.keeps, update.shows) == tuple("mspqr")


def test_sums_of_sums_are_not_written_out():
    """Forty lines that double are declared at once, with what is known without that."""
    lines = ["a0 = sigmoid(x @ W)", *(f"a{n + 1} = a{n} * a{n} + a{n}" for n in range(36))]
    declared = CellDeclaration(read_cell("\n".join([*lines, "h' = a36 * h + x @ V"])), "large")
    assert declared.update is None
    assert declared["h"].bounds is None
    with pytest.raises(TooLargeError):
        inlined(declared.source["h"].right, {line.name: line.right for line in declared.source.computed})


def test_what_is_new_in_a_variant_is_marked():
    marked = CELLS["gru-after"].marked(CELLS["gru"], lambda latex: f"[{latex}]")
    changed = {letter: right for letter, right in marked.items() if "[" in right}
    assert changed == {"n": r"\tanh(W_n x + b_n + [r \odot (U_n h + d)])"}
    new = typed("JANET").marked(typed("GRU without reset"), lambda latex: f"[{latex}]")
    assert new["f"] == r"[\sigma(W_f x + U_f h + b_f)]"
    assert new["h"] == r"[f] \odot h + [(1 - f)] \odot [g]"
    for declared in CELLS.registered().values():
        assert "new" not in "".join(declared.marked(declared, lambda latex: "new").values())


def with_mean(said):
    text = (files("rnn_core.equations") / "cells" / "slstm.txt").read_text("utf-8")
    assert text.count("v' = q * v + p * g") == 1
    return CellText.read(text.replace("v' = q * v + p * g", said))


def test_a_mean_that_is_no_equation_is_refused():
    with pytest.raises(EquationsError, match="bracket"):
        CellDeclaration(with_mean("v' = (").equations, "mine", with_mean("v' = ("))


@pytest.mark.parametrize("said", ["v' = p * v + q * g", "v' = q * v + p * g * U_f", "c' = q * c"])
def test_what_is_said_of_a_mean_must_hold(said):
    cell = with_mean(said)
    declared = CellDeclaration(cell.equations, "mine", cell)
    assert declared.update is None or declared.update.memory == "c"
    assert declared["v"].bounds is None


@pytest.mark.parametrize(("gate", "bounds"), [("sigmoid", (-1.0, 1.0)), ("tanh", None)])
def test_a_mean_with_a_weight_below_0_has_no_bounds(gate, bounds):
    text = f"w = {gate}(x @ W_w + h @ U_w)\nn = tanh(x @ W_n + h @ U_n)\nh' = (1 - w) * h + w * n"
    assert CellDeclaration(read_cell(text), "mine")["h"].bounds == bounds


LATEX = {
    "gru-after": {
        "r": r"\sigma(W_r x + U_r h + b_r)",
        "z": r"\sigma(W_z x + U_z h + b_z)",
        "n": r"\tanh(W_n x + b_n + r \odot (U_n h + d))",
        "h": r"(1 - z) \odot h + z \odot n",
    },
    "slstm": {
        "f": r"\sigma(W_f x + U_f h + b_f)",
        "i": r"W_i x + U_i h + b_i",
        "o": r"\sigma(W_o x + U_o h + b_o)",
        "g": r"\tanh(W_g x + U_g h + b_g)",
        "m": r"\max(\ln f + m, i)",
        "c": r"f \odot e^{m - m'} \odot c + e^{i - m'} \odot g",
        "d": r"f \odot e^{m - m'} \odot d + e^{i - m'}",
        "p": r"\frac{e^{i - m'}}{d'}",
        "q": r"1 - p",
        "v": r"\frac{c'}{d'} = q \odot v + p \odot g",
        "h": r"o \odot v'",
    },
    "s6": {
        "n": r"W_n x + b_n",
        "Δ": r"\operatorname{softplus}(W_Δ x + b_Δ)",
        "B_j": r"W_{B_j} x + b_{B_j}",
        "C_j": r"W_{C_j} x + b_{C_j}",
        "a_j": r"e^{-Δ \odot e^{A_j}}",
        "s_j": r"a_j \odot s_j + Δ \odot B_j \odot n",
        "h": r"\textstyle\sum_j C_j \odot s_j' + D \odot n",
    },
}
"""Each letter of a cell -> the right side of its equation."""


@pytest.mark.parametrize("name", LATEX)
def test_equations_are_written_as_people_know_them(name):
    declared = CELLS[name]
    assert {declared[letter].latex: declared[letter].equation for letter in declared.equations} == LATEX[name]
