"""A network with an own cell on Read: an imported one is shown, and not run until it is allowed."""

import shutil

import pytest

from rnn_core.cell_files.versions import allow_to_run, kept
from rnn_core.config.run import RunConfig
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, write
from tests.own_cells.files import LEAKY
from tests.pages.elements import as_written, said
from tests.runs.workers import SMALL, trained

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]


@pytest.fixture
def run(store, monkeypatch):
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})
    write("leaky", LEAKY)
    with monkeypatch.context() as patch:
        patch.setattr("rnn_core.own_cells.here._runs", False)
        run = trained(store, RunConfig(data="verdict").with_settings(**SMALL, cell="leaky"))
    assert run.scores, run.message
    return run


def test_a_run_whose_file_has_changed_is_read_with_its_own_source(open_app, run):
    write("leaky", PLAIN)
    page = open_app("read", {"model": run.id})
    assert "The file leaky.py has changed since" in said(page)
    assert LEAKY.strip() in [code.value for code in page.code]
    assert page.get_by_key("model_picked").value == run.id


def test_an_imported_run_shows_its_source_and_runs_once_it_is_allowed(open_app, run, monkeypatch):
    shutil.rmtree(own_cells_folder() / "versions" / "allowed")
    kept(run.config.model.cell).path.unlink()
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})
    page = open_app("read", {"model": run.id})
    codes = [code.value for code in page.code]
    assert f"gatescope cells allow {run.id}" in codes
    assert LEAKY.strip() in codes
    assert "does not run on this machine until you allow it" in as_written(page)
    allow_to_run(kept(run.config.model.cell).digest)
    page = open_app("read", {"model": run.id})
    assert "allow it" not in as_written(page)
    assert page.get_by_key("model_picked").value == run.id
    assert not page.error
