"""The equations of a file: kept by its version, found by its name, and where their weights lie in its own."""

import os

import pytest
import torch

from rnn_core.cell_files.traced import (
    Placement,
    changed_since_check,
    has_changed,
    keep_traced,
    latest_traced,
    run_files,
    source_of,
    traced_of,
)
from rnn_core.cell_files.versions import is_allowed, kept, versions_folder
from rnn_core.equations.reading import EquationsError
from tests.cell_files.sources import ONE, PLACES, PLAIN, PLAIN_TEXT, checked, of, traced, write

NOTHING = (0,) * 6


@pytest.mark.parametrize("sizes", [(2, 3), (3, 2), (1, 1)])
def test_a_weight_is_where_its_place_says(sizes):
    """The part of the word's second gate in a transposed matrix of all gates with both kinds of rows."""
    input_size, hidden_size = sizes
    both = torch.randn(2 * hidden_size, input_size + hidden_size)
    row = (0, 1, 1, 0, 0, 0)
    second = (0, 0, 0, 0, 1, 1)  # H rows of E + H numbers
    of_word = Placement("W", second, (ONE, row)).weight({"W": both}, sizes, *sizes)
    of_memory = Placement("W", (0, 1, 0, 0, 1, 1), (ONE, row)).weight({"W": both}, (hidden_size,) * 2, *sizes)
    assert torch.equal(of_word, both[hidden_size:, :input_size].t())
    assert torch.equal(of_memory, both[hidden_size:, input_size:].t())
    [number] = Placement("k", NOTHING, (NOTHING,)).weight({"k": torch.tensor(3.0)}, (1,), *sizes)
    assert number == 3


def test_a_weight_outside_of_its_parameter_is_refused():
    with pytest.raises(RuntimeError):
        PLACES["W"].weight({"W.weight": torch.zeros(3, 2)}, (3, 3), 3, 3)
    with pytest.raises(KeyError):
        PLACES["W"].weight({}, (3, 3), 3, 3)


def test_what_was_checked_is_found_again():
    file, found = write("leaky"), checked("leaky")
    assert traced_of(file.version) == traced_of(file.digest) == latest_traced("leaky") == found
    assert found.cell.text == f"# name: leaky\n{PLAIN_TEXT}"
    assert (kept(file.version).content, is_allowed(file.digest)) == (file.content, True)
    assert latest_traced("other") is None
    assert traced_of(file.digest[::-1]) is traced_of("leaky@3f2a9c01b2d4") is None


def test_a_file_that_changes_stays_as_it_was_checked():
    first = checked("leaky")
    text = first.cell.text
    assert (has_changed(first), changed_since_check(text)) == (False, "")
    write("leaky", PLAIN + "# more")
    said = "leaky.py has changed since it was checked: what is trained is what was checked."
    assert (has_changed(first), changed_since_check(text)) == (True, said)
    assert latest_traced("leaky") == first
    second = checked("leaky", PLAIN + "# more", PLAIN_TEXT.replace("0.5", "0.25"))
    assert latest_traced("leaky") == second
    assert changed_since_check(text) == changed_since_check(second.cell.text) == ""
    assert changed_since_check("gru") == changed_since_check("h' = tanh(x @ W)") == ""


def test_an_older_version_that_is_opened_is_not_the_last():
    now, older = checked("leaky"), of(PLAIN + "# older")
    keep_traced(older, traced(older), is_checked=False)
    assert latest_traced("leaky") == now
    assert traced_of(older.version) == traced(older)


def test_a_text_has_the_source_of_which_it_was_read():
    """And a run carries it; of several the one that was checked last."""
    first, second = checked("leaky"), checked("leaky", PLAIN + "# more")
    assert first.cell.text == second.cell.text
    assert source_of(first.cell.text).source == PLAIN + "# more"
    assert run_files(first.version) == {"cell.py": PLAIN.encode()}
    assert source_of("gru") is source_of("leaky@3f2a9c01b2d4") is source_of("h' = tanh(x @ W)") is None
    assert run_files(first.cell.text.replace("0.5", "0.25")) == {}


SPOILT = [b"{}", b"\xff", b"[1]", "another", "no equations"]


@pytest.mark.parametrize("content", SPOILT)
def test_what_somebody_wrote_there_counts_as_nothing(content):
    version = checked("leaky").version
    path = versions_folder() / f"{version}.json"
    known = path.read_bytes()
    if content == "another":
        content = known.replace(b'"name":"leaky"', b'"name":"other"')
    elif content == "no equations":
        content = known.replace(b"tanh", b"tnh")
    path.write_bytes(content)
    os.utime(path, (1, 1))
    assert traced_of(version) is latest_traced("leaky") is None
    (versions_folder() / "leaky.latest").write_bytes(b"../\xff")
    assert latest_traced("leaky") is None


def test_equations_that_are_none_are_refused():
    file = write("leaky")
    with pytest.raises(EquationsError):
        _ = traced(file, "h' = tnh(x @ W)").cell
