"""Equations as people write them, and what is marked of them."""

import pytest

from rnn_core.equations.equations import read_cell
from rnn_core.equations.latex import as_drawn, in_latex, letter_in_latex
from rnn_core.equations.reading import read
from rnn_core.equations.sums import readable
from rnn_core.symbols import CellDeclaration


def right(text):
    [line] = read(f"h' = {text}")
    return line.right


WRITTEN = {
    "x @ W_r + (r * h) @ U_r": (r"W_r x + U_r (r \odot h)", "x W_r + (r h) U_r"),
    "r * (h @ U + d)": (r"r \odot (U h + d)", "r (h U + d)"),
    "r * (h @ U)": (r"r \odot (U h)", "r (h U)"),
    "a * (b * c) * d": (r"a \odot b \odot c \odot d", "a b c d"),
    "a - (b + c) - -d": ("a - b - c + d", "a − b − c + d"),
    "a * -b": (r"a \odot (-b)", "a (−b)"),
    "-(a + b) * c": (r"-(a + b) \odot c", "−(a + b) c"),
    "8 * r * 2": (r"8 r \cdot 2", "8 r · 2"),
    "(a + b)^2 / (c / d)^-0.5": (r"\frac{(a + b)^2}{(\frac{c}{d})^{-0.5}}", "(a + b)²/((c/d)^(−0.5))"),
    "exp(-k * exp(Lambda))": (r"e^{-k \odot e^{\Lambda}}", "exp(−k exp(Λ))"),
    "sqrt(1 - a^2)": (r"\sqrt{1 - a^2}", "√(1 − a²)"),
    "max(log(f) + m, abs(i_1'))": (r"\max(\ln f + m, |i_1'|)", "max(ln(f) + m, abs(i_1′))"),
    "log(f) * g": (r"(\ln f) \odot g", "ln(f) g"),
    "1e-05 * omega_t": (r"1 \cdot 10^{-5} \omega_t", "1e−05 ω_t"),
    "where(d, a, 0) * b": (
        r"(\begin{cases} a & d > 0 \\ 0 & \text{else} \end{cases}) \odot b",
        "where(d, a, 0) b",
    ),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_an_expression_is_written_as_people_do(text):
    latex, drawn = WRITTEN[text]
    assert in_latex(right(text)) == latex
    assert as_drawn(right(text)) == drawn


def test_what_is_for_the_numbers_alone_is_not_written():
    assert in_latex(readable(right("exp(8 * r * log(sigmoid(L)))"))) == r"\sigma(L)^{8 r}"
    first = right("exp(where(d, log(f) + m - m', 0)) * c")
    assert in_latex(readable(first, ("d",))) == r"f \odot e^{m - m'} \odot c"
    assert "cases" in in_latex(readable(first))


def test_names_are_letters_with_an_index():
    names = ["W_r", "s12", "c_t'", "gate", "W_gate", "Alpha", "omicron", "p_i_c", "Δ"]
    written = [letter_in_latex(name) for name in names]
    assert written[:4] == ["W_r", "s_{12}", "c_t'", r"\mathit{gate}"]
    assert written[4:] == [r"W_{\mathit{gate}}", "Α", "ο", "p_{i,c}", "Δ"]


def test_a_family_is_said_once():
    cell = read_cell("s1' = x @ W_s1 + s1\ns2' = x @ W_s2 + s2\nh' = C1 * s1' + C2 * s2' - D")
    written = [(known.latex, known.equation) for known in CellDeclaration(cell, "cell").symbols[1:]]
    assert written == [("s_j", "W_{s_j} x + s_j"), ("h", r"\textstyle\sum_j C_j \odot s_j' - D")]
    alone = read_cell("s1' = x @ W_s1 + s1\ns2' = x @ W_s2 - s2\nh' = s1' + s2'")
    assert [known.latex for known in CellDeclaration(alone, "cell").symbols] == ["s_1", "s_2", "h"]


@pytest.mark.parametrize(
    ("mine", "theirs", "marked"),
    [
        ("tanh(x @ W + h @ U)", "tanh(x @ W + h @ U)", r"\tanh(W x + U h)"),
        ("tanh(x @ W + h @ U)", "tanh(x @ W + (r * h) @ U)", r"\tanh(W x + U [h])"),
        ("tanh(x @ W + h @ V)", "tanh(x @ W + h @ U)", r"\tanh(W x + [V h])"),
        ("sigmoid(x @ W + p * c + b)", "sigmoid(x @ W + b)", r"\sigma(W x + [p \odot c] + b)"),
        ("relu(x @ W)", "tanh(x @ W)", r"[\operatorname{relu}(W x)]"),
        ("f * h + (1 - f) * g", "f * h + i * g", r"f \odot h + [(1 - f)] \odot g"),
        ("a - b", "a + b", "a - [b]"),
        ("a", None, "[a]"),
    ],
)
def test_the_smallest_part_that_differs_is_marked(mine, theirs, marked):
    assert in_latex.marked(right(mine), theirs and right(theirs), lambda text: f"[{text}]") == marked
