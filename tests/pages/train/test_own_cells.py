"""A cell of the user's own on Train: in the form while its file changes, and in a run that keeps it.

Where its code may not run, Train says what other pages say: see test_cell_of_a_file.py.
"""

import pytest

from rnn_core.cell_files import declared, folder
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, write
from tests.own_cells.files import LEAKY
from tests.pages.elements import press, said, texts
from tests.pages.train.made import control, make_run, setting

pytestmark = [pytest.mark.usefixtures("verdict_only", "forked_workers"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def forget_files(monkeypatch):
    """What other tests read of files is forgotten."""
    monkeypatch.setattr(folder, "_seen", {})
    monkeypatch.setattr(declared, "_declared", {})


def test_it_is_listed_and_decides_some_settings_itself(open_train, store):
    """These are disabled, with the reason."""
    version = write("leaky", LEAKY).version
    page = open_train(data="verdict")
    assert control(page, "cell").options[-1] == "leaky"
    control(page, "cell").set_value(version).run()
    assert setting(page, "cell") == page.query_params["cell"] == version
    why = dict.fromkeys(("initialisation", "forget_bias"), "gives its weights their first values")
    why |= dict.fromkeys(("input", "precision"), "is fixed for your cell leaky, since")
    for name, words in why.items():
        assert control(page, name).disabled, name
        assert words in control(page, name).help


def test_a_form_goes_on_with_the_file_as_it_is_now(open_train, store):
    """Where it is broken with the version before."""
    write("leaky", LEAKY)
    page = open_train(data="verdict", cell="leaky")
    second = write("leaky", PLAIN)
    page.run()
    assert setting(page, "cell") == control(page, "cell").value == second.version
    write("leaky", "a = = 3")
    page.run()
    assert setting(page, "cell") == second.version
    assert control(page, "cell").options[-1] == f"leaky, older ({second.digest[:4]})"
    page = open_train(data="verdict", cell="leaky")  # of which the address knows no version
    assert "leaky.py, line 1" in texts(page, "warning")
    assert setting(page, "cell") == "gru"


def test_a_run_whose_file_has_changed_writes_it_back(open_train, store):
    version = write("leaky", LEAKY).version
    run = make_run(store, cell="leaky")
    assert "The file leaky.py" not in said(open_train(run=run.id))
    write("leaky", PLAIN)
    page = open_train(run=run.id)
    assert "The file leaky.py has changed since: this run keeps the source" in said(page)
    assert LEAKY.strip() in [code.value for code in page.code]
    copy = own_cells_folder() / f"leaky_{version.partition('@')[2][:4]}.py"
    press(page, f"Write it to {copy.name}")
    assert copy.read_text() == LEAKY
    (own_cells_folder() / "leaky.py").unlink()
    assert "The file leaky.py is gone: this run keeps" in said(open_train(run=run.id))
