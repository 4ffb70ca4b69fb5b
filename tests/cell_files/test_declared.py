"""A checked file in the folder is a cell like any other: listed, chosen, found by name, text and version."""

import os
import shutil

import pytest

from pages.components.experiments.sweep_form import coded
from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.traced import cell_label, keep_traced, run_files, traced_of
from rnn_core.cell_files.versions import keep, versions_folder
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.words import setting_in_words, short_name
from rnn_core.errors import CellError, ConfigError
from rnn_core.figures.colours import LETS_THROUGH
from rnn_core.figures.looks import cell_looks
from rnn_core.paths import own_cells_folder
from rnn_core.registry import UnknownNameError
from rnn_core.runs.naming import network_name
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS, KINDS, variant_of
from tests.cell_files.sources import GATED, PLAIN, PLAIN_TEXT, checked, of, traced, write
from tests.refusals import refusals

MORE = PLAIN + "# more\n"
OTHER_TEXT = PLAIN_TEXT.replace("0.5", "0.25")


def with_cell(cell):
    return RunConfig(data="verdict").with_settings(cell=cell)


@pytest.mark.parametrize("own_code", ["0", "1"])
def test_checked_cells_of_the_folder_come_last(monkeypatch, own_code):
    """Cells of files are their equations, also where code may not run; files never checked are not there."""
    monkeypatch.setenv(SWITCH, own_code)
    before = list(KINDS)
    leaky, other = checked("leaky").cell.text, checked("other").cell.text
    write("gated", GATED)
    write("my_loop", "def run(cell, xs, lengths): ...")
    write("broken", "def")
    assert list(KINDS) == [*before, leaky, other]
    assert list(CELLS)[-2:] == [leaky, other]
    assert list(CELLS.registered()) == list(CELLS)[:-2]
    assert list(ModelConfig.settings()["cell"].choices) == list(KINDS)
    assert (CELLS[leaky].name, short_name(leaky), declared.typed_name(leaky)) == ("leaky",) * 3
    assert network_name(with_cell("leaky")) == "leaky on verdict corpus"


def test_a_name_stands_for_what_was_checked_last():
    """A configuration keeps it as a text, whatever becomes of the file."""
    text = checked("leaky").cell.text
    config = with_cell("leaky")
    assert config.model.cell == config.model.variant == text
    write("leaky", MORE)
    assert with_cell("leaky") == config
    assert CELLS[text].name == "leaky"
    second = checked("leaky", MORE, OTHER_TEXT).cell.text
    assert ModelConfig(cell="leaky").cell == ModelConfig.settings()["cell"].parse("leaky") == second
    assert RunConfig.from_json(config.to_json()) == config
    assert CELLS[text].name.startswith("leaky (")
    (own_cells_folder() / "leaky.py").unlink()
    assert CELLS[text].name == "leaky"


def test_words_of_the_check_are_those_of_the_cell():
    text = checked("leaky", text=PLAIN_TEXT.replace("\n", "  # new content\n")).cell.text
    assert CELLS[text]["n"].name == "new content"


def test_a_version_of_before_is_its_equations(monkeypatch):
    """Its own name says that it is older where it is."""
    file = write("leaky")
    keep(file)
    assert isinstance(CELLS[file.version], declared.UntracedDeclaration)
    keep_traced(file, traced(file))
    found = CELLS[file.version]
    assert (found.kind, found.name, found.source.text) == (file.version, "leaky", traced(file).cell.text[14:])
    write("leaky", MORE)
    older = f"leaky, older ({file.digest[:4]})"
    assert {CELLS[file.version].name, setting_in_words("cell", file.version)} == {older}
    assert network_name(with_cell(file.version)) == f"{older} on verdict corpus"
    assert variant_of(file.version, {}) == file.version
    assert with_cell(file.version).model.cell == file.version
    shutil.rmtree(own_cells_folder())
    monkeypatch.setattr(folder, "_seen", {})
    assert file.version not in CELLS


def test_a_version_is_traced_when_it_is_computed(read_as_equations):
    """Once, and it does not become the cell of its name."""
    file = write("leaky")
    with_cell(file.version)
    assert read_as_equations == []
    made = {CELLS[file.version].read_equations() for _ in range(3)}
    assert read_as_equations == [file.version]
    assert made == {CELLS[file.version].source}
    assert traced_of(file.version) == traced(file)
    with pytest.raises(ConfigError, match=r"leaky\.py can't be trained yet"):
        with_cell("leaky")


@pytest.mark.parametrize("why", ["imported", "off", "no equations"])
def test_what_can_not_be_traced_says_why(read_as_equations, monkeypatch, why):
    file = of(PLAIN)
    keep(file, allow=why != "imported")
    if why == "off":
        monkeypatch.setenv(SWITCH, "0")
    if why == "no equations":
        read_as_equations.refusal = CellError("leaky.py, line 15: sort has no equation.")
    said = {"imported": "came with an imported run", "off": "--own-cells", "no equations": "line 15"}[why]
    found = CELLS[file.version]
    assert (found.states, found.source.lines, found.equations) == (("h",), (), ())
    with pytest.raises(CellError, match=said):
        found.read_equations()
    assert read_as_equations == []


@pytest.mark.parametrize("name", ["leaky@3f2a9c01b2d4", "leaky"])
def test_a_name_that_nobody_has_is_unknown(name):
    assert name not in CELLS
    with pytest.raises(UnknownNameError, match="no cell"):
        CELLS[name]


def chosen(content):
    """Chooses a cell whose file has this content and was not checked."""

    def choose():
        (own_cells_folder() / write("leaky").path.name).write_bytes(content)
        ModelConfig(cell="leaky")

    return choose


def unknown():
    checked("good")
    ModelConfig(cell="leaky")


def spoilt():
    version = keep(of(PLAIN))
    (own_cells_folder() / "versions" / f"{version}.py").write_text(MORE)
    return version


NO_CELLS = {
    "no such file": (unknown, ("one of elman, ", ", good, got 'leaky'")),
    "never checked": (chosen(PLAIN.encode()), "Check it on Build, or with `gatescope cells check leaky`."),
    "a mistake": (chosen(b"a = = 3\n"), "leaky.py can't be trained yet"),
    "no text": (chosen(b"\xff"), "no text in UTF-8"),
    "a list": (lambda: ModelConfig(cell=["gru"]), "Cell must be one of"),
    "nothing": (lambda: ModelConfig(cell=None), "Cell must be one of"),
    "a changed copy": (lambda: ModelConfig(cell=spoilt()), "is not what it was"),
    "peepholes": (
        lambda: with_cell(checked("leaky").cell.text).with_settings(peepholes=True),
        "Peepholes must be off unless the cell is LSTM, got leaky",
    ),
    "half a name in a form": (lambda: coded("cell", "leak"), "one of Elman, "),
    "a version on its way": (lambda: declared.check_may_travel("leaky@3f2a9c01b2d4"), "take the cell leaky"),
}
test_what_can_be_no_cell_of_a_network_is_refused = refusals(ConfigError, NO_CELLS)


def test_own_cells_are_pink_with_dashes_in_their_order():
    one, two = checked("one").cell.text, checked("two").cell.text
    looks = cell_looks(["gru", two, one, "lstm"])
    assert [look.colour for look in looks[1:3]] == [LETS_THROUGH] * 2
    assert [look.dash for look in looks[1:3]] == ["solid", "dash"]
    assert looks[0] == cell_looks(["gru"])[0]
    assert len({*looks}) == 4
    assert cell_looks(["two", "one"]) == looks[1:3]


@pytest.mark.parametrize("foreground", [True, False])
def test_a_run_has_the_source_that_was_checked(monkeypatch, foreground):
    """It can be shown, whatever becomes of the file and of the folder of cells."""
    text, config = checked("leaky").cell.text, with_cell("leaky")
    assert run_files(text) == {"cell.py": PLAIN.encode()}
    write("leaky", MORE)  # between the choice and the start
    store = Store()
    run = store.create(config, foreground=foreground)
    shutil.rmtree(own_cells_folder())
    monkeypatch.setattr(folder, "_seen", {})
    assert store.runs.get(run.id).config == run.config
    assert (store.folder(run.id) / "cell.py").read_text() == PLAIN


def test_a_form_takes_cells_by_the_names_of_files():
    text = checked("Leaky").cell.text
    assert coded("cell", "GRU, leaky") == coded("cell", f"gru, {declared.typed_name(text)}") == "gru, Leaky"


def test_a_form_goes_on_with_what_was_checked_last():
    first = checked("leaky").cell.text
    assert declared.present_cell(first, "gru") == first
    assert declared.present_cell("lstm", "gru") == "lstm"
    assert declared.present_cell("leaky@3f2a9c01b2d4", "gru") == first  # a run of before of this name
    second = checked("leaky", MORE, OTHER_TEXT).cell.text
    write("leaky", "a = = 3\n")
    assert declared.present_cell(first, "gru") == second
    version = keep(of(GATED, "gated"))
    assert declared.present_cell(version, "gru") == "gru"  # of which no equations are known
    keep_traced(of(GATED, "gated"), traced(of(GATED, "gated")), is_checked=False)
    assert declared.present_cell(version, "gru") == f"# name: gated\n{PLAIN_TEXT}"


def test_a_name_of_another_kind_stays_as_it_is(monkeypatch):
    """And a cell of a notebook comes before a file of its name."""
    given = ["gru", "leaky", "gru-after", ["x"], None]
    assert [declared.resolve_cell(value) for value in given] == given
    checked("leaky")
    monkeypatch.setattr(CELLS, "_values", {**CELLS.registered(), "leaky": CELLS["elman"]})
    assert declared.resolve_cell("leaky") == "leaky"


def test_a_cell_is_found_by_name_and_digest():
    """Lists show it so, and an older one too; a version of before is shown by its equations as well."""
    first = checked("leaky")
    second = checked("leaky", MORE, OTHER_TEXT)
    for one in (first, second):
        assert cell_label(one.version) == cell_label(one.cell.text) == one.cell.version
        assert with_cell(one.cell.version).model.cell == one.cell.text
    assert cell_label("leaky@3f2a9c01b2d4") == "leaky@3f2a9c01b2d4"


def test_a_cell_whose_file_is_gone_says_where_it_lies():
    known = checked("leaky")
    (own_cells_folder() / "leaky.py").unlink()
    with pytest.raises(ConfigError, match=rf"is gone.* {known.cell.version};.*{known.version}\.py"):
        with_cell("leaky")
    assert with_cell(known.cell.version).model.cell == known.cell.text


def test_spoilt_equations_are_said_to_be_spoilt():
    path = versions_folder() / f"{checked('leaky').version}.json"
    path.write_bytes(b"{}")
    os.utime(path, (1, 1))
    with pytest.raises(ConfigError, match=rf"{path.name} is spoilt.*check it again"):
        with_cell("leaky")
