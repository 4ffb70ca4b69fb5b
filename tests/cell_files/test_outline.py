"""The outline of a cell: what its source says, found without running it.

Whatever files hold, they are read in words or refused in words, and the others are listed.
"""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.cell_files.folder import CellFile, SourceError
from rnn_core.cell_files.outline import LONGEST_LETTER, Outline, names_of, outline
from rnn_core.errors import CellError
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS, KINDS
from tests.cell_files.sources import GATED, PLAIN, checked, of


def test_the_parts_of_a_cell():
    assert (outline(of(PLAIN)).states, outline(of(PLAIN)).is_cell) == (("h",), True)
    gated = outline(of(GATED, "gated"))
    assert (gated.states, gated.is_cell) == (("h", "c"), True)


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
        assert outline(of(source)).states == ("h",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("states = ('c', 'h')", "h first"),
        ("states = 'h'", "h first"),
        ("states = ()", "h first"),
        ("states = ('h', 'h')", "different letters"),
        ("states = ('h', 3)", "different letters"),
        ("states = names()", "states must be written out"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_line(line, why):
    with pytest.raises(SourceError, match=why) as refused:
        outline(of(PLAIN.replace('    """Half', f'    {line}\n    """Half')))
    assert refused.value.line == 7


NAMES = {
    "{'h': {'name': 'the state'}, 'z': {'role': 'writes'}}": {"h": "the state"},
    "{'z': {'name': 'update gate', 'bounds': (0, 1), 'latex': 'z'}}": {"z": "update gate"},
    "{'z': {'name': '<b>'}, 'q': {'name': ''}, 3: {'name': 'a'}, 'n': 'name'}": {},
    "names()": {},
    "[1]": {},
    "{[]: 3}": {},
}


@pytest.mark.parametrize("said", NAMES)
def test_names_of_quantities_are_those_that_it_declares(said):
    """As earlier versions had it, beside what they said more; what can't be is passed over."""
    in_class = PLAIN.replace('    """Half', f'    quantities = {said}\n    """Half')
    assert names_of(of(in_class)) == names_of(of(f"quantities = {said}\n{PLAIN}")) == NAMES[said]
    assert outline(of(in_class)).is_cell
    assert names_of(of("a = = 3")) == {}


def test_the_class_says_more_than_the_file():
    source = "quantities = {'h': {'name': 'file'}}\n" + PLAIN
    both = source.replace('    """Half', "    quantities = {'h': {'name': 'class'}}\n    \"\"\"Half")
    assert (names_of(of(source)), names_of(of(both))) == ({"h": "file"}, {"h": "class"})


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
    """An outline is whole, and so are the names."""
    assert found.states[0] == "h"
    assert len({*found.states}) == len(found.states)
    assert all(letter.isalnum() and len(letter) <= LONGEST_LETTER for letter in found.states)
    assert bool(found.why_no_cell) != found.is_cell
    names = names_of(CellFile.of(Path("leaky.py"), content))
    assert all(0 < len(name) <= 40 and name.isprintable() for name in names.values())


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
    good = checked("good")
    for number, (source, changes) in enumerate(sources):
        path = own_cells_folder() / f"spoilt{number}.py"
        path.write_bytes(edited(source, changes).encode("utf-8", "replace"))
    listed = list(KINDS)
    assert good.cell.text in listed
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
