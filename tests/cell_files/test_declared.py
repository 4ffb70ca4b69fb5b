"""A file in the folder is a cell like any other: it is listed, chosen and found by its version."""

import shutil

import pytest

from pages.components.experiments.sweep_form import in_code
from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.declared import OwnDeclaration, as_version, at_present
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import is_allowed, keep, kept
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
from rnn_core.sweeps.sweep import parse_factor
from rnn_core.symbols import CELLS, KINDS, Function, Role, state, variant_of
from tests.cell_files.sources import GATED, PLAIN, of, write


def forget(monkeypatch):
    """As in another process."""
    monkeypatch.setattr(folder, "_seen", {})
    monkeypatch.setattr(declared, "_declared", {})


def test_the_cells_of_the_folder_are_listed_behind_the_registered_ones():
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


def test_where_own_cells_are_off_none_is_listed_but_what_runs_have_is_found(monkeypatch):
    leaky = write("leaky")
    monkeypatch.setenv(SWITCH, "0")
    assert leaky.version not in list(KINDS)
    assert CELLS[leaky.version].name == "leaky"
    with pytest.raises(ConfigError, match="gatescope app --own-cells"):
        CELLS[leaky.version].check_for_workers()


def test_a_name_stands_for_the_current_version_which_a_configuration_keeps():
    first = write("leaky")
    config = RunConfig(data="verdict").with_settings(cell="leaky")
    assert config.model.cell == config.model.variant == first.version
    second = write("leaky", PLAIN + "# more\n")
    assert RunConfig.from_json(config.to_json()) == config
    assert ModelConfig(cell="leaky").cell == second.version != first.version
    assert ModelConfig.settings()["cell"].parse("leaky") == second.version
    assert ModelConfig(cell=first.version).cell == first.version


def test_a_version_that_is_no_longer_current_says_so_in_its_name_wherever_it_is_named(monkeypatch):
    file = write("leaky")
    assert CELLS[file.version].name == short_name(file.version) == "leaky"
    assert CELLS[file.version] is CELLS[file.version]
    keep(file)
    write("leaky", PLAIN + "# more\n")
    forget(monkeypatch)
    older = f"leaky, older ({file.digest[:4]})"
    found = KINDS[file.version]
    assert (found.name, found.full_name, found.title, found.noun) == (
        older,
        older,
        older,
        f"your cell {older}",
    )
    config = RunConfig(data="verdict").with_settings(cell=file.version)
    assert network_name(config) == f"{older} on verdict corpus"
    assert setting_in_words("cell", file.version) == older
    file.path.unlink()
    assert KINDS[file.version].name == older
    assert variant_of(file.version, {}) == file.version


def test_what_nobody_has_is_unknown_and_a_broken_file_is_refused_with_its_line():
    for name in ("leaky@3f2a9c01b2d4", "leaky"):
        assert name not in CELLS
        with pytest.raises(UnknownNameError, match="no cell"):
            CELLS[name]
    write("good")
    with pytest.raises(ConfigError, match=r"one of elman, .*, good, got 'leaky'"):
        ModelConfig(cell="leaky")
    write("leaky", "a = = 3\n")
    with pytest.raises(ConfigError, match=r"leaky\.py, line 1: invalid syntax"):
        ModelConfig(cell="leaky")
    write("leaky", "def run(): ...")
    with pytest.raises(ConfigError, match=r"leaky\.py is no cell: .* no class"):
        ModelConfig(cell="leaky")
    (own_cells_folder() / "leaky.py").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="no text in UTF-8"):
        ModelConfig(cell="leaky")
    for wrong in (["gru"], {}, 3, None):
        with pytest.raises(ConfigError, match="Cell must be one of"):
            ModelConfig(cell=wrong)


def test_a_changed_copy_of_a_kept_version_is_refused(monkeypatch):
    version = keep(of(PLAIN))
    path = own_cells_folder() / "versions" / f"{version}.py"
    path.write_text(PLAIN + "# more\n")
    for ask in (lambda: CELLS[version], lambda: ModelConfig(cell=version)):
        with pytest.raises(ConfigError, match="is not what it was"):
            ask()


def test_settings_that_its_code_cannot_have_are_refused_in_words_and_others_change_nothing():
    cell = write("leaky").version
    config = RunConfig(data="verdict").with_settings(cell=cell)
    with pytest.raises(ConfigError, match=r"Input must be 'embedding' for your cell leaky, since .* vectors"):
        config.with_settings(input="one-hot")
    with pytest.raises(ConfigError, match="must be 'float32' for your cell leaky, since"):
        config.with_settings(precision="bfloat16")
    with pytest.raises(ConfigError, match="Peepholes must be off unless the cell is LSTM, got leaky"):
        config.with_settings(peepholes=True)
    config.with_settings(initialisation="uniform", forget_bias=0.0, reset="after")
    assert set(CELLS[cell].idle) == {"initialisation", "forget_bias"}


def test_what_a_file_does_not_declare_is_that_of_cells_like_ours_or_follows_from_its_range():
    found = CELLS[write("gated", GATED).version]
    assert isinstance(found, OwnDeclaration)
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
        ("r", "torch.sigmoid(x)", "reset gate", Role.KEEPS),
        ("i", "torch.sigmoid(x)", "input gate", Role.WRITES),
        ("f", "torch.sigmoid(x)", "forget gate", Role.KEEPS),
        ("o", "torch.sigmoid(x)", "output gate", Role.SHOWS),
        ("n", "torch.tanh(x)", "candidate state", Role.PROPOSES),
        ("w", "torch.sigmoid(x)", "quantity w", Role.KEEPS),
        ("w", "x", "quantity w", Role.PROPOSES),
    ],
)
def test_a_letter_that_our_cells_have_with_the_same_bounds_is_called_as_there(letter, value, name, role):
    source = PLAIN.replace("        return", f'        see("{letter}", {value})\n        return')
    known = CELLS[write("leaky", "from rnn_core import see\n" + source).version][letter]
    assert (known.name, known.role) == (name, role)
    assert known.is_gate == (role not in (Role.PROPOSES,))


def test_a_state_that_is_said_to_be_something_else_is_refused():
    write("leaky", PLAIN + "quantities = {'h': {'role': 'writes'}}")
    with pytest.raises(ConfigError, match="h is a state, so its role is remembers, got 'writes'"):
        ModelConfig(cell="leaky")


def test_own_cells_are_pink_with_dashes_in_their_order_and_known_ones_look_as_ever():
    one, two = write("one").version, write("two").version
    looks = cell_looks(["gru", two, one, "lstm"])
    assert [look.colour for look in looks[1:3]] == [LETS_THROUGH] * 2
    assert [look.dash for look in looks[1:3]] == ["solid", "dash"]
    assert looks[0] == cell_looks(["gru"])[0]
    assert len({*looks}) == 4
    assert cell_looks(["two", "one"]) == looks[1:3]


def test_a_run_carries_the_source_that_it_is_made_with_and_keeps_it(monkeypatch):
    file = write("leaky")
    found = CELLS[file.version]
    assert found.run_files() == {"cell.py": file.content}
    assert found.in_own_process
    write("leaky", PLAIN + "# more\n")  # between the choice and the start
    found.keep()
    found.check_for_workers()
    forget(monkeypatch)
    file.path.unlink()
    assert CELLS[file.version].file.source == PLAIN
    with pytest.raises(ConfigError, match="stays on this machine"):
        found.check_stays_here()


@pytest.mark.parametrize("foreground", [True, False])
def test_a_run_is_made_with_the_source_of_that_moment_whatever_becomes_of_the_file(monkeypatch, foreground):
    file = write("leaky")
    run = Store().create(RunConfig(data="verdict").with_settings(cell="leaky"), foreground=foreground)
    write("leaky", PLAIN + "# more\n")
    forget(monkeypatch)
    assert kept(run.config.model.cell).source == PLAIN
    assert is_allowed(file.digest)
    assert Store().runs.get(run.id).config == run.config


def test_a_run_has_its_source_even_after_the_folder_of_cells_was_cleared(monkeypatch):
    write("leaky")
    run = Store().create(RunConfig(data="verdict").with_settings(cell="leaky"))
    shutil.rmtree(own_cells_folder())
    forget(monkeypatch)
    assert Store().runs.get(run.id).config == run.config
    assert CELLS[run.config.model.cell].code == PLAIN
    with pytest.raises(ConfigError, match="gatescope cells allow"):
        CELLS[run.config.model.cell].check_for_workers()


def test_what_was_imported_may_not_run_until_it_is_allowed():
    version = keep(of(PLAIN), allow=False)
    assert CELLS[version].name.startswith("leaky, older")
    with pytest.raises(ConfigError, match=f"gatescope cells allow {version}"):
        CELLS[version].check_for_workers()
    CELLS[version].keep()  # as a run that begins with it does, which allows nothing
    with pytest.raises(ConfigError, match="came with an imported run"):
        CELLS[version].check_for_workers()


def test_a_sweep_takes_a_cell_by_the_name_of_its_file_as_typed_in_a_terminal_or_on_the_page():
    version = write("Leaky").version
    assert parse_factor("cell=gru,Leaky") == ("cell", ["gru", version])
    assert in_code("cell", "GRU, leaky") == in_code("cell", f"gru, {version}") == f"gru, {version}"
    with pytest.raises(ConfigError, match=r"one of Elman, .*, Leaky, got 'leak'"):
        in_code("cell", "leak")


def test_a_form_goes_on_with_the_file_as_it_is_now(monkeypatch):
    first = write("leaky").version
    assert at_present(first, "gru") == first
    assert at_present("lstm", "gru") == "lstm"
    second = write("leaky", PLAIN + "# more\n").version
    assert at_present(first, "gru") == second
    CELLS[second].keep()
    write("leaky", "a = = 3\n")
    forget(monkeypatch)
    assert at_present(second, "gru") == second  # which a run keeps
    assert at_present(first, "gru") == "gru"


def test_a_name_of_another_kind_stays_as_it_is():
    assert [as_version(value) for value in ("gru", "leaky", "gru-after", ["x"], None)] == [
        "gru", "leaky", "gru-after", ["x"], None
    ]  # fmt: skip


def test_a_cell_of_a_notebook_comes_before_a_file_of_its_name(monkeypatch):
    write("leaky")
    monkeypatch.setattr(CELLS, "_values", {**CELLS.registered(), "leaky": CELLS["elman"]})
    assert as_version("leaky") == "leaky"
    assert [name for name in CELLS if "@" in name] == []
