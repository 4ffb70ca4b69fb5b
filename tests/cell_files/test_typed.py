"""A cell that was typed is a cell like any other: its text is all of it, and its name a label."""

import pytest

from pages.components.experiments.sweep_form import coded
from rnn_core.cell_files import declared
from rnn_core.cell_files.folder import new_cell_file
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.traced import cell_label, run_files
from rnn_core.cell_files.typed import (
    TypedCell,
    delete_cell,
    refused_cells,
    save_cell,
    saved_cell,
    saved_cells,
    typed_cell,
)
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.words import have_same_recipe, recipes_apart, short_name
from rnn_core.equations.reading import LONGEST, EquationsError
from rnn_core.errors import CellError, ConfigError
from rnn_core.paths import own_cells_folder
from rnn_core.runs.naming import network_name
from rnn_core.sweeps.sweep import parse_factor
from rnn_core.symbols import CELLS, KINDS
from tests.cell_files.sources import JANET, PLAIN, write
from tests.refusals import refusals

PRINTED = """# name: janet
f = sigmoid(x @ W_f + h @ U_f + b_f)
g = tanh(x @ W_g + h @ U_g + b_g)
h' = f * h + (1 - f) * g"""
ELMAN = "h' = tanh(x @ W + h @ U + b)"
WIDE = "".join(f"q{n}={'*'.join('h' * 45)}\n" for n in range(38))
WIDE += "h'=x@W+" + "+".join(f"q{n}" for n in range(38))
"""A cell that is as long as is allowed, but only while it has no blanks."""


def with_cell(cell):
    return RunConfig(data="verdict").with_settings(cell=cell)


@pytest.mark.parametrize("own_code", ["0", "1"])
def test_a_saved_cell_is_listed_with_the_others(monkeypatch, own_code):
    """Code of one's own need not be allowed to run: nothing of it is run."""
    monkeypatch.setenv(SWITCH, own_code)
    before = list(KINDS)
    cell = save_cell("janet", JANET)
    assert cell.text == PRINTED
    assert (saved_cells(), saved_cell("janet"), saved_cell("gone")) == ([cell], cell, None)
    assert list(KINDS) == list(ModelConfig.settings()["cell"].choices) == [*before, PRINTED]
    assert {KINDS[PRINTED].name, short_name(PRINTED), declared.typed_name(PRINTED)} == {"janet"}
    assert network_name(with_cell("janet")) == "janet on verdict corpus"
    assert coded("cell", "GRU, janet") == "gru, janet"
    assert parse_factor("cell=gru,janet") == ("cell", ["gru", PRINTED])
    declared.check_may_travel(PRINTED)
    assert run_files(PRINTED) == {}


def test_settings_hold_all_of_a_cell():
    """Later changes of the saved cell change no run."""
    save_cell("janet", JANET)
    config = with_cell("janet")
    assert config.model.cell == config.model.variant == PRINTED
    assert CELLS[PRINTED].states == ("h",)
    save_cell("janet", ELMAN, replace=True)
    assert with_cell("janet").model.cell != PRINTED
    apart = f"janet ({typed_cell(PRINTED).equations.digest[:4]})"
    assert (CELLS[PRINTED].name, CELLS[PRINTED].full_name) == (apart, apart)
    delete_cell("janet")
    delete_cell("janet")  # nothing is there
    assert RunConfig.from_json(config.to_json()) == config
    assert CELLS[PRINTED].name == "janet"  # as no other cell is called so
    assert PRINTED not in list(KINDS)


@pytest.mark.parametrize(
    "text",
    [JANET, PRINTED, PRINTED.replace("janet", "mine"), JANET.replace("# forget gate", ""), PRINTED + "\n\n"],
)
def test_blanks_comments_and_names_make_no_other_cell(text):
    one, other = with_cell(PRINTED), with_cell(text)
    assert other.differences(one) == one.differences(other) == {}
    assert have_same_recipe(one, other)
    assert recipes_apart([one, other.with_settings(epochs=9)]) == ""
    assert cell_label(other.model.cell).endswith(f"@{typed_cell(PRINTED).equations.digest}")
    assert with_cell("gru").differences(one) == {"cell": "gru"}


def test_a_cell_without_a_name_is_called_by_its_digest():
    cell = TypedCell.of(ELMAN)
    assert cell.name == CELLS[cell.text].name == f"cell_{cell.equations.digest[:4]}"
    assert TypedCell.of(cell.text).text == cell.text
    assert (
        TypedCell.of("# name: <b>mine</b>\n" + ELMAN) == TypedCell.of("# name: mi\u202ene\n" + ELMAN) == cell
    )
    assert TypedCell.of(cell.text, "mine").name == "mine"
    named_like_ours = typed_cell(f"# name: gru\n{ELMAN}")  # which comes from outside alone
    assert CELLS[named_like_ours.text].name == named_like_ours.name_apart != "gru"
    assert CELLS[named_like_ours.text].parts == ("h",)


def test_comments_name_what_a_saved_cell_computes():
    """They name the quantities of its runs, too, unless they could be shown as markup."""
    usual = CELLS[PRINTED]["f"].name
    for words, name in {
        "slow gate: how much (in %) stays": "slow gate",
        "a \u202e mark": usual,
        "<b>memory</b>": usual,
        "$h$": usual,
        "[a](b)": usual,
        "`h`": usual,
        "a" * (LONGEST - len(JANET) + len("forget gate")): usual,
    }.items():
        assert save_cell("janet", JANET.replace("forget gate", words), replace=True).text == PRINTED
        assert CELLS[PRINTED]["f"].name == name
    save_cell("janet", JANET.replace("forget gate", "slow gate"), replace=True)
    delete_cell("janet")
    assert CELLS[PRINTED]["f"].name == usual


def test_a_letter_stands_once_in_a_label():
    bare = CELLS[typed_cell(JANET).text]
    of_family = CELLS["s6"]["a1"]
    assert (bare["f"].title, bare["f"].common_name, of_family.common_name) == (
        "f  gate",
        "gate",
        "kept share",
    )


def test_a_form_goes_on_with_the_saved_cell():
    assert declared.present_cell(PRINTED, "gru") == PRINTED
    now = save_cell("janet", ELMAN).text
    assert declared.present_cell(PRINTED, "gru") == now
    (own_cells_folder() / "janet.txt").write_text("h = ")
    assert declared.present_cell(now, "gru") == now


def test_other_files_of_that_ending_say_what_is_wrong():
    write("leaky")
    for name, content in {
        "wrong": b"h' = tnh(x @ W)",
        "bytes": b"\xff",
        "leaky": ELMAN.encode(),
        "gru": ELMAN.encode(),
        "a note": b"buy milk",
        "mark": b"\xef\xbb\xbf" + ELMAN.encode(),
    }.items():
        (own_cells_folder() / f"{name}.txt").write_bytes(content)
    assert [cell.name for cell in saved_cells()] == ["mark"]
    found = {path.stem: error for path, error in refused_cells().items()}
    said = {
        "wrong": "wrong.txt: Line 1, column 6: tnh is no function here: did you mean tanh?",
        "bytes": "no text in UTF-8",
        "leaky": "like the cell in leaky.py",
        "gru": "already a cell called gru",
        "a note": "an identifier",
    }
    assert found.keys() == said.keys()
    assert [name for name, words in said.items() if words not in str(found[name])] == []
    assert [(one.line, one.column) for one in found["wrong"].__cause__.mistakes] == [(1, 6)]
    with pytest.raises(ConfigError, match=r"wrong\.txt: Line 1, column 6"):
        ModelConfig(cell="wrong")


def taken(name, make):
    """Saves a cell under a name, in these letters or others, that another file has."""

    def save():
        make()
        save_cell(name, JANET)

    return save


NAMES = {
    "with markup": (lambda: save_cell("<b>x</b>", JANET), "an identifier"),
    "of a file of code": (taken("leaky", lambda: write("leaky")), "already a file"),
    "of another one": (taken("Janet", lambda: save_cell("janet", ELMAN)), "already a file"),
    "of a typed cell, for code": (
        lambda: (save_cell("janet", JANET), new_cell_file("janet", PLAIN)),
        "already a file",
    ),
    "of another file, to be deleted": (lambda: delete_cell("../outside"), "an identifier"),
}
test_a_name_that_can_not_be_is_refused = refusals(CellError, NAMES)

TEXTS = {
    "a mistake": (
        lambda: save_cell("mine", "f = 1\nh' = tnh(x @ W)"),
        "Line 2, column 6: tnh is no function",
    ),
    "two mistakes": (lambda: ModelConfig(cell="h' = )\ng = ("), ("Line 1, column 6", "Line 2, column 6")),
    "no text": (lambda: TypedCell.of(3), "are a text"),
    "code": (lambda: ModelConfig(cell='h\' = __import__("os")'), "Line 1, column 6"),
    "too long in its printed form": (lambda: TypedCell.of(WIDE), "a cell has at most 4,000"),
}
test_equations_with_mistakes_are_refused = refusals(EquationsError, TEXTS)


def many_matrices(**settings):
    """Chooses a cell with 30 of them, as large as they can be."""
    cell = "h' = x @ W + " + " + ".join(f"h @ U_{n}" for n in range(30))
    with_cell(cell).with_settings(**settings)


SIZES = {
    "of a cell": (lambda: many_matrices(hidden_size=2_048), "at most 120,000,000 weights"),
    "of layers": (lambda: many_matrices(hidden_size=1_024, layers=3), "at most 50,000,000 weights together"),
    "of words": (
        lambda: with_cell(f"{ELMAN} + " + " + ".join(f"x @ W_{n}" for n in range(9))).with_settings(
            input="one-hot", vocab_size=100_000, hidden_size=200
        ),
        "at most 120,000,000 weights",
    ),
}
test_more_weights_than_a_laptop_holds_are_refused = refusals(ConfigError, SIZES)


def test_what_is_refused_leaves_nothing():
    with pytest.raises(EquationsError):
        save_cell("mine", "h' = ")
    assert not own_cells_folder().exists()
