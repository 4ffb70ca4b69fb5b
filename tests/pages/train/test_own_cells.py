"""A cell of the user's own on Train: in the list, with reasons; a run whose cell is not simply its file."""

import pytest

from rnn_core.cell_files.versions import keep, kept
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, of, write
from tests.own_cells.files import LEAKY
from tests.pages.elements import as_written, labels, said
from tests.pages.train.made import control, make_run

pytestmark = [pytest.mark.usefixtures("verdict_only", "forked_workers"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def no_files_of_other_tests(monkeypatch):
    monkeypatch.setattr("rnn_core.cell_files.folder._seen", {})


def codes(page):
    return [code.value for code in page.code]


def test_it_stands_in_the_list_and_what_it_decides_itself_is_disabled_with_the_reason(open_train, store):
    version = write("leaky", LEAKY).version
    page = open_train(data="verdict", cell="leaky")
    assert control(page, "cell").value == version
    assert "leaky" in control(page, "cell").options
    for name in ("initialisation", "forget_bias"):
        assert control(page, name).disabled, name
        assert "gives its weights their first values" in control(page, name).help
    for name in ("input", "precision"):
        assert control(page, name).disabled, name
        assert "is fixed for your cell leaky, since" in control(page, name).help


def test_the_form_goes_on_with_the_file_as_it_is_now(open_train, store):
    write("leaky", LEAKY)
    page = open_train(data="verdict", cell="leaky")
    now = write("leaky", PLAIN).version
    page.run()
    assert control(page, "cell").value == now


def test_a_run_whose_file_has_changed_says_so_and_writes_its_source_back(open_train, store):
    version = write("leaky", LEAKY).version
    run = make_run(store, cell="leaky")
    assert "The file leaky.py" not in said(open_train(run=run.id))
    write("leaky", PLAIN)
    page = open_train(run=run.id)
    assert "The file leaky.py has changed since: this run keeps the source" in said(page)
    assert LEAKY.strip() in codes(page)
    label = f"Write it to leaky_{version.partition('@')[2][:4]}.py"
    assert label in labels(page)
    page.button(key=f"restore_{run.id}").click().run()
    assert not page.exception
    copy = own_cells_folder() / f"leaky_{version.partition('@')[2][:4]}.py"
    assert copy.read_text() == LEAKY
    (own_cells_folder() / "leaky.py").unlink()
    assert "The file leaky.py is gone: this run keeps" in said(open_train(run=run.id))


def test_a_run_that_came_with_a_file_shows_its_source_and_the_command_that_allows_it(open_train, store):
    version = keep(of(LEAKY), allow=False)
    run = make_run(store, state="finished")
    config = run.config.with_settings(cell=version)
    imported = store.create(config, foreground=True)
    store.runs.finish(imported.id, "finished", "")
    page = open_train(run=imported.id)
    assert "does not run on this machine until you allow it" in as_written(page)
    assert f"gatescope cells allow {imported.id}" in codes(page)
    assert LEAKY.strip() in codes(page)
    assert not [label for label in labels(page) if label.startswith("Write it to")]
    assert kept(version).source == LEAKY


def test_where_own_cells_are_off_none_is_listed_and_a_run_of_one_says_how_they_are_turned_on(
    open_train, store, monkeypatch
):
    write("leaky", LEAKY)
    run = make_run(store, cell="leaky")
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    page = open_train(run=run.id)
    assert "leaky" not in control(page, "cell").options
    assert "`gatescope app --own-cells`" in as_written(page)
