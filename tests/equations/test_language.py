"""Cells as text: their one form, what follows from them, and the page on the language."""

import re
import unicodedata
from pathlib import Path

from rnn_core.equations import reading
from rnn_core.equations.bounds import warnings_of
from rnn_core.equations.equations import read_cell
from rnn_core.equations.expressions import Apply, Name, Number, Product, depth, number_of
from rnn_core.equations.functions import FUNCTIONS, INITIAL
from rnn_core.equations.printing import printed
from rnn_core.equations.words import ideas
from tests.equations.typed import OURS

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "cells.md").read_text(encoding="utf-8")


def test_brackets_stand_where_they_are_needed():
    x, h, n = map(Name, "xhn")
    for text, expression in {
        "-2": Number(-2),
        "-h^2 @ U": Apply("-", (Product(Apply("^", (h, Number(2))), "U"),)),
        "x @ W * n": Apply("*", (Product(x, "W"), n)),
        "2 * h @ U": Apply("*", (Number(2), Product(h, "U"))),
        "n - (h - x)": Apply("-", (n, Apply("-", (h, x)))),
        "n - h - x": Apply("-", (Apply("-", (n, h)), x)),
        "n / (h * x)": Apply("/", (n, Apply("*", (h, x)))),
        "n * -h": Apply("*", (n, Apply("-", (h,)))),
        "(h @ U)^-0.5": Apply("^", (Product(h, "U"), Number(-0.5))),
    }.items():
        [line] = reading.read(f"a = {text}")
        assert line.right == expression, text
        [line] = reading.read(f"a = {printed(expression)}")
        assert line.right == expression, text


def test_a_name_may_be_of_any_script():
    """Letters are compared in one form, and words of Python and JavaScript are names like others."""
    for name in ("é", "λ_1", "字", "कि", "lambda", "None", "import", "var", "__proto__"[2:], "os"):
        for form in ("NFC", "NFD"):
            text = f"{unicodedata.normalize(form, name)} = x @ W\nh' = tanh({name} + h @ U_{name})"
            cell = read_cell(text)
            assert cell.quantities == (unicodedata.normalize("NFC", name), "h")
            assert cell.digest == read_cell(unicodedata.normalize("NFD", text)).digest


def test_shapes_follow_from_where_a_name_stands():
    cell = read_cell("""
        m = mean(x @ W_n + b)
        B = x @ W_B * m + d
        c' = c * B + h @ P @ R
        h' = tanh(c' + B @ Q)
        d (1)
        W_n (E, 3)
        W_B (E, 1)
        b (3)
        P (H, 2)
        c(0) = s
        h(0) = 1
    """)
    assert {name: weight.sizes for name, weight in cell.weights.items()} == {
        "d": (1,), "W_n": ("E", 3), "W_B": ("E", 1), "b": (3,),
        "P": ("H", 2), "R": (2, "H"), "Q": (1, "H"), "s": ("H",),
    }  # fmt: skip
    assert cell.widths == {"m": 1, "B": 1, "c'": "H", "h'": "H"}
    assert (cell.states, cell.quantities) == (("h", "c"), ("m", "B", "c", "h"))
    assert cell.parameters["W"] == ("W_n", "W_B")
    assert cell.starts == {"c": "s", "h": 1}
    assert [cell.shape(name, 5, 7) for name in ("W_n", "P", "s")] == [(5, 3), (7, 2), (7,)]
    assert cell["c"].name == "c'"
    rows = read_cell("z = x @ A_x + h @ A_h\nh' = z * h").parameters
    assert rows == {"A_x": ("A_x",), "A_h": ("A_h",)}  # which can't lie side by side


def test_the_last_layer_may_begin_otherwise():
    cell = read_cell("""
        h' = tanh(x @ W + u * h)
        u ~ 0 in the last layer
        u ~ 1
        u in [0, 2]
        u in [0, 1] in the last layer
    """)
    firsts, limits = (
        [said_of(is_last_layer=is_last) for is_last in (False, True)]
        for said_of in (cell.firsts, cell.limits)
    )
    assert firsts == [{"u": Number(1)}, {"u": Number(0)}]
    assert limits == [{"u": (0, 2)}, {"u": (0, 1)}]


def test_a_memory_that_can_only_grow_is_a_warning():
    """No cell that comes with the program has this warning."""
    keeps = "it keeps all it was at every time step"
    for text, warning in {
        "n = relu(x @ W)\nh' = h + n": f"h can only grow: {keeps}, and nothing negative comes in.",
        "\nh' = h - exp(x @ W)": f"h can only fall: {keeps}, and nothing positive comes in.",
        "h' = tanh(c)\nc' = u * c + x @ W\nu in [1, 2]": f"c can grow without end: {keeps}.",
    }.items():
        [found] = warnings_of(read_cell(text))
        assert (found.line, found.sentence) == (2, f"{warning} Multiply it by a gate.")
    held = ["z = sigmoid(x @ V)\nh' = h + z * (x @ W - h)", "h' = tanh(h + x @ W)", "h' = u * h + x @ W"]
    for text in (*OURS.values(), *held):
        assert not warnings_of(read_cell(text)), text


def test_numbers_alone_are_computed():
    values = {"2 * 3 - 4 / k": 4, "-(1 - 3)^2": -4, "where(0, 1, max(2, 3))": 3, "sigmoid(0)": 0.5}
    values |= {"softplus(-800) + relu(-1) + abs(-1)": 1, "h + 1": None, "mean(exp(0)) * h": None}
    for text, value in values.items():
        [line] = reading.read(f"a = {text}")
        assert number_of(line.right, {"k": 2}) == value, text
    assert depth(line.right) == 4


def test_products_of_thirty_factors_are_read():
    """And deep ones as far as they may be, without an end of Python's own stack."""
    factors = " * ".join(f"(x @ W{i} + b{i})" for i in range(30))
    deep = "tanh(" * 48 + "x @ W" + ")" * 48
    assert len(read_cell(f"h' = {factors}").weights) == 60
    assert read_cell(f"h' = {deep}").text == f"h' = {deep}"


def test_the_page_has_the_grammar_that_is_read():
    [grammar] = re.findall(r"\n\n((?:    .*\n)+)", reading.__doc__)
    assert f"```\n{re.sub('(?m)^    ', '', grammar)}```" in PAGE
    for word in (*FUNCTIONS, *INITIAL):
        assert f"`{word}" in PAGE, word
    for most in ("{LONGEST:,} characters", "{MOST_LINES} lines", "{DEEPEST} brackets", "1 to {WIDEST:,}"):
        assert most.format(**vars(reading)) in PAGE


def test_the_page_shows_the_cells_to_try():
    blocks = re.findall(r"^```\n(.*?)\n```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    shown = {read_cell(block).digest: block for block in blocks if "h' =" in block}
    for idea in ideas().values():
        said = f"**{idea.name}**: {idea.summary}\n([{idea.paper}]({idea.address}))"
        assert f"{said}\n\n```\n{read_cell(idea.text).text}\n```" in PAGE
    assert len(shown) == 7
