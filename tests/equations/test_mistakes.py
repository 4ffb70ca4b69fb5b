"""Each mistake in a text that can't be read as a cell is named in words, at its place, in no time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.equations.equations import read_cell
from rnn_core.equations.reading import EquationsError, lines_of
from tests.equations.random_cells import random_cell

NO_STATE = "No line makes the hidden state: write h' = …, such as h' = tanh(x @ W + h @ U + b)."
BRACKETS = "Brackets must say what is multiplied by the matrix: (r * h) @ U, or r * (h @ U)."
SIGN = "a sign is missing, such as *, or @ before a matrix."
FUNCTIONS = "there are sigmoid, tanh, relu, exp, log, sqrt, softplus, abs, sin, cos, max, min, mean, where"
MISTAKES = {
    "⟦⟧": NO_STATE,
    "# ⟦h⟧' = x @ W": NO_STATE,
    "⟦h⟧ = tanh(x @ W)": NO_STATE,
    "h' = ⟦sigmoi⟧(x @ W)": "sigmoi is no function here: did you mean sigmoid?",
    "h' = ⟦ReLU⟧(x @ W)": "ReLU is no function here: did you mean relu?",
    "h' = ⟦σ⟧(x @ W)": "σ is no function here: did you mean sigmoid?",
    "h' = ⟦b⟧(x @ W)": f"b is no function here: {FUNCTIONS}. A product is b * (…).",
    "h' = ⟦erf⟧(x @ W)": f"erf is no function here: {FUNCTIONS}. A product is erf * (…).",
    "h' = ⟦uniform⟧(x @ W, 1)": f"uniform is no function here: {FUNCTIONS}. A product is uniform * (…).",
    "h' = ⟦tanh⟧ + x @ W": "tanh is a function: write tanh(…).",
    "h' = ⟦max⟧(x @ W)": "max has 2 in its brackets, got 1.",
    "h' = tanh(⟦)⟧": "A number, a name or a bracket must stand here.",
    "h' = tanh(⟦x⟧ + h @ U)": "x has E numbers: multiply it by a matrix first, x @ W.",
    "h' = (2 * ⟦x⟧) @ W": "x has E numbers: multiply it by a matrix first, x @ W.",
    "h' = W @ ⟦x⟧": "x is no matrix: write x @ W, the matrix on the right.",
    "h' = x @ W + U @ ⟦h⟧": "h is no matrix: write the matrix on the right of @, as in h @ U.",
    "h' = x @ W + 2 ⟦@⟧ U": "A number is multiplied by *, not by @.",
    "h' = x @ ⟦(⟧W + U)": "After @ comes the matrix, by a name.",
    "h' = x @ W + ⟦c'⟧": "c' is never made: no line begins with c' =.",
    "r = tanh(⟦z⟧)\nz = x @ W\nh' = r * z": "z is computed below, in line 2: move that line up.",
    "o = tanh(⟦h'⟧)\nh' = tanh(x @ W)": "h' is computed below, in line 2: move that line up.",
    "a = ⟦b⟧ + x @ W\nb = tanh(a)\nh' = b":
        "b and a are made of each other: one of them must come first without the other.",
    "z = ⟦z⟧ + x @ W\nh' = z":
        "z can't be made of itself: only what a state was can be read, such as h in h' = ….",
    "h' = x @ W + h @ ⟦W⟧": "W is (E, H), but here it has to be (H, H).",
    "h' = x @ W + ⟦W⟧": "W is (E, H), but here it has to be (H).",
    "h' = b + x @ ⟦b⟧": "b is (H), but here it has to be (E, H).",
    "h' = x @ V @ ⟦R⟧\nV (E, 3)\nR (2, H)": "R is (2, H), but here it has to be (3, H).",
    "h' = x @ W ⟦+⟧ x @ V\nV (E, 3)": "H numbers can't be combined with 3 numbers.",
    "⟦h'⟧ = x @ W\nW (E, 1)": "h' would be one number for all units, but a state is a number a unit.",
    "⟦h'⟧ = x @ W\nW (E, 3)": "h' would be 3 numbers, but a state is a number a unit.",
    "h' = x @ W\nW (E, ⟦E⟧)": "Only rows can be E: x, of E numbers, is multiplied by them.",
    "h' = x @ W\nW (E, ⟦0⟧)": "A width is E, H or a whole number from 1 to 4,096.",
    "h' = x @ W\nW (E, H⟦,⟧ H)": "Widths are one or two in brackets, such as (E, 1).",
    "⟦z⟧ = x @ W_z\nh' = tanh(x @ W)": "h does not depend on z: use it, or leave this line out.",
    "⟦c'⟧ = c + x @ V\nh' = tanh(x @ W)": "h does not depend on c': use it, or leave this line out.",
    "q = x @ V\nh' = where(q + ⟦b⟧, h, tanh(x @ W + q))":
        "b is not trained: h depends on it by the q of a where(q, a, b) alone.",
    "const ⟦k⟧ = 8\nh' = x @ W": "k is never used: leave this line out.",
    "⟦h'⟧ = tanh(h @ U)": "h does not depend on x: multiply it by a matrix, x @ W.",
    "⟦sigmoid⟧ = x @ W": "sigmoid has a meaning of its own: take another name.",
    "⟦x⟧' = x @ W": "x has a meaning of its own: take another name.",
    "const ⟦E⟧ = 2": "E has a meaning of its own: take another name.",
    "h' = x @ W / ⟦H⟧": "H is no quantity.",
    "h' = x @ W\n⟦h'⟧ = x @ V": "Line 1 already says what h' is.",
    "⟦h⟧ = x @ W\nh' = x @ W": "h is a state: give this another name.",
    "h' = x @ W\nW ~ 0\n⟦W⟧ ~ 1": "Line 2 already says what W begins as.",
    "h'⟦'⟧ = x @ W": "Write h' = … and what the state becomes.",
    "h' = x @ W + c'⟦'⟧": "A new state has one prime: c'.",
    "h' = x @ W + ⟦1e999⟧": "This number is too large.",
    "h' = x @ W + ⟦1e-400⟧": "This number is so small that it would be 0.",
    "h' = x @ W + (1 - 1 ⟦/⟧ 0) * h": "1 / 0 is no finite number.",
    "const k = 0\nh' = x @ W * ⟦log⟧(k)": "log(k) is no finite number.",
    "⟦a⟧ = 2 * 3\nh' = a * (x @ W)": "a is a number that never changes: write const a = ….",
    "h' = (x @ W)^⟦h⟧": "A power is by a number or a constant; h is none.",
    "h' = x @ W⟦^⟧2": "“^” can't stand here.",
    "h' = x @ W + r ⟦*⟧ h @ U": BRACKETS,
    "h' = x @ W + r ⟦*⟧ (h + b) @ U": BRACKETS,
    "h' = x @ W + r ⟦/⟧ -h @ U": BRACKETS,
    "h' = tanh⟦(⟧x @ W": "This bracket is never closed.",
    "h' = tanh(x @ W)⟦)⟧": "“)” can't stand here.",
    "h' = x @ W +⟦⟧": "A number, a name or a bracket must stand here.",
    "h' =⟦⟧ # nothing": "A number, a name or a bracket must stand here.",
    "h⟦⟧": "After h comes = and what it is.",
    "⟦1⟧ = x @ W": "A line begins with a name.",
    "h' = 2 ⟦h⟧ + x @ W": f"Before “h” {SIGN}",
    "h' = (h + b)⟦(⟧x @ W)": f"Before “(” {SIGN}",
    "const k = 3 ⟦4⟧": f"Before “4” {SIGN}",
    "const k = ⟦h⟧": "A number must stand here.",
    "h' = tanh(x @ W + h_⟦{⟧t-1} @ U)":
        "“{” means nothing here: write h for the state before and h' for the new one.",
    "h' = 1 ⟦−⟧ h": "“−” means nothing here: write -.",
    "h⟦’⟧ = x @ W": "“’” means nothing here: write '.",
    "h' = x @ W + h⟦²⟧": "“²” means nothing here: write ^2.",
    "h' = where(h ⟦>⟧ 0, h, x @ W)":
        "“>” means nothing here: write where(q, a, b), which is a where q is above 0, else b.",
    "h' = h ⟦=⟧= c": "“=” can't stand here.",
    'h\' = ⟦_⟧_import__("os")': "“_” means nothing here.",
    "h' = os⟦.⟧system": "“.” means nothing here.",
    "h' = h⟦[⟧0]": "“[” can't stand here.",
    "h' = ⟦\"⟧a\"": "“\"” means nothing here.",
    "h' = lambda h⟦:⟧ h": "“:” means nothing here.",
    "h' = x @ W + ⟦<⟧script>":
        "“<” means nothing here: write where(q, a, b), which is a where q is above 0, else b.",
    "h' = x @ W + a⟦\u202e⟧b": "“U+202E” means nothing here.",
    "h' = x @ W + a⟦\u200d⟧": "“U+200D” means nothing here.",
    "h' = x @ W + ⟦\u3164⟧": "“ㅤ” means nothing here.",
    "h' = x @ W + ⟦\ud800⟧": "“?” means nothing here.",
    f"h' = x @ ⟦{'W' * 33}⟧": "A name has at most 32 letters.",
    "h' = x @ W\nW in [1, ⟦-⟧1]": "No number is at least 1 and at most -1.",
    "h' = x @ W\nW in [1⟦]⟧": "Write the least and the largest value of W, such as W in [-1, 1].",
    "h' = x @ W\n⟦u⟧ in [0, 1]": "u is no weight: no equation has it as one.",
    "h' = x @ W\nW, ⟦h⟧ (E, H)": "h is no weight: no equation has it as one.",
    "h' = x @ W\nW ~ ⟦h⟧": "W begins as numbers: h is none.",
    "h' = x @ W\nW ~ 1 @ ⟦V⟧": "W begins as numbers: V is none.",
    "h' = x @ W + b\nb ~ ⟦identity⟧": "b is no matrix and can't begin as identity.",
    "h' = x @ W\nW ~ ⟦identity⟧(2)": "identity has 0 in its brackets, got 1.",
    "h' = x @ W\nW ~ ⟦uniform⟧(1, 0)": "uniform(a, b) has two numbers, the larger one last.",
    "h' = x @ W\nW ~ ⟦normal⟧(1, -1)":
        "normal(a, b) has a mean and a standard deviation, which is not below 0.",
    "h' = x @ W\nW ~ ⟦exp⟧(1000)": "exp(1000) is no finite number.",
    "h' = x @ W\n⟦c⟧(0) = 1": "c is no state: no line begins with c' =.",
    "h' = x @ W\nh(0) = ⟦W⟧": "W is (E, H), but here it has to be (H).",
    "r = x @ W\nh' = r\nh(0) = ⟦r⟧": "h(0) is a number or a weight, not r.",
    "h' = x @ W\nh(0) = ⟦s⟧\ns (3)": "h(0) would be 3 numbers, but a state is a number a unit.",
    "h' = x @ W\nh(0) = ⟦x⟧": "x has a meaning of its own: take another name.",
    "\n".join(f"c{i}' = x @ W" for i in range(15)) + "\nh' = x @ W\n⟦d⟧' = x @ W":
        "These are 17 states; a cell has at most 16.",
    "h' = " + "-" * 51 + "⟦-⟧" + "-" * 3_000: "This is more than 50 brackets or signs deep.",
    "h' = " + "(" * 51 + "⟦h⟧" + ")" * 51: "This is more than 50 brackets or signs deep.",
    f"h' = ⟦{' + '.join('h' * 900)}⟧": "This is too long: compute a part of it in a line of its own.",
    f"h' = ⟦h{' @ U' * 60}⟧": "This is too long: compute a part of it in a line of its own.",
    "⟦h⟧' = x @ W\n" + "W (E, H)\n" * 40 + "W ~ 0\n": (
        "These are 41 lines; a cell has at most 40, without those of first values."
    ),
    "⟦-⟧" + "-" * 99_999: "This is 100,000 characters long; a cell has at most 4,000.",
    "⟦\n⟧" + "\n" * 9_999: "This is 10,000 characters long; a cell has at most 4,000.",
}  # fmt: skip
"""A text with marks around the culprit -> the sentence about it."""


@pytest.mark.parametrize(("marked", "sentence"), MISTAKES.items(), ids=[text[:60] for text in MISTAKES])
def test_a_mistake_is_said_in_words_at_its_place(marked, sentence):
    before, _, rest = marked.partition("⟦")
    culprit, _, after = rest.partition("⟧")
    started = time.process_time()
    with pytest.raises(EquationsError) as refused:
        read_cell(before + culprit + after)
    assert time.process_time() - started < 0.5
    first = refused.value.mistakes[0]
    assert first.sentence == sentence
    assert (first.line, first.column) == (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    assert first.length == max(len(culprit), 1)
    assert str(refused.value).startswith(f"Line {first.line}, column {first.column}: {sentence}")


def test_each_line_with_a_mistake_is_named():
    with pytest.raises(EquationsError) as refused:
        read_cell("r = (x @ W\nz = x @ V\nh' = tanh(")
    assert [(one.line, one.column) for one in refused.value.mistakes] == [(1, 5), (3, 11)]
    with pytest.raises(EquationsError, match="Equations are a text"):
        read_cell(5)


PIECES = ["", *"'()-@^hx0#=,EÉ\n\x00\u202e\u3164", "W_1", "c'", "1e999", "const k = ", " in [0, 1]"]
PIECES += ["tanh(", "where(", "~ uniform(1, 0)", "(E, 1)", "h(0) = "]


@st.composite
def spoilt_cells(draw):
    text = draw(st.one_of(st.integers(0, 999).map(random_cell), st.text(max_size=30)))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 4))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[end:]
    return text


@settings(max_examples=100, derandomize=True, deadline=None)
@given(spoilt_cells())
def test_any_text_is_read_or_refused_in_words(text):
    try:
        cell = read_cell(text)
        assert read_cell(cell.text).digest == cell.digest
    except EquationsError as refused:
        lines = lines_of(text)
        for one in refused.mistakes:
            assert 1 <= one.line <= len(lines)
            assert 1 <= one.column <= one.column + one.length - 1 <= len(lines[one.line - 1]) + 1
            assert one.sentence.endswith((".", "?"))
