"""The outline of a cell: what its source says, found without running it.

Whatever files hold, they are read in words or refused in words, and the others are listed.
"""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.cell_files.declared import declaration
from rnn_core.cell_files.folder import CellFile, SourceError
from rnn_core.cell_files.outline import LONGEST_LETTER, MOST_SEEN, Outline, Quantity, outline
from rnn_core.errors import CellError
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS, KINDS, Role
from tests.cell_files.sources import GATED, PLAIN, of, write


def test_the_parts_of_a_plain_cell():
    found = outline(of(PLAIN))
    assert (found.states, found.seen, found.bounds, found.is_cell) == (("h",), (), {}, True)


def test_the_parts_of_a_cell_with_two_states():
    found = outline(of(GATED, "gated"))
    assert (found.states, found.seen, found.is_cell) == (("h", "c"), ("z", "q", "n", "g"), True)
    assert found.bounds == {"q": (0.0, 1.0), "g": (-1.0, 1.0)}  # z is a product, n gets a value twice
    assert found.quantities == {"q": Quantity("leak", Role.KEEPS, (0.0, 1.0), r"\sigma(q x)")}


@pytest.mark.parametrize(
    ("base", "imported"),
    [
        ("torch.nn.Module", "import torch"),
        ("torch.nn.Module", "import torch.nn"),
        ("tnn.Module", "import torch.nn as tnn"),
        ("Base", "from torch.nn import Module as Base"),
        ("Mine", "from torch import nn\nMine = nn.Module"),
    ],
)
def test_a_class_inherits_the_module_of_torch(base, imported):
    source = f"{imported}\nclass A({base}):\n def __init__(self, e, h): 0\n def forward(self, x, h): 0"
    assert outline(of(source)).is_cell


SIGMOIDS = ["torch.sigmoid(x)", "x.sigmoid()", "once", "pair", "piece", "shown"]
TANHS = ["F.tanh(x + 1)", "tanh(x)", "half"]
NEITHER = ["sigmoid(x)", "self.tanh(x)", "2 * torch.tanh(x)", "x", "twice", "other", "of_sum", "added"]
BOUNDS = dict.fromkeys(SIGMOIDS, (0, 1)) | dict.fromkeys(TANHS, (-1, 1)) | dict.fromkeys(NEITHER)


@pytest.mark.parametrize(("value", "bounds"), BOUNDS.items())
def test_bounds_are_those_of_a_function_in_sight(value, bounds):
    source = f"""
import torch
from rnn_core import see as show
def sigmoid(x): return x
def forward(self, x, h):
    once = torch.sigmoid(x)
    twice = torch.sigmoid(x)
    twice = x
    pair, other = torch.sigmoid(x), 1
    piece, rest = torch.sigmoid(x).chunk(2, dim=1)
    half, rest = torch.split(x.tanh(), 2)
    of_sum, rest = (x + h).chunk(2, dim=1)
    shown = torch.sigmoid(x)
    shown = show("p", shown)
    added = torch.sigmoid(x)
    added += 1
    show("q", {value})
"""
    assert outline(of(source)).bounds.get("q") == bounds


def test_seen_twice_has_bounds_where_both_agree():
    both = 'import rnn_core\nrnn_core.see("q", a.tanh())\nrnn_core.see(letter="q", value=b.{}())'
    assert outline(of(both.format("tanh"))).bounds == {"q": (-1, 1)}
    assert outline(of(both.format("sigmoid"))).bounds == {}


def test_the_state_has_the_bounds_of_what_is_returned():
    tanh = PLAIN.replace("0.5 * h + 0.5 * ", "")
    assert outline(of(tanh)).bounds == {"h": (-1, 1)}


def test_a_see_of_something_else_is_not_ours():
    assert outline(of("def see(a): return a\nsee(3)")).seen == ()
    assert outline(of("import camera\ncamera.see(3)\nself.see(4)")).seen == ()


def test_what_a_class_inherits_is_its_own():
    base = PLAIN.replace("Leaky(nn.Module):", "Base(nn.Module):\n    states = ('h', 'c')")
    found = outline(of(base + "\n\nclass Leaky(Base):\n    def forward(self, x, state): ...\n"))
    assert (found.states, found.is_cell) == (("h", "c"), True)
    assert not outline(of("class Leaky(Leaky): 0")).is_cell


def test_a_loop_and_a_classifier_are_no_mistake():
    loop = outline(of("def run(cell, xs, lengths):\n    return xs\n", "my_loop"))
    assert not loop.is_cell
    assert loop.why_no_cell == "my_loop.py has no class that inherits nn.Module."
    classifier = outline(of(PLAIN.replace("self, input_size", "self, cell, vocab_size, input_size")))
    assert not classifier.is_cell
    assert "line 9: __init__ of Leaky must take (self, input_size, hidden_size)" in classifier.why_no_cell


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("nn.Module", "nn.GRUCell", "line 6: the class Leaky must inherit nn.Module"),
        ("forward", "foward", r"must have a method forward\(self, x, h\). Its method foward \(line 14\) may"),
        ("__init__(self", "__nit__(self", r"must have a method __init__\(self, input_size, hidden_size\)"),
        ("self, x, h", "self, h, x", r"forward of Leaky must take \(self, x, h\), in this order"),
        ("self, x, h", "self, x", r"got \(self, x\)"),
        ("self, x, h", "self, x, h, *, time", r"got \(self, x, h, \*, time\)"),
        ("input_size, hidden_size)", "hidden_size, input_size)", "in this order"),
    ],
)
def test_what_a_class_lacks_to_be_a_cell_is_said(before, after, why):
    found = outline(of(PLAIN.replace(before, after, 1)))
    assert not found.is_cell
    assert re.search(why, found.why_no_cell)
    assert outline(of(PLAIN.replace("self, x, h", "self, x, h, leak=0.5"))).is_cell  # more may have values


@pytest.mark.parametrize(
    ("source", "line", "column", "said"),
    [
        ("a = 1\nz = = 3\n", 2, 5, "line 2: invalid syntax.\n\n    z = = 3\n        ^\n"),
        ("def f():\n\treturn (1,\n", 2, 9, "'(' was never closed.\n\n        return (1,\n               ^\n"),
        ("def f():\n  a = 1\n b = 2\n", 3, None, "unindent does not match"),
        ("a = 1\nreturn a\n", 2, 1, "'return' outside function.\n\n    return a\n    ^\n"),
        ("ä = = 3", 1, 5, "    ä = = 3\n        ^\n"),
    ],
)
def test_a_syntax_error_says_line_and_column(source, line, column, said):
    with pytest.raises(SourceError) as refused:
        outline(of(source))
    assert refused.value.line == line
    assert column in (None, refused.value.column)  # of tabs and indentation Python says one or another
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"leaky.py, line {line}: ")


@pytest.mark.parametrize(
    "source", ["(" * 5_000, "-" * 200_000 + "1", "a" + ".a" * 100_000, "[" * 90 + "]" * 90]
)
def test_what_is_nested_too_deeply_is_refused_or_read(source):
    with contextlib.suppress(SourceError):
        assert outline(of(source)).seen == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("states = ('c', 'h')", "h first"),
        ("states = 'h'", "h first"),
        ("states = ()", "h first"),
        ("states = ('h', 'h')", "different letters"),
        ("states = ('h', 3)", "different letters"),
        ("states = names()", "states must be written out"),
        ("quantities = {'w': {}}", "names 'w', which no see"),
        ("quantities = {'h': {'nam': 'x'}}", "may have name, role, bounds, latex, got 'nam'"),
        ("quantities = {'h': 'hidden'}", "h must be like"),
        ("quantities = [1]", "quantities must be like"),
        ("quantities = {'h': {'role': 'eats'}}", "role must be one of writes, lets through"),
        ("quantities = {'h': {'role': ['writes']}}", "role must be one of"),
        ("quantities = {'h': {'bounds': (1, 0)}}", "such as \\(0, 1\\)"),
        ("quantities = {'h': {'bounds': (0, float('inf'))}}", "must be written out"),
        ("quantities = {'h': {'bounds': (0, 1e999)}}", "such as \\(0, 1\\)"),
        ("quantities = {'h': {'bounds': 3}}", "such as \\(0, 1\\)"),
        ("quantities = {'h': {'name': '<b>'}}", "letters, digits, spaces"),
        ("quantities = {'h': {'name': ''}}", "letters, digits, spaces"),
        ("quantities = {'h': {'latex': '$'}}", "without \\$"),
        ("quantities = {'h': {'latex': 'a\\nb'}}", "a line of at most"),
        ("quantities = {[]: 3}", "must be written out"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_line(line, why):
    with pytest.raises(SourceError, match=why) as refused:
        outline(of(PLAIN.replace('    """Half', f'    {line}\n    """Half')))
    assert refused.value.line == 7


@pytest.mark.parametrize(
    "given", ["", "'z'", "z, x", "'', x", "'a b', x", "'z' * 2, x", "'zzzzzzzzzzzzz', x", "3, x", "*both"]
)
def test_what_is_seen_must_have_a_readable_letter(given):
    with pytest.raises(SourceError, match=r"leaky\.py, line 2: see"):
        outline(of(f"from rnn_core import see\nsee({given})"))


def test_at_most_24_letters_are_seen():
    lines = "\n".join(f"see('q{number}', x)" for number in range(24))
    with pytest.raises(SourceError, match="at most 24 letters"):
        outline(of(f"from rnn_core import see\n{lines}"))


def test_the_class_says_more_than_the_file():
    source = "quantities = {'h': {'name': 'file'}}\n" + PLAIN
    assert outline(of(source)).quantities["h"].name == "file"
    both = source.replace('    """Half', "    quantities = {'h': {'name': 'class'}}\n    \"\"\"Half")
    assert outline(of(both)).quantities["h"].name == "class"


SOURCES = [PLAIN, GATED, *BEGINNINGS.values()]
WORDS = ["see(", "lambda ", "states = ", "quantities = ", "async ", "await ", "global z\n", "z := 3", "1e999"]
PARTS = ["{'z': {'name': 'a'}}", "('h', 'c')", "class B(nn.Module): pass\n", "def forward(self): 0\n"]
RARE = ['"""', "@see\n", "# coding: latin-1\n", "match x:\n case 1: 0\n", "f'{z!r:{z}}'", "0" * 5_000]
PIECES = [*"():\n\t\\#é\0\r\x0c𝛼*'", *WORDS, *PARTS, *RARE]

sources, places = st.sampled_from(SOURCES), st.integers(0, 10_000)
edits = st.lists(
    st.tuples(places, st.integers(0, 60), st.one_of(st.sampled_from(PIECES), st.text(max_size=8))), max_size=4
)


def edited(source: str, changes) -> str:
    """A source of which parts were taken out and others put in."""
    for place, taken, put in changes:
        at = place % (len(source) + 1)
        source = source[:at] + put + source[at + taken :]
    return source


def read(content: bytes) -> Outline | None:
    """The outline of a content; None where it is refused in a sentence about this file."""
    try:
        return outline(CellFile.of(Path("leaky.py"), content))
    except SourceError as error:
        refused = error
    assert "leaky.py" in str(refused)
    assert 0 <= refused.line <= len(content.splitlines()) + content.count(b"\x0c") + 1
    return None


def check(content: bytes, found: Outline) -> None:
    """An outline, and the declaration that follows, are whole."""
    letters = (*found.seen, *found.states)
    assert found.states[0] == "h"
    assert len({*letters}) == len(letters) <= MOST_SEEN
    assert all(letter.isalnum() and len(letter) <= LONGEST_LETTER for letter in letters)
    assert {*found.bounds, *found.quantities} <= {*letters}
    assert bool(found.why_no_cell) != found.is_cell
    declared = declaration(CellFile.of(Path("leaky.py"), content), found, is_current=True)
    assert [known.letter for known in declared.symbols] == list(letters)
    assert {known.letter for known in declared.symbols if known.role is Role.REMEMBERS} >= {*found.states}
    assert all(known.name and known.title for known in declared.symbols)


CONTENTS = st.one_of(
    st.builds(
        lambda source, changes, encoding: edited(source, changes).encode(encoding, "replace"),
        *(sources, edits, st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16"])),
    ),
    # As an editor leaves a file that writes in place, while it is looked at.
    st.builds(lambda source, length: source.encode()[: length % (len(source) + 1)], sources, places),
    st.binary(max_size=200),
    st.binary(max_size=3).map(lambda before: before + PLAIN.encode()),
)


@given(CONTENTS)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_any_content_is_outlined_or_refused_in_words(content):
    if found := read(content):
        check(content, found)


@given(st.lists(st.tuples(sources, edits), min_size=1, max_size=3))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_a_good_file_is_listed_beside_spoilt_ones(sources):
    good = write("good")
    for number, (source, changes) in enumerate(sources):
        path = own_cells_folder() / f"spoilt{number}.py"
        path.write_bytes(edited(source, changes).encode("utf-8", "replace"))
    listed = list(KINDS)
    assert good.version in listed
    assert listed == [name for name in CELLS if name in KINDS]
    assert all(KINDS[name].kind == name for name in listed)
    for path in own_cells_folder().glob("spoilt*.py"):
        path.unlink()


@given(st.text(max_size=50))
@settings(derandomize=True)
def test_no_name_leads_out_of_the_folder(name):
    for asked in (name, f"{name}@3f2a9c01b2d4", f"leaky@{name}"):
        assert asked not in KINDS or asked in CELLS.registered()
        with contextlib.suppress(CellError):
            CellFile.of(Path("leaky.py"), asked.encode("utf-8", "replace"))
