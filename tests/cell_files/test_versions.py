"""Versions of files: kept with a run, found whatever becomes of the file, run only where that is allowed.

Own cells are off where other machines can open the app, unless a terminal turns them on.
"""

import os
import runpy
import sys

import pytest
import streamlit as st
from click.testing import CliRunner

from pages.components.shared import server
from rnn_core.cell_files import folder, switch
from rnn_core.cell_files.folder import CellFile, cell_files
from rnn_core.cell_files.versions import allow_to_run, current, is_allowed, keep, kept, name_in
from rnn_core.cli import main
from rnn_core.errors import CellError
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, of, write
from tests.pages.shared.test_server import live


@pytest.mark.parametrize("fate", ["changed", "deleted", "renamed", "broken"])
def test_a_kept_version_is_found_whatever_becomes_of_its_file(fate, monkeypatch):
    file = write("leaky")
    version = keep(file)
    if fate == "changed":
        write("leaky", PLAIN + "# more")
    elif fate == "broken":
        file.path.write_bytes(b"\xff")
    elif fate == "renamed":
        file.path.rename(file.path.with_name("other.py"))
    else:
        file.path.unlink()
    monkeypatch.setattr(folder, "_seen", {})  # as in another process
    assert current("leaky") != version
    found = kept(version)
    assert (found.name, found.source, found.version, found.digest) == ("leaky", PLAIN, version, file.digest)
    assert is_allowed(file.digest)


def test_the_current_version_is_that_of_the_file_now():
    assert current("leaky") is None
    first = write("leaky")
    assert current("leaky") == first.version
    assert is_allowed(first.digest)
    assert kept(first.version).content == first.content  # not kept by any run
    second = write("leaky", PLAIN + "# more")
    assert current("leaky") == second.version != first.version
    assert current("LEAKY") is None


def test_a_version_that_this_process_has_read_is_found():
    file = write("leaky")
    assert cell_files() == [file]
    file.path.unlink()
    assert kept(file.version) == file


def test_what_was_imported_may_run_once_it_is_allowed():
    """And stays allowed when it comes again with an import."""
    file = of(PLAIN)
    version = keep(file, allow=False)
    assert kept(version).source == PLAIN
    assert not is_allowed(file.digest)
    allow_to_run(file.digest)
    keep(file, allow=False)
    assert is_allowed(file.digest)


def test_a_changed_copy_is_refused_until_it_is_kept_again():
    file = of(PLAIN)
    keep(file)
    path = own_cells_folder() / "versions" / f"{file.version}.py"
    for content in (PLAIN.encode() + b"import os", b"\xff"):
        path.write_bytes(content)
        with pytest.raises(CellError, match="is not what it was"):
            kept(file.version)
    keep(file)
    assert kept(file.version).source == PLAIN


NO_VERSIONS = ["leaky", "leaky@", "leaky@123", "../leaky@3f2a9c01b2d4", "leaky@3F2A9C01B2D4", ""]


@pytest.mark.parametrize("version", [*NO_VERSIONS, "leaky@../../../etc"])
def test_what_is_no_version_leads_to_no_path(version):
    assert name_in(version) == ""
    with pytest.raises(CellError, match="is written like leaky@3f2a9c01b2d4"):
        kept(version)


@pytest.mark.parametrize("digest", ["", "3f2a", "../../x", "F" * 64])
def test_what_is_no_digest_is_not_asked_for(digest):
    for ask in (allow_to_run, is_allowed):
        with pytest.raises(CellError, match="64 digits"):
            ask(digest)


def test_two_cells_of_one_content_are_two_versions():
    one, two = of(PLAIN, "one"), of(PLAIN, "two")
    assert [kept(keep(file)).name for file in (one, two)] == ["one", "two"]
    assert isinstance(kept(one.version), CellFile)
    with pytest.raises(CellError, match="no cell leaky@3f2a9c01b2d4"):
        kept("leaky@3f2a9c01b2d4")  # which nobody has


@pytest.mark.parametrize(
    ("address", "said", "on"),
    [
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("localhost", "", True),
        ("0.0.0.0", "", False),
        ("::", "", False),
        ("10.0.0.9", "", False),
        ("lab.example", "", False),
        ("0.0.0.0", "1", True),
        ("127.0.0.1", "0", False),
        ("127.0.0.1", "off", False),
        ("127.0.0.1", "what", False),
    ],
)
def test_the_address_decides_unless_somebody_has(monkeypatch, address, said, on):
    assert (switch.are_on(), switch.why_off()) == (True, "")  # without an app
    monkeypatch.setenv(switch.SWITCH, said)
    switch.decide(address)
    assert (switch.are_on(), switch.why_off() == "") == (on, on)
    assert ("gatescope app --own-cells" in switch.why_off()) == (not on)


@pytest.mark.parametrize(("address", "on"), [("127.0.0.1", True), ("0.0.0.0", False), (None, False)])
def test_a_server_decides_before_it_opens(monkeypatch, capsys, address, on):
    options = {"server.address": address, "server.port": 8501, "server.headless": True}
    monkeypatch.setattr(st, "get_option", lambda name: options.get(name) or [])
    monkeypatch.setattr(server, "end_all", lambda: None)
    met = []
    live(lambda: met.append(switch.are_on()))
    assert met == [on]
    assert ("--own-cells" in capsys.readouterr().out) == (not on)


@pytest.mark.parametrize("flags", [[], ["--own-cells"], ["--server.address", "0.0.0.0", "--own-cells"]])
def test_a_terminal_turns_own_cells_on(monkeypatch, tmp_path, flags):
    began = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["rnn_core", "app"])
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: began.extend(sys.argv[1:]))
    assert CliRunner().invoke(main, ["app", *flags]).exit_code == 0
    assert os.environ[switch.SWITCH] == ("1" if flags else "")
    assert began == ["run", "app.py", *flags[:-1]]
