"""The source of a cell, looked at without running it.

Whatever files hold, they are read in words or refused in words, and the others are listed.
"""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.cell_files.folder import CellFile, SourceError, check_is_python
from rnn_core.errors import CellError
from rnn_core.own_cells.exercises import BEGINNINGS
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS, KINDS
from tests.cell_files.sources import GATED, PLAIN, checked, of


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
        check_is_python(of(source))
    assert refused.value.line == line
    assert column in (None, refused.value.column)  # of tabs and indentation Python says one or another
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"leaky.py, line {line}: ")


@pytest.mark.parametrize(
    "source", ["(" * 5_000, "-" * 200_000 + "1", "a" + ".a" * 100_000, "[" * 90 + "]" * 90]
)
def test_what_is_nested_too_deeply_is_refused_or_read(source):
    with contextlib.suppress(SourceError):
        check_is_python(of(source))


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


def refusal(content: bytes) -> SourceError | None:
    """The sentence on a content; None where it is Python."""
    try:
        check_is_python(CellFile.of(Path("leaky.py"), content))
    except SourceError as refused:
        return refused
    return None


@given(CONTENTS)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_any_content_is_read_or_refused_in_words(content):
    if (refused := refusal(content)) is not None:
        assert "leaky.py" in str(refused)
        assert 0 <= refused.line <= len(content.splitlines()) + content.count(b"\x0c") + 1


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
