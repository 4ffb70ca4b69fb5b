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
MISTAKES = {
    "no text": ("⟦⟧", NO_STATE),
    "a comment alone": ("# ⟦h⟧' = x @ W", NO_STATE),
    "no prime": ("⟦h⟧ = tanh(x @ W)", NO_STATE),
    "an unknown function": ("h' = ⟦sigmoi⟧(x @ W)", "sigmoi is no function here: did you mean sigmoid?"),
    "a function in another case": ("h' = ⟦ReLU⟧(x @ W)", "ReLU is no function here: did you mean relu?"),
    "a function by its sign": ("h' = ⟦σ⟧(x @ W)", "σ is no function here: did you mean sigmoid?"),
    "no sign before a bracket": ("h' = ⟦b⟧(x @ W)", "b is no function here: a product is b * (…)."),
    "a first value as a function": (
        "h' = ⟦uniform⟧(x @ W, 1)", "uniform is no function here: a product is uniform * (…)."),
    "a function alone": ("h' = ⟦tanh⟧ + x @ W", "tanh is a function: write tanh(…)."),
    "too few in brackets": ("h' = ⟦max⟧(x @ W)", "max has 2 in its brackets, got 1."),
    "nothing in brackets": ("h' = tanh(⟦)⟧", "A number, a name or a bracket must stand here."),
    "x without a matrix": (
        "h' = tanh(⟦x⟧ + h @ U)", "x has E numbers: multiply it by a matrix first, x @ W."),
    "x in a product": ("h' = (2 * ⟦x⟧) @ W", "x has E numbers: multiply it by a matrix first, x @ W."),
    "W times x": ("h' = W @ ⟦x⟧", "x is no matrix: write x @ W, the matrix on the right."),
    "U times h": (
        "h' = x @ W + U @ ⟦h⟧", "h is no matrix: write the matrix on the right of @, as in h @ U."),
    "a number times a matrix": ("h' = x @ W + 2 ⟦@⟧ U", "A number is multiplied by *, not by @."),
    "a sum as a matrix": ("h' = x @ ⟦(⟧W + U)", "After @ comes the matrix, by a name."),
    "a state that is never made": ("h' = x @ W + ⟦c'⟧", "c' is never made: no line begins with c' =."),
    "used before it is computed": (
        "r = tanh(⟦z⟧)\nz = x @ W\nh' = r * z", "z is computed below, in line 2: move that line up."),
    "a new state before it is made": (
        "o = tanh(⟦h'⟧)\nh' = tanh(x @ W)", "h' is computed below, in line 2: move that line up."),
    "in a circle": (
        "a = ⟦b⟧ + x @ W\nb = tanh(a)\nh' = b",
        "b and a are made of each other: one of them must come first without the other."),
    "of itself": (
        "z = ⟦z⟧ + x @ W\nh' = z",
        "z can't be made of itself: only what a state was can be read, such as h in h' = …."),
    "a matrix in two shapes": ("h' = x @ W + h @ ⟦W⟧", "W is (E, H), but here it has to be (H, H)."),
    "a matrix as a vector": ("h' = x @ W + ⟦W⟧", "W is (E, H), but here it has to be (H)."),
    "a vector as a matrix": ("h' = b + x @ ⟦b⟧", "b is (H), but here it has to be (E, H)."),
    "other rows than declared": (
        "h' = x @ V @ ⟦R⟧\nV (E, 3)\nR (2, H)", "R is (2, H), but here it has to be (3, H)."),
    "widths that don't fit": (
        "h' = x @ W ⟦+⟧ x @ V\nV (E, 3)", "H numbers can't be combined with 3 numbers."),
    "a state that all units share": (
        "⟦h'⟧ = x @ W\nW (E, 1)", "h' would be one number for all units, but a state is a number a unit."),
    "a state of other width": (
        "⟦h'⟧ = x @ W\nW (E, 3)", "h' would be 3 numbers, but a state is a number a unit."),
    "a matrix as wide as x": (
        "h' = x @ W\nW (E, ⟦E⟧)",
        "Only rows can be E: x, of E numbers, is multiplied by them."),
    "a width of none": ("h' = x @ W\nW (E, ⟦0⟧)", "A width is E, H or a whole number from 1 to 4,096."),
    "three widths": ("h' = x @ W\nW (E, H⟦,⟧ H)", "Widths are one or two in brackets, such as (E, 1)."),
    "a weight nothing depends on": (
        "⟦z⟧ = x @ W_z\nh' = tanh(x @ W)", "h does not depend on z: use it, or leave this line out."),
    "a state nothing depends on": (
        "⟦c'⟧ = c + x @ V\nh' = tanh(x @ W)", "h does not depend on c': use it, or leave this line out."),
    "a weight without a gradient": (
        "q = x @ V\nh' = where(q + ⟦b⟧, h, tanh(x @ W + q))",
        "b is not trained: h depends on it by the q of a where(q, a, b) alone.",
    ),
    "a number that is never used": (
        "const ⟦k⟧ = 8\nh' = x @ W", "k is never used: leave this line out."),
    "no word": ("⟦h'⟧ = tanh(h @ U)", "h does not depend on x: multiply it by a matrix, x @ W."),
    "a quantity called sigmoid": (
        "⟦sigmoid⟧ = x @ W",
        "sigmoid has a meaning of its own: take another name."),
    "a state called x": ("⟦x⟧' = x @ W", "x has a meaning of its own: take another name."),
    "a number called E": ("const ⟦E⟧ = 2", "E has a meaning of its own: take another name."),
    "a width as a quantity": ("h' = x @ W / ⟦H⟧", "H is no quantity."),
    "two states of one name": ("h' = x @ W\n⟦h'⟧ = x @ V", "Line 1 already says what h' is."),
    "a quantity called as a state": ("⟦h⟧ = x @ W\nh' = x @ W", "h is a state: give this another name."),
    "first values twice": ("h' = x @ W\nW ~ 0\n⟦W⟧ ~ 1", "Line 2 already says what W begins as."),
    "two primes": ("h'⟦'⟧ = x @ W", "Write h' = … and what the state becomes."),
    "two primes in a sum": ("h' = x @ W + c'⟦'⟧", "A new state has one prime: c'."),
    "a number too large": ("h' = x @ W + ⟦1e999⟧", "This number is too large."),
    "a number divided by 0": ("h' = x @ W + (1 - 1 ⟦/⟧ 0) * h", "1 / 0 is no finite number."),
    "the logarithm of 0": ("const k = 0\nh' = x @ W * ⟦log⟧(k)", "log(k) is no finite number."),
    "a number as a quantity": (
        "⟦a⟧ = 2 * 3\nh' = a * (x @ W)", "a is a number that never changes: write const a = …."),
    "a power by a quantity": ("h' = (x @ W)^⟦h⟧", "A power is by a number or a constant; h is none."),
    "the power of a matrix": ("h' = x @ W⟦^⟧2", "“^” can't stand here."),
    "a product by a matrix behind another": ("h' = x @ W + r ⟦*⟧ h @ U", BRACKETS),
    "a matrix behind brackets": ("h' = x @ W + r ⟦*⟧ (h + b) @ U", BRACKETS),
    "a matrix behind a minus": ("h' = x @ W + r ⟦/⟧ -h @ U", BRACKETS),
    "a bracket open": ("h' = tanh⟦(⟧x @ W", "This bracket is never closed."),
    "a bracket too many": ("h' = tanh(x @ W)⟦)⟧", "“)” can't stand here."),
    "nothing behind a sign": ("h' = x @ W +⟦⟧", "A number, a name or a bracket must stand here."),
    "nothing behind =": ("h' =⟦⟧ # nothing", "A number, a name or a bracket must stand here."),
    "no =": ("h⟦⟧", "After h comes = and what it is."),
    "no name": ("⟦1⟧ = x @ W", "A line begins with a name."),
    "no sign between": ("h' = 2 ⟦h⟧ + x @ W", "Before “h” a sign is missing, such as *."),
    "no sign between brackets": ("h' = (h + b)⟦(⟧x @ W)", "Before “(” a sign is missing, such as *."),
    "two numbers as one": ("const k = 3 ⟦4⟧", "Before “4” a sign is missing, such as *."),
    "a constant that is none": ("const k = ⟦h⟧", "A number must stand here."),
    "a minus of print": ("h' = 1 ⟦−⟧ h", "“−” means nothing here: write -."),
    "a prime of print": ("h⟦’⟧ = x @ W", "“’” means nothing here: write '."),
    "a square": ("h' = x @ W + h⟦²⟧", "“²” means nothing here: write ^2."),
    "a comparison": (
        "h' = where(h ⟦>⟧ 0, h, x @ W)",
        "“>” means nothing here: write where(q, a, b), which is a where q is above 0, else b."),
    "equal signs": ("h' = h ⟦=⟧= c", "“=” can't stand here."),
    "an import": ('h\' = ⟦_⟧_import__("os")', "“_” means nothing here."),
    "an attribute": ("h' = os⟦.⟧system", "“.” means nothing here."),
    "an index": ("h' = h⟦[⟧0]", "“[” can't stand here."),
    "a string": ("h' = ⟦\"⟧a\"", "“\"” means nothing here."),
    "a lambda": ("h' = lambda h⟦:⟧ h", "“:” means nothing here."),
    "markup": (
        "h' = x @ W + ⟦<⟧script>",
        "“<” means nothing here: write where(q, a, b), which is a where q is above 0, else b."),
    "a mark from right to left": ("h' = x @ W + a⟦\u202e⟧b", "“U+202E” means nothing here."),
    "a mark that joins": ("h' = x @ W + a⟦\u200d⟧", "“U+200D” means nothing here."),
    "a letter that is not seen": ("h' = x @ W + ⟦\u3164⟧", "“ㅤ” means nothing here."),
    "half a character": ("h' = x @ W + ⟦\ud800⟧", "“?” means nothing here."),
    "a name too long": (f"h' = x @ ⟦{'W' * 33}⟧", "A name has at most 32 letters."),
    "limits the wrong way round": ("h' = x @ W\nW in [1, ⟦-⟧1]", "No number is at least 1 and at most -1."),
    "half a limit": (
        "h' = x @ W\nW in [1⟦]⟧", "Write the least and the largest value of W, such as W in [-1, 1]."),
    "a limit of no weight": ("h' = x @ W\n⟦u⟧ in [0, 1]", "u is no weight: no equation has it as one."),
    "a width of no weight": ("h' = x @ W\nW, ⟦h⟧ (E, H)", "h is no weight: no equation has it as one."),
    "first values of a quantity": ("h' = x @ W\nW ~ ⟦h⟧", "W begins as numbers: h is none."),
    "first values by a matrix": ("h' = x @ W\nW ~ 1 @ ⟦V⟧", "W begins as numbers: V is none."),
    "a vector as identity": (
        "h' = x @ W + b\nb ~ ⟦identity⟧",
        "b is no matrix and can't begin as identity."),
    "identity with brackets": ("h' = x @ W\nW ~ ⟦identity⟧(2)", "identity has 0 in its brackets, got 1."),
    "uniform the wrong way round": (
        "h' = x @ W\nW ~ ⟦uniform⟧(1, 0)", "uniform(a, b) has two numbers, the larger one last."),
    "a deviation below 0": (
        "h' = x @ W\nW ~ ⟦normal⟧(1, -1)",
        "normal(a, b) has a mean and a standard deviation, which is not below 0."),
    "first values without end": ("h' = x @ W\nW ~ ⟦exp⟧(1000)", "exp(1000) is no finite number."),
    "a start of no state": ("h' = x @ W\n⟦c⟧(0) = 1", "c is no state: no line begins with c' =."),
    "a start at a matrix": ("h' = x @ W\nh(0) = ⟦W⟧", "W is (E, H), but here it has to be (H)."),
    "a start at a quantity": (
        "r = x @ W\nh' = r\nh(0) = ⟦r⟧", "h(0) is a number or a weight, not r."),
    "a start of other width": (
        "h' = x @ W\nh(0) = ⟦s⟧\ns (3)", "h(0) would be 3 numbers, but a state is a number a unit."),
    "a start at x": ("h' = x @ W\nh(0) = ⟦x⟧", "x has a meaning of its own: take another name."),
    "too many states": (
        "\n".join(f"c{i}' = x @ W" for i in range(15)) + "\nh' = x @ W\n⟦d⟧' = x @ W",
        "These are 17 states; a cell has at most 16."),
    "too many signs": (
        "h' = " + "-" * 51 + "⟦-⟧" + "-" * 3_000,
        "This is more than 50 brackets or signs deep."),
    "too many brackets": (
        "h' = " + "(" * 51 + "⟦h⟧" + ")" * 51,
        "This is more than 50 brackets or signs deep."),
    "too long a sum": (
        f"h' = ⟦{' + '.join('h' * 900)}⟧",
        "This is too long: compute a part of it in a line of its own."),
    "too many matrices": (
        f"h' = ⟦h{' @ U' * 60}⟧",
        "This is too long: compute a part of it in a line of its own."),
    "too many lines": ("⟦h⟧' = x @ W\n" + "W ~ 0\n" * 40, "These are 41 lines; a cell has at most 40."),
    "too long a text": ("⟦-⟧" + "-" * 99_999, "This is 100,000 characters long; a cell has at most 4,000."),
    "lines without end": (
        "⟦\n⟧" + "\n" * 9_999,
        "This is 10,000 characters long; a cell has at most 4,000."),
}  # fmt: skip
"""Kind of mistake -> a text with marks around the culprit, and the sentence about it."""


@pytest.mark.parametrize(("marked", "sentence"), MISTAKES.values(), ids=MISTAKES)
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
