"""Versions of files: kept with a run, found whatever becomes of the file, run only where that is allowed."""

import pytest

from rnn_core.cell_files import folder
from rnn_core.cell_files.folder import CellFile, cell_files
from rnn_core.cell_files.versions import allow_to_run, current, is_allowed, keep, kept, name_in
from rnn_core.errors import CellError
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, of, write


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


def test_the_current_version_is_that_of_the_file_now_and_may_run():
    assert current("leaky") is None
    first = write("leaky")
    assert current("leaky") == first.version
    assert is_allowed(first.digest)
    assert kept(first.version).content == first.content  # not kept by any run
    second = write("leaky", PLAIN + "# more")
    assert current("leaky") == second.version != first.version
    assert current("LEAKY") is None


def test_a_version_that_this_process_has_read_is_found_after_the_file_has_changed():
    file = write("leaky")
    assert cell_files() == [file]
    file.path.unlink()
    assert kept(file.version) == file


def test_what_came_with_an_imported_run_is_read_but_may_not_run_until_it_is_allowed():
    file = of(PLAIN)
    version = keep(file, allow=False)
    assert kept(version).source == PLAIN
    assert not is_allowed(file.digest)
    allow_to_run(file.digest)
    assert is_allowed(file.digest)


def test_what_was_allowed_stays_so_when_it_comes_again_with_an_import():
    file = write("leaky")
    keep(file)
    keep(file, allow=False)
    file.path.unlink()
    assert is_allowed(file.digest)


def test_a_kept_file_that_was_changed_is_refused_and_mended_by_keeping_it_again():
    file = of(PLAIN)
    keep(file)
    path = own_cells_folder() / "versions" / f"{file.version}.py"
    path.write_text(PLAIN + "import os")
    with pytest.raises(CellError, match="is not what it was"):
        kept(file.version)
    path.write_bytes(b"\xff")
    with pytest.raises(CellError, match="is not what it was"):
        kept(file.version)
    keep(file)
    assert kept(file.version).source == PLAIN


@pytest.mark.parametrize(
    "version",
    ["leaky", "leaky@", "leaky@123", "../leaky@3f2a9c01b2d4", "leaky@3F2A9C01B2D4", "leaky@../../../etc", ""],
)
def test_what_is_no_version_is_refused_and_leads_to_no_path(version):
    assert name_in(version) == ""
    with pytest.raises(CellError, match="is written like leaky@3f2a9c01b2d4"):
        kept(version)


def test_a_version_that_nobody_has_is_refused():
    with pytest.raises(CellError, match="no cell leaky@3f2a9c01b2d4"):
        kept("leaky@3f2a9c01b2d4")


@pytest.mark.parametrize("digest", ["", "3f2a", "../../x", "F" * 64])
def test_what_is_no_digest_is_neither_allowed_nor_asked_for(digest):
    for ask in (allow_to_run, is_allowed):
        with pytest.raises(CellError, match="64 digits"):
            ask(digest)


def test_two_cells_of_one_content_are_two_versions():
    one, two = of(PLAIN, "one"), of(PLAIN, "two")
    assert [kept(keep(file)).name for file in (one, two)] == ["one", "two"]
    assert isinstance(kept(one.version), CellFile)
