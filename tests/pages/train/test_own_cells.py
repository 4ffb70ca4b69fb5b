"""A cell of the user's own on Train: in the form while its file changes, and in a run that keeps it."""

import pytest

from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import keep, kept
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS
from tests.cell_files.sources import PLAIN, of, write
from tests.own_cells.files import LEAKY
from tests.pages.elements import as_written, labels, said, texts
from tests.pages.train.made import control, make_run, setting

pytestmark = [pytest.mark.usefixtures("verdict_only", "forked_workers"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def forget_files(monkeypatch):
    """A function that forgets what was read of files; what other tests read is forgotten."""

    def forget():
        monkeypatch.setattr(folder, "_seen", {})
        monkeypatch.setattr(declared, "_declared", {})

    forget()
    return forget


def codes(page):
    return [code.value for code in page.code]


def test_it_is_listed_and_decides_some_settings_itself(open_train, store):
    """These are disabled, with the reason."""
    version = write("leaky", LEAKY).version
    page = open_train(data="verdict")
    assert control(page, "cell").options[-1] == "leaky"
    control(page, "cell").set_value(version).run()
    assert setting(page, "cell") == page.query_params["cell"] == version
    for name in ("initialisation", "forget_bias"):
        assert control(page, name).disabled, name
        assert "gives its weights their first values" in control(page, name).help
    for name in ("input", "precision"):
        assert control(page, name).disabled, name
        assert "is fixed for your cell leaky, since" in control(page, name).help


def test_a_form_goes_on_with_the_file_as_it_is_now(open_train, store, forget_files):
    """Where it is broken with the version before; where it is gone without it."""
    first = write("leaky", LEAKY).version
    page = open_train(data="verdict", cell="leaky")
    assert setting(page, "cell") == first
    second = write("leaky", PLAIN)
    page.run()
    assert setting(page, "cell") == control(page, "cell").value == second.version
    write("leaky", "a = = 3")
    page.run()
    assert setting(page, "cell") == second.version
    assert control(page, "cell").options[-1] == f"leaky, older ({second.digest[:4]})"
    second.path.unlink()
    forget_files()
    page.run()
    assert setting(page, "cell") == "gru"
    assert "leaky" not in control(page, "cell").options


@pytest.mark.parametrize(
    ("cell", "said"), [("leaky", "leaky.py, line 1"), ("gone@3f2a9c01b2d4", "There is no cell gone")]
)
def test_an_address_of_a_broken_or_gone_file_says_so(open_train, store, cell, said):
    write("leaky", "a = = 3")
    page = open_train(data="verdict", cell=cell)
    assert said in texts(page, "warning")
    assert setting(page, "cell") == "gru"


def test_a_run_whose_file_has_changed_writes_it_back(open_train, store):
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
    copy = own_cells_folder() / f"leaky_{version.partition('@')[2][:4]}.py"
    assert copy.read_text() == LEAKY
    (own_cells_folder() / "leaky.py").unlink()
    assert "The file leaky.py is gone: this run keeps" in said(open_train(run=run.id))


def test_an_imported_run_shows_what_allows_its_source(open_train, store):
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


def test_where_own_cells_are_off_none_is_listed(open_train, store, monkeypatch):
    """A run of one has its name, and says how they are turned on."""
    version = write("leaky", LEAKY).version
    run = make_run(store, cell="leaky")
    monkeypatch.setenv(SWITCH, "0")
    assert CELLS[version].name == "leaky"
    page = open_train(run=run.id)
    assert "leaky" not in control(page, "cell").options
    assert "`gatescope app --own-cells`" in as_written(page)
