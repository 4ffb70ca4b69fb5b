"""A file in the folder is a cell like any other: it is listed, chosen and found by its version."""

import shutil

import pytest

from pages.components.experiments.sweep_form import in_code
from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import is_allowed, keep
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.words import setting_in_words, short_name
from rnn_core.errors import ConfigError
from rnn_core.figures.colours import LETS_THROUGH
from rnn_core.figures.looks import cell_looks
from rnn_core.paths import own_cells_folder
from rnn_core.registry import UnknownNameError
from rnn_core.runs.naming import network_name
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS, KINDS, Function, Role, state, variant_of
from tests.cell_files.sources import GATED, PLAIN, of, write
from tests.refusals import refusals

MORE = PLAIN + "# more\n"


def forget(monkeypatch):
    """Makes this process know nothing of what was read, as another one."""
    monkeypatch.setattr(folder, "_seen", {})
    declared._of_version.cache_clear()


def with_cell(cell):
    return RunConfig(data="verdict").with_settings(cell=cell)


def test_cells_of_the_folder_come_last():
    before = list(KINDS)
    leaky, gated = write("leaky"), write("gated", GATED)
    write("my_loop", "def run(cell, xs, lengths): ...")
    write("broken", "def")
    assert list(KINDS) == [*before, gated.version, leaky.version]
    assert list(CELLS)[-2:] == [gated.version, leaky.version]
    assert len(KINDS) == len(before) + 2
    assert list(CELLS.registered()) == list(CELLS)[:-2]
    assert list(ModelConfig.settings()["cell"].choices) == list(KINDS)
    assert ModelConfig.settings()["cell"].help.endswith("leaky is a cell of your own.")


def test_where_own_cells_are_off_runs_keep_theirs(monkeypatch):
    leaky = write("leaky")
    monkeypatch.setenv(SWITCH, "0")
    assert leaky.version not in list(KINDS)
    assert CELLS[leaky.version].name == "leaky"
    with pytest.raises(ConfigError, match="gatescope app --own-cells"):
        CELLS[leaky.version].check_for_workers()


def test_a_name_stands_for_the_current_version():
    """Which a configuration keeps."""
    first = write("leaky")
    config = with_cell("leaky")
    assert config.model.cell == config.model.variant == first.version
    second = write("leaky", MORE)
    assert RunConfig.from_json(config.to_json()) == config
    assert ModelConfig(cell="leaky").cell == second.version != first.version
    assert ModelConfig.settings()["cell"].parse("leaky") == second.version
    assert ModelConfig(cell=first.version).cell == first.version


def test_an_older_version_says_so_wherever_it_is_named(monkeypatch):
    file = write("leaky")
    assert CELLS[file.version].name == short_name(file.version) == "leaky"
    assert CELLS[file.version] is CELLS[file.version]
    keep(file)
    write("leaky", MORE)
    forget(monkeypatch)
    older, found = f"leaky, older ({file.digest[:4]})", KINDS[file.version]
    assert {found.name, found.full_name, found.title, setting_in_words("cell", file.version)} == {older}
    assert found.noun == f"your cell {older}"
    assert network_name(with_cell(file.version)) == f"{older} on verdict corpus"
    file.path.unlink()
    assert KINDS[file.version].name == older
    assert variant_of(file.version, {}) == file.version


@pytest.mark.parametrize("name", ["leaky@3f2a9c01b2d4", "leaky"])
def test_a_name_that_nobody_has_is_unknown(name):
    assert name not in CELLS
    with pytest.raises(UnknownNameError, match="no cell"):
        CELLS[name]


def chosen(source):
    """Chooses a cell whose file has this content."""

    def choose():
        (own_cells_folder() / write("leaky").path.name).write_bytes(source)
        ModelConfig(cell="leaky")

    return choose


def unknown():
    write("good")
    ModelConfig(cell="leaky")


def setting(**values):
    """Chooses a setting that the code of a cell can't have."""
    return lambda: with_cell(write("leaky").version).with_settings(**values)


def spoilt():
    version = keep(of(PLAIN))
    (own_cells_folder() / "versions" / f"{version}.py").write_text(MORE)
    return version


IN_USE = "quantities = {'h': {'role': 'writes'}}"
NO_CELLS = {
    "no such file": (unknown, ("one of elman, ", ", good, got 'leaky'")),
    "a mistake": (chosen(b"a = = 3\n"), "leaky.py, line 1: invalid syntax"),
    "no class": (chosen(b"def run(): ..."), ("leaky.py is no cell: ", " no class")),
    "no text": (chosen(b"\xff"), "no text in UTF-8"),
    "a state with a role": (chosen((PLAIN + IN_USE).encode()), "h is a state, so its role is remembers"),
    "a list": (lambda: ModelConfig(cell=["gru"]), "Cell must be one of"),
    "nothing": (lambda: ModelConfig(cell=None), "Cell must be one of"),
    "a changed copy": (lambda: ModelConfig(cell=spoilt()), "is not what it was"),
    "one-hot": (setting(input="one-hot"), ("Input must be 'embedding' for your cell leaky", " vectors")),
    "bfloat16": (setting(precision="bfloat16"), "must be 'float32' for your cell leaky, since"),
    "peepholes": (setting(peepholes=True), "Peepholes must be off unless the cell is LSTM, got leaky"),
    "half a name in a form": (lambda: in_code("cell", "leak"), "one of Elman, "),
}
test_what_can_be_no_cell_of_a_network_is_refused = refusals(ConfigError, NO_CELLS)


def test_what_a_file_leaves_out_is_as_in_our_cells():
    """Or it follows from its range."""
    found = CELLS[write("gated", GATED).version]
    assert set(found.idle) == {"initialisation", "forget_bias"}
    assert found.states == found.carriers == found.memories == ("h", "c")
    assert [
        (known.letter, known.name, known.role, known.bounds, known.function, known.equation)
        for known in found.symbols
    ] == [
        ("z", "quantity z", Role.PROPOSES, None, Function.NONE, ""),
        ("q", "leak", Role.KEEPS, (0, 1), Function.SIGMOID, r"\sigma(q x)"),
        ("n", "candidate state", Role.PROPOSES, None, Function.NONE, ""),
        ("g", "candidate cell state", Role.PROPOSES, (-1, 1), Function.TANH, ""),
        ("h", "hidden state", Role.REMEMBERS, None, Function.NONE, ""),
        ("c", "cell state", Role.REMEMBERS, None, Function.NONE, ""),
    ]
    assert [known.is_behind for known in found.symbols] == [False] * 5 + [True]
    assert (found.equations, found.parts, found.code) == (("q",), (), GATED)
    assert [known.letter for known in found.symbols if known.is_drawn_by_range] == ["z", "n", "h", "c"]
    assert state("c") is CELLS["lstm"]["c"]


@pytest.mark.parametrize(
    ("letter", "value", "name", "role"),
    [
        ("z", "torch.sigmoid(x)", "update gate", Role.WRITES),
        ("f", "torch.sigmoid(x)", "forget gate", Role.KEEPS),
        ("o", "torch.sigmoid(x)", "output gate", Role.SHOWS),
        ("n", "torch.tanh(x)", "candidate state", Role.PROPOSES),
        ("w", "torch.sigmoid(x)", "quantity w", Role.KEEPS),
        ("w", "x", "quantity w", Role.PROPOSES),
    ],
)
def test_a_letter_like_ours_is_called_as_ours(letter, value, name, role):
    source = PLAIN.replace("        return", f'        see("{letter}", {value})\n        return')
    known = CELLS[write("leaky", "from rnn_core import see\n" + source).version][letter]
    assert (known.name, known.role) == (name, role)
    assert known.is_gate == (role not in (Role.PROPOSES,))


def test_own_cells_are_pink_with_dashes_in_their_order():
    one, two = write("one").version, write("two").version
    looks = cell_looks(["gru", two, one, "lstm"])
    assert [look.colour for look in looks[1:3]] == [LETS_THROUGH] * 2
    assert [look.dash for look in looks[1:3]] == ["solid", "dash"]
    assert looks[0] == cell_looks(["gru"])[0]
    assert len({*looks}) == 4
    assert cell_looks(["two", "one"]) == looks[1:3]


@pytest.mark.parametrize("foreground", [True, False])
def test_a_run_has_the_source_that_was_chosen(monkeypatch, foreground):
    """Whatever becomes of the file, and of the folder of cells, where alone its code is allowed."""
    file, config = write("leaky"), with_cell("leaky")
    assert config.model.declared.run_files() == {"cell.py": file.content}
    write("leaky", MORE)  # between the choice and the start
    run = Store().create(config, foreground=foreground)
    file.path.unlink()
    forget(monkeypatch)
    assert is_allowed(file.digest)
    shutil.rmtree(own_cells_folder())
    forget(monkeypatch)
    assert Store().runs.get(run.id).config == run.config
    assert CELLS[run.config.model.cell].code == PLAIN
    with pytest.raises(ConfigError, match="gatescope cells allow"):
        CELLS[run.config.model.cell].check_for_workers()


def test_a_form_takes_cells_by_the_names_of_files():
    version = write("Leaky").version
    assert in_code("cell", "GRU, leaky") == in_code("cell", f"gru, {version}") == "gru, Leaky"


def test_a_form_goes_on_with_the_file_as_it_is_now(monkeypatch):
    first = write("leaky").version
    assert declared.at_present(first, "gru") == first
    assert declared.at_present("lstm", "gru") == "lstm"
    second = write("leaky", MORE).version
    assert declared.at_present(first, "gru") == second
    CELLS[second].keep()
    write("leaky", "a = = 3\n")
    forget(monkeypatch)
    assert declared.at_present(second, "gru") == second  # which a run keeps
    assert declared.at_present(first, "gru") == "gru"


def test_a_name_of_another_kind_stays_as_it_is(monkeypatch):
    """And a cell of a notebook comes before a file of its name."""
    given = ["gru", "leaky", "gru-after", ["x"], None]
    assert [declared.as_version(value) for value in given] == given
    write("leaky")
    monkeypatch.setattr(CELLS, "_values", {**CELLS.registered(), "leaky": CELLS["elman"]})
    assert declared.as_version("leaky") == "leaky"
    assert [name for name in CELLS if "@" in name] == []
