"""Cells of files in the form of Train: listed, chosen, changed while the form holds one, gone, off."""

import pytest

from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.symbols import CELLS
from tests.cell_files.sources import PLAIN, write
from tests.pages.elements import texts
from tests.pages.train.made import control, setting

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def test_a_cell_of_a_file_is_in_the_list_and_in_the_address(open_train, store):
    version = write("leaky").version
    page = open_train(data="verdict")
    assert control(page, "cell").options[-1] == "leaky"
    control(page, "cell").set_value(version).run()
    assert setting(page, "cell") == version
    assert page.query_params["cell"] == version
    for name in ("initialisation", "forget_bias", "input", "precision"):
        assert control(page, name).disabled, name
    assert "gives its weights their first values" in control(page, "forget_bias").help
    assert setting(open_train(data="verdict", cell="leaky"), "cell") == version


def test_a_form_goes_on_with_a_file_that_was_changed_and_falls_back_when_it_is_gone(
    open_train, store, monkeypatch
):
    first = write("leaky").version
    page = open_train(data="verdict", cell="leaky")
    second = write("leaky", PLAIN + "# more\n")
    page.run()
    assert setting(page, "cell") == second.version != first
    assert control(page, "cell").value == second.version
    write("leaky", "a = = 3")
    page.run()
    assert setting(page, "cell") == second.version
    assert control(page, "cell").options[-1] == f"leaky, older ({second.digest[:4]})"
    second.path.unlink()
    for remembered, what in ((folder, "_seen"), (declared, "_declared")):
        monkeypatch.setattr(remembered, what, {})
    page.run()
    assert setting(page, "cell") == "gru"
    assert "leaky" not in control(page, "cell").options


def test_an_address_of_a_file_that_is_broken_or_gone_says_so(open_train, store):
    write("leaky", "a = = 3")
    page = open_train(data="verdict", cell="leaky")
    assert "leaky.py, line 1" in texts(page, "warning")
    assert setting(page, "cell") == "gru"
    page = open_train(data="verdict", cell="gone@3f2a9c01b2d4")
    assert "There is no cell gone" in texts(page, "warning")


def test_where_own_cells_are_off_none_is_offered(open_train, store, monkeypatch):
    version = write("leaky").version
    monkeypatch.setenv(SWITCH, "0")
    page = open_train(data="verdict")
    assert "leaky" not in control(page, "cell").options
    assert CELLS[version].name == "leaky"
