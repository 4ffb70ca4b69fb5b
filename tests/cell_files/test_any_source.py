"""Whatever the files of cells hold, they are read in words or refused in words, and the others are listed."""

import contextlib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.cell_files.declared import declaration
from rnn_core.cell_files.folder import CellFile, SourceError
from rnn_core.cell_files.outline import LONGEST_LETTER, MOST_SEEN, Outline, outline
from rnn_core.errors import CellError
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS, KINDS, Role
from tests.cell_files.sources import GATED, PLAIN, write

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
